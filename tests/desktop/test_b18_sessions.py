"""B18: sessions and keys. One GetNewSession for each time that a session is lost, pauses that grow, the right word.

A session costs the server a line of its log, a row of its database and memory for as long as it runs.
"""

from collections.abc import Callable

import pytest

from tests.bench.stage import settle
from tests.desktop.rig.desktop import Desktop
from tests.desktop.rig.program import TrayProcess, configure
from tests.desktop.rig.tray_host import TrayHostDouble
from tests.desktop.rig.tray_item import TrayItem
from tests.desktop.rig.waiting import until
from tray_app.adapters.swarm.gateway import SwarmServer
from tray_app.adapters.swarm.session_stores import MemorySessions
from tray_app.core.address import parse_address
from tray_app.core.credentials import Credentials
from tray_app.simulator.clock import ManualClock
from tray_app.simulator.server import SimulatedSwarmUI
from tray_app.watcher import Connect, Pace, PollNow, Watcher

LONG = [pytest.mark.slow, pytest.mark.timeout(180)]
INVALID = b'{"error_id": "invalid_session_id", "error": "Invalid session ID."}'

Start = Callable[..., TrayItem]


@pytest.fixture
def start(desktop: Desktop, host: TrayHostDouble) -> Start:
    """Starts a tray that looks often; its icon."""

    def start(server: SimulatedSwarmUI, token: str = "") -> TrayItem:
        configure(desktop, server.url, polling__busy=0.2, polling__idle=0.5)
        TrayProcess(desktop, env={"SWARMUI_TOKEN": token} if token else None)
        return host.wait_for_item()

    return start


def made(server: SimulatedSwarmUI) -> int:
    """How many sessions were asked for."""
    return sum(each.route == "GetNewSession" for each in server.requests)


def polled(server: SimulatedSwarmUI, times: int = 3) -> None:
    """Let the tray look a few times more."""
    asked = len(server.requests)
    server.wait_until(lambda: len(server.requests) >= asked + times)


def test_b18_a_session_outlives_restarts_and_is_made_anew_once_when_it_is_lost(
    server: SimulatedSwarmUI, start: Start
) -> None:
    item = start(server)
    until("it says idle", lambda: item.tooltip.startswith("Idle"))
    polled(server)
    for _ in range(2):
        server.restart(abrupt=True)
        polled(server)
    assert made(server) == 1
    for lost in (1, 2):
        server.drop_sessions()
        polled(server)
        assert made(server) == 1 + lost
    until("it says idle", lambda: item.tooltip.startswith("Idle"))


@pytest.mark.parametrize(("seconds", "most"), [(3, 1), pytest.param(60, 3, marks=LONG)])
def test_b18_a_server_that_knows_no_session_is_asked_seldom(
    server: SimulatedSwarmUI, start: Start, seconds: float, most: int
) -> None:
    item = start(server)
    until("it says idle", lambda: item.tooltip.startswith("Idle"))
    before = made(server)
    server.answer_with("GetGlobalStatus", INVALID, 401)
    server.answer_with("GetCurrentStatus", INVALID, 401)
    until("it says what is wrong", lambda: item.tooltip.startswith("No SwarmUI"))
    settle(seconds)
    assert 1 <= made(server) - before <= most
    server.answer_truly()
    item.menu.click("Try again now")
    until("it says idle", lambda: item.tooltip.startswith("Idle"))
    assert made(server) - before <= most + 1


def test_b18_a_refused_key_is_no_outage_and_is_not_sent_again_and_again(start: Start) -> None:
    with SimulatedSwarmUI(accounts=True) as server:
        item = start(server, "no.such.token")
        until("it says so", lambda: "key" in item.tooltip.lower() and not item.tooltip.startswith("Connecting"))
        assert "not reachable" not in item.tooltip.lower()
        settle(2)
        assert made(server) == 1


def test_b18_a_right_that_is_taken_away_is_asked_for_once(start: Start) -> None:
    with SimulatedSwarmUI(accounts=True) as server:
        item = start(server, server.add_user("ann", "admin"))
        until("it says idle", lambda: item.tooltip.startswith("Idle"))
        server.add_user("ann", "user")
        polled(server, 4)
        until("it says that it cannot know", lambda: item.tooltip.startswith("What runs is not known"))
        refusals = len(server.log("Error"))
        polled(server, 4)
        assert len(server.log("Error")) == refusals
        assert made(server) == 1


def test_b18_twenty_four_hours_are_one_session() -> None:
    """By the clocks of the server and of the watcher, which are moved; the process itself cannot be made to wait."""
    clock = ManualClock()
    with SimulatedSwarmUI(clock=clock) as server:
        watcher = Watcher("home", server.url, lambda _: None, pace=Pace(), clock=clock.now)
        gateway = SwarmServer(parse_address(server.url), credentials=Credentials(), sessions=MemorySessions())
        watcher.start()
        watcher.submit(Connect(gateway))
        server.wait_until(lambda: bool(server.requests))
        for _ in range(24 * 6):
            asked = len(server.requests)
            clock.advance(600)
            watcher.submit(PollNow())
            server.wait_until(lambda asked=asked: len(server.requests) > asked)  # type: ignore[misc]
        watcher.stop(5)
        assert made(server) == 1
