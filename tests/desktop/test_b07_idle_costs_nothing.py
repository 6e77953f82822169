"""B07: idle CPU and wake-ups: connected, with the server down, behind a locked screen, and snoozed."""

import pytest

from tests.bench.stage import settle
from tests.bench.usage import Span, span, usage
from tests.desktop.conftest import StartTray
from tests.desktop.rig.desktop import Desktop
from tests.desktop.rig.process import Process
from tests.desktop.rig.tray_host import TrayHostDouble
from tests.desktop.rig.waiting import until
from tray_app.simulator.server import SimulatedSwarmUI

# In less than 12 s a single poll on a busy machine weighs too much among the wake-ups.
LONG = [pytest.mark.slow, pytest.mark.timeout(400)]


@pytest.mark.parametrize("seconds", [12, pytest.param(120, marks=LONG)])
def test_b07_connected_and_idle(
    start_tray: StartTray, server: SimulatedSwarmUI, host: TrayHostDouble, seconds: int
) -> None:
    tray = start_tray("--url", server.url)
    item = host.wait_for_item()
    until("it says idle", lambda: item.tooltip.startswith("Idle"))
    used = _used(tray, seconds)
    assert used.cpu_ms / seconds / 10 < 0.3
    assert used.wakeups / seconds < 2


@pytest.mark.parametrize(("settled", "seconds"), [(10, 12), pytest.param(130, 120, marks=LONG)])
def test_b07_server_down(
    start_tray: StartTray, server: SimulatedSwarmUI, host: TrayHostDouble, settled: int, seconds: int
) -> None:
    tray = start_tray("--url", server.url)
    item = host.wait_for_item()
    until("it says idle", lambda: item.tooltip.startswith("Idle"))
    server.stop(abrupt=True)
    item.menu.click("Look again now")
    until("it says so", lambda: item.tooltip.startswith("Not reachable"), 15)
    settle(settled)
    used = _used(tray, seconds)
    assert used.cpu_ms / seconds / 10 < 0.3
    # In the first minute the pauses are still short; after it they are a minute long.
    assert used.wakeups / seconds < (0.5 if settled > 60 else 2)


@pytest.mark.parametrize("seconds", [12, pytest.param(120, marks=LONG)])
def test_b07_snoozed(start_tray: StartTray, server: SimulatedSwarmUI, host: TrayHostDouble, seconds: int) -> None:
    tray = start_tray("--url", server.url)
    item = host.wait_for_item()
    until("it says idle", lambda: item.tooltip.startswith("Idle"))
    item.menu.click("For 4 hours")
    until("it is snoozed", lambda: item.menu.find("Snooze notifications (until "))
    used = _used(tray, seconds)
    assert used.cpu_ms / seconds / 10 < 0.3
    assert used.wakeups / seconds < 2


@pytest.mark.parametrize("seconds", [12, pytest.param(120, marks=LONG)])
def test_b07_screen_locked(
    desktop: Desktop, start_tray: StartTray, server: SimulatedSwarmUI, host: TrayHostDouble, seconds: int
) -> None:
    desktop.start_system_bus()
    tray = start_tray("--url", server.url)
    item = host.wait_for_item()
    until("it says idle", lambda: item.tooltip.startswith("Idle"))
    # As a lock is announced: by logind, and by the screen saver.
    desktop.system_bus.client.emit("/org/freedesktop/login1/session/_31", "org.freedesktop.login1.Session", "Lock")
    desktop.bus.client.emit("/org/freedesktop/ScreenSaver", "org.freedesktop.ScreenSaver", "ActiveChanged", "b", True)
    asked = len(server.requests)
    used = _used(tray, seconds)
    assert used.cpu_ms / seconds / 10 < 0.3
    assert used.wakeups / seconds < 2
    assert len(server.requests) > asked, "it must go on watching: work that ends is told after the unlocking"


def _used(tray: Process, seconds: int) -> Span:
    settle(2)
    before = usage(tray.session())
    settle(seconds)
    used = span(before, usage(tray.session()))
    print(f"{used.cpu_ms / seconds / 10:.3f} % of a core, {used.wakeups / seconds:.2f} wake-ups/s")  # shown with -rP
    return used
