"""Pictures of the windows, light and dark as in XFCE, on a plain screen and on one of twice the dots."""

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.desktop.rig.desktop import Desktop
from tests.desktop.rig.program import TrayProcess, configure
from tests.desktop.rig.tray_host import TrayHostDouble
from tests.desktop.rig.waiting import until
from tests.desktop.rig.window_manager import start_openbox
from tray_app.simulator.server import SimulatedSwarmUI

LOOKS = {"light": "Adwaita", "dark": "Adwaita:dark"}
SCALES = (1, 2)
_PAGES = {"servers": "alt+s", "notifications": "alt+f", "behaviour": "alt+v"}


def windows(folder: Path) -> None:
    """WINDOW-LOOK-SCALE.png of the status window, the settings window's pages, and the first-run window."""
    for env, size, end in each_look():
        with desktop_of(size) as desktop:
            start_openbox(desktop)
            _of_one_look(desktop, env, folder, end)
        print(end)


def each_look() -> Iterator[tuple[dict[str, str], tuple[int, int], str]]:
    """What makes each look and scale: environment, size of the screen, and how the names of the pictures end."""
    for look, theme in LOOKS.items():
        for scale in SCALES:
            env = {"XDG_CURRENT_DESKTOP": "XFCE", "GTK_THEME": theme, "QT_SCALE_FACTOR": str(scale)}
            yield env, (1280 * scale, 900 * scale), f"{look}-{scale}x.png"


def _of_one_look(desktop: Desktop, env: dict[str, str], folder: Path, end: str) -> None:
    host = TrayHostDouble(desktop.bus)
    host.appear()
    first = TrayProcess(desktop, env=env, name="first")
    until("it asks", lambda: "No server" in host.wait_for_item().tooltip, 20)
    keep(desktop, folder / f"first-run-{end}", title="Set up SwarmUI Tray")
    first.quit()
    until("it is gone", lambda: not host.items())
    with SimulatedSwarmUI() as server:
        server.generate(images=4, seconds=600, steps=2000)
        configure(desktop, server.url)
        begun = len(host.registrations)
        TrayProcess(desktop, env=env)
        item = host.wait_for_item(start=begun)
        until("it has looked", lambda: item.tooltip.startswith("Generating"), 20)
        item.activate()
        keep(desktop, folder / f"status-{end}", title="SwarmUI Tray")
        item.menu.click("Settings")
        desktop.display.wait_for_window(title="Settings")
        for page, key in _PAGES.items():
            desktop.display.key(key)
            keep(desktop, folder / f"settings-{page}-{end}", title="Settings")


@contextmanager
def desktop_of(size: tuple[int, int]) -> Iterator[Desktop]:
    """A desktop on a display of that size."""
    with ExitStack() as ending:
        folder = ending.enter_context(tempfile.TemporaryDirectory(prefix="shots-"))
        desktop = Desktop(Path(folder) / "desktop")
        ending.callback(desktop.end)
        desktop.start_display(size)
        yield desktop


def keep(
    desktop: Desktop,
    file: Path,
    *,
    title: str = "",
    wm_class: str = "",
    times: int = 2,
    unlike: bytes = b"",
    more: tuple[int, int] = (0, 0),
) -> bytes:
    """The picture of a window once it was the same so many times running (a cursor blinks twice a second).

    `more` is taken in as well at its right and below it.
    """
    last: list[bytes] = []

    def steady() -> bool:
        desktop.display.wait_for_window(title=title, wm_class=wm_class, seconds=25)
        windows = [each for each in desktop.display.windows() if title in each.title and wm_class in each.wm_class]
        if not windows:
            return False
        window = max(windows, key=lambda each: each.height)  # menus bear the title too
        width, height = window.width + more[0], window.height + more[1]
        picture = desktop.display.picture(window.x, window.y, width, height)
        data = bytes(picture.constBits())
        if data not in last:
            last.clear()
        last.append(data)
        return len(last) >= times and data != unlike and picture.save(str(file))

    until(f"{file.name} is drawn", steady, 40)
    return last[-1]
