"""A desktop without a tray, and one whose tray comes later."""

import pytest

from tests.desktop.rig.accessibility import ScreenReader
from tests.desktop.rig.desktop import Desktop
from tests.desktop.rig.dunst import Dunst
from tests.desktop.rig.program import TrayProcess
from tests.desktop.rig.tray_host import TrayHostDouble
from tests.desktop.rig.waiting import until
from tests.desktop.rig.window_manager import start_openbox
from tray_app.simulator.server import SimulatedSwarmUI

TITLE = "SwarmUI Tray"


def test_without_any_host_a_window_shows_the_same_and_cancels(screen: Desktop, server: SimulatedSwarmUI) -> None:
    dunst = Dunst(screen)
    reader = ScreenReader(screen)
    server.generate(images=3, seconds=60, steps=300)
    tray = TrayProcess(screen, "--url", server.url)
    window = reader.window(TITLE, seconds=5)
    assert screen.display.wait_for_window(title=TITLE).width >= 300
    until("it shows the figures", lambda: "Generating, 1 running, 2 queued" in reader.texts(window))
    assert "as the user local" in "\n".join(reader.texts(window))
    reader.button(window, "Cancel all: 3 jobs").press()
    server.wait_until(lambda: server.counters().waiting_gens == 0)
    until("it shows that all is idle", lambda: "Idle" in reader.texts(window))
    dunst.wait_until_shown()
    assert dunst.close_all()[0].summary.startswith("Cancelled")
    reader.button(window, "Quit").press()
    assert tray.wait(2.0) == 0


def test_the_window_is_operated_by_keyboard_alone(screen: Desktop, server: SimulatedSwarmUI) -> None:
    start_openbox(screen)
    reader = ScreenReader(screen)
    server.generate(images=3, seconds=60, steps=300)
    TrayProcess(screen, "--url", server.url)
    window = reader.window(TITLE)
    until("it shows the figures", lambda: reader.button(window, "Cancel all").enabled)
    for _ in range(10):
        focused = until("something has the keyboard", lambda: [each for each in window.walk() if each.focused])[0]
        if focused.name.startswith("Cancel all"):
            break
        screen.display.key("Tab")
        until("the keyboard went on", lambda focused=focused: not focused.focused)  # type: ignore[misc]
    screen.display.key("space")
    server.wait_until(lambda: server.counters().waiting_gens == 0)


def test_closing_the_window_does_not_end_the_tray(screen: Desktop, server: SimulatedSwarmUI) -> None:
    start_openbox(screen)
    tray = TrayProcess(screen, "--url", server.url)
    window = screen.display.wait_for_window(title=TITLE)
    screen.display.close(window)
    host = TrayHostDouble(screen.bus)
    host.appear()
    host.wait_for_item(3).activate()
    screen.display.wait_for_window(title=TITLE)
    assert tray.alive


@pytest.mark.parametrize("late", [1, pytest.param(8, marks=pytest.mark.slow)])
def test_a_host_that_comes_later_gets_the_icon(desktop: Desktop, server: SimulatedSwarmUI, late: int) -> None:
    host = TrayHostDouble(desktop.bus)
    TrayProcess(desktop, "--url", server.url)
    server.wait_until(lambda: bool(server.requests), 15)
    desktop.bus.owners.quiet(lambda _: True, late)
    host.appear()
    item = host.wait_for_item(3)
    until("it says idle", lambda: item.tooltip.startswith("Idle"))
    assert "Quit" in item.menu.texts()
