"""A question that only the user can answer, asked without stopping anything else."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtWidgets import QAbstractButton, QMessageBox

from tray_app.ui.icons import application_icon
from tray_app.ui.labels import button_text
from tray_app.ui.placement import place_window

if TYPE_CHECKING:
    from tray_app.core.model import CancelRequest
    from tray_app.core.view import Question

KEEP_RUNNING = "Keep running"


class QuestionBox(QObject):
    """Shows a `Question` and emits the request chosen; Enter, Escape and closing it all keep the work running.

    One at a time: a newer question takes the place of one that is still open, which counts as declined.
    """

    chosen = Signal(object)  # a CancelRequest
    declined = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.box: QMessageBox | None = None
        self._requests: dict[QAbstractButton, CancelRequest] = {}

    @Slot(object)
    def ask(self, question: "Question") -> None:
        """Show the question; returns at once."""
        if self.box is not None:
            self.box.reject()
        box = QMessageBox()
        box.setWindowTitle(question.title)
        box.setWindowIcon(application_icon())
        box.setIcon(QMessageBox.Icon.Question)
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setText(question.text)
        box.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        box.setWindowModality(Qt.WindowModality.NonModal)
        box.setAttribute(Qt.WidgetAttribute.WA_QuitOnClose, False)
        self._requests = {}
        for label, request in question.choices:
            button = box.addButton(button_text(label), QMessageBox.ButtonRole.ActionRole)
            button.setAccessibleName(label)
            self._requests[button] = request
        keep = box.addButton(KEEP_RUNNING, QMessageBox.ButtonRole.RejectRole)
        box.setDefaultButton(keep)
        box.setEscapeButton(keep)
        box.finished.connect(self._finished)
        self.box = box
        place_window(box)
        box.show()
        box.raise_()
        box.activateWindow()

    @Slot()
    def withdraw(self) -> None:
        """Close an open question without an answer: what it was about has ended by itself."""
        if self.box is not None:
            self.box.reject()

    @Slot(int)
    def _finished(self, _result: int) -> None:
        box = self.box
        if box is None:
            return
        self.box = None
        request = self._requests.get(box.clickedButton())
        self._requests = {}
        box.deleteLater()
        if request is None:
            self.declined.emit()
        else:
            self.chosen.emit(request)
