"""B22: closing a window never quits the tray, and the tray never holds up the end of the session.

A session ends by signals, or by the display and the bus that go away. Session managers that ask beforehand (XSMP,
Windows, macOS) are answered in `tests/gui/test_session_end.py` only: Qt's wheels for Linux do not speak XSMP, so here
nobody asks, even where SESSION_MANAGER is set.
"""

import signal
import time
from contextlib import suppress

import pytest

from tests.desktop.rig.desktop import Desktop
from tests.desktop.rig.display import Window
from tests.desktop.rig.program import TrayProcess, configure
from tests.desktop.rig.tray_host import TrayHostDouble
from tests.desktop.rig.waiting import until
from tests.desktop.rig.window_manager import start_openbox
from tray_app.simulator.server import SimulatedSwarmUI


def windows(desktop: Desktop) -> list[Window]:
    """Those of the tray; the list breaks off when one goes while it is made."""
    return [each for each in desktop.display.windows() if "swarmui-tray" in each.wm_class.lower() and each.title]


def wait_for_windows(desktop: Desktop, count: int) -> None:
    """Wait until so many windows of the tray are on the screen."""

    def look() -> bool:
        with suppress(AssertionError):
            return len(windows(desktop)) == count
        return False

    until(f"{count} windows are open", look)


def wait_for_the_keyboard(desktop: Desktop) -> None:
    """Wait until one of them has it: what is pressed while it changes hands gets lost."""

    def look() -> bool:
        with suppress(AssertionError):
            return any(desktop.display.has_focus(each) for each in windows(desktop))
        return False

    until("a window has the keyboard", look)


def hold_up_a_request(server: SimulatedSwarmUI, host: TrayHostDouble) -> None:
    """Leave the tray with a request that is not answered."""
    server.slow(60)
    host.items()[0].activate()  # looks at the server at once
    server.wait_until(lambda: any(each.status is None for each in server.requests))


@pytest.fixture
def open_windows(screen: Desktop, server: SimulatedSwarmUI) -> tuple[TrayProcess, TrayHostDouble]:
    """A tray with all its windows open, on a display with a window manager."""
    start_openbox(screen)
    host = TrayHostDouble(screen.bus)
    host.appear()
    server.generate(images=2, seconds=600)
    configure(screen, server.url, polling__busy=0.5, cancel__confirm_after_minutes=1)
    tray = TrayProcess(screen, env={"SESSION_MANAGER": "local/here:@/tmp/.ICE-unix/1"})
    item = host.wait_for_item()
    until("it says generating", lambda: item.tooltip.startswith("Generating"))
    item.activate()
    wait_for_windows(screen, 1)
    item.menu.click("Settings…")
    wait_for_windows(screen, 2)
    item.menu.click("Cancel all")  # asks, since the work ran before the tray was started
    wait_for_windows(screen, 3)
    return tray, host


def test_b22_closing_every_window_leaves_the_tray(
    screen: Desktop, open_windows: tuple[TrayProcess, TrayHostDouble]
) -> None:
    tray, host = open_windows
    for left in (2, 1, 0):
        wait_for_the_keyboard(screen)
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
    hold_up_a_request(server, host)
    assert tray.quit(number) == 0
    until("the icon is gone", lambda: not host.items())
    assert "Traceback" not in tray.output


@pytest.mark.parametrize("told", [True, False], ids=["told", "not told"])
def test_b22_it_is_gone_with_its_session(
    screen: Desktop, server: SimulatedSwarmUI, open_windows: tuple[TrayProcess, TrayHostDouble], told: bool
) -> None:
    tray, host = open_windows
    hold_up_a_request(server, host)
    started = time.monotonic()
    if told:
        tray.send(signal.SIGTERM)
    for part in (screen.bus.process, screen.display.process):
        part.send(signal.SIGKILL)
    tray.wait(2)
    assert time.monotonic() - started < 2
    assert tray.session() == []
    assert "Traceback" not in tray.output
