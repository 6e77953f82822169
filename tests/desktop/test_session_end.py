"""B22: closing a window never quits the tray, and the tray never holds up the end of the session."""

import signal
import time
from contextlib import suppress

import pytest

from tests.desktop.rig.desktop import Desktop
from tests.desktop.rig.program import TrayProcess
from tests.desktop.rig.tray_host import TrayHostDouble
from tests.desktop.rig.waiting import until
from tests.desktop.rig.window_manager import start_openbox
from tray_app.simulator.server import SimulatedSwarmUI


def wait_for_windows(desktop: Desktop, count: int) -> None:
    """Wait until so many windows of the tray are on the screen."""

    def look() -> bool:
        with suppress(AssertionError):  # the list breaks off when a window goes while it is made
            windows = [each for each in desktop.display.windows() if "swarmui-tray" in each.wm_class.lower()]
            return len([each for each in windows if each.title]) == count
        return False

    until(f"{count} windows are open", look)


@pytest.fixture
def open_windows(screen: Desktop, server: SimulatedSwarmUI) -> tuple[TrayProcess, TrayHostDouble]:
    """A tray with its windows open, on a display with a window manager."""
    start_openbox(screen)
    host = TrayHostDouble(screen.bus)
    host.appear()
    tray = TrayProcess(screen, "--url", server.url)
    item = host.wait_for_item()
    until("it is idle", lambda: "dle" in item.tooltip)
    item.activate()
    wait_for_windows(screen, 1)
    item.menu.click("Settings…")
    wait_for_windows(screen, 2)
    return tray, host


def test_b22_closing_every_window_leaves_the_tray(
    screen: Desktop, open_windows: tuple[TrayProcess, TrayHostDouble]
) -> None:
    tray, host = open_windows
    for left in (1, 0):
        screen.display.key("alt+F4")
        wait_for_windows(screen, left)
    assert tray.alive
    assert host.items()[0].menu.texts()
    assert tray.quit() == 0
    until("the icon is gone", lambda: not host.items())


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_b22_with_windows_open_and_a_hanging_request_it_is_gone_in_two_seconds(
    server: SimulatedSwarmUI, open_windows: tuple[TrayProcess, TrayHostDouble], number: signal.Signals
) -> None:
    tray, host = open_windows
    server.slow(60)
    host.items()[0].activate()  # looks at the server at once
    assert tray.quit(number) == 0
    until("the icon is gone", lambda: not host.items())
    assert "Traceback" not in tray.output


def test_b22_it_is_gone_with_its_display(screen: Desktop, open_windows: tuple[TrayProcess, TrayHostDouble]) -> None:
    tray, _ = open_windows
    started = time.monotonic()
    screen.display.end()
    tray.wait(2)
    assert time.monotonic() - started < 4
    assert "Traceback" not in tray.output
