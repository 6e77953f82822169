"""The switch "start with the session": it shows what the system says after each change, and why it cannot be used."""

import threading
from collections.abc import Callable

import pytest
from pytestqt.qtbot import QtBot

from tests.gui.program import Home, Program, servers
from tray_app.app import autostart
from tray_app.core.settings import Settings
from tray_app.ui.settings_autostart import AutostartSwitch

Start = Callable[..., Program]


def test_it_asks_only_once_the_system_has_answered_and_shows_what_it_says(qtbot: QtBot) -> None:
    switch = AutostartSwitch()
    qtbot.addWidget(switch)
    wanted: list[bool] = []
    switch.wanted.connect(wanted.append)
    switch.box.click()
    assert wanted == []
    switch.show_state(on=False)
    switch.box.click()
    assert wanted == [True]
    assert not switch.box.isEnabled()
    switch.show_state(on=False, problem="The desktop does not allow it.")
    assert not switch.box.isChecked()
    assert switch.box.isEnabled()
    assert switch.box.accessibleDescription().startswith("The desktop does not allow it. Acts at once")


def test_where_it_cannot_be_switched_it_says_why(qtbot: QtBot) -> None:
    switch = AutostartSwitch()
    qtbot.addWidget(switch)
    switch.show_state(on=False, why_not="Nothing is known here that starts programs.")
    assert not switch.box.isEnabled()
    assert switch.hint.text() == "Nothing is known here that starts programs."


def test_in_the_settings_window_it_writes_the_entry_and_tells_what_keeps_it_from_that(start: Start, home: Home) -> None:
    program = start("--profile", "work", "--url", "http://127.0.0.1:1")
    switch = program.open_settings().behaviour.autostart
    program.wait(switch.box.isEnabled)
    assert not switch.box.isChecked()
    switch.box.click()
    program.wait(switch.box.isEnabled)
    assert switch.box.isChecked()
    entry = home.folder / "xdg_config_home/autostart/swarmui-tray-work.desktop"
    assert "--profile work run" in entry.read_text().replace('"', "")
    entry.unlink()
    entry.parent.rmdir()
    entry.parent.touch()  # a file in the folder's place keeps out root too
    switch.box.click()
    program.wait(switch.box.isEnabled)
    assert not switch.box.isChecked()
    switch.box.click()
    program.wait(switch.box.isEnabled)
    assert not switch.box.isChecked()
    assert "cannot be written" in switch.error.text()


def test_an_answer_that_comes_after_the_window_was_closed_is_let_go(start: Start) -> None:
    program = start(settings=Settings(servers=servers(home="http://127.0.0.1:1")))
    window = program.open_settings()
    window.close()
    program.wait_closed()
    program.wait(lambda: all(each.name != "autostart" for each in threading.enumerate()))
    assert program.open_settings().behaviour.autostart.isEnabled()


def test_what_cannot_be_repaired_is_in_the_debug_log_and_harms_nothing(
    start: Start, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(autostart, "REPAIR_AFTER_MS", 0)
    folder = home.folder / "xdg_config_home/autostart"
    folder.mkdir()
    entry = folder / "swarmui-tray.desktop"
    entry.write_text("[Desktop Entry]\nExec=/gone/swarmui-tray run\nX-SwarmUI-Tray-Written=true\n")
    program = start(settings=Settings(servers=servers(home="http://127.0.0.1:1")))
    program.wait(lambda: "/gone/" not in entry.read_text())
    log = home.state_file.with_name("debug.log")
    program.wait(lambda: log.exists() and "named a program that has gone" in log.read_text())
