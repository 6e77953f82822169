"""What the tray says: from the state of a server to the final texts of icon, tooltip, menu and window."""

from collections.abc import Callable, Container, Iterable
from typing import assert_never

from tray_app.core.errors import CertificateChanged
from tray_app.core.events import Event
from tray_app.core.model import Jobs, State
from tray_app.core.notices import target
from tray_app.core.offers import cancel_all, cancel_current
from tray_app.core.people import people_rows
from tray_app.core.view import EVERY_SERVER, RECENT_ROWS, Entry, RecentEntry, SnoozeRows, TrayView
from tray_app.core.watch import WatchState
from tray_app.core.words import LABEL_LENGTH, duration, headline, job_count, jobs_of, label, sentence

TOOLTIP_UNITS = 127
"""UTF-16 units that Windows shows of a tooltip; others show more."""


def tray_view(  # noqa: PLR0913 - everything that a view depends on, and no more
    state: WatchState,
    recent: Iterable[Event],
    now: float,
    clock: Callable[[float], str],
    *,
    demo: bool = False,
    note: str = "",
    fault: str = "",
    missed: Container[Event] = (),
    unseen: int = 0,
    snooze: SnoozeRows = SnoozeRows(),  # noqa: B008 - frozen
    server: int = EVERY_SERVER,
) -> TrayView:
    """Render one server's state at `now` (Unix seconds).

    `clock` writes a time of day, `recent` is newest first, `note` is something else that the user should know of this
    server, `fault` something that is no matter of a server: it leaves the place to what is.
    `missed` are the events whose notification was wanted and not shown; `unseen` counts those that nobody has been
    told of since. `server` is the number of this server.
    """
    status = state.status
    head = _head(state, now)
    detail = note or _detail(state, now) or fault
    name = f"{status.name} (demo)" if demo and "demo" not in status.name.lower() else status.name
    return TrayView(
        state=status.state,
        badge=_badge(status.jobs),
        tooltip=clip(f"{head} - {name}" + (f"\n{detail}" if detail else "")),
        head=Entry(with_missed(f"{name}: {head}", unseen), enabled=False),
        detail=Entry(label(detail), enabled=False),
        cancel_current=cancel_current(state),
        cancel_all=cancel_all(state.status),
        retry=Entry("Try again now" if not status.state.connected else "Look again now"),
        open_web=Entry("Open SwarmUI"),
        recent=tuple(
            recent_entry(event, status.url, clock, missed=event in missed)
            for _, event in zip(range(RECENT_ROWS), recent, strict=False)
        ),
        lines=(*_lines(state, name, head, detail), *([fault] if fault and fault != detail else ())),
        stale=state.stale,
        snooze=snooze,
        people=people_rows(status),
        server=server,
        foremost=server,
        name=name,
    )


def headline_of(state: WatchState, now: float) -> str:
    """The most important fact in a few words, without the server's name."""
    return _head(state, now)


def _head(state: WatchState, now: float) -> str:
    status = state.status
    match status.state:
        case State.GENERATING:
            return f"Generating, {_figures(status.jobs)}"
        case State.LOADING:
            waiting = f", {job_count(status.jobs.total)} waiting" if status.jobs.total else ""
            return f"Loading a model{waiting}" if status.jobs.loading else f"Backends are starting{waiting}"
        case State.CANCELLING:
            return "Cancelling\N{HORIZONTAL ELLIPSIS}"
        case State.IDLE:
            return "Idle"
        case State.BACKEND_PROBLEM:
            return status.problem.message.rstrip(".") if status.problem else "Nothing can be generated"
        case State.UNREACHABLE:
            return _out_of_reach(state, now)
        case State.KEY_REFUSED:
            return "Key missing or refused"
        case State.INCOMPATIBLE:
            return "No SwarmUI that can be read"
        case State.UNKNOWN:
            return "Connecting\N{HORIZONTAL ELLIPSIS}" if state.seen_at is None else "What runs is not known"
        case never:
            assert_never(never)


def _out_of_reach(state: WatchState, now: float) -> str:
    problem = state.status.problem
    if problem is not None and problem.code == CertificateChanged.code:
        return "The certificate has changed"  # an alarm, and no outage
    since = f" for {duration(now - state.outage.since)}" if state.outage and now - state.outage.since >= 60 else ""
    return f"Not reachable{since}"


def _figures(jobs: Jobs) -> str:
    if jobs.total is None:
        return "how much is not known"
    if jobs.at_least:
        return f"at least {job_count(jobs.total)}"
    if jobs.running is None:
        return job_count(jobs.total)
    return f"{jobs.running} running, {jobs.queued} queued"


def _detail(state: WatchState, now: float) -> str:
    """The second most important fact: why something is not as it should be, or whose work it is."""
    status = state.status
    if state.stale and state.seen_at is not None:
        return f"No answer just now; this is {duration(now - state.seen_at)} old"
    if status.problem is not None:
        told = status.state is State.BACKEND_PROBLEM
        return status.problem.advice if told and status.problem.advice else status.problem.message
    if status.jobs.total and status.mine is not None and status.mine.total != status.jobs.total:
        return f"Yours: {status.mine.total} of {job_count(status.jobs.total)}"
    return ""


def _badge(jobs: Jobs) -> str:
    if not jobs.queued:
        return ""
    return str(jobs.queued) if jobs.queued <= 9 else "9+"


# --------------------------------------------------------------------------------------------------- lists and lengths


def recent_entry(event: Event, url: str, clock: Callable[[float], str], *, missed: bool, name: str = "") -> RecentEntry:
    """One row of "Recent events"; `name` is that of its server where there are several."""
    mark = "Missed: " if missed else ""
    text = f"{name}: {mark}{headline(event)}" if name else f"{mark}{headline(event)}"
    return RecentEntry(label(f"{clock(event.time)}  {text}: {sentence(event)}"), target(event, url))


def with_missed(text: str, unseen: int) -> str:
    """A menu label that also says how many notifications were missed, however long it is."""
    note = f" ({unseen} missed)" if unseen else ""
    return label(text, LABEL_LENGTH - len(note)) + note


def _lines(state: WatchState, name: str, head: str, detail: str) -> Iterable[str]:
    status = state.status
    yield head
    if detail:
        yield detail
    if status.problem is not None and status.problem.advice and status.problem.advice != detail:
        yield status.problem.advice
    if status.user is not None and status.state.connected:
        yield f"{name}: SwarmUI {status.version}, as the user {status.user}"
    else:
        yield status.url if name in status.url else f"{name}: {status.url}"
    for each in status.users or ():
        if each.total:
            yield jobs_of(each)
    for backend in status.backends or ():
        model = f", {backend.model}" if backend.model else ""
        yield f"Backend {backend.title or backend.id}: {backend.status if backend.enabled else 'disabled'}{model}"


def clip(text: str, length: int = TOOLTIP_UNITS) -> str:
    """Cut a text to so many UTF-16 units; never between the halves of a surrogate pair."""
    if units(text) <= length:
        return text
    cut = text
    while units(cut) > length - 1:
        cut = cut[:-1]
    return cut + "\N{HORIZONTAL ELLIPSIS}"


def units(text: str) -> int:
    """The length of a text in UTF-16 units."""
    return len(text) + sum(character > "\uffff" for character in text)
