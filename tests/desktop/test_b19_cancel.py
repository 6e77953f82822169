"""B19: a cancel that hits the wrong thing, or that lies about what it did. Clicked in the menu of the real program."""

from collections.abc import Callable

import pytest

from tests.desktop.rig.desktop import Desktop
from tests.desktop.rig.notification_double import NotificationDouble
from tests.desktop.rig.program import TrayProcess, configure
from tests.desktop.rig.tray_host import TrayHostDouble
from tests.desktop.rig.tray_item import TrayItem
from tests.desktop.rig.waiting import until
from tray_app.simulator.server import SimulatedSwarmUI

LONG = [pytest.mark.slow, pytest.mark.timeout(180)]

Start = Callable[..., TrayItem]


@pytest.fixture
def daemon(desktop: Desktop) -> NotificationDouble:
    return NotificationDouble(desktop.bus)


@pytest.fixture
def start(desktop: Desktop, host: TrayHostDouble) -> Start:
    """Starts a tray; its icon."""

    def start(server: SimulatedSwarmUI, token: str = "", *, busy: float = 0.2) -> TrayItem:
        configure(desktop, server.url, polling__busy=busy, polling__idle=0.5)
        TrayProcess(desktop, env={"SWARMUI_TOKEN": token} if token else None)
        item = host.wait_for_item()
        until("it has looked", lambda: not item.tooltip.startswith("Connecting"))
        return item

    return start


def generating(item: TrayItem, figures: str = "") -> None:
    until("it says generating", lambda: item.tooltip.startswith(f"Generating{figures}"))


def interrupts(server: SimulatedSwarmUI) -> list[str]:
    """What was sent that stops work."""
    return [each.route for each in server.requests if "nterrupt" in each.route]


def test_b19_what_ended_before_the_click_is_told_and_nothing_is_sent(
    server: SimulatedSwarmUI, daemon: NotificationDouble, start: Start
) -> None:
    session = server.new_session()
    work = server.generate(images=1, seconds=600, steps=6000, session=session)
    item = start(server, busy=60)  # it will not see the end by itself
    generating(item)
    row = item.menu.find("Cancel current job").id
    server.world.interrupt([server.world.sessions.find(session)])  # type: ignore[list-item]
    work.wait(10)
    server.wait_until(lambda: server.comfy_queue() == ([], []))
    item.menu.click_id(row)
    told = daemon.calls.wait("the end of the cancel is told")
    assert told.summary.startswith("Nothing to cancel")
    assert interrupts(server) == []


def test_b19_what_ended_between_the_look_and_the_call_does_not_stop_what_came_next(
    server: SimulatedSwarmUI, daemon: NotificationDouble, start: Start
) -> None:
    first, second = server.new_session(), server.new_session()
    server.generate(images=1, seconds=600, steps=6000, session=first)
    server.wait_until(lambda: len(server.comfy_queue()[0]) == 1)
    [meant] = server.comfy_queue()[0]
    following = server.generate(images=1, seconds=600, session=second)
    item = start(server, busy=60)
    generating(item)
    server.slow(0.4)
    item.menu.click("Cancel current job")
    server.wait_until(lambda: any(each.route == "queue" and each.status for each in server.requests))
    server.world.interrupt([server.world.sessions.find(first)])  # type: ignore[list-item]
    daemon.calls.wait("the end of the cancel is told")
    [sent] = [each for each in server.requests if each.route == "interrupt"]
    assert sent.body == {"prompt_id": meant}
    assert not following.done
    assert len(server.comfy_queue()[0]) == 1


@pytest.mark.parametrize("seconds", [2, pytest.param(60, marks=LONG)])
def test_b19_work_that_stops_late_is_being_cancelled_until_then_and_a_second_click_does_nothing(
    server: SimulatedSwarmUI, daemon: NotificationDouble, start: Start, seconds: float
) -> None:
    item = start(server)
    server.generate(images=3, seconds=600, steps=2000)
    generating(item)
    server.hang()
    row = item.menu.find("Cancel all")
    assert "everybody's on this server" in row.text
    item.menu.click_id(row.id)
    item.menu.click_id(row.id)
    until("it says cancelling", lambda: item.tooltip.startswith("Cancelling"))
    assert not item.menu.find("Cancel all").enabled
    told = daemon.calls.quiet(lambda _: True, seconds)
    if seconds > 30:
        assert [each.summary for each in told] == ["Not stopped yet (home)"]
    else:
        assert told == []
        assert item.tooltip.startswith("Cancelling")
    assert interrupts(server) == ["InterruptAll"]
    server.hang(hanging=False)
    if seconds < 30:
        daemon.calls.wait("the end is told", lambda each: each.summary.startswith("Cancelled"))
    until("it says idle", lambda: item.tooltip.startswith("Idle"))


def test_b19_a_server_that_fails_is_named_and_nothing_is_claimed(
    server: SimulatedSwarmUI, daemon: NotificationDouble, start: Start
) -> None:
    item = start(server)
    server.generate(images=2, seconds=600, steps=2000)
    generating(item)
    server.answer_with("InterruptAll", b"Internal Server Error", 500, "text/plain")
    item.menu.click("Cancel all")
    told = daemon.calls.wait("the end of the cancel is told")
    assert not told.summary.startswith("Cancelled")
    assert "500" in told.body
    generating(item)
    assert len(server.comfy_queue()[0]) == 1


def test_b19_the_label_names_whose_work_ends_and_that_alone_does(daemon: NotificationDouble, start: Start) -> None:
    with SimulatedSwarmUI(accounts=True) as server:
        server.add_user("bert", "user")
        item = start(server, server.add_user("ann", "admin"))
        theirs = server.generate("bert", images=2, seconds=600, steps=2000)
        ours = server.generate("ann", images=2, seconds=600, steps=2000)
        until("it knows whose it is", lambda: item.menu.find("Cancel all").text == "Cancel all: your 2 jobs (ann)")
        item.menu.click("Cancel all")
        ours.wait(10)
        daemon.calls.wait("the end of the cancel is told", seconds=15)
        assert not theirs.done
        assert interrupts(server) == ["InterruptAll"]


def test_b19_a_missing_permission_is_named_in_the_menu(start: Start) -> None:
    with SimulatedSwarmUI(accounts=True) as server:
        item = start(server, server.add_user("ann", "guest"))
        until("it knows what it may", lambda: "permission" in item.menu.find("Cancel all").text)
        for row in ("Cancel all", "Cancel current job"):
            entry = item.menu.find(row)
            assert not entry.enabled
            assert "permission" in entry.text
            item.menu.click_id(entry.id)
        assert interrupts(server) == []
