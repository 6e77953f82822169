"""Start with the session by the Run key of the registry. Unverified on Windows; tested with a dictionary in its place.

Source: "Run and RunOnce Registry Keys" of Microsoft's documentation. The Task Manager does not touch that key when its
user switches a program off: it notes so under StartupApproved, by an odd first byte.
"""

import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from tray_app.adapters.autostart.command import Command
from tray_app.core.errors import AutostartError

RUN = r"Software\Microsoft\Windows\CurrentVersion\Run"
APPROVED = r"Software\Microsoft\Windows\CurrentVersion\Explorer\StartupApproved\Run"


class Registry(Protocol):
    """Values below HKEY_CURRENT_USER. Methods raise OSError for what is refused."""

    def get(self, key: str, name: str) -> str | bytes | None:
        """A value; None where there is none."""

    def set(self, key: str, name: str, text: str) -> None:
        """Write a text."""

    def delete(self, key: str, name: str) -> None:
        """Remove a value, if it is there."""


class RunKey:
    """The switch on Windows."""

    why_not = ""

    def __init__(self, registry: Registry, name: str, command: Command) -> None:
        self._registry = registry
        self._name = name
        # Neither the installed script nor `pythonw -m` of an installed package needs a folder.
        self._line = subprocess.list2cmdline(command.argv)

    def is_on(self) -> bool:
        """Whether the value is there and the Task Manager has not switched it off."""
        approved = self._registry.get(APPROVED, self._name)
        off = isinstance(approved, bytes) and bool(approved) and approved[0] % 2 == 1
        return bool(self._registry.get(RUN, self._name)) and not off

    def switch(self, *, on: bool) -> None:
        """Write the value, or remove it; either way the Task Manager's note goes."""
        try:
            self._registry.delete(APPROVED, self._name)
            if on:
                self._registry.set(RUN, self._name, self._line)
            else:
                self._registry.delete(RUN, self._name)
        except OSError as error:
            raise AutostartError(f"The registry could not be changed: {error}.") from error

    def repair(self) -> bool:
        """Renew the value if its program has gone. One that somebody else wrote under our name is left alone."""
        line = self._registry.get(RUN, self._name)
        if not isinstance(line, str) or not ("swarmui-tray" in line or "tray_app" in line) or _program(line).exists():
            return False
        try:
            self._registry.set(RUN, self._name, self._line)
        except OSError as error:
            raise AutostartError(f"The registry could not be changed: {error}.") from error
        return True


def _program(line: str) -> Path:
    """The program that a command line names; one with spaces stands in quotation marks."""
    return Path(line[1:].partition('"')[0] if line.startswith('"') else line.partition(" ")[0])


if sys.platform == "win32":
    import winreg

    class WindowsRegistry:
        """The real one."""

        def get(self, key: str, name: str) -> str | bytes | None:
            """A text or bytes."""
            try:
                with winreg.OpenKey(winreg.HKEY_CURRENT_USER, key) as handle:
                    value = winreg.QueryValueEx(handle, name)[0]
            except OSError:
                return None
            return value if isinstance(value, str | bytes) else None

        def set(self, key: str, name: str, text: str) -> None:
            """Write a text."""
            with winreg.CreateKey(winreg.HKEY_CURRENT_USER, key) as handle:
                winreg.SetValueEx(handle, name, 0, winreg.REG_SZ, text)

        def delete(self, key: str, name: str) -> None:
            """Remove a value."""
            with (
                suppress(FileNotFoundError),
                winreg.OpenKey(winreg.HKEY_CURRENT_USER, key, 0, winreg.KEY_SET_VALUE) as handle,
            ):
                winreg.DeleteValue(handle, name)
