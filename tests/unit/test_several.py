"""Several servers together: the worst first, the others summed up, and no figure that nobody knows."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.build import POWERUSER, backend, counters, reading, rights
from tray_app.core import watch
from tray_app.core.errors import CertificateChanged, Incompatible, KeyRefused, TimedOut, Unreachable
from tray_app.core.events import Event, EventKind
from tray_app.core.model import CancelRequest, State
from tray_app.core.observations import CancelBegun, Missed, Observation, Seen
from tray_app.core.present import tray_view
from tray_app.core.several import Watched, gone_view, rank, recent_of_all, several_view
from tray_app.core.view import EVERY_SERVER, RECENT_ROWS, Entry, SnoozeRows

NOW = 10_000.0

IDLE = Seen(reading(counters()))
BUSY = Seen(reading(counters(4, 1)))
GONE = Missed(Unreachable("No connection.", "Start it."))
BLIND = Seen(reading(backends=None, key=rights("plain", frozenset())))
PARTLY = Seen(reading(comfy={0: 2}, key=rights("power", POWERUSER)))

WORST_FIRST: dict[str, list[Observation]] = {
    "certificate": [Missed(CertificateChanged("It has changed.", "Ask."))],
    "key": [Missed(KeyRefused("The token is refused.", "Enter another."))],
    "incompatible": [Missed(Incompatible("This is no SwarmUI."))],
    "gone": [GONE],
    "backend": [Seen(reading(counters(), backends=(backend(status="errored"),)))],
    "cancelling": [BUSY, CancelBegun(CancelRequest(everything=True))],
    "generating": [BUSY],
    "loading": [Seen(reading(counters(loading=1)))],
    "unknown": [BLIND],
    "idle": [IDLE],
}


def watched(number: int, name: str, *observations: Observation) -> Watched:
    state = watch.begin(name, f"http://{name}")
    for observation in observations:
        state = watch.advance(state, observation, NOW).state
    return state, tray_view(state, (), NOW, lambda _time: "12:31", server=number)


def test_every_state_has_its_rank_and_none_shares_it() -> None:
    servers = [watched(0, name, *each) for name, each in WORST_FIRST.items()]
    assert [rank(state) for state, _ in servers] == list(range(len(WORST_FIRST)))
    assert {state.status.state for state, _ in servers} == set(State)


def test_the_worst_is_on_the_icon_and_named_and_the_others_are_summed_up() -> None:
    shown = several_view([watched(1, "home", BUSY), watched(2, "studio", GONE), watched(3, "lab", IDLE)], ())
    assert (shown.state, shown.foremost) == (State.UNREACHABLE, 2)
    assert shown.head == Entry("studio: Not reachable", enabled=False)
    total = "At least 4 jobs in all (studio cannot tell)"
    assert shown.tooltip == f"Not reachable - studio\n2 others: 1 generating, 1 idle\n{total}"
    assert shown.detail == Entry(f"{total}; 2 others: 1 generating, 1 idle", enabled=False)
    assert shown.lines == ("studio: Not reachable", "2 others: 1 generating, 1 idle", total)
    assert shown.badge == "3+"
    fault = "The settings file has a fault."
    told = several_view([watched(1, "home", IDLE), watched(2, "lab", IDLE)], (), fault=fault)
    assert told.lines[-1] == f"0 jobs in all\n{fault}"


def test_it_offers_nothing_that_would_not_say_whose_it_is() -> None:
    servers = [watched(1, "home", BUSY), watched(2, "lab", IDLE)]
    shown = several_view(servers, (), unseen=3, snooze=SnoozeRows(wake=Entry("Wake up")))
    assert shown.server == EVERY_SERVER
    assert [each.text for each in (shown.cancel_all, shown.cancel_current, shown.open_web, shown.people.title)] == [
        "",
        "",
        "",
        "",
    ]
    assert shown.servers == tuple(view for _, view in servers)
    assert [each.server for each in shown.servers] == [1, 2]
    assert shown.head.text == "home: Generating, 1 running, 3 queued (3 missed)"
    assert shown.snooze.wake.text == "Wake up"


def test_of_two_equally_bad_ones_the_users_first_is_named() -> None:
    two = [watched(1, "home", GONE), watched(2, "studio", GONE)]
    assert several_view(two, ()).head.text == "home: Not reachable"
    assert several_view(two[::-1], ()).head.text == "studio: Not reachable"
    assert several_view(two, ()).lines[1] == "1 other: 1 not reachable"


STALE: list[Observation] = [BUSY, Missed(TimedOut("Slow."))]


@pytest.mark.parametrize(
    ("observations", "words", "badge"),
    [
        ([[IDLE], [IDLE]], "0 jobs in all", ""),
        ([[BUSY], [IDLE]], "4 jobs in all", "3"),
        ([[BUSY], [BUSY]], "8 jobs in all", "6"),
        ([[BUSY], [BUSY], [BUSY], [BUSY]], "16 jobs in all", "9+"),
        ([[BUSY], [PARTLY]], "At least 6 jobs in all (n1 cannot tell)", "3+"),
        ([[BUSY], [BLIND], [GONE]], "At least 4 jobs in all (2 servers cannot tell)", "3+"),
        ([[IDLE], [GONE]], "How many jobs in all is not known (n1 cannot tell)", ""),
        ([[BUSY], STALE], "At least 4 jobs in all (n1 cannot tell)", "3+"),
        ([STALE, STALE], "How many jobs in all is not known (2 servers cannot tell)", ""),
        ([[BUSY], []], "At least 4 jobs in all (n1 cannot tell)", "3+"),
    ],
)
def test_a_sum_is_only_given_as_far_as_it_is_known(
    observations: list[list[Observation]], words: str, badge: str
) -> None:
    shown = several_view([watched(place, f"n{place}", *each) for place, each in enumerate(observations)], ())
    assert (shown.lines[2], shown.badge) == (words, badge)


def test_figures_of_the_past_dim_the_icon_if_they_are_of_the_server_it_is_about() -> None:
    assert several_view([watched(1, "home", *STALE), watched(2, "lab", IDLE)], ()).stale
    assert not several_view([watched(1, "home", *STALE), watched(2, "lab", GONE)], ()).stale


def event(name: str, time: float) -> Event:
    return Event(EventKind.LOST, name, time, text=f"At {time:g}.")


def test_events_of_all_servers_are_newest_first_and_say_where() -> None:
    home, lab = (watched(number, name, IDLE)[0].status for number, name in ((1, "home"), (2, "lab")))
    missed = event("lab", 2)
    rows = recent_of_all([(home, [event("home", 3), event("home", 1)]), (lab, [missed])], str, {missed})
    assert [each.text for each in rows] == [
        "3  home: SwarmUI cannot be reached: At 3.",
        "2  lab: Missed: SwarmUI cannot be reached: At 2.",
        "1  home: SwarmUI cannot be reached: At 1.",
    ]
    assert [each.target for each in rows] == ["http://home", "http://lab", "http://home"]
    many = recent_of_all([(home, [event("home", number) for number in range(30)])], str)
    assert (len(many), many[0].text[:2]) == (RECENT_ROWS, "29")


def units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


@given(
    st.lists(st.tuples(st.text(max_size=80), st.sampled_from(sorted(WORST_FIRST))), min_size=2, max_size=50),
)
def test_any_number_of_servers_with_any_names_fits_and_the_worst_comes_first(given_: list[tuple[str, str]]) -> None:
    servers = [watched(number, name, *WORST_FIRST[kind]) for number, (name, kind) in enumerate(given_)]
    shown = several_view(servers, ())
    assert units(shown.tooltip) <= 127
    assert all(len(each.text) <= 90 for each in (shown.head, shown.detail))
    worst = min((state for state, _ in servers), key=rank)
    assert shown.state is worst.status.state
    assert shown.tooltip.startswith(next(view.lines[0] for state, view in servers if state is worst)[:20])


def test_a_long_name_leaves_room_for_the_others_and_many_others_for_it() -> None:
    long = several_view([watched(1, "n" * 200, GONE), watched(2, "lab", IDLE), watched(3, "den", BUSY)], ())
    first, others, total = long.tooltip.split("\n")
    assert first.startswith("Not reachable - nnn")
    assert (first[-1], others) == ("…", "2 others: 1 generating, 1 idle")
    assert total == f"At least 4 jobs in all ({'n' * 15}… cannot tell)"
    everything = [watched(n, name, *each) for n, (name, each) in enumerate(WORST_FIRST.items())]
    assert several_view(everything, ()).tooltip == (
        "The certificate has changed - certificate\nAt least 8 jobs in all (5 servers cannot tell)"
    )


def test_of_a_server_that_is_gone_nothing_can_be_asked() -> None:
    _, view = watched(3, "lab", BUSY)
    gone = gone_view(view)
    assert gone.lines == ("lab: no longer in the settings", "Choose another server above.")
    assert (gone.server, gone.state, gone.badge) == (3, State.UNKNOWN, "")
    assert not any(each.enabled for each in (gone.cancel_current, gone.cancel_all, gone.open_web, gone.retry))
    assert gone_view(gone) == gone
