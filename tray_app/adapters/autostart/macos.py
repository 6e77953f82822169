"""Start with the session by a launch agent in ~/Library/LaunchAgents (launchd.plist(5)). Unverified on macOS."""

import plistlib
from pathlib import Path
from typing import Any
from xml.parsers.expat import ExpatError

from tray_app.adapters import private_file
from tray_app.adapters.autostart.command import Command
from tray_app.core.errors import AutostartError


class LaunchAgent:
    """The switch on macOS. launchd reads the file when the user logs in; nothing is started or ended by switching."""

    why_not = ""

    def __init__(self, folder: Path, name: str, command: Command) -> None:
        self._label = f"io.github.{name}"
        self._file = folder / f"{self._label}.plist"
        self._command = command

    def is_on(self) -> bool:
        """Whether the agent is there, started at login and not disabled."""
        agent = self._read()
        return bool(agent.get("ProgramArguments") and agent.get("RunAtLoad") and not agent.get("Disabled"))

    def switch(self, *, on: bool) -> None:
        """Write the agent, or remove it."""
        try:
            if on:
                self._write()
            else:
                self._file.unlink(missing_ok=True)
        except OSError as error:
            raise self._failed(error) from error

    def repair(self) -> bool:
        """Write the agent anew if it is on and its program has gone."""
        arguments = self._read().get("ProgramArguments")
        if not self.is_on() or not isinstance(arguments, list) or Path(str(arguments[0])).exists():
            return False
        try:
            self._write()
        except OSError as error:
            raise self._failed(error) from error
        return True

    def _read(self) -> dict[str, Any]:
        try:
            content = plistlib.loads(self._file.read_bytes())
        except (OSError, ValueError, ExpatError):
            return {}
        return content if isinstance(content, dict) and content.get("Label") == self._label else {}

    def _write(self) -> None:
        agent: dict[str, Any] = {
            "Label": self._label,
            "ProgramArguments": list(self._command.argv),
            "RunAtLoad": True,
            "ProcessType": "Interactive",
            "LimitLoadToSessionType": "Aqua",
        }
        if self._command.folder:
            agent["WorkingDirectory"] = str(self._command.folder)
        private_file.replace(self._file, plistlib.dumps(agent))

    def _failed(self, error: OSError) -> AutostartError:
        return AutostartError(
            f"The start with the session could not be changed: {self._file} ({error.strerror or error}).",
            "Check the permissions of its folder.",
        )
