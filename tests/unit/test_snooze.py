"""Snoozing: how long each choice lasts, whatever clocks and zones do meanwhile, and what the state file may hold."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tray_app.core.snooze import LONGEST, Moment, Snooze, SnoozeChoice, snooze

EVENING = datetime(2026, 3, 2, 22, 15, 30)  # noqa: DTZ001 - local wall time
NOW = Moment(1_000_000.0, EVENING)


def later(seconds: float, *, wall: float | None = None) -> Moment:
    """So many seconds on; `wall` when the clock on the wall was put forward or back meanwhile."""
    return Moment(NOW.unix + seconds, NOW.local + timedelta(seconds=seconds if wall is None else wall))


@pytest.mark.parametrize(
    ("choice", "seconds"),
    [(SnoozeChoice.HALF_AN_HOUR, 1800), (SnoozeChoice.HOUR, 3600), (SnoozeChoice.FOUR_HOURS, 14_400)],
)
def test_a_length_ends_when_it_has_passed(choice: SnoozeChoice, seconds: int) -> None:
    chosen = snooze(choice, NOW)
    assert chosen.left(NOW) == timedelta(seconds=seconds)
    assert chosen.left(later(seconds - 1)) == timedelta(seconds=1)
    assert chosen.left(later(seconds)) is None
    assert chosen.end(NOW) == EVENING + timedelta(seconds=seconds)


def test_until_tomorrow_is_the_next_day_at_eight() -> None:
    chosen = snooze(SnoozeChoice.TOMORROW, NOW)
    assert chosen.end(NOW) == datetime(2026, 3, 3, 8, 0)  # noqa: DTZ001
    after_midnight = Moment(0.0, datetime(2026, 3, 3, 0, 5))  # noqa: DTZ001
    assert snooze(SnoozeChoice.TOMORROW, after_midnight).end(after_midnight) == datetime(2026, 3, 4, 8, 0)  # noqa: DTZ001


def test_a_length_passes_whatever_the_wall_shows() -> None:
    """The hour in which clocks go forward, and a flight to another zone."""
    hour = snooze(SnoozeChoice.HOUR, NOW)
    assert hour.left(later(1800, wall=1800 + 3600)) == timedelta(minutes=30)
    assert hour.end(later(1800, wall=1800 + 3600)) == EVENING + timedelta(hours=2)
    assert hour.left(later(3600, wall=0)) is None


def test_until_tomorrow_goes_by_the_wall() -> None:
    chosen = snooze(SnoozeChoice.TOMORROW, NOW)
    to_eight = timedelta(hours=9, minutes=44, seconds=30).total_seconds()
    assert chosen.left(later(to_eight - 3600, wall=to_eight)) is None  # the night in which clocks go forward
    assert chosen.left(later(to_eight, wall=to_eight - 3600)) == timedelta(hours=1)  # and back


def test_a_clock_that_was_put_back_does_not_prolong_it_for_ever() -> None:
    assert snooze(SnoozeChoice.HOUR, NOW).left(Moment(NOW.unix - 365 * 86_400, EVENING)) is None
    assert snooze(SnoozeChoice.TOMORROW, NOW).left(Moment(NOW.unix, EVENING - timedelta(days=365))) is None


@pytest.mark.parametrize(
    "data",
    [
        None,
        [],
        "1h",
        {},
        {"until": None},
        {"until": True},
        {"until": "soon"},
        {"until": float("nan")},
        {"until": float("inf")},
        {"until_local": "tomorrow"},
        {"until_local": 8},
    ],
)
def test_what_is_no_snooze_is_none(data: Any) -> None:
    assert Snooze.from_dict(data) is None


def test_a_time_with_a_zone_counts_as_the_time_on_the_wall() -> None:
    found = Snooze.from_dict({"until_local": "2026-03-03T08:00:00+05:00"})
    assert found == Snooze(until_local=datetime(2026, 3, 3, 8, 0))  # noqa: DTZ001


@pytest.mark.parametrize("until", [1e300, -1e300, 10**400, 1e11, -1e11])
def test_absurd_ends_are_over(until: float) -> None:
    found = Snooze.from_dict({"until": until})
    assert found is None or found.left(NOW) is None


@given(st.sampled_from(SnoozeChoice), st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)), st.floats(0, 4e9))  # noqa: DTZ001
def test_each_lasts_a_while_and_survives_the_state_file(choice: SnoozeChoice, local: datetime, unix: float) -> None:
    now = Moment(unix, local)
    chosen = snooze(choice, now)
    left = chosen.left(now)
    assert left is not None
    assert timedelta(minutes=29) < left <= LONGEST
    assert Snooze.from_dict(chosen.to_dict()) == chosen
    assert chosen.left(Moment(unix + LONGEST.total_seconds() + 1, local + LONGEST)) is None
