"""The end of the session: the tray never holds it up, and asks not to be brought back by it.

Logging out closes the windows, and closing one only hides it, which Qt takes for consent. Where a session manager
keeps a list of what ran, the tray must not be on it: it would be started twice, by that list and by the autostart.
"""

from PySide6.QtCore import QObject, Slot
from PySide6.QtGui import QGuiApplication, QSessionManager


class SessionEnd(QObject):
    """Answers session managers: Windows, macOS, and X11 where Qt was built for XSMP (the wheels are not)."""

    def __init__(self, application: QGuiApplication, parent: QObject | None = None) -> None:
        super().__init__(parent)
        application.commitDataRequest.connect(self.answer)
        application.saveStateRequest.connect(self.answer)

    @Slot(QSessionManager)
    def answer(self, manager: QSessionManager) -> None:
        """Nothing has to be saved, nobody has to be asked."""
        manager.setRestartHint(QSessionManager.RestartHint.RestartNever)
