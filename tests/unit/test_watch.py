"""The reducer: what a row of observations comes to, and when the next look is due."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.build import POWERUSER, backend, counters, reading, rights
from tray_app.core import watch
from tray_app.core.errors import Incompatible, KeyRefused, TimedOut, Unreachable
from tray_app.core.events import Event, EventKind
from tray_app.core.model import CancelRequest, CancelResult, LogLine, LogTail, Outcome, Output, State
from tray_app.core.observations import CancelBegun, CancelEnded, LogRead, Missed, Observation, OutputsSeen, Seen, Woke
from tray_app.core.watch import WatchState, Wish

START = 1_000.0


def busy(waiting: int, live: int = 1) -> Seen:
    return Seen(reading(counters(waiting, min(live, waiting))))


IDLE = Seen(reading(counters()))
GONE = Missed(Unreachable("No connection.", "Start SwarmUI."))
SLOW = Missed(TimedOut("No answer."))


class Story:
    """A state that observations are told to, with all events and wishes that came of them."""

    def __init__(self, *, everybody: bool = False) -> None:
        self.state = watch.begin("home", "http://x", everybody=everybody)
        self.events: list[Event] = []
        self.wishes: list[Wish] = []

    def tell(self, *observations: tuple[float, Observation]) -> "Story":
        for when, observation in observations:
            step = watch.advance(self.state, observation, START + when)
            self.state = step.state
            self.events += step.events
            self.wishes += step.wishes
        return self

    @property
    def shown(self) -> str:
        return self.state.status.state.value

    @property
    def kinds(self) -> list[str]:
        return [event.kind.value for event in self.events]


def test_work_that_began_between_the_calls_of_a_reading_is_followed_to_its_end() -> None:
    began = Seen(reading(counters(), users={"local": counters(1, 1)}))
    story = Story().tell((0, IDLE), (1, began))
    assert story.shown == "generating"
    assert story.tell((2, IDLE), (5, IDLE)).kinds == ["finished"]


def test_work_is_finished_two_seconds_after_the_last_job() -> None:
    story = Story().tell((0, IDLE), (5, busy(4)), (6, busy(3)), (7, busy(1)), (8, IDLE), (9, IDLE))
    assert story.events == []
    story.tell((10, IDLE))
    assert story.events == [
        Event(EventKind.FINISHED, "home", START + 8, jobs=4, at_least=False, seconds=3.0, user="local")
    ]


def test_generate_forever_is_one_period_of_work() -> None:
    """Between two requests the counters are zero for about 0.1 s (recorded: forever)."""
    story = Story().tell((0, IDLE), (1, busy(1)), (2, IDLE), (3, busy(1)), (4, IDLE), (5.9, busy(1)), (7, IDLE))
    assert story.events == []
    story.tell((9, IDLE))
    assert [(event.jobs, event.at_least, event.seconds) for event in story.events] == [(3, True, 6.0)]


def test_nothing_of_the_past_is_told_after_a_start() -> None:
    assert Story().tell((0, IDLE), (5, IDLE), (10, IDLE)).events == []


def test_work_that_ran_at_the_start_is_told_when_it_ends_without_a_length_nobody_knows() -> None:
    story = Story().tell((0, busy(2)), (1, IDLE), (3, IDLE))
    assert [(event.kind, event.jobs, event.at_least, event.seconds) for event in story.events] == [
        (EventKind.FINISHED, 2, True, None)
    ]


def test_jobs_that_came_meanwhile_make_the_count_a_lower_bound() -> None:
    story = Story().tell((0, IDLE), (1, busy(2)), (2, busy(3)), (3, IDLE), (5, IDLE))
    assert [(event.jobs, event.at_least) for event in story.events] == [(3, True)]


def shared(mine: int, others: int) -> Seen:
    users = {"ann": counters(mine, min(mine, 1)), "bob": counters(others, min(others, 1))}
    key = rights("ann", POWERUSER | {"read_server_info_panels"})
    return Seen(reading(counters(mine + others, 1 if mine + others else 0), users=users, key=key))


def test_finished_is_about_the_keys_own_user_where_users_are_known() -> None:
    story = Story().tell((0, shared(0, 0)), (1, shared(2, 3)), (2, shared(0, 3)), (4, shared(0, 2)))
    assert [(event.jobs, event.user) for event in story.events] == [(2, "ann")]


def test_finished_can_be_widened_to_everybody() -> None:
    story = Story(everybody=True).tell((0, shared(0, 0)), (1, shared(2, 3)), (2, shared(0, 3)), (4, shared(0, 2)))
    assert story.events == []
    story.tell((5, shared(0, 0)), (7, shared(0, 0)))
    assert [event.jobs for event in story.events] == [5]


def test_comfy_only_keys_are_told_when_the_queues_are_empty() -> None:
    power = rights("power", POWERUSER)
    full, empty = Seen(reading(comfy={0: 2}, key=power)), Seen(reading(comfy={0: 0}, key=power))
    story = Story().tell((0, empty), (5, full), (6, empty))
    assert story.shown == "unknown"
    story.tell((8, empty))
    assert story.shown == "idle"
    assert story.kinds == ["finished"]


def by_queues(*remaining: int | None, kinds: tuple[str, ...] = ("comfyui_api", "comfyui_api")) -> Seen:
    """What a power user sees of two backends; None is a queue that did not answer."""
    loads = {number: each for number, each in enumerate(remaining) if each is not None}
    backends = tuple(backend(number, kind=kind) for number, kind in enumerate(kinds))
    return Seen(reading(comfy=loads, backends=backends, key=rights("power", POWERUSER)))


def test_work_goes_on_while_a_queue_does_not_answer_and_its_jobs_are_counted_once() -> None:
    story = Story().tell((0, by_queues(0, 0)), (1, by_queues(2, 2)), (2, by_queues(None, 2)), (3, by_queues(None, 0)))
    story.tell((6, by_queues(None, None)), (7, by_queues(2, 2)), (8, by_queues(0, 0)), (9, by_queues(None, 0)))
    assert story.events == []
    assert watch.pause_before_poll(story.state, START + 60, busy=1.0, idle=5.0) == 1.0
    story.tell((61, by_queues(0, 0)), (63, by_queues(0, 0)))
    assert [(event.kind, event.jobs) for event in story.events] == [(EventKind.FINISHED, 4)]


def test_empty_queues_are_no_end_of_work_beside_a_backend_that_has_none() -> None:
    kinds = ("comfyui_api", "auto_webui_api")
    story = Story().tell(*((float(at), by_queues(each, kinds=kinds)) for at, each in enumerate((0, 2, 0, 0, 0, 0))))
    assert (story.shown, story.events) == ("unknown", [])


def test_work_is_forgotten_without_a_word_when_the_figures_are_lost() -> None:
    blind = Seen(reading(backends=None, key=rights("plain", frozenset())))
    assert Story().tell((0, IDLE), (1, busy(2)), (2, blind), (3, blind), (6, IDLE)).events == []


def test_a_fall_of_the_counters_asks_for_the_log_and_the_begin_for_a_baseline() -> None:
    story = Story().tell((0, IDLE), (1, busy(3)))
    assert story.wishes == [Wish.BASELINE]
    story.tell((2, busy(3)), (3, busy(2)))
    assert story.wishes == [Wish.BASELINE, Wish.FAILURES]


FAILURE = LogTail((LogLine(7, "Warning", "Refused to generate image for local: out of memory"),), 7)


def test_a_failure_is_told_and_the_end_no_longer_counts_jobs_as_done() -> None:
    story = Story().tell((0, IDLE), (1, busy(3)), (2, IDLE), (2, LogRead(FAILURE)), (4, IDLE))
    assert story.kinds == ["failed", "finished"]
    assert (story.events[0].text, story.events[0].user) == ("out of memory", "local")
    assert (story.events[1].jobs, story.events[1].text) == (None, "1 job failed.")


def test_failures_are_counted() -> None:
    tail = LogTail((*FAILURE.lines, LogLine(8, "Warning", "Refused to generate image for local: other cause")), 8)
    story = Story().tell((0, IDLE), (1, busy(3)), (2, IDLE), (2, LogRead(tail)), (4, IDLE))
    assert story.events[-1].text == "2 jobs failed."


def test_jobs_that_failed_for_the_same_cause_are_told_together_and_all_counted() -> None:
    twice = LogTail(tuple(LogLine(number, "Warning", FAILURE.lines[0].message) for number in (7, 8)), 8)
    story = Story().tell((0, IDLE), (1, busy(3)), (2, IDLE), (2, LogRead(twice)), (4, IDLE))
    assert [(event.kind, event.jobs) for event in story.events] == [(EventKind.FAILED, 2), (EventKind.FINISHED, None)]
    assert story.events[1].text == "2 jobs failed."


def test_other_peoples_failures_are_told_only_to_those_who_watch_everybody() -> None:
    tail = LogTail((LogLine(7, "Warning", "Refused to generate image for bob: out of memory"),), 7)
    assert Story().tell((0, shared(0, 1)), (1, LogRead(tail))).events == []
    assert Story(everybody=True).tell((0, shared(0, 1)), (1, LogRead(tail))).kinds == ["failed"]


def test_where_nothing_else_tells_of_work_the_outputs_are_listed_once_a_minute() -> None:
    """A key of the role user sees no counters and no queue (contract, section 2)."""
    blind = Seen(reading(backends=None, key=rights("plain", frozenset({"view_image_history"}))))
    story = Story().tell((0, blind), (5, blind), (59, blind))
    assert story.wishes == [Wish.OUTPUTS]
    story.tell((60, blind), (65, blind))
    assert story.wishes == [Wish.OUTPUTS] * 2
    newest = Output("raw/b.png", "View/plain/raw/b.png")
    story.tell((65, OutputsSeen(newest, 1)), (125, OutputsSeen(newest, 3)))
    assert [(event.kind.value, event.text, event.output) for event in story.events] == [
        ("outputs", "1 new file was saved.", newest),
        ("outputs", "3 new files were saved.", newest),
    ]


def test_outputs_are_not_listed_where_the_work_is_counted() -> None:
    comfy = Seen(reading(comfy={0: 0}, key=rights("power", POWERUSER)))
    assert Story().tell((0, IDLE), (70, IDLE), (140, comfy), (210, comfy)).wishes == []


# ----------------------------------------------------------------------------------------------------------- outages


def test_a_refused_connection_is_shown_at_once_and_told_after_ten_seconds_once() -> None:
    story = Story().tell((0, IDLE), (5, GONE))
    assert story.shown == "unreachable"
    story.tell((14.9, GONE))
    assert story.events == []
    story.tell((15, GONE), (30, GONE), (90, GONE))
    assert [(event.kind, event.text) for event in story.events] == [(EventKind.LOST, "No connection. Start SwarmUI.")]


def test_coming_back_is_told_only_after_a_loss_that_was_told() -> None:
    story = Story().tell((0, IDLE), (5, GONE), (8, IDLE))
    assert story.events == []
    story.tell((10, GONE), (21, GONE), (70, IDLE))
    assert story.kinds == ["lost", "back"]
    assert story.events[-1].seconds == 60


def test_a_server_that_comes_and_goes_is_told_of_twice_and_not_sixty_times() -> None:
    story = Story().tell((0, IDLE))
    for flap in range(30):
        begin = 10 + 25 * flap
        story.tell((begin, GONE), (begin + 12, GONE), (begin + 19, GONE), (begin + 20, IDLE))
    assert story.kinds == ["lost", "back"]


def test_outages_soon_after_others_must_last_longer_until_it_has_been_calm() -> None:
    story = Story().tell((0, IDLE))
    told_after = []
    begin = 100.0
    for pause in (60, 60, 60, 60, 1790, 1801, 60):
        before = len(story.events)
        waited = 0.0
        while len(story.events) == before:
            story.tell((begin + waited, GONE))
            waited += 10
        told_after.append(waited - 10)
        story.tell((begin + waited, IDLE))
        begin += waited + pause
    assert told_after == [10, 60, 300, 900, 900, 900, 10]


def test_a_second_outage_is_looked_at_again_when_it_is_to_be_told() -> None:
    story = Story().tell((0, IDLE), (10, GONE), (20, GONE), (30, IDLE), (40, GONE), (90, GONE))
    pause = watch.pause_before_poll(replace(story.state, misses=9), START + 90, busy=1, idle=5)
    assert pause == pytest.approx(10)


def test_timeouts_count_from_the_third_and_the_old_figures_are_stale_meanwhile() -> None:
    story = Story().tell((0, busy(2)), (1, SLOW), (2, SLOW))
    assert (story.shown, story.state.stale) == ("generating", True)
    story.tell((3, SLOW))
    assert (story.shown, story.state.stale) == ("unreachable", False)
    assert story.state.status.jobs.total is None


def test_a_timeout_at_first_contact_is_shown_at_once() -> None:
    assert Story().tell((0, SLOW)).state.status.state is State.UNREACHABLE


def test_a_timeout_within_an_outage_keeps_it_one_outage() -> None:
    story = Story().tell((0, IDLE), (1, GONE), (5, SLOW), (12, SLOW))
    assert story.kinds == ["lost"]


def test_a_server_that_was_never_seen_is_not_lost() -> None:
    assert Story().tell((0, GONE), (60, GONE), (120, IDLE)).events == []


def test_a_refused_key_is_told_as_such() -> None:
    story = Story().tell((0, IDLE), (1, Missed(KeyRefused("No."))), (12, Missed(KeyRefused("No."))))
    assert (story.kinds, story.shown) == (["key_refused"], "key_refused")


def test_no_loss_is_told_within_fifteen_seconds_of_a_wake_up() -> None:
    story = Story().tell((0, IDLE), (100, Woke()), (100, GONE), (112, GONE))
    assert story.events == []
    story.tell((115, GONE))
    assert story.kinds == ["lost"]


def test_a_clock_that_is_set_back_delays_no_event() -> None:
    story = Story().tell((5000, busy(2)), (5001, IDLE), (0, Woke()), (1, IDLE), (2, IDLE))
    assert story.kinds == ["finished"]
    story.tell((5003, busy(2)), (5004, IDLE), (5005, GONE), (6, Woke()), (6, GONE), (21, GONE))
    assert story.kinds == ["finished", "lost"]
    story.tell((6000, IDLE), (6000, CancelBegun(CANCEL)), (6000, ended(Outcome.STOPPED)), (5, Woke()), (20, busy(1)))
    assert story.kinds[2:] == ["back", "finished", "cancel"]


def test_work_that_ended_in_an_outage_says_that_its_end_was_not_seen() -> None:
    story = Story().tell((0, IDLE), (1, busy(2)), (2, GONE), (60, IDLE), (62, IDLE))
    assert [(event.kind, event.jobs) for event in story.events][-1] == (EventKind.FINISHED, None)
    assert "how is not known" in story.events[-1].text


def test_work_that_survives_an_outage_ends_as_usual() -> None:
    story = Story().tell((0, IDLE), (1, busy(2)), (2, GONE), (5, busy(1)), (6, IDLE), (8, IDLE))
    assert [(event.jobs, event.text) for event in story.events] == [(2, "")]


# ----------------------------------------------------------------------------------------------------------- cancels

CANCEL = CancelRequest(everything=True, reason="lunch")


def ended(outcome: Outcome | None, cancelled: int | None = 2) -> CancelEnded:
    return CancelEnded(CancelResult("home", "all", outcome, cancelled, 0, 0, "Stopped 2 jobs."))


def test_cancelling_is_shown_at_once_and_until_the_end() -> None:
    story = Story().tell((0, busy(2)), (1, CancelBegun(CANCEL)))
    assert story.shown == "cancelling"
    story.tell((1.2, IDLE))
    assert story.shown == "cancelling"
    story.tell((2, ended(Outcome.STOPPED)), (2, IDLE))
    assert story.shown == "idle"


def test_a_cancel_is_told_with_outcome_and_reason_and_no_finish_follows() -> None:
    story = Story().tell(
        (0, IDLE), (1, busy(2)), (2, CancelBegun(CANCEL)), (3, IDLE), (3, ended(Outcome.STOPPED)), (5, IDLE), (20, IDLE)
    )
    assert story.kinds == ["cancel"]
    assert (story.events[0].outcome, story.events[0].reason, story.events[0].jobs) == ("stopped", "lunch", 2)


def test_what_goes_on_after_a_cancel_is_finished_later_without_the_cancelled_jobs() -> None:
    story = Story().tell(
        (0, IDLE), (1, busy(4)), (2, CancelBegun(CANCEL)), (3, busy(3)), (3, ended(Outcome.STOPPED, 1)), (20, busy(3)),
        (21, IDLE), (23, IDLE),
    )  # fmt: skip
    assert [(event.kind, event.jobs) for event in story.events] == [(EventKind.CANCEL, 1), (EventKind.FINISHED, 3)]


def test_work_that_comes_back_within_ten_seconds_is_told_once() -> None:
    story = Story().tell(
        (0, busy(1)), (1, CancelBegun(CANCEL)), (2, IDLE), (2, ended(Outcome.STOPPED)), (3, busy(1)), (4, busy(3))
    )
    assert story.kinds == ["cancel", "returned"]
    assert story.events[-1].jobs == 1
    assert "Generate Forever" in story.events[-1].text


def test_work_that_comes_back_is_a_period_of_its_own() -> None:
    story = Story().tell(
        (0, IDLE), (1, busy(9)), (2, CancelBegun(CANCEL)), (3, IDLE), (3, ended(Outcome.STOPPED)),
        (4, busy(1)), (34, IDLE), (36, IDLE),
    )  # fmt: skip
    assert [(event.kind, event.jobs, event.seconds) for event in story.events][-1] == (EventKind.FINISHED, 1, 30.0)


def test_new_work_after_ten_seconds_has_nothing_to_do_with_the_cancel() -> None:
    story = Story().tell(
        (0, busy(1)), (1, CancelBegun(CANCEL)), (2, IDLE), (2, ended(Outcome.STOPPED)), (9, IDLE), (13, busy(1))
    )
    assert story.kinds == ["cancel"]
    assert story.state.aftermath is None


def test_several_new_jobs_are_counted() -> None:
    story = Story().tell((0, busy(1)), (1, CancelBegun(CANCEL)), (2, IDLE), (2, ended(Outcome.ASKED)), (3, busy(3)))
    assert story.events[-1].text.startswith("3 new jobs")


def test_nothing_is_watched_for_when_nothing_was_sent() -> None:
    story = Story().tell((0, IDLE), (1, CancelBegun(CANCEL)), (1, ended(Outcome.NOTHING_RUNNING, 0)), (2, busy(1)))
    assert story.kinds == ["cancel"]


def test_a_dry_run_has_no_outcome() -> None:
    assert Story().tell((0, IDLE), (1, ended(None))).events[0].outcome is None


def test_a_cancel_without_a_connection_does_not_pretend_to_be_under_way() -> None:
    assert Story().tell((0, GONE), (1, CancelBegun(CANCEL))).state.status.state is State.UNREACHABLE


# ------------------------------------------------------------------------------------------------------ the next look


def pause(state: WatchState, when: float, jitter: float = 0.0) -> float:
    return watch.pause_before_poll(state, START + when, busy=1.0, idle=5.0, jitter=jitter)


@pytest.mark.parametrize(
    ("story", "when", "expected"),
    [
        ([(0, IDLE)], 0, 5.0),
        ([(0, busy(1))], 0, 1.0),
        ([(0, Seen(reading(counters(), backends=(backend(status="loading"),))))], 0, 1.0),
        ([(0, IDLE), (1, SLOW)], 1, 1.0),
        ([(0, busy(1)), (10, IDLE)], 10, 1.0),
        ([(0, busy(1)), (10, IDLE), (11.7, IDLE)], 11.7, 0.3),
        ([(0, busy(1)), (1, CancelBegun(CANCEL)), (2, IDLE), (2, ended(Outcome.STOPPED)), (5, IDLE)], 5, 1.0),
    ],
    ids=["idle", "busy", "starting", "one miss", "just quiet", "nearly over", "after a cancel"],
)
def test_pause_follows_what_is_going_on(
    story: Sequence[tuple[float, Observation]], when: float, expected: float
) -> None:
    assert pause(Story().tell(*story).state, when) == pytest.approx(expected)


def test_pause_doubles_up_to_a_minute_while_nothing_answers() -> None:
    state = Story().tell((0, GONE)).state
    pauses = [pause(replace(state, misses=misses), 1000) for misses in range(1, 9)]
    assert pauses == [2, 4, 8, 16, 32, 60, 60, 60]


def test_pause_is_spread_by_jitter() -> None:
    state = replace(Story().tell((0, GONE)).state, misses=4)
    assert (pause(state, 0, -1), pause(state, 0, 1)) == pytest.approx((12.8, 19.2))


def test_pause_ends_when_the_loss_is_due_to_be_told() -> None:
    story = Story().tell((0, IDLE), (1, GONE), (3, GONE), (7, GONE))
    assert pause(story.state, 7) == pytest.approx(4.0)


def test_right_after_a_wake_up_it_is_tried_often_until_the_network_is_back() -> None:
    story = Story().tell((0, IDLE), (1, GONE), (3, GONE), (7, GONE), (12, GONE), (100, Woke()), (100, GONE))
    assert pause(story.state, 100) == pytest.approx(2.0)
    assert pause(story.state, 115) > 20


@pytest.mark.parametrize("error", [KeyRefused("No."), Incompatible("HTML.")])
def test_what_does_not_mend_itself_is_asked_seldom(error: KeyRefused | Incompatible) -> None:
    story = Story().tell((0, IDLE), (1, Missed(error)), (12, Missed(error)))
    assert pause(story.state, 12) >= 30


# ---------------------------------------------------------------------------------------------------------- properties

polls = st.lists(st.one_of(st.integers(0, 5), st.none()), min_size=1, max_size=40)


@given(polls, st.booleans())
def test_any_history_keeps_the_promises(counts: list[int | None], everybody: bool) -> None:
    """None is a missed poll. As many finishes as busy periods at the most, and outages alternate with returns."""
    story = Story(everybody=everybody)
    for number, count in enumerate(counts):
        story.tell((3 * number, GONE if count is None else Seen(reading(counters(count, min(count, 1))))))
        shown = story.state.status
        if count is None:
            assert shown.jobs.total is None
        else:
            assert shown.jobs.total == count
        assert 0 < pause(story.state, 3 * number) <= watch.LONGEST_PAUSE
    periods = sum(bool(now) and not before for before, now in zip([0, *counts], counts, strict=False))
    assert story.kinds.count("finished") <= periods
    outages = [kind for kind in story.kinds if kind in {"lost", "back"}]
    assert outages == ["lost", "back"] * (len(outages) // 2) + ["lost"] * (len(outages) % 2)
