"""Whether a notification may be shown now, what quiet hours have held back, and what the menu says about it.

Two things silence: a snooze (`core.snooze`) and quiet hours (`core.quiet_hours`). What they hold back is missed. After
quiet hours one summary is due; a snooze that lasts longer holds it back too.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from tray_app.core.events import Event, EventKind
from tray_app.core.notices import TROUBLE
from tray_app.core.quiet_hours import BadQuietHours, QuietHours, parse_quiet_hours
from tray_app.core.settings import Notify
from tray_app.core.snooze import Moment, Snooze
from tray_app.core.view import Entry, Notice, SnoozeRows
from tray_app.core.words import job_count

SUMMARY = "summary"
"""Subject of the summary; those of servers hold a slash."""


@dataclass(frozen=True, slots=True)
class Silence:
    """What is remembered: the snooze, and how many of which kind quiet hours have held back (for FAILED, jobs)."""

    snooze: Snooze | None = None
    held: tuple[tuple[EventKind, int], ...] = ()


def held_from(counts: Mapping[str, int]) -> tuple[tuple[EventKind, int], ...]:
    """What quiet hours have held back, as the state file kept it; words of another version are left out."""
    return tuple((kind, counts[kind.value]) for kind in EventKind if kind.value in counts)


def quiet_hours(notify: Notify) -> QuietHours:
    """The quiet hours of the settings; none where the text makes no sense, which the settings report."""
    try:
        return parse_quiet_hours(notify.quiet_hours)
    except BadQuietHours:
        return QuietHours()


def silent_until(silence: Silence, hours: QuietHours, now: Moment) -> datetime | None:
    """When notifications may be shown again (on the wall); None if they may now."""
    snoozed = _snoozed(silence, now)
    quiet = hours.until(now.local)
    ends = [each for each in (snoozed.end(now) if snoozed else None, quiet) if each is not None]
    return max(ends, default=None)


def hold_back(silence: Silence, event: Event, notify: Notify, now: Moment) -> tuple[Silence, bool]:
    """Whether to keep the event's notification from being shown, and what is remembered from then on."""
    hours = quiet_hours(notify)
    if silent_until(silence, hours, now) is None or (notify.trouble_breaks_through and event.kind in TROUBLE):
        return silence, False
    if hours.until(now.local) is not None:
        counts = dict(silence.held)
        counts[event.kind] = counts.get(event.kind, 0) + (event.jobs or 1 if event.kind is EventKind.FAILED else 1)
        silence = replace(silence, held=tuple(counts.items()))
    return silence, True


def look(silence: Silence, notify: Notify, now: Moment) -> tuple[Silence, Notice | None]:
    """What has ended by now: a snooze that is over is dropped, and a summary that is due is given out once."""
    if silence.snooze is not None and _snoozed(silence, now) is None:
        silence = replace(silence, snooze=None)
    if not silence.held or silent_until(silence, quiet_hours(notify), now) is not None:
        return silence, None
    notice = Notice(SUMMARY, "The quiet hours are over", f"While it was quiet: {_counted(silence.held)}.")
    return replace(silence, held=()), notice


def next_look(silence: Silence, notify: Notify, now: Moment) -> timedelta | None:
    """After how much time on the wall to `look` again; None while nothing is silenced or held back."""
    end = silent_until(silence, quiet_hours(notify), now)
    if end is None or (silence.snooze is None and not silence.held):
        return None
    return end - now.local


def snooze_rows(silence: Silence, notify: Notify, now: Moment) -> SnoozeRows:
    """The menu's "Snooze notifications": its title with the end of what silences, and the row that ends a snooze."""
    snoozed = _snoozed(silence, now)
    quiet = quiet_hours(notify).until(now.local)
    if snoozed is not None:
        end = time_of_day(snoozed.end(now), now.local)
        return SnoozeRows(Entry(f"Snooze notifications (until {end})"), Entry(f"Until {end}: wake up now"))
    title = "Snooze notifications"
    if quiet is not None:
        title += f" (quiet hours until {time_of_day(quiet, now.local)})"
    return SnoozeRows(Entry(title))


def time_of_day(moment: datetime, now: datetime) -> str:
    """Such as "08:00", "tomorrow 08:00" or "Friday 08:00"."""
    days = (moment.date() - now.date()).days
    day = "" if days == 0 else "tomorrow " if days == 1 else f"{_DAY_NAMES[moment.weekday()]} "
    return f"{day}{moment.hour:02}:{moment.minute:02}"


_DAY_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def _snoozed(silence: Silence, now: Moment) -> Snooze | None:
    return silence.snooze if silence.snooze is not None and silence.snooze.left(now) is not None else None


def _counted(held: tuple[tuple[EventKind, int], ...]) -> str:
    """Such as "3 pieces of work finished, 1 job failed": one part for each kind there is, in the order of the kinds."""
    counts = dict(held)
    return ", ".join(_PARTS[kind](counts[kind]) for kind in EventKind if kind in counts)


def _times(number: int) -> str:
    return "once" if number == 1 else "twice" if number == 2 else f"{number} times"


_PARTS = {
    EventKind.FINISHED: lambda number: f"{number} {'piece' if number == 1 else 'pieces'} of work finished",
    EventKind.FAILED: lambda number: f"{job_count(number)} failed",
    EventKind.LOST: lambda number: f"SwarmUI could not be reached {_times(number)}",
    EventKind.BACK: lambda number: f"it came back {_times(number)}",
    EventKind.CANCEL: lambda number: f"{number} {'cancel' if number == 1 else 'cancels'} ended",
    EventKind.RETURNED: lambda number: f"new work came in after a cancel {_times(number)}",
    EventKind.OUTPUTS: lambda number: f"new files came in {_times(number)}",
    EventKind.KEY_REFUSED: lambda number: f"the key was refused {_times(number)}",
}
