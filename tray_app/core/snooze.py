"""Snoozing notifications: what can be chosen, until when each lasts, and when it is over.

A length is counted in Unix time, so neither sleep nor a change of the clock alters it; "until tomorrow 08:00" is a time
on the wall, so it moves with the clock and with its owner's time zone. The caller hands in both times.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

LONGEST = timedelta(hours=32)
"""From midnight until 08:00 of the day after. What ends later was set before the clock was put back, or by nobody."""


_FAR = 1e12
"""A time in Unix seconds that nobody means: 30 000 years from now."""


class SnoozeChoice(StrEnum):
    """How long to snooze, by the words of the menu."""

    HALF_AN_HOUR = "For 30 minutes"
    HOUR = "For 1 hour"
    FOUR_HOURS = "For 4 hours"
    TOMORROW = "Until tomorrow 08:00"


@dataclass(frozen=True, slots=True)
class Moment:
    """A point in time: Unix seconds, and what a clock on the wall shows then (a naive datetime)."""

    unix: float
    local: datetime


_HOURS = {SnoozeChoice.HALF_AN_HOUR: 0.5, SnoozeChoice.HOUR: 1.0, SnoozeChoice.FOUR_HOURS: 4.0}


@dataclass(frozen=True, slots=True)
class Snooze:
    """Ends at a Unix time or at a time on the wall; exactly one of them is set."""

    until_unix: float | None = None
    until_local: datetime | None = None

    def left(self, now: Moment) -> timedelta | None:
        """How much longer it lasts; None once it is over."""
        if self.until_local is not None:
            left = self.until_local - now.local
        else:
            left = timedelta(seconds=(self.until_unix or 0.0) - now.unix)
        return left if timedelta() < left <= LONGEST else None

    def end(self, now: Moment) -> datetime:
        """What the wall shows at its end, seen from `now`."""
        return self.until_local or now.local + (self.left(now) or timedelta())

    def to_dict(self) -> dict[str, Any]:
        """As the state file keeps it."""
        return {
            "until": self.until_unix,
            "until_local": None if self.until_local is None else self.until_local.isoformat(),
        }

    @staticmethod
    def from_dict(data: object) -> "Snooze | None":
        """From the state file; None for anything that is not a snooze."""
        if not isinstance(data, Mapping):
            return None
        until, local = data.get("until"), data.get("until_local")
        if isinstance(local, str):
            try:
                return Snooze(until_local=datetime.fromisoformat(local).replace(tzinfo=None))
            except ValueError:
                return None
        if isinstance(until, bool) or not isinstance(until, (int, float)) or not abs(until) < _FAR:
            return None
        return Snooze(until_unix=float(until))


def snooze(choice: SnoozeChoice, now: Moment) -> Snooze:
    """The snooze that begins now."""
    if choice is not SnoozeChoice.TOMORROW:
        return Snooze(until_unix=now.unix + _HOURS[choice] * 3600)
    tomorrow = now.local.replace(hour=8, minute=0, second=0, microsecond=0, fold=0) + timedelta(days=1)
    return Snooze(until_local=tomorrow)
