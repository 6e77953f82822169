"""Quiet hours by weekday: how people write them, and whether a moment lies within.

Written as `days from-to; days from-to`, such as "mon-fri 22:00-07:00; sat,sun 23:00-09:00". A day is the one on which
the quiet begins; a span that ends before it begins goes over midnight. Without days it holds every day.

All times are local wall time, naive datetimes handed in by the caller: a change of the clock moves the quiet with it.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
EXAMPLE = "mon-fri 22:00-07:00; sat-sun 23:00-09:00"

_NAMES = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_DAY = timedelta(days=1)
_TIMES = re.compile(r"(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Span:
    """One entry: weekdays of its begin (0 is Monday), begin and end in minutes since midnight, the end up to 1440."""

    days: frozenset[int]
    begin: int
    end: int

    def ending(self, moment: datetime) -> datetime | None:
        """When this span ends, if `moment` lies within; the end itself is outside."""
        for day in (moment, moment - _DAY):
            midnight = day.replace(hour=0, minute=0, second=0, microsecond=0)
            begin = midnight + timedelta(minutes=self.begin)
            end = midnight + timedelta(minutes=self.end) + (_DAY if self.end <= self.begin else timedelta())
            if day.weekday() in self.days and begin <= moment < end:
                return end
        return None


@dataclass(frozen=True, slots=True)
class QuietHours:
    """All spans; none means that it is never quiet."""

    spans: tuple[Span, ...] = ()

    def until(self, moment: datetime) -> datetime | None:
        """When the quiet around `moment` ends, spans that meet taken as one; None when it is not quiet.

        About a week away at most: quiet hours without an end are looked at again then.
        """
        end = moment
        while end - moment < 7 * _DAY:
            further = [found for each in self.spans if (found := each.ending(end)) is not None]
            if not further:
                break
            end = max(further)
        return end if end > moment else None


class BadQuietHours(ValueError):
    """The text makes no sense; the message says where and what is expected, as a whole sentence."""


def parse_quiet_hours(text: str) -> QuietHours:
    """Read what the user wrote; nothing but blanks means never. Raises BadQuietHours."""
    return QuietHours(tuple(_span(part.strip()) for part in text.split(";") if part.strip()))


def _span(part: str) -> Span:
    words = part.lower()
    found = _TIMES.search(words)
    if found is None or words[found.end() :].strip():
        raise BadQuietHours(f"“{part}” does not end with two times such as 22:00-07:00.")
    begin, end = _minute(found[1], found[2], latest=23 * 60 + 59), _minute(found[3], found[4], latest=24 * 60)
    if begin == end:
        raise BadQuietHours(f"“{part}” begins and ends at the same time; a whole day is 00:00-24:00.")
    return Span(_days(words[: found.start()].strip(), part), begin, end)


def _minute(hour: str, minute: str, *, latest: int) -> int:
    total = int(hour) * 60 + int(minute)
    if int(minute) > 59 or total > latest:
        raise BadQuietHours(f"{hour}:{minute} is no time from 00:00 to {latest // 60:02}:{latest % 60:02}.")
    return total


def _days(words: str, part: str) -> frozenset[int]:
    if not words:
        return frozenset(range(7))
    days: set[int] = set()
    for each in re.split(r"[,\s]+", re.sub(r"\s*-\s*", "-", words)):
        first, dash, last = each.partition("-")
        begin, end = _day(first, part), _day(last if dash else first, part)
        days.update((begin + step) % 7 for step in range((end - begin) % 7 + 1))
    return frozenset(days)


def _day(word: str, part: str) -> int:
    """Monday is 0; longer names count by their first three letters."""
    for number, name in enumerate(_NAMES):
        if len(word) >= 3 and name.startswith(word):
            return number
    raise BadQuietHours(f"“{word}” in “{part}” is no weekday; they are {', '.join(DAYS)}.")
