"""B25: windows that open behind, off the screen or on another monitor than the one that is looked at."""

import pytest

from tests.desktop.rig.desktop import Desktop
from tests.desktop.rig.display import Window
from tests.desktop.rig.panels import start_trayer
from tests.desktop.rig.program import TrayProcess, configure
from tests.desktop.rig.tray_host import TrayHostDouble
from tests.desktop.rig.tray_item import ITEM, TrayItem
from tests.desktop.rig.waiting import until
from tests.desktop.rig.wayland import start_weston
from tests.desktop.rig.window_manager import start_openbox
from tray_app.simulator.server import SimulatedSwarmUI

MONITORS = {"left": (0, 0, 1280, 800), "right": (1280, 0, 1600, 1200)}
PANEL = 32
"""Pixels at the lower edge of the right monitor that belong to a panel."""

STATUS, SETTINGS = "SwarmUI Tray", "Settings"


def _monitors(desktop: Desktop) -> None:
    """Two monitors of different size side by side, a panel along the lower edge of the right one, a window manager."""
    desktop.start_display((2880, 1200)).divide(**MONITORS)
    start_trayer(desktop, monitor=1)
    desktop.display.wait_for_window(wm_class="trayer")
    start_openbox(desktop)  # later than the panel: one that asks for its place meanwhile is at times not heard
    question = ("xprop", "-root", "_NET_WORKAREA")
    until("the panel's place is kept free", lambda: f", {1200 - PANEL}," in desktop.display.run(*question))


def _open(desktop: Desktop, item: TrayItem, title: str) -> Window:
    if title == STATUS:
        item.activate()
    else:
        item.menu.click("Settings…")
    return desktop.display.wait_for_window(title=title)


def _inside(window: Window, monitor: str) -> bool:
    x, y, width, height = MONITORS[monitor]
    lower = height - PANEL if y + height == 1200 else height
    return x <= window.x and window.x + window.width <= x + width and y <= window.y <= y + lower - window.height


@pytest.mark.parametrize("scales", ["left=1;right=1", "left=1;right=2"])
def test_b25_each_window_opens_inside_the_screen_with_the_pointer(
    bare_desktop: Desktop, server: SimulatedSwarmUI, scales: str
) -> None:
    _monitors(bare_desktop)
    host = TrayHostDouble(bare_desktop.bus)
    host.appear()
    configure(bare_desktop, server.url)
    tray = TrayProcess(bare_desktop, env={"QT_SCREEN_SCALE_FACTORS": scales})
    item = host.wait_for_item()
    until("it says idle", lambda: item.tooltip.startswith("Idle"))
    for monitor, pointer in (("right", (2600, 1100)), ("left", (10, 790)), ("right", (1290, 5))):
        bare_desktop.display.move_to(*pointer)
        for title in (STATUS, SETTINGS):
            window = _open(bare_desktop, item, title)
            assert _inside(window, monitor), f"{window} is not inside {monitor}"
            bare_desktop.display.close(window)
    assert tray.alive


@pytest.mark.parametrize("token", ["", "token-1"])
def test_b25_on_wayland_the_window_is_drawn_with_and_without_a_token(
    bare_desktop: Desktop, server: SimulatedSwarmUI, token: str
) -> None:
    """Whether the compositor lets a token bring it to the front cannot be seen here: weston 10 knows no tokens."""
    start_weston(bare_desktop)
    host = TrayHostDouble(bare_desktop.bus)
    host.appear()
    tray = TrayProcess(bare_desktop, "--url", server.url, env={"WAYLAND_DEBUG": "client"})
    item = host.wait_for_item()
    until("it says idle", lambda: item.tooltip.startswith("Idle"))
    before = tray.output
    assert "set_title" not in before
    if token:
        item.connection.call(item.service, item.path, ITEM, "ProvideXdgActivationToken", "s", token)
    item.activate()
    until("a window has its title", lambda: f'.set_title("{STATUS}")' in tray.output)
    until("it is drawn", lambda: ".attach(wl_buffer" in tray.output.removeprefix(before))
    assert tray.quit() == 0
