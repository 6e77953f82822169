"""What watching a server comes to: a reducer without clock, threads or input and output.

`advance` takes the state so far, one observation and the time, and gives the next state, the events worth telling and
the wishes for more reading. `pause_before_poll` says when to look again. Times are Unix seconds.

Rules:
- An outage is shown at once and told once, after 10 s (later if others were told lately, see `core.outage`) and not
  within 15 s of a wake-up; timeouts count from the third.
- Nothing of the past is told after a start; work that ran at the start is told when it ends.
- What ends while a cancel of ours is under way was cancelled, not finished.
- What came back within 10 s after a cancel is told: a browser tab in Generate Forever queues again.
"""

from dataclasses import dataclass, field, replace
from enum import Enum
from typing import assert_never

from tray_app.core.errors import KeyRefused, ServerError, TimedOut, Unreachable
from tray_app.core.events import Event, EventKind
from tray_app.core.log_lines import failures
from tray_app.core.model import CancelRequest, CancelResult, LogTail, Outcome, Reading, Scope, ServerStatus, State
from tray_app.core.observations import (
    CancelBegun,
    CancelEnded,
    LogRead,
    Missed,
    Observation,
    OutputsSeen,
    Seen,
    Woke,
)
from tray_app.core.outage import Flaps, Outage
from tray_app.core.truth import assess, comfy_partly_read, comfy_quiet, unreadable
from tray_app.core.work import Work, finished, follow
from tray_app.core.work import begin as begin_work

WAKE_GRACE = 15.0
AFTERMATH = 10.0
MISSES = 3
SLOW_MISSES = 5
LONGEST_PAUSE = 60.0
WAKING_PAUSE = 2.0
"""Seconds between two tries right after a wake-up, while the network comes back."""
OUTPUTS_EVERY = 60.0
"""Seconds between two listings of the outputs: each walks the server's disk."""


class Wish(Enum):
    """Something more to read, where the key allows it."""

    BASELINE = "the newest outputs and the end of the log, to tell what is new from what is old"
    FAILURES = "the log, since jobs have ended and may have failed"
    OUTPUTS = "the newest outputs, since nothing else tells of work"


@dataclass(frozen=True, slots=True)
class WatchState:
    """All that is remembered between two observations of one server."""

    status: ServerStatus
    everybody: bool = False  # "finished" is about all users' work, not only the key's own user's
    seen_at: float | None = None
    misses: int = 0
    outage: Outage | None = None
    flaps: Flaps = field(default_factory=Flaps)
    work: Work | None = None
    quiet: bool = False  # the last reading had only ComfyUI's queues to go by, and they were empty
    cancelling: CancelRequest | None = None
    outputs_at: float = 0.0  # when the outputs were last listed for want of anything better
    aftermath: tuple[float, int] | None = None  # until when, and the jobs left, after a cancel
    grace_until: float = 0.0

    @property
    def stale(self) -> bool:
        """Whether the figures are older than the last attempt to read them."""
        return self.misses > 0 and self.outage is None


@dataclass(frozen=True, slots=True)
class Step:
    """What one observation led to."""

    state: WatchState
    events: tuple[Event, ...] = ()
    wishes: tuple[Wish, ...] = ()


def begin(name: str, url: str, *, everybody: bool = False) -> WatchState:
    """The state before the first poll: nothing is known."""
    return WatchState(ServerStatus(name, url, State.UNKNOWN), everybody=everybody)


def advance(state: WatchState, observation: Observation, now: float) -> Step:
    """The next state after an observation."""
    match observation:
        case Seen(reading):
            return _seen(state, reading, now)
        case Missed(error):
            return _missed(state, error, now)
        case CancelBegun(request):
            status = replace(state.status, state=State.CANCELLING) if state.status.state.connected else state.status
            return Step(replace(state, status=status, cancelling=request))
        case CancelEnded(result):
            return _cancel_ended(state, result, now)
        case LogRead(tail):
            return _log_read(state, tail, now)
        case OutputsSeen(newest, number):
            text = "1 new file was saved." if number == 1 else f"{number} new files were saved."
            event = Event(EventKind.OUTPUTS, state.status.name, now, text=text, user=state.status.user, output=newest)
            return Step(state, (event,))
        case Woke():
            return Step(replace(_not_beyond(state, now), grace_until=now + WAKE_GRACE))
        case never:
            assert_never(never)


def _not_beyond(state: WatchState, now: float) -> WatchState:
    """The state without a time in the future: after a clock was set back, hours would pass until it is due."""
    work, outage, until = state.work, state.outage, state.aftermath
    if work is not None:
        since = None if work.since is None else min(work.since, now)
        work = replace(work, since=since, quiet_since=None if work.quiet_since is None else min(work.quiet_since, now))
    return replace(
        state,
        seen_at=None if state.seen_at is None else min(state.seen_at, now),
        outage=None if outage is None else replace(outage, since=min(outage.since, now)),
        flaps=replace(state.flaps, ended=min(state.flaps.ended, now)),
        work=work,
        outputs_at=min(state.outputs_at, now),
        aftermath=None if until is None else (min(until[0], now + AFTERMATH), until[1]),
    )


def pause_before_poll(state: WatchState, now: float, *, busy: float, idle: float, jitter: float = 0.0) -> float:
    """Seconds until the next poll. `busy` and `idle` are the user's; `jitter` from -1 to 1 spreads the retries."""
    if state.outage is not None or not state.status.state.connected:
        pause = min(LONGEST_PAUSE, 2.0 ** min(state.misses, 6)) * (1 + 0.2 * jitter)
        if state.outage is not None and not state.outage.told and state.seen_at is not None:
            due = max(state.outage.due, state.grace_until)
            pause = min(pause, max(due - now, 0.1))
        waking = now < state.grace_until and state.status.state is State.UNREACHABLE
        return min(pause, WAKING_PAUSE if waking else LONGEST_PAUSE)
    if state.work is not None and state.work.over_at is not None:
        return min(busy, max(state.work.over_at - now, 0.05))
    hurried = state.misses or state.work or state.aftermath or state.status.state.working
    return busy if hurried else idle


# --------------------------------------------------------------------------------------------------------- a reading


def _seen(state: WatchState, reading: Reading, now: float) -> Step:
    old = state.status
    cancelling = state.cancelling is not None
    status = assess(old.name, old.url, reading, quiet_before=state.quiet, cancelling=cancelling)
    events: list[Event] = []
    flaps = state.flaps
    if state.outage is not None and state.outage.told:
        flaps = flaps.end(now)
        events.append(Event(EventKind.BACK, status.name, now, seconds=max(0.0, now - state.outage.since)))
    partly = comfy_partly_read(reading)
    count = None if partly else _tracked(status, reading, everybody=state.everybody)
    returned, aftermath = _returned(state, count, now)
    events += returned
    work, ended, wishes = (_held(state.work), None, ()) if partly else _follow(state, count, now)
    if ended is not None:
        events.append(ended)
    if status.jobs.scope is Scope.UNKNOWN and now - state.outputs_at >= OUTPUTS_EVERY:
        state = replace(state, outputs_at=now)
        wishes = (*wishes, Wish.OUTPUTS)
    following = replace(
        state,
        status=status,
        seen_at=now,
        misses=0,
        outage=None,
        flaps=flaps,
        work=work,
        quiet=comfy_quiet(reading),
        aftermath=aftermath,
    )
    return Step(following, tuple(events), wishes)


def _tracked(status: ServerStatus, reading: Reading, *, everybody: bool) -> int | None:
    """The jobs whose end is told: the key's own user's where that is known, else the server's; None if unknown."""
    if reading.counters is not None and not status.jobs.total:
        return 0
    if status.mine is not None and not everybody:
        return status.mine.total
    if comfy_quiet(reading):
        return 0
    return status.jobs.total


def _held(work: Work | None) -> Work | None:
    """The period after a look that did not see all of the work: no count, and no end yet."""
    return None if work is None else replace(work, quiet_since=None)


def _follow(state: WatchState, count: int | None, now: float) -> tuple[Work | None, Event | None, tuple[Wish, ...]]:
    """The period of work after one more count; its event when it is over; what to read because of it."""
    work, cancelling = state.work, state.cancelling is not None
    if count is None or (work is None and not count):
        return None, None, ()
    if work is None:
        return begin_work(count, now, ran_before=state.seen_at is None), None, (Wish.BASELINE,)
    fell = count < work.left and not cancelling
    work = follow(work, count, now, cancelling=cancelling, after_outage=state.outage is not None)
    wishes = (Wish.FAILURES,) if fell else ()
    if work.over_at is not None and now >= work.over_at:
        return None, finished(work, state.status.name, state.status.user), wishes
    return work, None, wishes


# --------------------------------------------------------------------------------------------------- a failed reading


def _missed(state: WatchState, error: ServerError, now: float) -> Step:
    misses = state.misses + 1
    if isinstance(error, TimedOut) and misses < MISSES and state.outage is None and state.seen_at is not None:
        return Step(replace(state, misses=misses))
    outage = state.outage or state.flaps.begin(now)
    status = unreadable(state.status.name, state.status.url, error)
    events: tuple[Event, ...] = ()
    late = now >= outage.due and now >= state.grace_until
    if late and not outage.told and state.seen_at is not None:
        outage = replace(outage, told=True)
        kind = EventKind.KEY_REFUSED if isinstance(error, KeyRefused) else EventKind.LOST
        events = (Event(kind, status.name, now, text=str(error)),)
    if not isinstance(error, Unreachable):
        # A refused key or a foreign server does not mend itself in seconds, and each try may cost a line in its log.
        misses = max(misses, SLOW_MISSES)
    return Step(replace(state, status=status, misses=misses, outage=outage, quiet=False), events)


# ------------------------------------------------------------------------------------------------------------ cancels


def _cancel_ended(state: WatchState, result: CancelResult, now: float) -> Step:
    event = Event(
        EventKind.CANCEL,
        state.status.name,
        now,
        text=result.message,
        jobs=result.cancelled,
        user=state.status.user,
        outcome=result.outcome.value if result.outcome else None,
        reason=state.cancelling.reason if state.cancelling else None,
    )
    sent = result.outcome in {Outcome.STOPPED, Outcome.ASKED, Outcome.STILL_RUNNING}
    left = state.work.left if state.work else 0
    aftermath = (now + AFTERMATH, left) if sent else None
    return Step(replace(state, cancelling=None, aftermath=aftermath), (event,))


def _returned(state: WatchState, count: int | None, now: float) -> tuple[list[Event], tuple[float, int] | None]:
    """Whether work came in right after a cancel of ours, as a tab in Generate Forever makes it."""
    if state.aftermath is None or count is None:
        return [], state.aftermath
    until, left = state.aftermath
    if now > until:
        return [], None
    if count <= left:
        return [], (until, count)
    new = count - left
    jobs = "1 new job" if new == 1 else f"{new} new jobs"
    text = (
        f"{jobs} came in right after the cancel. A browser tab in Generate Forever goes on until it is stopped there."
    )
    return [Event(EventKind.RETURNED, state.status.name, now, text=text, jobs=new)], None


# ------------------------------------------------------------------------------------------------------------ the log


def _log_read(state: WatchState, tail: LogTail, now: float) -> Step:
    own = state.status.user if state.status.users is not None and not state.everybody else None
    found = [each for each in failures(tail) if own is None or each[0] == own]
    events = tuple(
        Event(EventKind.FAILED, state.status.name, now, text=text, jobs=jobs, user=user) for user, text, jobs in found
    )
    work = state.work
    if work is not None and found:
        work = replace(work, failed=work.failed + sum(jobs for _, _, jobs in found))
    return Step(replace(state, work=work), events)
