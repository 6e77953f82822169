"""B21: the start with the session, switched in the window, respected where the user hid it, repaired after a move."""

import shlex
import subprocess
import sys
from pathlib import Path

from tests.desktop.rig.accessibility import ScreenReader
from tests.desktop.rig.desktop import ROOT, Desktop, program
from tests.desktop.rig.program import TrayProcess, configure
from tests.desktop.rig.tray_host import TrayHostDouble
from tests.desktop.rig.waiting import until
from tray_app.simulator.server import SimulatedSwarmUI

SESSION = ("HOME", "DISPLAY", "DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR")
"""What a session gives to the programs that it starts; its PATH has no folder of the user's."""


def one_file_program(path: Path) -> Path:
    """The program as one file that its user may move, such as an AppImage; started, it names itself as one does."""
    path.parent.mkdir(parents=True)
    command = shlex.join([sys.executable, "-m", "tray_app"])
    path.write_text(f"#!/bin/sh\nexport APPIMAGE='{path.parent}'/\"${{0##*/}}\"\ncd '{ROOT}'\nexec {command} \"$@\"\n")
    path.chmod(0o700)
    return path


def exec_of(entry: Path) -> list[str]:
    """The command line of a desktop entry."""
    line = next(line for line in entry.read_text().splitlines() if line.startswith("Exec="))
    return shlex.split(line.removeprefix("Exec="))


def test_b21_the_entry_is_switched_in_the_window_hidden_is_respected_and_a_move_is_repaired(
    desktop: Desktop, server: SimulatedSwarmUI, host: TrayHostDouble
) -> None:
    configure(desktop, server.url)
    image = one_file_program(desktop.folder / "apps" / "SwarmUI_Tray-1.AppImage")
    entry = desktop.home / ".config/autostart/swarmui-tray.desktop"
    entry.parent.mkdir()
    hidden = f"[Desktop Entry]\nType=Application\nName=My tray\nExec={image} run\nHidden=true\n"
    entry.write_text(hidden)
    reader = ScreenReader(desktop)

    # What the user hid is shown as off, and stays so.
    first = TrayProcess(desktop, program=(str(image), "run"))
    item = host.wait_for_item()
    until("it has looked", lambda: item.tooltip.startswith("Idle"))
    item.menu.click("Settings…")
    window = reader.window("Settings")
    reader.find(window, "page tab", "Behaviour").press()
    box = reader.find(window, "check box", "Start SwarmUI Tray when I log in")
    until("the system has answered", lambda: box.enabled)
    assert not box.checked
    assert entry.read_text() == hidden
    # Switched on again, the user's own entry loses its Hidden and nothing else.
    box.press()
    until("it is on", lambda: box.checked and box.enabled)
    assert entry.read_text() == hidden.replace("Hidden=true\n", "X-GNOME-Autostart-enabled=true\n")
    # Taken away by hand, and switched on: an entry of our own, which every desktop takes.
    box.press()
    until("it is off", lambda: not box.checked and box.enabled)
    entry.unlink()
    box.press()
    until("it is on", lambda: box.checked and box.enabled)
    subprocess.run([program("desktop-file-validate"), entry], check=True, timeout=10)
    assert exec_of(entry) == [str(image), "run"]
    assert first.quit() == 0
    # The program is moved: the next start repairs the entry, and a new session can start it from there.
    moved = image.rename(image.with_name("SwarmUI_Tray-2.AppImage"))
    second = TrayProcess(desktop, program=(str(moved), "run"))
    host.wait_for_item(start=1)
    until("the entry names the program where it is now", lambda: exec_of(entry) == [str(moved), "run"])
    assert second.quit() == 0
    session = {name: desktop.env[name] for name in SESSION} | {"PATH": "/usr/bin:/bin"}
    desktop.env.clear()
    desktop.env.update(session)
    TrayProcess(desktop, program=exec_of(entry))
    host.wait_for_item(start=2)
