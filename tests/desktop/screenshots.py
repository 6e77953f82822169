"""`python -m tests.desktop.screenshots FOLDER [--only PART]`: pictures of what the program shows, to be looked at.

The part `states` makes STATE-THEME.png (the icon in a dark and a light panel, with tooltip), menu-STATE-THEME.png and
window-STATE.png, and menu-several-THEME.png of several servers; `windows`, `dialogs` and `notifications` are told of in
window_pictures.py, dialog_pictures.py and notification_pictures.py.
"""

import argparse
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from tests.desktop.dialog_pictures import dialogs
from tests.desktop.notification_pictures import notifications
from tests.desktop.rig.desktop import Desktop
from tests.desktop.rig.display import HEIGHT, WIDTH
from tests.desktop.rig.dunst import Dunst
from tests.desktop.rig.panels import Theme, XfcePanel
from tests.desktop.rig.program import TrayProcess, add_server, configure
from tests.desktop.rig.states import SCENES, Scene
from tests.desktop.rig.tray_item import TrayItem, registered
from tests.desktop.rig.waiting import until
from tests.desktop.window_pictures import windows
from tray_app.simulator.server import SimulatedSwarmUI


def in_a_panel(scene: Scene, theme: Theme, folder: Path) -> None:
    """Icon with tooltip, and menu, of one state."""
    with ExitStack() as ending:
        desktop = _desktop(ending)
        Dunst(desktop)
        panel = XfcePanel(desktop, theme)
        item = _tray(scene, desktop, ending)
        x, y = panel.icon_spot()
        before = {window.id for window in desktop.display.windows()}

        def popup() -> bool:
            return bool([each for each in desktop.display.windows() if each.id not in before])

        desktop.display.move_to(x, y)
        until("the tooltip is shown", popup)
        corner = desktop.display.picture(WIDTH - 560, HEIGHT - 120, 560, 120)
        corner.save(str(folder / f"{scene.state}-{theme}.png"))
        desktop.display.move_to(2, 2)
        until("the tooltip is gone", lambda: not popup())
        desktop.display.click(x, y, button=3)
        until("the menu is shown", popup)
        item.menu.layout()
        corner = desktop.display.picture(WIDTH - 560, HEIGHT - 320, 560, 320)
        corner.save(str(folder / f"menu-{scene.state}-{theme}.png"))


def several_in_a_panel(theme: Theme, folder: Path) -> None:
    """The menu with three servers, and the submenu of the second."""
    with ExitStack() as ending:
        desktop = _desktop(ending)
        panel = XfcePanel(desktop, theme)
        home, studio = (ending.enter_context(SimulatedSwarmUI()) for _ in range(2))
        file = configure(desktop, home.url)
        add_server(file, "studio", studio.url)
        add_server(file, "an old computer in the cellar", "http://127.0.0.1:9")
        studio.generate(images=4, seconds=600, steps=2000)
        TrayProcess(desktop)
        until("the icon registers", lambda: registered(desktop.bus.client))
        item = registered(desktop.bus.client)[0]
        until("it has looked", lambda: "1 generating, 1 idle" in item.tooltip, 20)
        x, y = panel.icon_spot()
        shown = len(desktop.display.windows())
        desktop.display.click(x, y, button=3)
        until("the menu is shown", lambda: len(desktop.display.windows()) > shown)
        desktop.display.key("Down", "Down", "Right")
        until("the submenu is shown", lambda: len(desktop.display.windows()) > shown + 1)
        desktop.display.picture(WIDTH - 960, HEIGHT - 320, 960, 320).save(str(folder / f"menu-several-{theme}.png"))


def without_a_panel(scene: Scene, folder: Path) -> None:
    """The small window of one state."""
    with ExitStack() as ending:
        desktop = _desktop(ending)
        server, env = scene.server(ending)
        TrayProcess(desktop, "--url", server.url, env=env)
        window = desktop.display.wait_for_window(title="SwarmUI Tray")
        if scene.click:
            return
        last = [b""]

        def steady() -> bool:
            nonlocal window
            window = desktop.display.wait_for_window(title="SwarmUI Tray")
            picture = desktop.display.picture(window.x, window.y, window.width, window.height)
            data = bytes(picture.constBits())
            same, last[0] = data == last[0], data
            return same and bool(server.requests or not server.running)

        until("the window is drawn", steady)
        picture = desktop.display.picture(window.x, window.y, window.width, window.height)
        picture.save(str(folder / f"window-{scene.state}.png"))


def _desktop(ending: ExitStack) -> Desktop:
    folder = ending.enter_context(tempfile.TemporaryDirectory(prefix="shots-"))
    desktop = Desktop(Path(folder) / "desktop")
    ending.callback(desktop.end)
    desktop.start_display()
    return desktop


def _tray(scene: Scene, desktop: Desktop, ending: ExitStack) -> TrayItem:
    server, env = scene.server(ending)
    TrayProcess(desktop, "--url", server.url, env=env)
    until("the icon registers", lambda: registered(desktop.bus.client))
    item = registered(desktop.bus.client)[0]
    until("it has looked", lambda: not item.tooltip.startswith("Connecting"), 20)
    if scene.click:
        item.menu.click(scene.click)
    until(f"it says {scene.tooltip!r}", lambda: item.tooltip.startswith(scene.tooltip), 20)
    return item


def states(folder: Path) -> None:
    """All pictures of the states."""
    for theme in Theme:
        several_in_a_panel(theme, folder)
    for scene in SCENES:
        for theme in Theme:
            in_a_panel(scene, theme, folder)
        without_a_panel(scene, folder)
        print(scene.state)


_PARTS = {"states": states, "windows": windows, "dialogs": dialogs, "notifications": notifications}


def main() -> int:
    """Make the pictures of one part, or all."""
    parser = argparse.ArgumentParser(prog="screenshots")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", choices=_PARTS)
    chosen = parser.parse_args()
    chosen.folder.mkdir(parents=True, exist_ok=True)
    for name, make in _PARTS.items():
        if chosen.only in (None, name):
            make(chosen.folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
