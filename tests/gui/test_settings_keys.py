"""The settings window: keys stay hidden and with their origin, the test names what fails, certificates are pinned."""

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QLineEdit
from pytestqt.qtbot import QtBot

from tests.gui.settings_seen import AUTHORIZATION, HOME, SESSION, SETTINGS, STUDIO, TOKEN, Seen
from tray_app.core.secret import Secret, SecretKind
from tray_app.core.settings import ServerSettings, Settings
from tray_app.ui.login_dialog import LoginDialog
from tray_app.ui.settings_draft import ServerDraft


class TestSecrets:
    """Keys are hidden, and go to the origin that they were typed for."""

    def test_fields_of_stored_keys_are_empty_and_say_so(self, qtbot: QtBot) -> None:
        seen = Seen(qtbot, SETTINGS, "http://127.0.0.1:7801")
        for field in (seen.page.token, seen.page.authorization):
            assert field.edit.text() == ""
            assert "Leave empty to keep" in field.edit.placeholderText()
            assert field.edit.echoMode() is QLineEdit.EchoMode.Password
        QTest.mouseClick(seen.servers.add, Qt.MouseButton.LeftButton)
        seen.type(seen.page.address.edit, "http://elsewhere:7801")
        assert seen.page.token.edit.placeholderText() == ""
        assert not seen.page.forget_token.isVisible()

    def test_a_key_does_not_follow_its_server_to_another_address_and_is_removed(self, qtbot: QtBot) -> None:
        seen = Seen(qtbot, SETTINGS, "http://127.0.0.1:7801")
        seen.type(seen.page.address.edit, "http://elsewhere:7801")
        for field in (seen.page.token, seen.page.authorization):
            assert field.edit.placeholderText() == "The key stored for the old address is removed; enter it again"
        assert not seen.page.forget_token.isVisible()
        seen.type(seen.page.token.edit, "616e6e.1.one")
        seen.save()
        assert seen.saved[0][1] == {
            "http://127.0.0.1:7801": dict.fromkeys(SecretKind),
            "http://elsewhere:7801": {TOKEN: Secret("616e6e.1.one"), SESSION: None},
        }

    def test_a_key_stays_while_another_server_of_its_origin_does(self, qtbot: QtBot) -> None:
        two = (HOME, ServerSettings("same", f"{HOME.address}/swarm"))
        seen = Seen(qtbot, Settings(servers=two), "http://127.0.0.1:7801")
        QTest.mouseClick(seen.servers.remove, Qt.MouseButton.LeftButton)
        seen.save()
        assert seen.saved[0][1] == {}

    def test_a_new_key_is_stored_and_the_old_session_dropped(self, qtbot: QtBot) -> None:
        seen = Seen(qtbot)
        seen.type(seen.page.token.edit, ' theme=dark; swarm_token="616e6e.1.one" ')
        seen.type(seen.page.authorization.edit, "Bearer two")
        seen.save()
        expected = {TOKEN: Secret("616e6e.1.one"), AUTHORIZATION: Secret("Bearer two"), SESSION: None}
        assert seen.saved[0][1] == {"http://127.0.0.1:7801": expected}

    def test_what_has_not_the_shape_of_a_token_is_told_at_its_field(self, qtbot: QtBot) -> None:
        seen = Seen(qtbot)
        seen.type(seen.page.token.edit, "sk-or-v1-something")
        seen.save()
        assert seen.saved == []
        assert "no account token of SwarmUI" in seen.page.token.error.text()

    def test_a_stored_key_is_removed_by_choice(self, qtbot: QtBot) -> None:
        seen = Seen(qtbot, SETTINGS, "http://127.0.0.1:7801")
        seen.page.forget_authorization.click()
        seen.save()
        seen.window.show_problem("")
        seen.page.forget_token.click()
        seen.save()
        origin = "http://127.0.0.1:7801"
        assert [changes for _, changes in seen.saved] == [
            {origin: {AUTHORIZATION: None, SESSION: None}},
            {origin: dict.fromkeys(SecretKind)},
        ]

    def test_the_login_of_a_proxy_becomes_a_value_that_says_whose_it_is(self, qtbot: QtBot) -> None:
        seen = Seen(qtbot, SETTINGS, "http://127.0.0.1:7801")
        seen.page.login.click()
        (dialog,) = seen.page.findChildren(LoginDialog)
        qtbot.waitUntil(dialog.isVisible)
        assert "that asks for a user name and a password itself" in "".join(
            each.text() for each in dialog.findChildren(QLabel)
        )
        QTest.keyClicks(dialog.user.edit, "ann")
        QTest.keyClicks(dialog.password.edit, "pass")
        QTest.keyClick(dialog.password.edit, Qt.Key.Key_Return)
        assert not dialog.isVisible()
        assert seen.page.authorization.hint.text() == "The login of a proxy: the user name is ann."
        seen.save()
        expected = {AUTHORIZATION: Secret("Basic YW5uOnBhc3M="), SESSION: None}
        assert seen.saved[0][1] == {"http://127.0.0.1:7801": expected}
        seen.type(seen.page.authorization.edit, "Bearer x")
        assert seen.page.authorization.hint.text().startswith("Only for a server that wants the same header")

    def test_a_key_pasted_with_the_address_is_moved_to_its_field(self, qtbot: QtBot) -> None:
        seen = Seen(qtbot)
        seen.type(seen.page.address.edit, "https://ann:canary@host/?token=abc")
        seen.page.name.edit.setFocus()
        assert seen.page.address.edit.text() == "https://host"
        assert seen.page.token.edit.text() == "abc"
        assert seen.page.authorization.edit.text().startswith("Basic ")
        assert seen.page.address.error.isVisible()

    def test_the_page_for_tokens_is_the_servers_own(self, qtbot: QtBot) -> None:
        seen = Seen(qtbot, Settings(servers=(STUDIO,)))
        QTest.mouseClick(seen.page.get_token, Qt.MouseButton.LeftButton)
        assert seen.opened == ["https://example.org/ui/#User"]
        seen.type(seen.page.address.edit, "//")
        assert not seen.page.get_token.isEnabled()


class TestTesting:
    """The Test button and its steps."""

    STEPS = (
        ("Address", True, "It answers."),
        ("Key", False, "<b>SwarmUI</b> refuses the token."),
        ("Rights", None, "Not tried."),
    )

    def labels(self, seen: Seen) -> list[str]:
        """The visible texts of the server page."""
        return [label.text() for label in seen.page.findChildren(QLabel) if label.isVisible()]

    def test_the_server_as_it_is_edited_is_tested_and_each_step_named(self, qtbot: QtBot) -> None:
        seen = Seen(qtbot)
        seen.type(seen.page.token.edit, "616e6e.1.abc")
        QTest.mouseClick(seen.page.test, Qt.MouseButton.LeftButton)
        assert seen.tested == [ServerDraft(HOME.name, HOME.address, token=Secret("616e6e.1.abc"))]
        assert not seen.page.test.isEnabled()
        seen.window.show_steps(self.STEPS)
        assert seen.page.test.isEnabled()
        expected = {"✓", "Address", "✗", "Key", "<b>SwarmUI</b> refuses the token.", "○", "Rights"}
        qtbot.waitUntil(lambda: expected <= set(self.labels(seen)))
        marks = {label.accessibleName() for label in seen.page.findChildren(QLabel)}
        assert {"Address: done", "Key: failed", "Rights: not tried"} <= marks

    def test_the_steps_are_brought_into_view_from_the_first_on(self, qtbot: QtBot) -> None:
        seen = Seen(qtbot)
        seen.window.resize(600, 400)
        seen.window.show_steps(self.STEPS * 6)
        area = seen.window.tabs.widget(0)
        assert area is not None
        qtbot.waitUntil(lambda: seen.page.test.mapTo(area, QPoint()).y() == 8)
        seen.type(seen.page.address.edit, "https://gpu.lan")
        seen.window.show_steps(self.STEPS * 6, None, "sha256:" + ":".join(["AB"] * 32))
        qtbot.waitUntil(lambda: seen.page.certificate.mapTo(area, QPoint()).y() == 8)

    def test_a_change_takes_the_old_result_away(self, qtbot: QtBot) -> None:
        seen = Seen(qtbot)
        seen.window.show_steps(self.STEPS)
        qtbot.waitUntil(lambda: "✗" in self.labels(seen))
        QTest.keyClicks(seen.page.address.edit, "/x")
        assert "✗" not in self.labels(seen)

    def test_a_result_that_comes_when_another_server_is_shown_is_let_go(self, qtbot: QtBot) -> None:
        seen = Seen(qtbot)
        seen.page.test.click()
        seen.servers.list.setCurrentRow(1)
        assert seen.page.test.isEnabled()
        seen.window.show_steps(self.STEPS, seen.tested[0])
        assert "✗" not in self.labels(seen)

    def test_a_fingerprint_is_broken_into_lines_and_can_be_copied_from_there(self, qtbot: QtBot) -> None:
        seen = Seen(qtbot, Settings(servers=(STUDIO,)))
        fingerprint = "sha256:" + ":".join(["AB"] * 32)
        seen.window.show_steps([("TLS", False, f"Its fingerprint is {fingerprint}.")])
        qtbot.waitUntil(lambda: "✗" in self.labels(seen))
        shown = next(text for text in self.labels(seen) if text.startswith("Its fingerprint"))
        assert shown != f"Its fingerprint is {fingerprint}."
        seen.page.certificate.edit.setText(shown.removeprefix("Its fingerprint is ").rstrip("."))
        seen.save()
        assert seen.saved[0][0].servers[0].certificate == fingerprint

    def test_a_server_without_a_readable_address_is_not_tested(self, qtbot: QtBot) -> None:
        seen = Seen(qtbot, Settings())
        QTest.mouseClick(seen.page.test, Qt.MouseButton.LeftButton)
        assert seen.tested == []
        assert seen.page.address.error.isVisible()


def test_a_key_without_encryption_is_warned_of_at_the_address(qtbot: QtBot) -> None:
    seen = Seen(qtbot, Settings(servers=(ServerSettings("gpu", "http://gpu.lan:7801"),)), "http://stored.lan:80")
    hint = seen.page.address.hint
    usual = hint.text()
    assert "not encrypted" not in usual
    seen.type(seen.page.token.edit, "a.b.c")
    assert hint.text().startswith("The way to gpu.lan is not encrypted:")
    assert "not encrypted" in seen.page.address.edit.accessibleDescription()
    seen.type(seen.page.address.edit, "https://gpu.lan")
    assert hint.text() == usual
    seen.type(seen.page.token.edit, "")
    seen.type(seen.page.address.edit, "http://stored.lan")
    assert hint.text().startswith("The way to stored.lan is not encrypted:")
    seen.page.forget_token.setChecked(True)
    assert hint.text() != usual
    seen.page.forget_authorization.setChecked(True)
    assert hint.text() == usual


def test_a_certificate_can_be_pinned_only_where_there_is_one(qtbot: QtBot) -> None:
    fingerprint = "sha256:" + ":".join(["AB"] * 32)
    servers = (HOME, ServerSettings("studio", "https://example.org/ui", fingerprint))
    seen = Seen(qtbot, Settings(servers=servers))
    assert seen.page.certificate.isHidden()
    seen.servers.list.setCurrentRow(1)
    assert seen.page.certificate.text == fingerprint
    assert not seen.page.certificate.isHidden()
    seen.type(seen.page.certificate.edit, "sha256:12")
    seen.save()
    assert seen.saved == []
    assert "no SHA-256 fingerprint" in seen.page.certificate.error.text()
    seen.type(seen.page.certificate.edit, "cd" * 32)
    seen.save()
    assert [each.certificate for each in seen.saved[0][0].servers] == ["", fingerprint.replace("AB", "CD")]
