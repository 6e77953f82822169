"""Starting with the session: one switch, whatever the system calls it.

The state is always read from where the system keeps it. What the user switched off there stays off.
"""

import os
import sys
from pathlib import Path
from typing import Protocol

from tray_app.adapters.autostart.command import own_command
from tray_app.core.errors import AutostartError

APP_ID = "swarmui-tray"


class Autostart(Protocol):
    """The switch. Its methods read and write files, or ask another process: not for the main thread."""

    @property
    def why_not(self) -> str:
        """A sentence that says why it cannot be switched here; "" where it can."""

    def is_on(self) -> bool:
        """Whether the system starts the tray with the next session."""

    def switch(self, *, on: bool) -> None:
        """Let the tray start with the session, or not. Raises AutostartError."""

    def repair(self) -> bool:
        """Point our own entry to this program if the one it names has gone; returns whether it had to be done.

        Never switches anything on. Raises AutostartError.
        """


class NoAutostart:
    """For where nothing is known to start programs."""

    def __init__(self, why_not: str) -> None:
        self.why_not = why_not

    def is_on(self) -> bool:
        """Never."""
        return False

    def switch(self, *, on: bool) -> None:
        """Not possible."""
        if on:
            raise AutostartError(self.why_not)

    def repair(self) -> bool:
        """Nothing to do."""
        return False


def autostart(profile: str | None = None) -> Autostart:
    """The switch of this system for a profile of this program."""
    name = APP_ID if profile is None else f"{APP_ID}-{profile}"
    command = own_command(*(() if profile is None else ("--profile", profile)), "run")
    if sys.platform == "win32":
        from tray_app.adapters.autostart.windows import RunKey, WindowsRegistry

        return RunKey(WindowsRegistry(), name, command)
    elif sys.platform == "darwin":  # noqa: RET505 - a type checker judges one platform at a time
        from tray_app.adapters.autostart.macos import LaunchAgent

        return LaunchAgent(Path.home() / "Library/LaunchAgents", name, command)
    elif sys.platform == "linux" and (app_id := flatpak_id()):
        from tray_app.adapters.autostart.portal import PortalAutostart

        # Inside, XDG_CONFIG_HOME is the sandbox's own; the session reads the one of the home.
        config = Path(os.environ.get("HOST_XDG_CONFIG_HOME") or Path.home() / ".config")
        return PortalAutostart(config / "autostart" / f"{app_id}.desktop", command)
    elif sys.platform == "linux" or "bsd" in sys.platform:
        from tray_app.adapters.autostart.xdg import XdgAutostart

        return XdgAutostart([folder / "autostart" / f"{name}.desktop" for folder in _config_folders()], command)
    else:
        return NoAutostart("Nothing is known here that starts programs with the session.")


def flatpak_id(info: Path = Path("/.flatpak-info")) -> str:
    """The id under which this program runs as a Flatpak; "" if it does not (flatpak-metadata(5))."""
    try:
        lines = info.read_text("utf-8").splitlines()
    except OSError:
        return ""
    return next((line.removeprefix("name=") for line in lines if line.startswith("name=")), "")


def _config_folders() -> list[Path]:
    """The user's configuration folder, then the system's (XDG Base Directory Specification); only absolute ones."""
    home = os.environ.get("XDG_CONFIG_HOME", "")
    places = [home if home.startswith("/") else str(Path.home() / ".config")]
    places += (os.environ.get("XDG_CONFIG_DIRS") or "/etc/xdg").split(":")
    return [Path(each) for each in places if each.startswith("/")]
