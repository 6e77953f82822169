"""B23: crashes at exit. Started and ended at random moments, against a server that hangs, it leaves nothing behind."""

import random
import signal
from contextlib import suppress
from pathlib import Path

import pytest

from tests.desktop.rig.accessibility import ScreenReader
from tests.desktop.rig.bus import Bus, BusError
from tests.desktop.rig.desktop import Desktop
from tests.desktop.rig.program import TrayProcess, configure
from tests.desktop.rig.tray_host import TrayHostDouble
from tests.desktop.rig.tray_item import TrayItem
from tests.desktop.rig.waiting import until
from tests.desktop.rig.window_manager import start_openbox
from tray_app.simulator.server import SimulatedSwarmUI

LONG = [pytest.mark.slow, pytest.mark.timeout(1800)]
DEVELOPING = {"PYTHONDEVMODE": "1", "PYTHONFAULTHANDLER": "1"}
PROFILES = ((), ("--profile", "second"), ("--profile", "third"))
WAYS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, None)


def active_window(desktop: Desktop) -> str:
    """The title of the window that has the keyboard."""
    with suppress(AssertionError):  # there is none
        return desktop.display.run("xdotool", "getactivewindow", "getwindowname")
    return ""


@pytest.mark.parametrize("cycles", [30, pytest.param(300, marks=LONG)])
def test_b23_cycles_of_start_and_quit_are_clean(
    desktop: Desktop, server: SimulatedSwarmUI, host: TrayHostDouble, cycles: int
) -> None:
    """Three beside each other, of one profile each: a start is waited for most of the time."""
    dice = random.Random(23)
    for first in range(0, cycles, len(PROFILES)):
        if first // len(PROFILES) % 3 == 0:
            server.answer_truly()
        elif first // len(PROFILES) % 3 == 1:
            server.slow(60)
        begun = len(host.registrations)
        trays = {
            cycle: TrayProcess(desktop, *profile, "--url", server.url, name=f"tray-{cycle}", env=DEVELOPING)
            for cycle, profile in enumerate(PROFILES, first)
        }
        for cycle, tray in trays.items():
            item = wait_for_item_of(tray, host, desktop.bus, begun)
            host.signals.quiet(lambda _: True, dice.uniform(0, 0.4))
            way = WAYS[cycle % len(WAYS)]
            if way is None:
                item.menu.click("Quit")
            else:
                tray.send(way)
        for cycle, tray in trays.items():
            assert tray.wait(2.5) == 0, tray.output
            assert tray.output == "", f"cycle {cycle}, {WAYS[cycle % len(WAYS)]}"
        until("the icons are gone", lambda: not host.items())
        for tray in trays.values():
            tray.end()


def wait_for_item_of(tray: TrayProcess, host: TrayHostDouble, bus: Bus, start: int) -> TrayItem:
    """Its icon, among those that registered after the first `start`."""

    def mine(item: TrayItem) -> bool:
        with suppress(BusError):  # another one that has ended already
            return bus.process_of(item.service) == tray.pid
        return False

    return host.registrations.wait("its icon is there", mine, 15, start)


@pytest.mark.parametrize("loaded", ["Shiboken.abi3", "libQt6Core", "libQt6Widgets", "libQt6Svg"])
def test_b23_a_signal_while_qt_is_being_loaded_ends_the_start_without_a_crash(
    desktop: Desktop, server: SimulatedSwarmUI, loaded: str
) -> None:
    """PySide6 crashes on Python's KeyboardInterrupt while it is loaded, or swallows it and goes on."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        tray = TrayProcess(desktop, "--url", server.url, name=f"tray-{number.name}", env=DEVELOPING)
        maps = Path(f"/proc/{tray.pid}/maps")
        until("it has come to that library", lambda maps=maps: loaded in maps.read_text())  # type: ignore[misc]
        tray.send(number)
        assert tray.wait(2) in {0, -number}, tray.output
        assert tray.output == ""


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
