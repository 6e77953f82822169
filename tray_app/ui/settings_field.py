"""One line of a form: an entry with what it is for below it, and what is wrong with it below that."""

from collections.abc import Iterable

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

_RED_ON_LIGHT = QColor("#b3261e")
_RED_ON_DARK = QColor("#ff8a80")
_DARK = 128
"""Lightness of the window's background below which it counts as dark."""


def wrapped_label(text: str) -> QLabel:
    """Plain text on as many lines as it needs. Qt reserves height for the least width, so that is not left to it."""
    label = QLabel(text)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    label.setMinimumWidth(340)
    return label


def hint_label(text: str) -> QLabel:
    """A sentence that explains, in a quieter colour than what it explains."""
    label = wrapped_label(text)
    palette = label.palette()
    palette.setColor(QPalette.ColorRole.WindowText, hint_colour(palette))
    label.setPalette(palette)
    return label


def hint_colour(palette: QPalette) -> QColor:
    """Two thirds of the way from the paper to the ink: quieter, and still read with ease."""
    ink = palette.color(QPalette.ColorRole.WindowText)
    return _blend(ink, palette.color(QPalette.ColorRole.Window), 0.68)


def error_colour(palette: QPalette) -> QColor:
    """Red that can be read on the palette's background."""
    dark = palette.color(QPalette.ColorRole.Window).lightness() < _DARK
    return _RED_ON_DARK if dark else _RED_ON_LIGHT


def error_label() -> QLabel:
    """Empty and hidden until something is wrong."""
    label = wrapped_label("")
    palette = label.palette()
    palette.setColor(QPalette.ColorRole.WindowText, error_colour(palette))
    label.setPalette(palette)
    label.hide()
    return label


def _blend(over: QColor, under: QColor, share: float) -> QColor:
    """`share` of the one colour, the rest of the other."""
    mixed = [
        round(share * a + (1 - share) * b)
        for a, b in zip(over.getRgb()[:3], under.getRgb()[:3], strict=True)  # type: ignore[index]
    ]
    return QColor(*mixed)


class Field(QWidget):
    """A line to type in, with a label that is its buddy. `buttons` stand at its right."""

    def __init__(self, label: str, hint: str, *, secret: bool = False, buttons: Iterable[QPushButton] = ()) -> None:
        super().__init__()
        self.label = QLabel(label)
        self.edit = QLineEdit()
        self.label.setBuddy(self.edit)
        self.edit.setAccessibleName(label.replace("&", ""))
        self.edit.setAccessibleDescription(hint)
        self._hint_text = self._usual_hint = hint
        if secret:
            self.edit.setEchoMode(QLineEdit.EchoMode.Password)
            hints = Qt.InputMethodHint.ImhSensitiveData | Qt.InputMethodHint.ImhNoPredictiveText
            self.edit.setInputMethodHints(hints)
        self.hint = hint_label(hint)
        self.hint.setVisible(bool(hint))
        self.error = error_label()
        row = QHBoxLayout()
        row.addWidget(self.edit, 1)
        for button in buttons:
            row.addWidget(button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(3)
        layout.addLayout(row)
        layout.addWidget(self.error)
        layout.addWidget(self.hint)
        self.edit.textEdited.connect(lambda: self.set_error(""))

    def add(self, widget: QWidget) -> None:
        """Put something more about the entry below it."""
        layout = self.layout()
        if layout is not None:
            layout.addWidget(widget)

    @property
    def text(self) -> str:
        """What was typed, without blanks around it."""
        return self.edit.text().strip()

    def set_hint(self, text: str) -> None:
        """Say something else below the entry than what it is for; an empty text goes back to that."""
        self.hint.setText(text or self._usual_hint)
        self._hint_text = text or self._usual_hint
        self.hint.setVisible(bool(self._hint_text) and not self.error.text())
        self.edit.setAccessibleDescription(f"{self.error.text()} {self._hint_text}".strip())

    def set_error(self, text: str) -> None:
        """Say what is wrong with the entry, in place of its hint; an empty text takes it back.

        A screen reader reads it with the entry.
        """
        self.error.setText(text)
        self.error.setVisible(bool(text))
        self.hint.setVisible(bool(self._hint_text) and not text)
        self.edit.setAccessibleDescription(f"{text} {self._hint_text}".strip())
