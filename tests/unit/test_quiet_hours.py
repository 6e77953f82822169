"""Quiet hours: what people may write, and when it is quiet."""

from contextlib import suppress
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tray_app.core.quiet_hours import EXAMPLE, BadQuietHours, QuietHours, Span, parse_quiet_hours

EVERY_DAY = frozenset(range(7))


def at(day: str, clock: str) -> datetime:
    """A weekday of one week: the Monday is 2 March 2026."""
    number = ("mon", "tue", "wed", "thu", "fri", "sat", "sun").index(day)
    hour, minute = clock.split(":")
    return datetime(2026, 3, 2 + number, int(hour), int(minute))  # noqa: DTZ001 - local wall time


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ("", ()),
        (" ; ", ()),
        ("22:00-07:00", (Span(EVERY_DAY, 1320, 420),)),
        ("mon 9:00-17:30", (Span(frozenset({0}), 540, 1050),)),
        (
            "mon-fri 22:00-07:00; sat-sun 23:00-09:00",
            (Span(frozenset(range(5)), 1320, 420), Span(frozenset({5, 6}), 1380, 540)),
        ),
        ("Sat, Sun 00:00-24:00", (Span(frozenset({5, 6}), 0, 1440),)),
        ("fri-mon 23:00 - 24:00;", (Span(frozenset({4, 5, 6, 0}), 1380, 1440),)),
        ("mon - wed fri 1:00-2:00", (Span(frozenset({0, 1, 2, 4}), 60, 120),)),
        ("Monday,thurs 1:00-2:00", (Span(frozenset({0, 3}), 60, 120),)),
        ("mon-mon 1:00-2:00", (Span(frozenset({0}), 60, 120),)),
    ],
)
def test_what_people_write(text: str, spans: tuple[Span, ...]) -> None:
    assert parse_quiet_hours(text).spans == spans


TIMES = "does not end with two times such as 22:00-07:00."
WEEKDAYS = "is no weekday; they are mon, tue, wed, thu, fri, sat, sun."


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("always", f"“always” {TIMES}"),
        ("mon 22-7", f"“mon 22-7” {TIMES}"),
        ("22:00-07:00 mon", f"“22:00-07:00 mon” {TIMES}"),
        ("22:00-07:00, 12:00-13:00", f"“22:00-07:00, 12:00-13:00” {TIMES}"),
        ("mon 22:00-07:00; moon 1:00-2:00", f"“moon” in “moon 1:00-2:00” {WEEKDAYS}"),
        ("m 1:00-2:00", f"“m” in “m 1:00-2:00” {WEEKDAYS}"),
        ("mon-fri-sun 1:00-2:00", f"“fri-sun” in “mon-fri-sun 1:00-2:00” {WEEKDAYS}"),
        ("24:00-07:00", "24:00 is no time from 00:00 to 23:59."),
        ("22:00-24:01", "24:01 is no time from 00:00 to 24:00."),
        ("22:60-23:00", "22:60 is no time from 00:00 to 23:59."),
        ("8:00-8:00", "“8:00-8:00” begins and ends at the same time; a whole day is 00:00-24:00."),
    ],
)
def test_what_makes_no_sense_is_said(text: str, message: str) -> None:
    with pytest.raises(BadQuietHours) as caught:
        parse_quiet_hours(text)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("text", "moment", "until"),
    [
        (EXAMPLE, at("mon", "21:59"), None),
        (EXAMPLE, at("mon", "22:00"), at("tue", "7:00")),
        (EXAMPLE, at("tue", "6:59"), at("tue", "7:00")),
        (EXAMPLE, at("tue", "7:00"), None),
        (EXAMPLE, at("mon", "6:00"), at("mon", "9:00")),  # Sunday's goes over the end of the week
        (EXAMPLE, at("sat", "6:00"), at("sat", "7:00")),  # Friday's, not Saturday's
        (EXAMPLE, at("sat", "8:00"), None),
        (EXAMPLE, at("sun", "8:59"), at("sun", "9:00")),
        ("mon 9:00-17:00", at("mon", "12:00"), at("mon", "17:00")),
        ("mon 9:00-17:00", at("tue", "12:00"), None),
        ("sat-sun 0:00-24:00", at("sat", "12:00"), at("sun", "0:00") + timedelta(days=1)),  # spans that meet
        ("mon 9:00-12:00; mon 11:00-13:00", at("mon", "9:30"), at("mon", "13:00")),  # and that overlap
        ("0:00-24:00", at("mon", "12:00"), at("mon", "0:00") + timedelta(days=8)),  # no end: it is looked at again
        ("", at("mon", "3:00"), None),
    ],
)
def test_when_it_is_quiet(text: str, moment: datetime, until: datetime | None) -> None:
    assert parse_quiet_hours(text).until(moment) == until


def test_a_change_of_the_clock_moves_the_quiet_with_the_wall() -> None:
    """Nobody hands in 02:30 when clocks go forward at two, and 02:30 comes twice when they go back."""
    night = parse_quiet_hours("2:00-3:00")
    assert night.until(datetime(2026, 3, 29, 1, 59, 59)) is None  # noqa: DTZ001
    assert night.until(datetime(2026, 3, 29, 3, 0)) is None  # noqa: DTZ001
    assert night.until(datetime(2026, 10, 25, 2, 30, fold=0)) == night.until(datetime(2026, 10, 25, 2, 30, fold=1))  # noqa: DTZ001


SPANS = st.builds(
    Span, st.frozensets(st.integers(0, 6), min_size=1), st.integers(0, 1439), st.integers(1, 1440)
).filter(lambda span: span.begin != span.end)
MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1))  # noqa: DTZ001


def written(span: Span) -> str:
    days = ",".join(("mon", "tue", "wed", "thu", "fri", "sat", "sun")[each] for each in sorted(span.days))
    return f"{days} {span.begin // 60:02}:{span.begin % 60:02}-{span.end // 60:02}:{span.end % 60:02}"


@given(st.lists(SPANS, max_size=4))
def test_what_is_written_down_is_read_back(spans: list[Span]) -> None:
    assert parse_quiet_hours("; ".join(map(written, spans))).spans == tuple(spans)


@given(st.lists(SPANS, max_size=4), MOMENTS)
def test_it_stays_quiet_until_the_end_and_not_at_it(spans: list[Span], moment: datetime) -> None:
    hours = QuietHours(tuple(spans))
    end = hours.until(moment)
    assert (end is not None) == any(each.ending(moment) is not None for each in spans)
    if end is not None:
        assert moment < end
        assert hours.until(end - timedelta(microseconds=1)) is not None
        assert end - moment >= timedelta(days=7) or hours.until(end) is None


@given(st.text())
def test_any_other_text_is_an_error_of_that_kind(text: str) -> None:
    with suppress(BadQuietHours):
        assert all(each.days and 0 <= each.begin < 1440 for each in parse_quiet_hours(text).spans)
