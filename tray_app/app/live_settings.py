"""Settings that were changed while the tray runs, by hand or by a command: taken over, or told why they are not."""

import logging
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

from tray_app.app.background import in_background
from tray_app.core.view import Notice
from tray_app.ui.file_watch import FileWatch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from tray_app.adapters.settings.file import Loaded, SettingsFile
    from tray_app.core.settings import SettingProblem, Settings
    from tray_app.ui.bridge import Bridge

log = logging.getLogger(__name__)

SUBJECT = "settings"
SHOWN = 4
"""How many problems a notification names; more of them are only counted."""


class LiveSettings(QObject):
    """`in_force` gives the settings that hold now; what the program saved itself is equal to them, so it is no news."""

    changed = Signal(object)  # Settings
    told = Signal(object)  # a Notice
    fault = Signal(str)  # what is wrong with the file now, or nothing

    def __init__(
        self, settings_file: "SettingsFile", in_force: "Callable[[], Settings]", bridge: "Bridge", parent: QObject
    ) -> None:
        super().__init__(parent)
        self._file = settings_file
        self._in_force = in_force
        self._bridge = bridge
        self._complained = False
        self._watch = FileWatch(settings_file.path, self)
        self._watch.changed.connect(self._read)

    @Slot()
    def _read(self) -> None:
        in_background(self._bridge, "settings changed", self._file.load, self._take)

    def _take(self, loaded: "Loaded") -> None:
        problems = faults(loaded.problems)
        if problems:
            self._complained = True
            for each in problems:
                log.warning("the changed settings file is not taken over: %s: %s", each.path, each.message)
            self.fault.emit(f"{fault_of(problems)} Until that is corrected, the settings from before hold.")
            self.told.emit(not_taken_over(problems))
            return
        self.fault.emit("")
        if self._complained:
            self._complained = False
            self.told.emit(Notice(SUBJECT, "The settings hold again", "The settings file can be read again."))
        if loaded.settings != self._in_force():
            self.changed.emit(loaded.settings)


def faults(problems: "Iterable[SettingProblem]") -> "list[SettingProblem]":
    """Those that keep something from taking effect: a file of a newer form can be read, and is."""
    return [each for each in problems if each.path != "schema"]


def fault_of(problems: "Sequence[SettingProblem]") -> str:
    """One sentence about what is wrong with the file, as long as that lasts; nothing where it is well."""
    if not problems:
        return ""
    first = problems[0]
    more = f" And {len(problems) - 1} more." if len(problems) > 1 else ""
    return (f"The settings file has a fault: {first.path}: {first.cause}" if first.path else first.cause) + more


def not_taken_over(problems: "list[SettingProblem]") -> Notice:
    """What is said where a changed file does not take effect: each field with what is wrong with it."""
    lines = [f"{each.path}: {each.cause}" if each.path else each.message for each in problems[:SHOWN]]
    if len(problems) > SHOWN:
        lines.append(f"And {len(problems) - SHOWN} more; `swarmui-tray config show` lists them all.")
    if problems[0].path:
        lines.append("Until that is corrected, the settings from before hold.")
    return Notice(SUBJECT, "The settings file has a fault", "\n".join(lines))
