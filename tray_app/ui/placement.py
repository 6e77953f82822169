"""Where windows open. Qt leaves that to the window manager, and many put every window on the first screen."""

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtGui import QCursor, QGuiApplication
from PySide6.QtWidgets import QWidget

_FRAME = QSize(16, 48)
"""What a window manager may draw around a window, in all; it is not known before the window was shown once."""


def place_window(window: QWidget) -> None:
    """Before a window is shown: put it on the screen with the pointer, whole and clear of panels.

    One that is shown already, or was left lying on that screen, stays where its user has it. On Wayland, where
    programs place no windows, this has no effect.
    """
    if window.isVisible():
        return
    screen = QGuiApplication.screenAt(QCursor.pos()) or window.screen()
    area = screen.availableGeometry()
    if window.testAttribute(Qt.WidgetAttribute.WA_Moved) and area.contains(window.frameGeometry()):
        return
    window.setScreen(screen)
    window.ensurePolished()
    wanted = window.size() if window.testAttribute(Qt.WidgetAttribute.WA_Resized) else window.sizeHint()
    size = wanted.boundedTo(area.size() - _FRAME)
    if size != wanted:
        window.resize(size)
    frame = QRect(QPoint(), size + _FRAME)
    frame.moveCenter(area.center())
    window.move(max(area.left(), frame.left()), max(area.top(), frame.top()))
