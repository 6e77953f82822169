"""What Escape and Return do in a window that asks for something, as they do in a dialog."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QPushButton, QWidget


def obeys_key(window: QWidget, event: QKeyEvent, default: QPushButton) -> bool:
    """Close with Escape; press with Return the button that has the focus, or else `default`. False for other keys."""
    if event.key() == Qt.Key.Key_Escape:
        window.close()
        return True
    if event.key() not in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
        return False
    focused = window.focusWidget()
    button = focused if isinstance(focused, QPushButton) else default
    button.click()  # one that is disabled does nothing
    return True
