"""One private desktop: a home, a session bus, maybe a display, and the parts that a test puts on it."""

import os
import shutil
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from tests.desktop.rig.bus import Bus
from tests.desktop.rig.display import HEIGHT, WIDTH, Display
from tests.desktop.rig.process import Process

ROOT = Path(__file__).parents[3]
"""The checkout."""

_FOLDERS = {
    "HOME": "home",
    "XDG_CONFIG_HOME": "home/.config",
    "XDG_DATA_HOME": "home/.local/share",
    "XDG_STATE_HOME": "home/.local/state",
    "XDG_CACHE_HOME": "home/.cache",
    "TMPDIR": "tmp",
}


class Desktop:
    """Everything a program finds around it is inside `folder`; the runtime folder is apart, for sockets' short paths.

    Parts are ended in reverse order of their start.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.ending = ExitStack()
        self.logs = folder / "logs"
        self.logs.mkdir(parents=True)
        self.env = _inherited()
        for name, path in _FOLDERS.items():
            (folder / path).mkdir(parents=True, exist_ok=True)
            self.env[name] = str(folder / path)
        self.runtime = Path(tempfile.mkdtemp(prefix="desktop-", dir="/tmp"))
        self.ending.callback(shutil.rmtree, self.runtime, ignore_errors=True)
        self.env["XDG_RUNTIME_DIR"] = str(self.runtime)
        self.bus = Bus(self.runtime, self.env)
        self.ending.callback(self.bus.end)
        self.env["DBUS_SESSION_BUS_ADDRESS"] = self.bus.address
        # No system bus, unless a test gives one: the machine's own is none of a test's business.
        self.env["DBUS_SYSTEM_BUS_ADDRESS"] = f"unix:path={self.runtime}/no-system-bus"
        self._display: Display | None = None
        self._system_bus: Bus | None = None

    @property
    def home(self) -> Path:
        """The home folder."""
        return Path(self.env["HOME"])

    @property
    def display(self) -> Display:
        """The X display that was put up."""
        assert self._display is not None, "this desktop has no X display"
        return self._display

    @property
    def system_bus(self) -> Bus:
        """The bus that plays the system's."""
        assert self._system_bus is not None, "this desktop has no system bus"
        return self._system_bus

    def use(self, display: Display) -> None:
        """Take a display that somebody else ends."""
        self._display = display
        self.env["DISPLAY"] = display.name

    def start_display(self, size: tuple[int, int] = (WIDTH, HEIGHT)) -> Display:
        """Put up a display of its own."""
        display = Display(self.logs, self.env, size=size)
        self.ending.callback(display.end)
        self.use(display)
        return display

    def start(self, *command: str, feed: bytes | None = None, env: dict[str, str] | None = None) -> Process:
        """Start a part; it is ended with the desktop at the latest."""
        log = self.logs / f"{Path(command[0]).name}.log"
        process = Process(command, {**self.env, **(env or {})}, log, feed=feed)
        self.ending.callback(process.end)
        return process

    def start_system_bus(self) -> Bus:
        """A second bus that plays the system's."""
        bus = Bus(self.runtime, self.env, "system-bus")
        self.ending.callback(bus.end)
        self.env["DBUS_SYSTEM_BUS_ADDRESS"] = bus.address
        self._system_bus = bus
        return bus

    def end(self) -> None:
        """End everything."""
        self.ending.close()


def program(*places: str) -> str:
    """The path of an installed program; `places` may hold wildcards. Fails with a sentence where it is missing."""
    for place in places:
        if "/" not in place:
            found = shutil.which(place)
            if found:
                return found
            continue
        for path in sorted(Path("/").glob(place.lstrip("/"))):
            return str(path)
    raise AssertionError(f"{' or '.join(places)} is not installed: see packaging/debian-test.txt")


def _inherited(names: Sequence[str] = ("PATH", "LANG", "LC_ALL", "PYTHONDONTWRITEBYTECODE")) -> dict[str, str]:
    """The little that a desktop takes over from its surroundings; coverage measures processes through its own."""
    return {
        name: value
        for name, value in os.environ.items()
        if name in names or name.startswith(("COVERAGE_", "PYTHON_COV"))
    }
