"""The small words that all texts share: counts, durations, and the sentence of an event."""

import re
from collections.abc import Mapping
from typing import assert_never

from tray_app.core.events import Event, EventKind
from tray_app.core.model import UserJobs

_BEFORE_UNIT = re.compile(r"(?<=\d) (?=(?:s|min|h)\b)", re.ASCII)

LABEL_LENGTH = 90
"""Characters after which a menu label is cut."""


def label(text: str, length: int = LABEL_LENGTH) -> str:
    """A text as a menu label: one line, cut where it is too long."""
    flat = " ".join(text.split(" ")).replace("\n", " ")
    return flat if len(flat) <= length else flat[: length - 1] + "\N{HORIZONTAL ELLIPSIS}"


def job_count(number: int) -> str:
    """Such as "1 job" or "4 jobs"."""
    return "1 job" if number == 1 else f"{number} jobs"


def jobs_of(user: UserJobs) -> str:
    """Such as "ann: 2 jobs, 1 running"; how many run is left out where that is not known."""
    return f"{user.name}: {job_count(user.total)}" + ("" if user.running is None else f", {user.running} running")


def whose_jobs(work: Mapping[str, int]) -> str:
    """Such as "2 jobs of ann", "2 jobs of ann and 1 job of bob"; `work` is jobs by user, at least one."""
    *most, last = [f"{job_count(jobs)} of {name}" for name, jobs in work.items()]
    return f"{', '.join(most)} and {last}" if most else last


def duration(seconds: float) -> str:
    """Such as "45 s", "3 min 12 s", "2 h 5 min"; negative durations count as none."""
    whole = max(0, round(seconds))
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if rest and minutes < 10 else f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"


def unbroken(text: str) -> str:
    """The text with durations that are not broken between number and unit, for what is shown in narrow columns."""
    return _BEFORE_UNIT.sub("\N{NO-BREAK SPACE}", text)


def headline(event: Event) -> str:
    """The event in a few words, without the server's name: a notification's title."""
    match event.kind:
        case EventKind.FINISHED:
            return "Work has ended" if event.text else "Work finished"
        case EventKind.FAILED:
            return f"{job_count(event.jobs)} failed" if event.jobs and event.jobs > 1 else "A job failed"
        case EventKind.LOST:
            return "SwarmUI cannot be reached"
        case EventKind.BACK:
            return "SwarmUI is back"
        case EventKind.OUTPUTS:
            return "New output"
        case EventKind.KEY_REFUSED:
            return "The key is refused"
        case EventKind.RETURNED:
            return "New work after the cancel"
        case EventKind.CANCEL:
            return _CANCELS.get(event.outcome or "", "Cancel")
        case never:
            assert_never(never)


_CANCELS = {
    "stopped": "Cancelled",
    "asked": "Asked to stop",
    "nothing_running": "Nothing to cancel",
    "needs_confirmation": "Cancel needs a decision",
    "not_possible": "Cannot be cancelled",
    "refused": "Cancel was refused",
    "still_running": "Not stopped yet",
}


def sentence(event: Event) -> str:
    """What happened, in one or two sentences without the server's name."""
    match event.kind:
        case EventKind.FINISHED:
            return _finished(event)
        case EventKind.BACK:
            return "It can be reached again." + (
                f" It was away for {duration(event.seconds)}." if event.seconds else ""
            )
        case EventKind.FAILED:
            return f"{event.user}: {event.text}" if event.user and event.user != "local" else event.text
        case _:
            return event.text


def _finished(event: Event) -> str:
    what = "The work is done"
    if event.jobs is not None:
        what = f"{'At least ' if event.at_least else ''}{job_count(event.jobs)} done"
    elif event.text:
        what = "The work has ended"
    if event.seconds is not None:
        what += f" in {duration(event.seconds)}"
    return f"{what}. {event.text}".strip()
