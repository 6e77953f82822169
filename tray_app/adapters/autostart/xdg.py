"""Start with the session by a file in ~/.config/autostart (Desktop Application Autostart Specification 0.5)."""

import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from tray_app.adapters import private_file
from tray_app.adapters.autostart.command import Command
from tray_app.core import desktop_entry
from tray_app.core.errors import AutostartError

_OURS = "X-SwarmUI-Tray-Written"
_ENABLED = "X-GNOME-Autostart-enabled"  # what the settings of GNOME, Xfce, MATE and Cinnamon switch

_ENTRY = f"""[Desktop Entry]
Type=Application
Version=1.4
Name=SwarmUI Tray
Comment=See what SwarmUI is doing, be told when it is done, and stop it
Icon=swarmui-tray
Terminal=false
StartupNotify=false
{_ENABLED}=true
{_OURS}=true
"""


class XdgAutostart:
    """The switch on Linux and the like.

    `files` is the entry in the user's folder, then those of the same name in the system's, which the user's outranks.
    An entry that the user wrote stays as it is but for the two keys that switch it.
    """

    why_not = ""

    def __init__(self, files: Sequence[Path], command: Command) -> None:
        self._file, *self._of_system = files
        self._command = command

    def is_on(self) -> bool:
        """Whether an entry exists that neither its Hidden key nor the desktop's settings switch off."""
        return _is_on(self._read())

    def switch(self, *, on: bool) -> None:
        """Write the entry, or take it away; one of the system is hidden by one of the user's."""
        old = self._read()
        try:
            if on and not _is_on(old):
                self._write(self._switched_on(old))
            elif not on and old is not None:
                self._switch_off(old)
        except OSError as error:
            raise _failed(self._file, error) from error

    def repair(self) -> bool:
        """Renew Exec in an entry that we wrote and whose program has gone."""
        text = _text_of(self._file)
        if text is None or desktop_entry.keys(text).get(_OURS) != "true" or not _is_stale(text):
            return False
        try:
            self._write(desktop_entry.with_keys(text, self._start_keys()))
        except OSError as error:
            raise _failed(self._file, error) from error
        return True

    def _read(self) -> str | None:
        """The entry that counts."""
        return next((text for file in (self._file, *self._of_system) if (text := _text_of(file)) is not None), None)

    def _switched_on(self, old: str | None) -> str:
        if old is None or not desktop_entry.keys(old).get("Exec"):
            return desktop_entry.with_keys(_ENTRY, self._start_keys())
        text = desktop_entry.with_keys(old, {"Hidden": None, _ENABLED: "true"})
        ours = desktop_entry.keys(old).get(_OURS) == "true"
        return desktop_entry.with_keys(text, self._start_keys()) if ours else text

    def _switch_off(self, old: str) -> None:
        ours = desktop_entry.keys(old).get(_OURS) == "true"
        if ours and not any(file.exists() for file in self._of_system):
            self._file.unlink()
        elif _is_on(old):
            self._write(desktop_entry.with_keys(old, {"Hidden": "true"}))

    def _start_keys(self) -> dict[str, str | None]:
        folder = self._command.folder
        return {
            "Exec": desktop_entry.exec_line(self._command.argv),
            "Path": desktop_entry.escape(str(folder)) if folder else None,
        }

    def _write(self, text: str) -> None:
        private_file.replace(self._file, text.encode(), keep_mode=True)


def _text_of(file: Path) -> str | None:
    try:
        return file.read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return None


def _is_on(text: str | None) -> bool:
    if text is None:
        return False
    keys = desktop_entry.keys(text)
    return bool(keys.get("Exec")) and keys.get("Hidden") != "true" and keys.get(_ENABLED) != "false"


def _is_stale(text: str) -> bool:
    keys = desktop_entry.keys(text)
    argv = desktop_entry.split_exec(keys.get("Exec", ""))
    folder = desktop_entry.unescape(keys.get("Path", ""))
    if not argv or shutil.which(argv[0]) is None:
        return True
    return bool(folder) and not os.access(Path(folder, "tray_app", "__main__.py"), os.R_OK)


def _failed(file: Path, error: OSError) -> AutostartError:
    return AutostartError(
        f"The start with the session could not be changed: {file} cannot be written ({error.strerror or error}).",
        "Check the permissions of its folder.",
    )
