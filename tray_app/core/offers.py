"""What the user may ask to be cancelled now: the labels of both cancels, the reasons against, the question before."""

from tray_app.core.model import CancelRequest, ServerStatus, State
from tray_app.core.view import Entry, Question
from tray_app.core.watch import WatchState
from tray_app.core.words import duration, job_count, label


def confirmation(state: WatchState, after_minutes: int | None, now: float) -> Question | None:
    """What to ask before "cancel all" when the work has run longer than the user's limit; None when nothing."""
    work = state.work
    if after_minutes is None or work is None or (work.since is not None and now - work.since < after_minutes * 60):
        return None
    length = (
        f"has run for {duration(now - work.since)}" if work.since is not None else "ran before this program started"
    )
    text = f"The work on {state.status.name} {length}. Cancel all means: {whose_work(state.status)}."
    return Question("Cancel all", text, (("Cancel all", CancelRequest(everything=True)),))


def cancel_current(state: WatchState) -> Entry:
    """The row "Cancel current job", with the reason when it cannot be used."""
    status = state.status
    name = "Cancel current job"
    reason = _why_not(status, status.can.cancel_current)
    if reason is None and status.state is State.LOADING and not status.jobs.running:
        reason = "a model is loading" if status.jobs.loading else "backends are starting"
    if reason is None and status.jobs.running == 0 and status.jobs.total:
        reason = "no job runs yet"
    if reason is not None:
        return Entry(label(f"{name} ({reason})"), enabled=False)
    return Entry(f"{name} (may end the rest of its request)")


def cancel_all(status: ServerStatus) -> Entry:
    """The row "Cancel all": whose work it ends, or the reason when it cannot be used."""
    reason = _why_not(status, status.can.cancel_all)
    if reason is None and status.mine is not None and not status.mine.total and status.jobs.total:
        reason = "nothing of yours runs"
    if reason is not None:
        return Entry(label(f"Cancel all ({reason})"), enabled=False)
    return Entry(label(f"Cancel all: {whose_work(status)}"))


def cancel_people(status: ServerStatus) -> tuple[tuple[Entry, CancelRequest], ...]:
    """Rows that cancel another user's work, and one for everybody's, with the request of each; none where not possible.

    The request asks back with whose work and how many jobs it stops before anything is sent.
    """
    if not status.state.connected or status.state is State.CANCELLING or status.can.cancel_people is not True:
        return ()
    work = {each.name: each.total for each in status.users or () if each.total}
    rows = [
        (Entry(label(f"Cancel the work of {name} ({job_count(jobs)})")), CancelRequest(everything=False, user=name))
        for name, jobs in work.items()
        if name != status.user
    ]
    if rows and len(work) > 1:
        text = f"Cancel everybody's work ({job_count(sum(work.values()))} of {len(work)} users)"
        rows.append((Entry(label(text)), CancelRequest(everything=False, everyone=True)))
    return tuple(rows)


def whose_work(status: ServerStatus) -> str:
    """Whose work a "cancel all" ends, and how many jobs as far as that is known."""
    if status.user == "local":
        count = "work" if status.jobs.total is None or status.jobs.at_least else job_count(status.jobs.total)
        others = [each for each in status.users or () if each.name != "local" and each.total]
        if others and status.mine is not None:
            return f"{job_count(status.mine.total)} of the user local"
        return f"{count}, everybody's on this server"
    if status.mine is not None:
        return f"your {job_count(status.mine.total)} ({status.user})"
    return f"your work ({status.user})" if status.user else "your work"


def _why_not(status: ServerStatus, ability: bool | str) -> str | None:  # noqa: FBT001 - a value with a reason, no flag
    """Why a cancel cannot be asked for now; None when it can."""
    if not status.state.connected:
        return "not connected"
    if status.state is State.CANCELLING:
        return "cancelling\N{HORIZONTAL ELLIPSIS}"
    if isinstance(ability, str):
        return ability
    if status.jobs.total == 0 and not status.jobs.loading:
        return "nothing runs"
    return None


def jobs_left(status: ServerStatus) -> bool:
    """Whether a "cancel all" would find something, as far as is known, also right after another cancel."""
    left = status.jobs.total if status.mine is None else status.mine.total
    return status.state.connected and status.can.cancel_all is True and bool(left)
