"""An X server without a screen, and what can be seen and touched on it."""

import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tests.desktop.rig.process import Process
from tests.desktop.rig.waiting import until

if TYPE_CHECKING:
    from PySide6.QtGui import QImage

WIDTH, HEIGHT = 1280, 800


@dataclass(frozen=True, slots=True)
class Window:
    """A mapped window that is big enough to be seen, in root coordinates."""

    id: str
    title: str
    wm_class: str
    width: int
    height: int
    x: int
    y: int


class Display:
    """Xvfb on a number of its own choosing."""

    def __init__(self, folder: Path, env: Mapping[str, str], *, size: tuple[int, int] = (WIDTH, HEIGHT)) -> None:
        screen = "{}x{}x24".format(*size)
        command = ["Xvfb", "-screen", "0", screen, "-nolisten", "tcp", "-noreset"]
        self.process = Process(command, env, folder / "xvfb.log", announce=lambda number: ["-displayfd", str(number)])
        self.name = f":{self.process.announced}"
        self._env = {**env, "DISPLAY": self.name}

    def divide(self, **monitors: tuple[int, int, int, int]) -> None:
        """Make several monitors of the one picture: name=(x, y, width, height) each, the first is the primary one."""
        output = "screen"  # the only output of Xvfb; it can belong to one monitor
        for name, (x, y, width, height) in monitors.items():
            size = f"{width}/{round(width / 3.78)}x{height}/{round(height / 3.78)}+{x}+{y}"
            self.run("xrandr", "--setmonitor", name, size, output)
            output = "none"

    def run(self, *command: str) -> str:
        """Run a tool on this display and return what it printed."""
        done = subprocess.run(command, env=self._env, capture_output=True, text=True, timeout=20, check=False)
        assert done.returncode == 0, f"{command}: {done.returncode} {done.stderr}"
        return done.stdout

    def windows(self) -> list[Window]:
        """The visible windows with a title or a class, menus and popups included."""
        mapped = {each.id for each in self._tree() if self._mapped(each.id)}
        # Looked at again: what was listed before it was mapped may have been without its title and its place.
        return [each for each in self._tree() if each.id in mapped]

    def _tree(self) -> list[Window]:
        """All windows of some size, mapped or not."""
        # It fails, and prints a part, when a window goes while it looks.
        printed = until("the windows are listed", lambda: self._ask_about("-root", "-tree"))
        found = []
        for match in filter(None, map(_WINDOW.match, printed.splitlines())):
            width, height, x, y = (int(match[part]) for part in ("width", "height", "x", "y"))
            if width > 8 and height > 8:
                found.append(Window(match["id"], match["title"] or "", match["cls"] or "", width, height, x, y))
        return found

    def _mapped(self, window: str) -> bool:
        return "Map State: IsViewable" in self._ask_about("-id", window)

    def _ask_about(self, *what: str) -> str:
        """What xwininfo prints of it; nothing where it fails."""
        command = ["xwininfo", *what]
        done = subprocess.run(command, env=self._env, capture_output=True, text=True, timeout=20, check=False)
        return done.stdout if done.returncode == 0 else ""

    def wait_for_window(self, *, title: str = "", wm_class: str = "", seconds: float = 10.0) -> Window:
        """The first visible window whose title and class hold these texts."""

        def look() -> Window | None:
            found = [each for each in self.windows() if title in each.title and wm_class in each.wm_class]
            return found[0] if found else None

        window = until(f"a window titled {title!r} of class {wm_class!r}", look, seconds)
        assert window is not None
        return window

    def has_focus(self, window: Window) -> bool:
        """Whether the keyboard is that window's."""
        return int(self.run("xdotool", "getwindowfocus").strip()) == int(window.id, 16)

    def close(self, window: Window) -> None:
        """Press Escape once the window has come to the front, and with it to the keyboard; wait until it is gone."""
        until("it is in front", lambda: self.has_focus(window))
        self.key("Escape")
        until("it is closed", lambda: window.id not in {each.id for each in self.windows()})

    def picture(self, x: int = 0, y: int = 0, width: int = WIDTH, height: int = HEIGHT) -> "QImage":
        """What is on the screen in that rectangle."""
        from PySide6.QtGui import QImage

        command = ["maim", "--hidecursor", "-g", f"{width}x{height}+{x}+{y}"]
        done = subprocess.run(command, env=self._env, capture_output=True, timeout=20, check=True)
        return QImage.fromData(done.stdout)

    def save(self, path: Path) -> Path:
        """Keep a screenshot as PNG."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self.picture().save(str(path))
        return path

    def move_to(self, x: int, y: int) -> None:
        """Put the pointer somewhere."""
        self.run("xdotool", "mousemove", "--sync", str(x), str(y))

    def click(self, x: int, y: int, button: int = 1) -> None:
        """Press and release a mouse button there."""
        self.run("xdotool", "mousemove", str(x), str(y), "click", str(button))

    def key(self, *keys: str) -> None:
        """Press keys, by their X names."""
        self.run("xdotool", "key", "--delay", "30", *keys)

    def end(self) -> None:
        """End the server."""
        self.process.end()


_WINDOW = re.compile(
    r'\s+(?P<id>0x[0-9a-f]+) (?:"(?P<title>.*)"|\(has no name\)): \((?P<cls>.*?)\)'
    r"\s+(?P<width>\d+)x(?P<height>\d+)\+-?\d+\+-?\d+\s+\+(?P<x>-?\d+)\+(?P<y>-?\d+)"
)
