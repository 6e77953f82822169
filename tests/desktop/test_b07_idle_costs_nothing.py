"""B07: idle CPU and wake-ups, connected and with the server down."""

import pytest

from tests.bench.stage import settle
from tests.bench.usage import Span, span, usage
from tests.desktop.conftest import StartTray
from tests.desktop.rig.process import Process
from tests.desktop.rig.tray_host import TrayHostDouble
from tests.desktop.rig.waiting import until
from tray_app.simulator.server import SimulatedSwarmUI

LONG = [pytest.mark.slow, pytest.mark.timeout(300)]


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


def _used(tray: Process, seconds: int) -> Span:
    settle(2)
    before = usage(tray.session())
    settle(seconds)
    return span(before, usage(tray.session()))
