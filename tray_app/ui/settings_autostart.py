"""The switch "start with the session": unlike the rest of the settings window it acts at once, on the system itself."""

from PySide6.QtCore import QSignalBlocker, Signal, Slot
from PySide6.QtWidgets import QCheckBox, QVBoxLayout, QWidget

from tray_app.ui.settings_field import error_label, hint_label

_HINT = "Acts at once, without Save. It can be switched off in the desktop's own settings too, and stays off then."
_ASKING = "Looking at what the system says…"


class AutostartSwitch(QWidget):
    """Disabled until `show_state` has told what the system says; asks by `wanted` for a change."""

    wanted = Signal(bool)

    def __init__(self) -> None:
        super().__init__()
        self.box = QCheckBox("Start SwarmUI Tray when I &log in")
        self.hint = hint_label("")
        self.error = error_label()
        for label in (self.hint, self.error):
            label.setIndent(self.box.iconSize().width() + 8)  # under the text of the box, not under its mark
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        for part in (self.box, self.error, self.hint):
            layout.addWidget(part)
        self._wait()
        # Not `clicked`: a screen reader toggles without a click.
        self.box.toggled.connect(self._ask)

    @Slot(bool, str, str)
    def show_state(self, on: bool, why_not: str = "", problem: str = "") -> None:
        """Show what the system says, why it cannot be switched here, and what went wrong with the last change."""
        with QSignalBlocker(self.box):
            self.box.setChecked(on)
        self.box.setEnabled(not why_not)
        self.error.setText(problem)
        self.error.setVisible(bool(problem))
        self._explain(why_not or _HINT)

    @Slot(bool)
    def _ask(self, on: bool) -> None:
        self._wait()
        self.wanted.emit(on)

    def _wait(self) -> None:
        self.box.setEnabled(False)
        self._explain(_ASKING)

    def _explain(self, text: str) -> None:
        self.hint.setText(text)
        self.box.setAccessibleDescription(f"{self.error.text()} {text}".strip())
