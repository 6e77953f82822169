"""B17: sleep and waking. The tray is connected again soon, and tells nothing that only the sleep has made.

Sleep is played: by SIGSTOP, which leaves the gap in the wall clock; by logind's signal; by connections that carry
nothing any more. A real suspend, in which the monotonic clock stands still too, is unverified.
"""

import signal
import sys
import time
from collections.abc import Iterator

import pytest
from dbus_fast import Variant

from tests.bench.stage import settle
from tests.desktop.rig.desktop import ROOT, Desktop
from tests.desktop.rig.logind import LOGIN1, Logind
from tests.desktop.rig.network import Network
from tests.desktop.rig.notification_double import NotificationDouble
from tests.desktop.rig.process import Process
from tests.desktop.rig.program import TrayProcess, command, configure
from tests.desktop.rig.tray_host import TrayHostDouble
from tests.desktop.rig.waiting import until
from tray_app.adapters.state_file import StateFile
from tray_app.core.snooze import Snooze
from tray_app.simulator.server import SimulatedSwarmUI

LONG = [pytest.mark.slow, pytest.mark.timeout(300)]
RECONNECTED = 3.0
"""Seconds after the network."""


@pytest.fixture
def network(server: SimulatedSwarmUI) -> Iterator[Network]:
    """What lies between the tray and the server."""
    network = Network(server.url)
    yield network
    network.end()


def sleep_for(tray: TrayProcess, seconds: float) -> None:
    """Hold the process for so long."""
    tray.send(signal.SIGSTOP)
    settle(seconds)
    tray.send(signal.SIGCONT)


# An outage is told after 10 s; the nap is longer, so it would be told at once after it.
@pytest.mark.parametrize(("asleep", "without"), [(10.5, 1.0), pytest.param(90, 13, marks=LONG)])
def test_b17_an_outage_is_not_told_right_after_waking(
    desktop: Desktop, server: SimulatedSwarmUI, host: TrayHostDouble, asleep: float, without: float
) -> None:
    daemon = NotificationDouble(desktop.bus)
    configure(desktop, server.url, polling__idle=0.5)
    tray = TrayProcess(desktop)
    item = host.wait_for_item()
    until("it says idle", lambda: item.tooltip.startswith("Idle"))
    server.stop(abrupt=True)
    until("it says so", lambda: item.tooltip.startswith("Not reachable"))

    sleep_for(tray, asleep)
    assert daemon.calls.quiet(lambda _: True, without) == []
    server.start()
    until("it is connected again", lambda: item.tooltip.startswith("Idle"), RECONNECTED + 1.05)  # the icon's own pace
    assert daemon.calls.quiet(lambda _: True, 0.5) == []


@pytest.mark.parametrize("asleep", [6.5, pytest.param(90, marks=LONG)])
def test_b17_polls_that_are_overdue_are_made_once_and_a_snooze_has_ended(
    desktop: Desktop, server: SimulatedSwarmUI, host: TrayHostDouble, network: Network, asleep: float
) -> None:
    daemon = NotificationDouble(desktop.bus)
    configure(desktop, network.url, polling__idle=0.5)
    ending = Snooze(until_unix=time.time() + asleep)
    StateFile(desktop.home / ".local/state/swarmui-tray/state.json").keep_snooze(lambda: ending)
    tray = TrayProcess(desktop)
    item = host.wait_for_item()
    until("it says idle", lambda: item.tooltip.startswith("Idle"))
    assert item.menu.find("Snooze notifications").text.startswith("Snooze notifications (until ")

    asked = len(server.requests)
    tray.send(signal.SIGSTOP)
    network.cut()
    settle(asleep)
    before = len(server.requests)
    assert before - asked <= 1
    tray.send(signal.SIGCONT)
    server.wait_until(lambda: len(server.requests) > before, RECONNECTED)
    settle(1)
    assert len(server.requests) - before <= 4
    item.menu.open()
    until("the snooze is over", lambda: item.menu.find("Snooze notifications").text == "Snooze notifications")
    assert item.tooltip.startswith("Idle")
    assert daemon.calls.since(0) == []


def test_b17_a_request_that_was_under_way_is_not_waited_for(
    desktop: Desktop, server: SimulatedSwarmUI, host: TrayHostDouble, network: Network
) -> None:
    configure(desktop, network.url, polling__idle=0.5)
    tray = TrayProcess(desktop)
    item = host.wait_for_item()
    until("it says idle", lambda: item.tooltip.startswith("Idle"))
    server.slow(1.0)
    asked = len(server.requests)
    server.wait_until(lambda: len(server.requests) > asked)
    tray.send(signal.SIGSTOP)
    network.cut()
    server.slow(0.0)
    settle(6.5)
    asked = len(server.requests)
    tray.send(signal.SIGCONT)
    server.wait_until(lambda: len(server.requests) > asked, RECONNECTED)
    assert item.tooltip.startswith("Idle")


def test_b17_a_cancel_that_was_under_way_is_not_sent_again(
    desktop: Desktop, server: SimulatedSwarmUI, network: Network
) -> None:
    """What runs when the computer wakes up may be somebody's next work."""
    server.generate(images=2, seconds=60)
    server.wait_until(lambda: server.counters().live_gens > 0)

    def cancels() -> int:
        return sum(each.route == "InterruptAll" for each in server.requests)

    server.slow(1.0)
    cancel = Process(
        command("cancel", "--all", "--url", network.url), desktop.env, desktop.logs / "cancel.log", cwd=ROOT
    )
    desktop.ending.callback(cancel.end)
    server.wait_until(lambda: cancels() == 1)
    cancel.send(signal.SIGSTOP)
    network.cut()
    server.slow(0.0)
    settle(6.5)
    cancel.send(signal.SIGCONT)
    assert cancel.wait(10) != 0
    assert "slept" in cancel.output
    assert cancels() == 1


def test_b17_after_loginds_word_it_looks_at_once_over_a_new_connection(
    desktop: Desktop, server: SimulatedSwarmUI, host: TrayHostDouble, network: Network
) -> None:
    logind = Logind(desktop)
    configure(desktop, network.url, polling__idle=600)
    TrayProcess(desktop)
    item = host.wait_for_item()
    until("it says idle", lambda: item.tooltip.startswith("Idle"))
    asked = len(server.requests)
    for night in (1, 2):
        logind.fall_asleep()
        network.cut()
        logind.wake_up()
        server.wait_until(lambda night=night: len(server.requests) >= asked + night, RECONNECTED)  # type: ignore[misc]
    settle(0.5)
    assert len(server.requests) == asked + 2


# Says what it hears; a line on the session's own bus is none of its business.
LISTENER = """
from PySide6.QtCore import QCoreApplication
from tray_app.ui.sleep import SleepSignals
application = QCoreApplication([])
signals = SleepSignals()
signals.falling_asleep.connect(lambda: print("asleep", flush=True))
signals.woke.connect(lambda: print("woke", flush=True))
print("listens" if signals.start() else "no bus", flush=True)
application.exec()
"""


@pytest.fixture
def sleeping_desktop(bare_desktop: Desktop) -> tuple[Desktop, Logind]:
    return bare_desktop, Logind(bare_desktop)


def listen(desktop: Desktop, expected: str) -> Process:
    process = Process([sys.executable, "-c", LISTENER], desktop.env, desktop.logs / "listener.log", cwd=ROOT)
    desktop.ending.callback(process.end)
    until("the listener is ready", lambda: expected in process.output)
    return process


def test_b17_sleep_and_waking_are_told_once_each(sleeping_desktop: tuple[Desktop, Logind]) -> None:
    desktop, logind = sleeping_desktop
    process = listen(desktop, "listens")
    for _ in range(2):
        logind.fall_asleep()
        logind.fall_asleep()
        logind.wake_up()
        logind.wake_up()
    until("it woke twice", lambda: process.output.count("woke") >= 2)
    assert process.output.split() == ["listens", "asleep", "woke", "asleep", "woke"]


def test_b17_nobody_but_logind_is_believed(sleeping_desktop: tuple[Desktop, Logind]) -> None:
    desktop, logind = sleeping_desktop
    process = listen(desktop, "listens")
    stranger = desktop.system_bus.connect()
    for going in (True, False):
        stranger.emit("/org/freedesktop/login1", f"{LOGIN1}.Manager", "PrepareForSleep", "b", going)
    stranger.call("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", "GetId")  # all is sent
    logind.fall_asleep()
    logind.wake_up()
    until("it woke", lambda: "woke" in process.output)
    assert process.output.split() == ["listens", "asleep", "woke"]


def test_b17_a_logind_that_comes_later_is_heard(bare_desktop: Desktop) -> None:
    bare_desktop.start_system_bus()
    process = listen(bare_desktop, "listens")
    bare_desktop.start("/usr/bin/python3", "-m", "dbusmock", "--system", "--template", "logind")
    bare_desktop.system_bus.wait_for_owner(LOGIN1)
    client = bare_desktop.system_bus.client
    for going in (True, False):
        call = ("org.freedesktop.DBus.Mock", "EmitSignal", "sssav", f"{LOGIN1}.Manager", "PrepareForSleep", "b")
        client.call(LOGIN1, "/org/freedesktop/login1", *call, [Variant("b", going)])
    until("it woke", lambda: "woke" in process.output)


def test_b17_without_a_system_bus_it_is_silent(bare_desktop: Desktop) -> None:
    process = listen(bare_desktop, "no bus")
    assert process.alive
    assert process.output == "no bus\n"
