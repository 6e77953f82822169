"""The box in which one of several servers is chosen."""

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QComboBox, QWidget

from tray_app.core.view import TrayView
from tray_app.ui.labels import one_line


class ServerChooser(QComboBox):
    """One row for each server, with its name and head line. `chosen` carries the number of the one that was picked."""

    chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Server")
        self.setPlaceholderText("Choose a server")
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.activated.connect(self._activated)

    def offer(self, servers: tuple[TrayView, ...], chosen: int) -> None:
        """List the servers, with none chosen where that one is not among them."""
        texts = [one_line(each.head.text) for each in servers]
        if [each.server for each in servers] != [self.itemData(place) for place in range(self.count())]:
            self.hidePopup()  # what lies under the pointer is about to change
            self.clear()
            for text, each in zip(texts, servers, strict=True):
                self.addItem(text, each.server)
        for place, text in enumerate(texts):
            if self.itemText(place) != text:
                self.setItemText(place, text)
        self.setCurrentIndex(self.findData(chosen))

    @Slot(int)
    def _activated(self, place: int) -> None:
        self.chosen.emit(self.itemData(place))
