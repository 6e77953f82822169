"""The entries of the options, by the path of the option: what they show of the settings, and what was changed there."""

from collections.abc import Mapping

from PySide6.QtWidgets import QCheckBox, QComboBox, QDoubleSpinBox, QSpinBox

from tray_app.core.options import Scalar
from tray_app.core.settings import Settings, value_of
from tray_app.ui.settings_field import Field

Entry = QCheckBox | QSpinBox | QDoubleSpinBox | QComboBox | Field


class OptionEntries:
    """Fills the entries from settings. An entry may show less than a value has, such as fewer decimals."""

    def __init__(self, entries: Mapping[str, Entry], settings: Settings) -> None:
        self._entries = dict(entries)
        self._stored: dict[str, Scalar] = {}
        self._shown: dict[str, Scalar] = {}  # how the entry shows what is stored
        for path in self._entries:
            self._show(path, value_of(settings, path))

    def changed(self) -> dict[str, Scalar]:
        """What its user has changed, by path."""
        values = {path: _read(entry) for path, entry in self._entries.items()}
        return {path: value for path, value in values.items() if value != self._shown[path]}

    def follow(self, settings: Settings) -> list[str]:
        """Show other settings where nothing was changed here; the names of entries that were changed in both places."""
        collided = []
        mine = self.changed()
        for path, entry in self._entries.items():
            value = value_of(settings, path)
            if value == self._stored[path]:
                continue
            self._show(path, value)
            if path in mine and mine[path] != self._shown[path]:
                _write(entry, mine[path])
                collided.append(_name(entry))
        return collided

    def _show(self, path: str, value: Scalar) -> None:
        entry = self._entries[path]
        _write(entry, value)
        self._stored[path] = value
        self._shown[path] = _read(entry)


def _read(entry: Entry) -> Scalar:
    if isinstance(entry, QCheckBox):
        return entry.isChecked()
    if isinstance(entry, QComboBox):
        return str(entry.currentData())
    return entry.text if isinstance(entry, Field) else entry.value()


def _write(entry: Entry, value: Scalar) -> None:
    if isinstance(entry, QCheckBox):
        entry.setChecked(bool(value))
    elif isinstance(entry, QComboBox):
        entry.setCurrentIndex(entry.findData(value))
    elif isinstance(entry, Field):
        entry.edit.setText(str(value))
    elif isinstance(entry, QSpinBox):
        entry.setValue(int(value))
    else:
        entry.setValue(float(value))


def _name(entry: Entry) -> str:
    if isinstance(entry, Field):
        return entry.edit.accessibleName()
    return entry.text().replace("&", "") if isinstance(entry, QCheckBox) else entry.accessibleName()
