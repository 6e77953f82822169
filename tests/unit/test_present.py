"""What the tray says, state by state."""

from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.unit.build import POWERUSER, backend, counters, reading, rights
from tray_app.core import watch
from tray_app.core.errors import CertificateChanged, Incompatible, KeyRefused, TimedOut, Unreachable
from tray_app.core.events import Event, EventKind
from tray_app.core.model import CancelRequest, Jobs, Reading, State
from tray_app.core.observations import CancelBegun, Missed, Observation, Seen
from tray_app.core.offers import confirmation
from tray_app.core.present import headline_of, tray_view
from tray_app.core.view import RECENT_ROWS, Entry, TrayView
from tray_app.core.watch import WatchState

NOW = 10_000.0


def after(*observations: Observation, name: str = "home") -> WatchState:
    state = watch.begin(name, "http://x")
    for observation in observations:
        state = watch.advance(state, observation, NOW).state
    return state


def view(state: WatchState, *recent: Event, now: float = NOW, demo: bool = False) -> TrayView:
    return tray_view(state, recent, now, lambda _time: "12:31", demo=demo)


def seen(given_reading: Reading) -> TrayView:
    return view(after(Seen(given_reading)))


HEADS = [
    ("Idle", reading(counters())),
    ("Generating, 1 running, 3 queued", reading(counters(4, 2))),
    ("Generating, 4 jobs", reading(counters(4, 2), backends=None)),
    ("Generating, at least 2 jobs", reading(comfy={0: 2}, key=rights("power", POWERUSER))),
    ("Loading a model, 1 job waiting", reading(counters(1, 0, loading=1))),
    ("Loading a model", reading(counters(loading=1))),
    ("Backends are starting", reading(counters(), backends=(backend(status="loading"),))),
    ("The backend “gpu 0” has failed", reading(counters(), backends=(backend(status="errored"),))),
    ("What runs is not known", reading(backends=None, key=rights("plain", frozenset()))),
]


@pytest.mark.parametrize(("head", "given_reading"), HEADS, ids=[each[0] for each in HEADS])
def test_head_line_is_the_most_important_fact(head: str, given_reading: Reading) -> None:
    shown = seen(given_reading)
    assert shown.head == Entry(f"home: {head}", enabled=False)
    assert shown.tooltip.startswith(f"{head} - home")
    assert shown.lines[0] == head


@pytest.mark.parametrize(
    ("observation", "head"),
    [
        (Missed(Unreachable("No connection.", "Start it.")), "Not reachable"),
        (Missed(CertificateChanged("It has changed.", "Ask.")), "The certificate has changed"),
        (Missed(KeyRefused("The account token is refused.", "Enter another.")), "Key missing or refused"),
        (Missed(Incompatible("This is no SwarmUI.")), "No SwarmUI that can be read"),
    ],
)
def test_failed_reading_says_what_is_wrong(observation: Missed, head: str) -> None:
    shown = view(after(observation))
    assert shown.lines[0] == head
    assert shown.retry == Entry("Try again now")
    assert shown.cancel_all == Entry("Cancel all (not connected)", enabled=False)


def test_unreachable_says_since_when_and_what_to_do() -> None:
    state = after(Missed(Unreachable("No connection.", "Start it.")))
    assert headline_of(state, NOW + 720) == "Not reachable for 12 min"
    assert view(state).lines == ("Not reachable", "No connection.", "Start it.", "home: http://x")


def test_before_the_first_answer_it_connects() -> None:
    shown = view(watch.begin("home", "http://x"))
    assert (shown.lines[0], shown.state) == ("Connecting…", State.UNKNOWN)
    assert not shown.cancel_current.enabled


def test_generating_without_any_figure_says_so() -> None:
    state = after(Seen(reading(counters(1, 1))))
    odd = replace(state, status=replace(state.status, jobs=Jobs()))
    assert headline_of(odd, NOW) == "Generating, how much is not known"


def test_bare_statuses_have_words_too() -> None:
    state = after(Seen(reading(counters())))
    for kind, text in (
        (State.BACKEND_PROBLEM, "Nothing can be generated"),
        (State.KEY_REFUSED, "Key missing or refused"),
    ):
        assert headline_of(replace(state, status=replace(state.status, state=kind)), NOW) == text


def test_a_blind_key_says_what_it_lacks() -> None:
    shown = seen(reading(backends=None, key=rights("plain", frozenset())))
    assert shown.detail.text.startswith("This key may not see how many jobs the server has.")
    assert any("read_server_info_panels" in line for line in shown.lines)
    assert shown.badge == ""


@pytest.mark.parametrize(("waiting", "badge"), [(1, ""), (2, "1"), (10, "9"), (11, "9+")])
def test_badge_counts_what_is_queued(waiting: int, badge: str) -> None:
    assert seen(reading(counters(waiting, 1))).badge == badge


def test_badge_is_empty_when_queued_is_not_known() -> None:
    assert seen(reading(comfy={0: 5}, key=rights("power", POWERUSER))).badge == ""


def test_stale_figures_say_their_age() -> None:
    shown = view(after(Seen(reading(counters(2, 1))), Missed(TimedOut("Slow."))), now=NOW + 8)
    assert shown.stale
    assert shown.detail.text == "No answer just now; this is 8 s old"


def users(mine: int, others: int) -> Reading:
    key = rights("ann", POWERUSER | {"read_server_info_panels"})
    listed = {"ann": counters(mine, min(1, mine)), "bob": counters(others, min(1, others))}
    return reading(counters(mine + others, 1), users=listed, key=key)


def test_cancel_all_says_whose_work_and_how_many_jobs() -> None:
    assert seen(reading(counters(4, 1))).cancel_all == Entry("Cancel all: 4 jobs, everybody's on this server")
    assert seen(users(2, 3)).cancel_all == Entry("Cancel all: your 2 jobs (ann)")
    assert seen(users(0, 3)).cancel_all == Entry("Cancel all (nothing of yours runs)", enabled=False)
    plain = reading(backends=None, key=rights("plain", frozenset({"basic_image_generation"})))
    assert seen(plain).cancel_all == Entry("Cancel all: your work (plain)")
    local = reading(comfy={0: 1}, key=rights("local", POWERUSER))
    assert seen(local).cancel_all == Entry("Cancel all: work, everybody's on this server")
    mixed = reading(counters(3, 1), users={"local": counters(1, 1), "ann": counters(2)})
    assert seen(mixed).cancel_all == Entry("Cancel all: 1 job of the user local")
    anonymous = after(Seen(plain))
    nobody = replace(anonymous, status=replace(anonymous.status, user=None))
    assert view(nobody).cancel_all == Entry("Cancel all: your work")


def test_shared_server_says_what_is_yours() -> None:
    assert seen(users(2, 3)).detail.text == "Yours: 2 of 5 jobs"
    assert "bob: 3 jobs" in seen(users(2, 3)).lines


def test_cancel_current_says_what_it_may_take_along_or_why_it_cannot() -> None:
    assert seen(reading(counters(1, 1))).cancel_current == Entry("Cancel current job (may end the rest of its request)")
    for given_reading, reason in (
        (reading(counters()), "nothing runs"),
        (reading(counters(2)), "no job runs yet"),
        (reading(counters(1, 0, loading=1)), "a model is loading"),
        (reading(counters(), backends=(backend(), backend(1, status="loading"))), "nothing runs"),
        (
            reading(comfy={0: 0}, backends=(backend(), backend(1, status="loading")), key=rights("p", POWERUSER)),
            "backends are starting",
        ),
        (reading(counters(1, 1), key=rights("ann", frozenset())), "needs the permission comfy_direct_calls"),
    ):
        assert seen(given_reading).cancel_current == Entry(f"Cancel current job ({reason})", enabled=False)


def test_while_cancelling_nothing_can_be_clicked_twice() -> None:
    shown = view(after(Seen(reading(counters(1, 1))), CancelBegun(CancelRequest(everything=True))))
    assert shown.lines[0] == "Cancelling…"
    assert (shown.cancel_current.enabled, shown.cancel_all.enabled) == (False, False)


def test_missed_events_are_marked_and_counted() -> None:
    told, missed = (Event(EventKind.LOST, "home", NOW, text=text) for text in ("Told.", "Missed."))
    shown = tray_view(after(), (told, missed), NOW, lambda _time: "12:31", missed={missed}, unseen=2)
    assert [each.text for each in shown.recent] == [
        "12:31  SwarmUI cannot be reached: Told.",
        "12:31  Missed: SwarmUI cannot be reached: Missed.",
    ]
    assert shown.head.text == "home: Connecting… (2 missed)"
    assert "missed" not in shown.tooltip


def test_however_long_the_name_the_number_of_missed_is_seen() -> None:
    head = tray_view(after(name="n" * 200), (), NOW, str, unseen=12).head.text
    assert head.endswith("… (12 missed)")
    assert len(head) == 90


def test_recent_events_are_bounded_timed_and_clickable() -> None:
    events = [Event(EventKind.LOST, "home", NOW, text=f"Number {number}.") for number in range(30)]
    shown = view(after(Seen(reading(counters()))), *events)
    assert len(shown.recent) == RECENT_ROWS
    assert shown.recent[0].text == "12:31  SwarmUI cannot be reached: Number 0."
    assert shown.recent[0].target == "http://x"


def test_demo_says_everywhere_that_it_is_one() -> None:
    shown = view(after(Seen(reading(counters()))), demo=True)
    assert shown.head.text == "home (demo): Idle"
    assert shown.tooltip == "Idle - home (demo)"
    assert view(after(Seen(reading(counters())), name="demo"), demo=True).head.text == "demo: Idle"


def test_window_lists_backends_with_their_model() -> None:
    first = replace(backend(0), model="sd_xl_base_1.0")
    lines = seen(reading(counters(), backends=(first, backend(1, enabled=False)))).lines
    assert "Backend gpu 0: running, sd_xl_base_1.0" in lines
    assert "Backend gpu 1: disabled" in lines


@given(st.text(max_size=300), st.text(max_size=300))
@example("\N{PARTY POPPER}" * 200, "x" * 300)
def test_any_text_fits_tooltip_and_menu(name: str, cause: str) -> None:
    """Windows cuts a tooltip at 127 UTF-16 units; more must never be handed over."""
    state = after(Seen(reading(counters(2, 1))), name=name)
    state = replace(state, status=replace(state.status, problem=None))
    shown = view(state, Event(EventKind.FAILED, name, NOW, text=cause))
    assert len(shown.tooltip.encode("utf-16-le", "surrogatepass")) // 2 <= 127
    assert all(len(text) <= 90 for text in (shown.head.text, shown.detail.text, shown.recent[0].text))
    assert "\n" not in shown.head.text + shown.recent[0].text


def test_the_icon_shows_state_badge_and_tooltip_of_its_view() -> None:
    shown = tray_view(after(Seen(reading(counters(4, 1)))), (), NOW, str)
    assert shown.face == (State.GENERATING, "3", False, shown.tooltip)


def test_a_note_stands_where_the_second_fact_would() -> None:
    shown = tray_view(after(Seen(reading(counters()))), (), NOW, str, note="The keyring is locked.")
    assert shown.detail.text == "The keyring is locked."
    assert shown.lines[1] == "The keyring is locked."


def test_a_fault_of_no_server_stands_behind_what_is_to_be_said_of_this_one() -> None:
    state, fault = after(Seen(reading(counters()))), "The settings file has a fault."
    alone = tray_view(state, (), NOW, str, fault=fault)
    assert (alone.detail.text, alone.lines[1], alone.lines.count(fault)) == (fault, fault, 1)
    behind = tray_view(state, (), NOW, str, note="The keyring is locked.", fault=fault)
    assert (behind.detail.text, behind.lines[-1]) == ("The keyring is locked.", fault)


@pytest.mark.parametrize(("minutes", "asked"), [(None, False), (10, False), (5, True), (1, True)])
def test_long_work_is_cancelled_only_after_a_question_if_the_user_wants_one(minutes: int | None, asked: bool) -> None:
    state = after(Seen(reading(counters())), Seen(reading(counters(3, 1))))
    question = confirmation(state, minutes, NOW + 300)
    assert (question is not None) is asked
    if question is not None:
        assert question.text == (
            "The work on home has run for 5 min. Cancel all means: 3 jobs, everybody's on this server."
        )
        assert question.choices == (("Cancel all", CancelRequest(everything=True)),)


def test_work_of_unknown_length_is_asked_about_and_no_work_is_not() -> None:
    question = confirmation(after(Seen(reading(counters(1, 1)))), 60, NOW)
    assert question is not None
    assert "ran before this program started" in question.text
    assert confirmation(after(Seen(reading(counters()))), 1, NOW) is None
