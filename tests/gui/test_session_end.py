"""Quitting and the session's end, with every window open."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtGui import QGuiApplication, QSessionManager

from tray_app.ui.session_end import SessionEnd

ROOT = Path(__file__).parents[2]

# Opens all windows, and ends in the way that its argument names.
PROGRAM = """
import sys
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from tests.gui.views import view
from tray_app.core.model import CancelRequest
from tray_app.core.settings import Settings
from tray_app.core.view import Question
from tray_app.ui.question import QuestionBox
from tray_app.ui.session_end import SessionEnd
from tray_app.ui.settings_window import SettingsWindow
from tray_app.ui.status_window import StatusWindow
from tray_app.ui.tray import TrayIcon
application = QApplication([])
application.setQuitOnLastWindowClosed(False)
application.aboutToQuit.connect(lambda: print("about to quit", flush=True))
end = SessionEnd(application)
tray, status, settings = TrayIcon(view()), StatusWindow(view()), SettingsWindow(Settings(), frozenset())
question = QuestionBox(tray)
tray.show()
status.open()
settings.open()
question.ask(Question("Cancel", "Cancel all?", (("Yes", CancelRequest(everything=True)),)))
def close_all():
    print(sum(each.isVisible() for each in application.topLevelWidgets()), "open", flush=True)
    application.closeAllWindows()
    print(sum(each.isVisible() for each in application.topLevelWidgets()), "open", flush=True)
    QTimer.singleShot(200, application.quit)
QTimer.singleShot(100, {"quit": application.quit, "close": close_all}[sys.argv[1]])
sys.exit(application.exec())
"""


def run(way: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, way],
        cwd=ROOT,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    return done.stdout


def test_quitting_ends_the_program_whatever_window_is_open() -> None:
    assert run("quit") == "about to quit\n"


def test_closing_all_windows_hides_them_and_the_program_goes_on_until_it_is_quit() -> None:
    assert run("close") == "3 open\n0 open\nabout to quit\n"


class Manager:
    """A session manager that writes down what it is asked; a real one cannot be made."""

    def __init__(self) -> None:
        self.asked: list[object] = []

    def setRestartHint(self, hint: QSessionManager.RestartHint) -> None:  # noqa: N802 - Qt's name
        self.asked.append(hint)


@pytest.mark.usefixtures("qtbot")
def test_a_session_manager_is_told_not_to_bring_the_tray_back() -> None:
    application = QGuiApplication.instance()
    assert isinstance(application, QGuiApplication)
    manager = Manager()
    SessionEnd(application).answer(manager)  # type: ignore[arg-type]
    assert manager.asked == [QSessionManager.RestartHint.RestartNever]
