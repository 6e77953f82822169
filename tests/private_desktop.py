"""A private bus and the real parts of a desktop on it, for tests of one adapter at a time."""

import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

BUS = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>session</type><listen>unix:tmpdir=/tmp</listen><auth>EXTERNAL</auth>
<policy context="default"><allow send_destination="*"/><allow receive_sender="*"/><allow own="*"/></policy></busconfig>
"""


def until(condition: Callable[[], object], seconds: float = 15.0) -> None:
    """Wait for a condition of another process, with a deadline."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


class Desktop:
    """A private bus with a home of its own, and the real parts on it that a test asks for."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.home = folder
        self._environment = monkeypatch
        self._processes: list[subprocess.Popen[bytes]] = []
        for name in ("DISPLAY", "WAYLAND_DISPLAY", "GNOME_KEYRING_CONTROL", "PYTHON_KEYRING_BACKEND"):
            monkeypatch.delenv(name, raising=False)
        for name in ("HOME", "XDG_RUNTIME_DIR", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"):
            monkeypatch.setenv(name, str(folder))
        folder.chmod(0o700)
        self.bus = self.start_bus()

    def start_bus(self) -> subprocess.Popen[bytes]:
        """The bus, at a new address; the constructor has started one."""
        config = self.home / "bus.conf"
        config.write_text(BUS)
        self.bus = self.start("dbus-daemon", f"--config-file={config}", "--nofork", "--print-address", pipe=True)
        assert self.bus.stdout is not None
        self._environment.setenv("DBUS_SESSION_BUS_ADDRESS", self.bus.stdout.readline().decode().strip())
        return self.bus

    def start(
        self, *command: str, pipe: bool = False, feed: bytes = b"", log: Path | None = None
    ) -> subprocess.Popen[bytes]:
        """Start a part of the desktop; it is ended with the test."""
        output = subprocess.PIPE if pipe else subprocess.DEVNULL
        with (log or Path(os.devnull)).open("wb") as errors:
            process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=output, stderr=errors)
        self._processes.append(process)
        assert process.stdin is not None
        process.stdin.write(feed)
        process.stdin.close()
        return process

    def has_name(self, name: str) -> bool:
        """Whether somebody owns a name on the bus."""
        return b"true" in self.call("org.freedesktop.DBus", "/", "org.freedesktop.DBus.NameHasOwner", f"string:{name}")

    def call(self, destination: str, path: str, member: str, *arguments: str) -> bytes:
        """One method call by dbus-send; what it printed."""
        command = ["dbus-send", "--session", "--print-reply", f"--dest={destination}", path, member, *arguments]
        return subprocess.run(command, check=True, capture_output=True, timeout=10).stdout

    def keyring(self, *, unlocked: bool = True) -> subprocess.Popen[bytes]:
        """A real gnome-keyring: unlocked with the password "test", or one that has no keyring yet."""
        options = ["--unlock"] if unlocked else []
        daemon = self.start(
            "gnome-keyring-daemon", "--foreground", "--components=secrets", *options, feed=b"test" if unlocked else b""
        )
        until(lambda: self.has_name("org.freedesktop.secrets"))
        return daemon

    def lock(self) -> None:
        """Lock the login keyring, as a screen saver may."""
        self.call(
            "org.freedesktop.secrets",
            "/org/freedesktop/secrets",
            "org.freedesktop.Secret.Service.Lock",
            "array:objpath:/org/freedesktop/secrets/collection/login",
        )

    def screen(self) -> None:
        """A real X server without a monitor."""
        display = self.start("Xvfb", "-displayfd", "1", "-screen", "0", "800x600x24", "-nolisten", "tcp", pipe=True)
        assert display.stdout is not None
        self._environment.setenv("DISPLAY", f":{display.stdout.readline().decode().strip()}")

    def prompter(self) -> None:
        """A screen and the real prompter of GNOME."""
        self.screen()
        self.start("/usr/libexec/gcr-prompter")
        until(lambda: self.has_name("org.gnome.keyring.SystemPrompter"))

    def prompts(self) -> int:
        """How many prompts are on the screen."""
        search = ["xdotool", "search", "--onlyvisible", "--class", "gcr-prompter"]
        return len(subprocess.run(search, capture_output=True, timeout=10, check=False).stdout.split())

    def press(self, *keys: str) -> None:
        """Type into the prompt that is open."""
        until(self.prompts)
        subprocess.run(["xdotool", "key", "--delay", "30", *keys], check=True, timeout=10)

    def windows(self, kind: str) -> list[tuple[int, int, int, int]]:
        """Left, top, width and height of the visible windows of a class."""
        search = ["xdotool", "search", "--onlyvisible", "--class", kind]
        found = subprocess.run(search, capture_output=True, timeout=10, check=False).stdout.split()
        places = []
        for window in found:
            shown = subprocess.run(
                ["xdotool", "getwindowgeometry", "--shell", window], capture_output=True, timeout=10, check=False
            ).stdout.decode()
            place = dict(line.split("=") for line in shown.split())
            if place:
                places.append((int(place["X"]), int(place["Y"]), int(place["WIDTH"]), int(place["HEIGHT"])))
        return places

    def click(self, left: int, top: int) -> None:
        """Press the first mouse button there."""
        command = ["xdotool", "mousemove", "--sync", str(left), str(top), "click", "1"]
        subprocess.run(command, check=True, timeout=10)

    def end(self) -> None:
        """End everything that was started, the bus last."""
        for process in reversed(self._processes):
            process.send_signal(signal.SIGCONT)
            process.kill()
            process.wait(10)
            if process.stdout is not None:
                process.stdout.close()
