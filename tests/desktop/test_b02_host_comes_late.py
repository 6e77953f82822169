"""B02: started before the tray. The icon must appear whenever the host does."""

import pytest

from tests.desktop.rig.desktop import Desktop
from tests.desktop.rig.display import Display
from tests.desktop.rig.panels import start_trayer
from tests.desktop.rig.program import TrayProcess
from tests.desktop.rig.tray_host import TrayHostDouble
from tests.desktop.rig.waiting import until
from tray_app.simulator.server import SimulatedSwarmUI


@pytest.mark.parametrize(
    "late", [0, 1, 8, *(pytest.param(n, marks=[pytest.mark.slow, pytest.mark.timeout(200)]) for n in (30, 120))]
)
def test_b02_the_icon_registers_within_three_seconds_of_a_late_host(
    desktop: Desktop, server: SimulatedSwarmUI, late: int
) -> None:
    host = TrayHostDouble(desktop.bus)
    tray = TrayProcess(desktop, "--url", server.url)
    server.wait_until(lambda: bool(server.requests), 15)
    desktop.bus.owners.quiet(lambda _: True, late)
    host.appear()
    item = host.wait_for_item(3)
    until("it says idle", lambda: item.tooltip.startswith("Idle"))
    assert item.menu.texts()[-1] == "Quit"
    assert len(host.registrations) == 1
    assert tray.quit() == 0


def test_b02_an_xembed_tray_that_comes_late_shows_the_icon(screen: Desktop, server: SimulatedSwarmUI) -> None:
    tray = TrayProcess(screen, "--url", server.url)
    screen.display.wait_for_window(title="SwarmUI Tray")  # it has seen that there is none
    start_trayer(screen)
    until("trayer has swallowed an icon", lambda: _embedded(screen.display), 15)
    assert tray.alive


def _embedded(display: Display) -> bool:
    return any("trayer" in each.wm_class and each.width >= 16 for each in display.windows())
