"""A period of work: from the first job seen until none has been seen for two seconds.

The pause is there for Generate Forever, which falls to 0 for about 0.1 s between two requests (recorded: forever).
Counts are of jobs whose end is to be told; times are Unix seconds.
"""

from dataclasses import dataclass, replace

from tray_app.core.events import Event, EventKind

DEBOUNCE = 2.0


@dataclass(frozen=True, slots=True)
class Work:
    """A period of work under way.

    `since` is None when it ran before anybody looked. `left` is the last count. `ended` is a lower bound once
    `guessed` is set: jobs came or went unseen between two polls. `cancelled`: what was left ended in a cancel of
    ours. `unseen`: it ended while the server could not be reached.
    """

    since: float | None
    left: int
    ended: int = 0
    failed: int = 0
    guessed: bool = False
    quiet_since: float | None = None
    cancelled: bool = False
    unseen: bool = False

    @property
    def over_at(self) -> float | None:
        """When the period counts as over if nothing comes; None while jobs are left."""
        return None if self.quiet_since is None else self.quiet_since + DEBOUNCE


def begin(count: int, now: float, *, ran_before: bool) -> Work:
    """A period that starts, or is met, with so many jobs."""
    return Work(None if ran_before else now, count, guessed=ran_before)


def follow(work: Work, count: int, now: float, *, cancelling: bool, after_outage: bool) -> Work:
    """The period after one more count of jobs."""
    if count and work.cancelled:
        return begin(count, now, ran_before=False)
    gone = max(0, work.left - count)
    work = replace(
        work,
        left=count,
        ended=work.ended if cancelling else work.ended + gone,
        guessed=work.guessed or count > work.left,
    )
    if count:
        return replace(work, quiet_since=None)
    return replace(
        work,
        quiet_since=now if work.quiet_since is None else work.quiet_since,
        cancelled=work.cancelled or (cancelling and gone > 0),
        unseen=work.unseen or (after_outage and gone > 0),
    )


def finished(work: Work, server: str, user: str | None) -> Event | None:
    """The event for a period that is over; None when it was cancelled, or when all of it failed and that was told."""
    if work.cancelled or work.quiet_since is None or 0 < work.ended <= work.failed:
        return None
    text = ""
    if work.unseen:
        text = "It ended while SwarmUI could not be reached; how is not known."
    elif work.failed:
        text = "1 job failed." if work.failed == 1 else f"{work.failed} jobs failed."
    return Event(
        EventKind.FINISHED,
        server,
        work.quiet_since,
        text=text,
        jobs=None if text or not work.ended else work.ended,
        at_least=work.guessed,
        seconds=None if work.since is None else max(0.0, work.quiet_since - work.since),
        user=user,
    )
