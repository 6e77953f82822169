"""Signing in once from the settings window, and certificates that nobody vouches for: accepted by fingerprint, once."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from tests.gui.program import QUICK, Home, Program, servers
from tests.integration.hostile import http
from tests.integration.tls_server import TlsServer, certify_localhost
from tray_app.core.address import parse_address
from tray_app.core.secret import Secret
from tray_app.core.settings import ServerSettings
from tray_app.simulator.server import SimulatedSwarmUI
from tray_app.ui.login_dialog import LoginDialog
from tray_app.ui.settings_window import SettingsWindow

Start = Callable[..., Program]
PASSWORD = "canary-0d1e-password"


@pytest.fixture
def shared() -> Iterator[SimulatedSwarmUI]:
    with SimulatedSwarmUI(accounts=True) as server:
        server.add_user("anna", "user", PASSWORD)
        yield server


def open_dialog(program: Program, window: SettingsWindow) -> LoginDialog:
    program.press(window.server.sign_in)
    dialogs = [each for each in window.findChildren(LoginDialog) if each.isVisible()]
    assert len(dialogs) == 1
    return dialogs[0]


def enter(dialog: LoginDialog, user: str, password: str) -> None:
    for edit, text in ((dialog.user.edit, user), (dialog.password.edit, password)):
        edit.clear()
        QTest.keyClicks(edit, text)
    QTest.keyClick(dialog.password.edit, Qt.Key.Key_Return)


def test_a_password_becomes_a_token_in_its_field_and_is_left_nowhere(
    start: Start, home: Home, shared: SimulatedSwarmUI
) -> None:
    program = start(settings=replace(QUICK, servers=servers(lab=shared.url)))
    window = program.open_settings()
    dialog = open_dialog(program, window)
    enter(dialog, "anna", "wrong")
    program.wait(dialog.problem.isVisible)
    assert "does not know this user name with this password" in dialog.problem.text()
    assert dialog.password.edit.text() == ""
    enter(dialog, "anna", PASSWORD)
    program.wait(lambda: window.server.token.text)
    assert not [each for each in window.findChildren(LoginDialog) if each.isVisible()]
    program.press(window.server.test)
    program.wait(lambda: any("You are the user anna" in each.text() for each in window.server.findChildren(QLabel)))
    window.close()
    program.wait_closed()
    files = [each for each in home.folder.rglob("*") if each.is_file()]
    assert [each for each in files if PASSWORD.encode() in each.read_bytes()] == []


def test_a_dialog_that_was_closed_takes_no_token_any_more(start: Start, shared: SimulatedSwarmUI) -> None:
    program = start(settings=replace(QUICK, servers=servers(lab=shared.url)))
    window = program.open_settings()
    dialog = open_dialog(program, window)
    enter(dialog, "anna", PASSWORD)
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    program.wait(lambda: any(each.path.endswith("RevokeMyAuthToken") for each in shared.requests))
    assert window.server.token.text == ""


def test_the_dialog_warns_where_the_password_would_go_unencrypted(qtbot: QtBot) -> None:
    texts = []
    for address in ("http://gpu.lan:7801", "https://gpu.lan"):
        window = SettingsWindow(QUICK)
        qtbot.addWidget(window)
        dialog = LoginDialog(parse_address(address), window)
        texts.append("\n".join(each.text() for each in dialog.findChildren(QLabel)))
        QTest.mouseClick(dialog.sign_in, Qt.MouseButton.LeftButton)
        assert not dialog.waiting
    assert "The way to gpu.lan is not encrypted" in texts[0]
    assert "not encrypted" not in texts[1]


def test_an_unknown_certificate_is_accepted_by_its_fingerprint_and_another_one_is_an_alarm(
    start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_PROXY", "*")
    with TlsServer(http({}), certify_localhost(tmp_path / "one.pem")) as server:
        url = f"https://localhost:{server.port}"
        program = start(settings=replace(QUICK, servers=servers(lab=url)))
        window = program.open_settings()
        form = window.server
        program.press(form.test)
        program.wait(lambda: not form.trust.isHidden())
        assert "only if the server's owner confirms this fingerprint" in form.certificate.hint.text()
        program.press(form.trust)
        first = form.certificate.text
        assert first in form.certificate.edit.text()
        program.wait(lambda: any("is the one that you trust" in each.text() for each in form.findChildren(QLabel)))
        assert form.trust.isHidden()
    with TlsServer(http({}), certify_localhost(tmp_path / "two.pem")) as other:
        form.address.edit.setText(f"https://localhost:{other.port}")
        program.press(form.test)
        program.wait(lambda: any("has changed" in each.text() for each in form.findChildren(QLabel)))
        assert form.trust.isHidden()
        assert form.certificate.text == first


def test_a_token_lands_only_on_the_server_that_it_was_made_by(qtbot: QtBot) -> None:
    window = SettingsWindow(replace(QUICK, servers=(ServerSettings("a", "a:1"), ServerSettings("b", "b:1"))))
    qtbot.addWidget(window)
    window.server.set_token(Secret("a.b.c"))
    window.servers.list.setCurrentRow(1)
    assert window.server.token.text == ""
    assert [each.token.reveal() for each in window.servers.drafts()] == ["a.b.c", ""]
