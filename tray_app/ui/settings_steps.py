"""How far a connection test came, one row a step."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QGridLayout, QLabel

from tray_app.core.fingerprint import breakable
from tray_app.ui.labels import one_line
from tray_app.ui.settings_field import error_colour, wrapped_label

Step = tuple[str, bool | None, str]
"""Name of a step of the test, whether it succeeded (None: not tried), and a whole sentence about it."""

_MARKS = {True: "✓", False: "✗", None: "○"}
_WORDS = {True: "done", False: "failed", None: "not tried"}
_GREEN_ON_LIGHT = QColor("#1b6e2d")
_GREEN_ON_DARK = QColor("#7ddc8f")


class StepsGrid(QGridLayout):
    """A mark, the name and a sentence for each step."""

    def __init__(self) -> None:
        super().__init__()
        self.setColumnStretch(2, 1)
        self.setHorizontalSpacing(8)

    def show(self, steps: Sequence[Step], palette: QPalette) -> None:
        """Show these steps in place of the last ones, in colours that can be read on the palette's background."""
        self.clear()
        dark = error_colour(palette) != error_colour(QPalette(Qt.GlobalColor.white))
        green = _GREEN_ON_DARK if dark else _GREEN_ON_LIGHT
        for row, (name, done, text) in enumerate(steps):
            mark, what, sentence = (
                QLabel(_MARKS[done]),
                QLabel(one_line(name)),
                wrapped_label(breakable(text)),
            )
            for label in (what, sentence):  # of one kind, so that they stand on one line
                label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            mark.setAccessibleName(f"{name}: {_WORDS[done]}")
            if done is not None:
                colours = mark.palette()
                colours.setColor(QPalette.ColorRole.WindowText, green if done else error_colour(palette))
                mark.setPalette(colours)
            font = what.font()
            font.setBold(done is False)
            what.setFont(font)
            for column, label in enumerate((mark, what, sentence)):
                label.setTextFormat(Qt.TextFormat.PlainText)
                self.addWidget(label, row, column, Qt.AlignmentFlag.AlignTop)

    def clear(self) -> None:
        """Show none."""
        while (item := self.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
