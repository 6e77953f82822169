"""Starts Qt and shows the icon at once; everything else is loaded beside it, and joined when it is there."""

import os
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QApplication

from tray_app.ui.exit_signals import ExitSignals
from tray_app.ui.tray import TrayIcon

if TYPE_CHECKING:
    from collections.abc import Callable

    from tray_app.adapters.single_instance import Instance
    from tray_app.app.surroundings import Surroundings


def run(prepare: "Callable[[], Surroundings]", instance: "Instance") -> int:
    """Show the tray until the user quits; returns the exit code.

    `prepare` finds settings and servers, on another thread; what it raises ends the program and is raised here.
    """
    application = QApplication(["swarmui-tray"])
    application.setApplicationName("swarmui-tray")
    application.setApplicationDisplayName("SwarmUI Tray")
    application.setDesktopFileName("swarmui-tray")
    application.setQuitOnLastWindowClosed(False)
    signals = ExitSignals(application.quit)
    icon = TrayIcon()
    icon.quit_requested.connect(application.quit)
    icon.show()
    # While the panel takes the icon:
    from tray_app.app.start import Start
    from tray_app.ui.session_end import SessionEnd
    from tray_app.ui.verb_listener import VerbListener

    SessionEnd(application, icon)
    start = Start(prepare, icon, application.quit)
    verbs = VerbListener(instance, {"show"}, start)
    verbs.received.connect(start.obey)
    application.aboutToQuit.connect(verbs.close)
    application.aboutToQuit.connect(instance.close)
    application.aboutToQuit.connect(start.shut_down)
    start.begin()
    code = application.exec()
    signals.close()
    if start.failure is not None:
        raise start.failure
    if start.loading:
        os._exit(code)  # Python's own end would crash a thread that is loading Qt's modules; all else is done
    return code
