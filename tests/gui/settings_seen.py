"""A settings window and what it asked for, for the tests of this folder."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from tray_app.core.secret import Secret, SecretKind
from tray_app.core.settings import Notify, ServerSettings, Settings
from tray_app.ui.settings_window import SettingsWindow

if TYPE_CHECKING:
    from tray_app.ui.settings_draft import ServerDraft

HOME = ServerSettings("home", "http://127.0.0.1:7801")
STUDIO = ServerSettings("studio", "https://example.org/ui")
SETTINGS = Settings(
    servers=(HOME, STUDIO),
    poll_busy=0.5,
    poll_idle=30.0,
    request_timeout=7.5,
    notify=Notify(finished=False, failed=True, lost=False, back=True, cancel=False, longer_than=90, everybody=True),
    confirm_cancel_after_minutes=15,
    allow_prompts=True,
)
TOKEN, AUTHORIZATION, SESSION = SecretKind.TOKEN, SecretKind.AUTHORIZATION, SecretKind.SESSION


class Seen:
    """A window and what it asked for."""

    def __init__(
        self,
        qtbot: QtBot,
        settings: Settings = SETTINGS,
        *stored: str,
        proposed: tuple[ServerSettings, ...] = (),
    ) -> None:
        self.window = SettingsWindow(settings, frozenset(stored), proposed)
        self.saved: list[tuple[Settings, dict[str, dict[SecretKind, Secret | None]]]] = []
        self.tested: list[ServerDraft] = []
        self.opened: list[str] = []
        self.window.save_requested.connect(lambda settings, changes: self.saved.append((settings, changes)))
        self.window.test_requested.connect(self.tested.append)
        self.window.open_requested.connect(self.opened.append)
        qtbot.addWidget(self.window)
        self.window.open()
        qtbot.waitUntil(self.window.isActiveWindow)
        self.servers = self.window.servers
        self.page = self.window.server

    def type(self, edit: QLineEdit, text: str) -> None:
        """Replace what stands in a line, as somebody at a keyboard does."""
        edit.setFocus()
        edit.selectAll()
        QTest.keyClick(edit, Qt.Key.Key_Backspace)
        QTest.keyClicks(edit, text)

    def save(self) -> None:
        """Press Save."""
        QTest.mouseClick(self.window.save, Qt.MouseButton.LeftButton)
