"""Several servers in one tray: which of them the icon is about, and what is said of all of them together.

The worst comes first. "Worse" is what wants a person more, since whoever looks at an icon asks: must I do something?

| rank | state | why there |
|---|---|---|
| 1 | the certificate has changed | somebody may be listening in; nothing else is as urgent |
| 2 | key missing or refused | never mends itself, and nothing can be seen or cancelled until it is dealt with |
| 3 | no SwarmUI that can be read | never mends itself either, but threatens nobody |
| 4 | not reachable | may come back by itself; until then work may be lost unseen |
| 5 | backend problem | seen, and nothing runs there |
| 6 | cancelling | what the user has just asked for, and waits for |
| 7 | generating | somebody's work runs |
| 8 | loading | work is about to run |
| 9 | unknown | no trouble and no work is known; it must not hide behind an "idle" of others |
| 10 | idle | all is known and nothing runs |

Of two servers of one rank the first in the user's order is named. Figures are sums of what is known: where a server
cannot tell, or its last figures are of the past, the sum says "at least", or that it is not known, and who cannot tell.
"""

from collections import Counter
from collections.abc import Callable, Container, Iterable, Sequence
from dataclasses import dataclass, replace

from tray_app.core.errors import CertificateChanged
from tray_app.core.events import Event
from tray_app.core.model import ServerStatus, State
from tray_app.core.present import TOOLTIP_UNITS, clip, recent_entry, units, with_missed
from tray_app.core.view import RECENT_ROWS, Entry, PeopleRows, RecentEntry, SnoozeRows, TrayView
from tray_app.core.watch import WatchState
from tray_app.core.words import job_count, label

_ORDER = {
    "certificate": "certificate changed",
    State.KEY_REFUSED: "key refused",
    State.INCOMPATIBLE: "not readable",
    State.UNREACHABLE: "not reachable",
    State.BACKEND_PROBLEM: "backend problem",
    State.CANCELLING: "cancelling",
    State.GENERATING: "generating",
    State.LOADING: "loading",
    State.UNKNOWN: "not known",
    State.IDLE: "idle",
}
"""What a server can be, worst first, and the words for it in a sum."""

_RANKS = {kind: rank for rank, kind in enumerate(_ORDER)}

LEAST_OF_WORST = 38
"""UTF-16 units of the tooltip that the worst server gets, however much there is to say of the others."""

NAME_LENGTH = 16
"""Characters of a server's name in the reason for a sum; the whole name stands in the server's own rows."""

Watched = tuple[WatchState, TrayView]


def rank(state: WatchState) -> int:
    """How much a server wants a person: 0 is the worst."""
    problem = state.status.problem
    changed = problem is not None and problem.code == CertificateChanged.code
    return _RANKS["certificate" if changed else state.status.state]


def several_view(
    servers: Sequence[Watched],
    recent: tuple[RecentEntry, ...],
    *,
    unseen: int = 0,
    snooze: SnoozeRows = SnoozeRows(),  # noqa: B008 - frozen
    fault: str = "",
) -> TrayView:
    """What at least two servers come to together; `recent` are the events of all, the others as in `tray_view`."""
    worst = min(servers, key=lambda each: rank(each[0]))
    state, view = worst
    head = view.lines[0]
    others = _others([each for each, _ in servers if each is not state])
    total = Total.of([each for each, _ in servers])
    return TrayView(
        state=state.status.state,
        badge=total.badge,
        tooltip=_tooltip(f"{head} - {view.name}", others, total.words),
        head=Entry(with_missed(f"{view.name}: {head}", unseen), enabled=False),
        detail=Entry(label(f"{total.words}; {others}"), enabled=False),
        cancel_current=Entry("", enabled=False),
        cancel_all=Entry("", enabled=False),
        retry=Entry("Look at all servers again now"),
        open_web=Entry("", enabled=False),
        recent=recent,
        lines=(f"{view.name}: {head}", others, f"{total.words}\n{fault}" if fault else total.words),
        stale=state.stale,
        snooze=snooze,
        servers=tuple(each for _, each in servers),
        foremost=view.server,
    )


def recent_of_all(
    servers: Iterable[tuple[ServerStatus, Iterable[Event]]],
    clock: Callable[[float], str],
    missed: Container[Event] = (),
) -> tuple[RecentEntry, ...]:
    """The events of all servers, newest first, each with the name of its server."""
    events = [(event, status) for status, events in servers for event in events]
    events.sort(key=lambda each: -each[0].time)
    return tuple(
        recent_entry(event, status.url, clock, missed=event in missed, name=status.name)
        for event, status in events[:RECENT_ROWS]
    )


def gone_view(view: TrayView) -> TrayView:
    """What is shown of a server that is no longer watched, until another one is chosen: nothing can be asked of it."""
    cancels = (view.cancel_current, view.cancel_all, view.open_web, view.retry)
    current, everything, web, retry = (Entry(each.text, enabled=False) for each in cancels)
    return replace(
        view,
        state=State.UNKNOWN,
        badge="",
        lines=(f"{view.name}: no longer in the settings", "Choose another server above."),
        cancel_current=current,
        cancel_all=everything,
        open_web=web,
        retry=retry,
        people=PeopleRows(),
    )


@dataclass(frozen=True, slots=True)
class Total:
    """Jobs of all servers: what is known of them, and the names of those that do not tell everything.

    `queued` is the part that waits, `exactly` whether that is known of every server.
    """

    jobs: int
    queued: int
    blind: tuple[str, ...] = ()
    exactly: bool = True

    @classmethod
    def of(cls, states: Sequence[WatchState]) -> "Total":
        """Sum up. Figures of the past count as not known: the jobs may have ended since."""
        known = [each.status.jobs for each in states if not each.stale]
        return cls(
            jobs=sum(each.total or 0 for each in known),
            queued=sum(each.queued or 0 for each in known),
            blind=tuple(
                each.status.name
                for each in states
                if each.stale or each.status.jobs.total is None or each.status.jobs.at_least
            ),
            exactly=len(known) == len(states) and all(each.queued is not None for each in known),
        )

    @property
    def words(self) -> str:
        """Such as "4 jobs in all" or "At least 4 jobs in all (studio cannot tell)"."""
        if not self.blind:
            return f"{job_count(self.jobs)} in all"
        who = label(self.blind[0], NAME_LENGTH) if len(self.blind) == 1 else f"{len(self.blind)} servers"
        what = f"At least {job_count(self.jobs)} in all" if self.jobs else "How many jobs in all is not known"
        return f"{what} ({who} cannot tell)"

    @property
    def badge(self) -> str:
        """The waiting jobs for the icon; a "+" says that there may be more."""
        if not self.queued:
            return ""
        return str(self.queued) + ("" if self.exactly else "+") if self.queued <= 9 else "9+"


def _others(states: Sequence[WatchState]) -> str:
    """Such as "3 others: 1 not reachable, 2 idle", worst first."""
    counts = Counter(rank(each) for each in states)
    words = tuple(_ORDER.values())
    parts = ", ".join(f"{counts[each]} {words[each]}" for each in sorted(counts))
    return f"{len(states)} other{'s' if len(states) != 1 else ''}: {parts}"


def _tooltip(worst: str, others: str, total: str) -> str:
    """The worst server is cut only as far as the others need it; a line that would not be whole is left out."""
    left = TOOLTIP_UNITS
    more = []
    for line in (others, total):
        if left - units(line) - 1 >= min(LEAST_OF_WORST, units(worst)):
            more.append(line)
            left -= units(line) + 1
    return "\n".join([clip(worst, left), *more])
