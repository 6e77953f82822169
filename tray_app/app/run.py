"""Starts Qt and the tray, and returns when the user has quit."""

import sys

from PySide6.QtWidgets import QApplication

from tray_app.app.surroundings import Surroundings
from tray_app.app.tray import Tray


def run(surroundings: Surroundings) -> int:
    """Show the tray until the user quits; returns the exit code."""
    application = QApplication(sys.argv[:1])
    application.setApplicationName("swarmui-tray")
    application.setApplicationDisplayName("SwarmUI Tray")
    application.setDesktopFileName("swarmui-tray")
    application.setQuitOnLastWindowClosed(False)
    tray = Tray(surroundings, application.quit)
    application.aboutToQuit.connect(tray.shut_down)
    tray.start()
    return application.exec()
