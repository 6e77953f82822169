"""What is held back and when, the summary after quiet hours, and what the menu says."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tray_app.core.events import Event, EventKind
from tray_app.core.settings import Notify
from tray_app.core.silence import SUMMARY, Silence, held_from, hold_back, look, next_look, snooze_rows, time_of_day
from tray_app.core.snooze import Moment, SnoozeChoice, snooze
from tray_app.core.view import Entry

NIGHTS = Notify(quiet_hours="22:00-07:00")
EVENING = datetime(2026, 3, 2, 21, 0)  # noqa: DTZ001 - a Monday, local wall time


def at(hours: float) -> Moment:
    """So many hours after Monday 21:00."""
    return Moment(1_000_000.0 + hours * 3600, EVENING + timedelta(hours=hours))


def event(kind: EventKind = EventKind.FINISHED, jobs: int | None = None) -> Event:
    return Event(kind, "home", 0.0, jobs=jobs)


NONE = Silence()
HOUR = Silence(snooze(SnoozeChoice.HOUR, at(0)))


@pytest.mark.parametrize(
    ("silence", "notify", "kind", "hours", "held_back"),
    [
        (NONE, Notify(), EventKind.FINISHED, 0, False),
        (NONE, NIGHTS, EventKind.FINISHED, 0.9, False),
        (NONE, NIGHTS, EventKind.FINISHED, 1, True),
        (NONE, NIGHTS, EventKind.FINISHED, 10, False),
        (HOUR, Notify(), EventKind.FINISHED, 0.5, True),
        (HOUR, Notify(), EventKind.FINISHED, 1, False),
        (HOUR, NIGHTS, EventKind.FINISHED, 1.5, True),
        (NONE, NIGHTS, EventKind.FAILED, 2, True),
    ],
)
def test_when_a_notification_is_held_back(
    silence: Silence, notify: Notify, kind: EventKind, hours: float, held_back: bool
) -> None:
    assert hold_back(silence, event(kind), notify, at(hours))[1] is held_back


@pytest.mark.parametrize("kind", list(EventKind))
def test_only_trouble_breaks_through_and_only_by_choice(kind: EventKind) -> None:
    trouble = {EventKind.FAILED, EventKind.LOST, EventKind.KEY_REFUSED}
    chosen = Notify(quiet_hours="22:00-07:00", trouble_breaks_through=True)
    silence, held_back = hold_back(HOUR, event(kind), chosen, at(2))
    assert held_back is (kind not in trouble)
    assert bool(silence.held) is held_back  # what was shown is not summed up
    assert hold_back(HOUR, event(kind), NIGHTS, at(2))[1]


def test_one_summary_comes_after_quiet_hours() -> None:
    silence = NONE
    for kind, jobs in [(EventKind.FINISHED, 4)] * 3 + [(EventKind.FAILED, 1)]:
        silence, _ = hold_back(silence, event(kind, jobs), NIGHTS, at(3))
    assert look(silence, NIGHTS, at(9.9)) == (silence, None)
    after, notice = look(silence, NIGHTS, at(10))
    assert notice is not None
    assert (notice.subject, notice.body) == (SUMMARY, "While it was quiet: 3 pieces of work finished, 1 job failed.")
    assert look(after, NIGHTS, at(11)) == (after, None)


@pytest.mark.parametrize(
    ("events", "text"),
    [
        ([event()], "1 piece of work finished"),
        ([event(EventKind.FAILED), event(EventKind.FAILED, 2)], "3 jobs failed"),
        ([event(EventKind.LOST), event(EventKind.BACK)], "SwarmUI could not be reached once, it came back once"),
        ([event(EventKind.LOST)] * 2, "SwarmUI could not be reached twice"),
        ([event(EventKind.KEY_REFUSED)] * 3, "the key was refused 3 times"),
        ([event(EventKind.CANCEL), event(EventKind.RETURNED)], "1 cancel ended, new work came in after a cancel once"),
        ([event(EventKind.CANCEL)] * 2, "2 cancels ended"),
    ],
)
def test_the_summary_counts_each_kind(events: list[Event], text: str) -> None:
    silence = NONE
    for each in events:
        silence, _ = hold_back(silence, each, NIGHTS, at(3))
    _, notice = look(silence, NIGHTS, at(10))
    assert notice is not None
    assert notice.body == f"While it was quiet: {text}."


def test_what_a_snooze_held_back_gets_no_summary() -> None:
    silence, held_back = hold_back(HOUR, event(), Notify(), at(0.5))
    assert held_back
    assert look(silence, Notify(), at(1)) == (NONE, None)


def test_a_summary_waits_for_the_end_of_a_snooze() -> None:
    silence, _ = hold_back(Silence(snooze(SnoozeChoice.FOUR_HOURS, at(8))), event(), NIGHTS, at(9))
    assert look(silence, NIGHTS, at(11))[1] is None
    assert look(silence, NIGHTS, at(12))[1] is not None


def test_what_was_held_back_is_taken_over_from_another_start() -> None:
    assert held_from({"failed": 1, "finished": 3, "of another version": 9}) == (
        (EventKind.FINISHED, 3),
        (EventKind.FAILED, 1),
    )


def test_quiet_hours_that_are_taken_back_end_at_once() -> None:
    silence, _ = hold_back(NONE, event(), NIGHTS, at(3))
    assert look(silence, Notify(), at(3))[1] is not None


def test_quiet_hours_that_make_no_sense_are_none() -> None:
    assert not hold_back(NONE, event(), Notify(quiet_hours="always"), at(3))[1]


@pytest.mark.parametrize(
    ("silence", "notify", "hours", "wait"),
    [
        (NONE, NIGHTS, 0, None),
        (NONE, NIGHTS, 3, None),  # nothing is held back, so nothing happens at the end
        (Silence(held=((EventKind.FINISHED, 1),)), NIGHTS, 3, 7),
        (HOUR, Notify(), 0.25, 0.75),
        (HOUR, Notify(quiet_hours="22:00-23:00"), 0.5, 0.5),
        (HOUR, Notify(), 1, None),
    ],
)
def test_when_to_look_again(silence: Silence, notify: Notify, hours: float, wait: float | None) -> None:
    assert next_look(silence, notify, at(hours)) == (None if wait is None else timedelta(hours=wait))


def test_the_menu_says_how_long_it_is_silent() -> None:
    rows = snooze_rows(NONE, NIGHTS, at(0))
    assert (rows.title.text, rows.wake.text) == ("Snooze notifications", "")
    rows = snooze_rows(HOUR, NIGHTS, at(0.5))
    assert rows.title.text == "Snooze notifications (until 22:00)"
    assert rows.wake == Entry("Until 22:00: wake up now")
    rows = snooze_rows(HOUR, NIGHTS, at(2))
    assert (rows.title.text, rows.wake.text) == ("Snooze notifications (quiet hours until tomorrow 07:00)", "")
    rows = snooze_rows(Silence(snooze(SnoozeChoice.TOMORROW, at(0))), Notify(), at(0))
    assert rows.wake.text == "Until tomorrow 08:00: wake up now"


@pytest.mark.parametrize(("days", "text"), [(0, "21:00"), (1, "tomorrow 21:00"), (4, "Friday 21:00")])
def test_a_time_on_another_day_says_which(days: int, text: str) -> None:
    assert time_of_day(EVENING + timedelta(days=days), EVENING) == text


@given(
    st.lists(st.tuples(st.sampled_from(EventKind), st.floats(0, 72)), max_size=30),
    st.sampled_from([None, *SnoozeChoice]),
    st.sampled_from([Notify(), NIGHTS, Notify(quiet_hours="mon 23:00-24:00; tue 0:00-9:00")]),
)
def test_every_event_is_shown_or_held_back_and_quiet_ones_are_summed_up_once(
    told: list[tuple[EventKind, float]], choice: SnoozeChoice | None, notify: Notify
) -> None:
    silence = Silence(None if choice is None else snooze(choice, at(0)))
    summaries = 0
    counted = 0
    for kind, hours in sorted(told, key=lambda each: each[1]):
        silence, notice = look(silence, notify, at(hours))
        summaries += notice is not None
        before = len(silence.held)
        silence, held_back = hold_back(silence, event(kind), notify, at(hours))
        counted += len(silence.held) > before
        assert held_back or before == len(silence.held)
    silence, notice = look(silence, notify, at(120))
    summaries += notice is not None
    assert (silence, summaries <= counted, (summaries > 0) == (counted > 0)) == (NONE, True, True)
