"""The tray as `run` composes it, without a panel: real settings, watchers and gateway, in a home of its own."""

import gc
import io
import logging
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
import shiboken6
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMessageBox, QPushButton
from pytestqt.exceptions import TimeoutError as QtTimeout
from pytestqt.qtbot import QtBot

from tray_app.adapters.settings.file import SettingsFile
from tray_app.app.tray import Tray
from tray_app.cli.arguments import build_parser
from tray_app.cli.context import Context
from tray_app.cli.options import Options
from tray_app.cli.output import Output
from tray_app.cli.run import surroundings
from tray_app.core.model import State
from tray_app.core.settings import ServerSettings, Settings
from tray_app.ui.settings_window import SettingsWindow
from tray_app.ui.status_window import StatusWindow

QUICK = Settings(poll_busy=0.2, poll_idle=0.5, request_timeout=5.0)
"""Settings with which a test need not wait for long."""


def servers(**urls: str) -> tuple[ServerSettings, ...]:
    """Servers by name, as settings have them."""
    return tuple(ServerSettings(name, url) for name, url in urls.items())


class Home:
    """An empty home, the settings in it, and a browser that only writes down what it is told to open."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self._environment = monkeypatch
        self.enter()
        for name in ("SWARMUI_TOKEN", "SWARMUI_AUTHORIZATION"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", f"unix:path={folder}/no-bus")
        self.settings_file = SettingsFile(folder / "xdg_config_home" / "swarmui-tray" / "settings.toml")
        self.state_file = folder / "xdg_state_home" / "swarmui-tray" / "state.json"
        self.activity_log = self.state_file.with_name("activity.jsonl")
        self._opened = folder / "opened"
        self._opened.touch()
        browser = folder / "browser"
        browser.write_text(f"#!/bin/sh\nprintf '%s\\n' \"$1\" >>'{self._opened}'\n")
        browser.chmod(stat.S_IRWXU)
        monkeypatch.setenv("BROWSER", str(browser))
        # What webbrowser has found in an earlier test is not looked for again.
        monkeypatch.setattr("webbrowser._tryorder", None)
        monkeypatch.setattr("webbrowser._browsers", {})

    @property
    def opened(self) -> list[str]:
        """What the browser was given."""
        return self._opened.read_text().splitlines()

    def enter(self) -> None:
        """Have everything that is looked up from here on be found in this home."""
        for name in ("HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_RUNTIME_DIR", "XDG_DATA_HOME"):
            place = self.folder / name.lower()
            place.mkdir(mode=0o700, exist_ok=True)
            self._environment.setenv(name, str(place))


class Program:
    """The composed tray; `left` counts how often it asked to end."""

    def __init__(self, qtbot: QtBot, *arguments: str) -> None:
        self._qtbot = qtbot
        self.said = io.StringIO()
        self.left = 0
        self._log = logging.getLogger("tray_app")
        self._log_before = (list(self._log.handlers), self._log.level, self._log.propagate)
        self.context = Context(Options(build_parser().parse_args(arguments)), Output(io.StringIO(), self.said))
        self.surroundings = surroundings(self.context)
        self.tray = Tray(self.surroundings, self._leave)
        self.icon = self.tray._icon
        self.menu = self.icon.menu
        self.tray.start()

    def _leave(self) -> None:
        self.left += 1

    def end(self) -> None:
        """Take it down as the end of the program does, and give back what a process keeps once."""
        self.tray.shut_down()
        for server in self.tray._servers:
            server.watcher.stop(5.0)
        # Now and here: Python may collect what is left in any thread, and Qt's objects must not end in another.
        windows = (self.tray._window, self.tray._editor.window if self.tray._editor else None, self.question)
        for each in (*windows, self.menu.menu, self.tray):
            if each is not None and shiboken6.isValid(each):
                shiboken6.delete(each)
        del self.tray, self.icon, self.menu
        gc.collect()
        self.context.ending.close()
        self._log.handlers[:], level, self._log.propagate = self._log_before
        self._log.setLevel(level)

    # ------------------------------------------------------------------------------------------------- what is shown

    @property
    def head(self) -> str:
        """The first line of the menu."""
        return self.menu.rows.head.text()

    @property
    def detail(self) -> str:
        """The second line of the menu."""
        return self.menu.rows.detail.text()

    @property
    def tooltip(self) -> str:
        """The tooltip of the icon."""
        assert self.icon._tray is not None
        return self.icon._tray.toolTip()

    @property
    def recent(self) -> list[str]:
        """The visible rows of "Recent events", without their times."""
        return [action.text().partition("  ")[2] for action in self.menu.recent if action.isVisible()]

    @property
    def question(self) -> QMessageBox | None:
        """The open question."""
        return self.tray._cancels.question.box if self.tray._cancels.question is not None else None

    @property
    def window(self) -> StatusWindow:
        """The small window, once it was opened."""
        assert self.tray._window is not None
        return self.tray._window

    @property
    def editor(self) -> SettingsWindow:
        """The settings window, once it is open."""
        assert self.tray._editor is not None
        assert self.tray._editor.window is not None
        return self.tray._editor.window

    # --------------------------------------------------------------------------------------------- what the user does

    def wait(self, condition: Callable[[], object], seconds: float = 10.0) -> None:
        """Let Qt work until something holds."""
        try:
            self._qtbot.waitUntil(lambda: bool(condition()), timeout=int(seconds * 1000))
        except QtTimeout:
            shown = (self.head, self.detail, self.recent, self.said.getvalue())
            raise AssertionError(f"it did not come to that: {shown}") from None

    def wait_head(self, text: str, seconds: float = 10.0) -> None:
        """Wait until the first line of the menu holds a text."""
        self.wait(lambda: text in self.head, seconds)

    def wait_state(self, state: State, seconds: float = 10.0) -> None:
        """Wait until the icon is the one of that state."""
        self.wait(lambda: self.icon.face.state is state, seconds)

    def choose(self, action: QAction) -> None:
        """Open the menu and click a row that can be clicked."""
        self.menu.menu.aboutToShow.emit()
        assert action.isVisible()
        assert action.isEnabled(), action.text()
        action.trigger()
        self.menu.menu.aboutToHide.emit()

    def answer(self, label: str) -> None:
        """Press a button of the open question."""
        assert self.question is not None
        buttons = {button.text().replace("&", ""): button for button in self.question.buttons()}
        buttons[label].click()

    def open_window(self) -> StatusWindow:
        """Click the icon."""
        self.icon.window_requested.emit()
        return self.window

    def open_settings(self) -> SettingsWindow:
        """Open the settings window from the menu and wait until it has read the file."""
        self.choose(self.menu.settings)
        self.wait(lambda: self.tray._editor is not None and self.tray._editor.window is not None)
        self.wait(self.editor.isVisible)
        return self.editor

    def wait_closed(self) -> None:
        """Wait until the settings window is gone, as it is after saving."""
        self.wait(lambda: self.tray._editor is not None and self.tray._editor.window is None)

    def press(self, button: QPushButton) -> None:
        """Press a button of a window."""
        assert button.isEnabled()
        button.click()
