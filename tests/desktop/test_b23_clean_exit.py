"""B23: crashes at exit. Started and ended at random moments, against a server that hangs, it leaves nothing behind."""

import random
import signal
from contextlib import suppress

import pytest

from tests.desktop.rig.accessibility import ScreenReader
from tests.desktop.rig.desktop import Desktop
from tests.desktop.rig.program import TrayProcess, configure
from tests.desktop.rig.tray_host import TrayHostDouble
from tests.desktop.rig.waiting import until
from tests.desktop.rig.window_manager import start_openbox
from tray_app.simulator.server import SimulatedSwarmUI

LONG = [pytest.mark.slow, pytest.mark.timeout(1800)]
DEVELOPING = {"PYTHONDEVMODE": "1", "PYTHONFAULTHANDLER": "1"}
WAYS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, None)


def active_window(desktop: Desktop) -> str:
    """The title of the window that has the keyboard."""
    with suppress(AssertionError):  # there is none
        return desktop.display.run("xdotool", "getactivewindow", "getwindowname")
    return ""


@pytest.mark.parametrize("cycles", [12, pytest.param(300, marks=LONG)])
def test_b23_cycles_of_start_and_quit_are_clean(
    desktop: Desktop, server: SimulatedSwarmUI, host: TrayHostDouble, cycles: int
) -> None:
    configure(desktop, server.url, polling__busy=0.2, polling__idle=0.5)
    dice = random.Random(23)
    for cycle in range(cycles):
        if cycle % 3 == 0:
            server.answer_truly()
        elif cycle % 3 == 1:
            server.slow(60)
        registered = len(host.registrations)
        tray = TrayProcess(desktop, name=f"tray-{cycle}", env=DEVELOPING)
        item = host.wait_for_item(start=registered)
        host.signals.quiet(lambda _: True, dice.uniform(0, 0.8))
        way = WAYS[cycle % len(WAYS)]
        if way is None:
            item.menu.click("Quit")
        else:
            tray.send(way)
        assert tray.wait(2.5) == 0, tray.output
        assert tray.output == "", f"cycle {cycle}, {way}"
        until("the icon is gone", lambda: not host.items())
        tray.end()


def test_b23_an_answer_for_a_window_that_was_closed_meanwhile_does_nothing(
    screen: Desktop, server: SimulatedSwarmUI
) -> None:
    start_openbox(screen)
    reader = ScreenReader(screen)
    host = TrayHostDouble(screen.bus)
    host.appear()
    configure(screen, server.url, polling__idle=600)
    tray = TrayProcess(screen, env=DEVELOPING)
    item = host.wait_for_item()
    until("it says idle", lambda: item.tooltip.startswith("Idle"))
    item.menu.click("Settings…")
    button = reader.button(reader.window("Settings"), "Test connection")
    server.slow(0.7)
    asked = len(server.requests)
    button.press()
    server.wait_until(lambda: len(server.requests) > asked)
    until("the keyboard is the window's", lambda: "Settings" in active_window(screen))

    def closed() -> bool:
        """Press the keys again while it is there: what is pressed while the keyboard changes hands gets lost."""
        screen.display.key("alt+F4")
        return not [each for each in screen.display.windows() if "Settings" in each.title]

    until("the window is closed", closed)
    server.answer_truly()
    server.wait_until(lambda: all(each.status for each in server.requests) and len(server.requests) > asked + 1)
    until("it still answers", item.menu.texts)
    assert tray.quit() == 0
    assert tray.output == ""
