"""The settings window: what goes in comes out, errors stand at their field, secrets stay hidden, keys reach it all."""

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPalette
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QLineEdit, QTabBar, QWidget
from pytestqt.qtbot import QtBot

from tray_app.core.icon_look import IconChoice
from tray_app.core.secret import Secret, SecretKind
from tray_app.core.settings import Notify, ServerSettings, Settings
from tray_app.ui.settings_draft import ServerDraft
from tray_app.ui.settings_field import error_colour, hint_colour
from tray_app.ui.settings_window import SettingsWindow

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

    def __init__(self, qtbot: QtBot, settings: Settings = SETTINGS, *stored: str) -> None:
        self.window = SettingsWindow(settings, frozenset(stored))
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


@pytest.mark.parametrize("settings", [SETTINGS, Settings(servers=(HOME,))])
def test_saving_unchanged_gives_back_the_same_settings_and_no_secret(qtbot: QtBot, settings: Settings) -> None:
    seen = Seen(qtbot, settings, "http://127.0.0.1:7801")
    seen.save()
    assert seen.saved == [(settings, {})]


def test_every_option_that_is_changed_arrives(qtbot: QtBot) -> None:
    seen = Seen(qtbot)
    notifications, behaviour = seen.window.notifications, seen.window.behaviour
    for box in (notifications.finished, notifications.failed, notifications.lost, notifications.back):
        box.toggle()
    notifications.cancel.toggle()
    notifications.everybody.toggle()
    notifications.longer_than.setValue(5)
    notifications.quiet.edit.setText(" mon-fri 22:00-07:00 ")
    notifications.trouble_breaks_through.toggle()
    notifications.trouble_stays.toggle()
    behaviour.busy.setValue(2)
    behaviour.idle.setValue(10)
    behaviour.timeout.setValue(20)
    behaviour.confirm.setValue(0)
    behaviour.prompts.toggle()
    assert behaviour.icon.currentText() == "Automatic"
    behaviour.icon.setCurrentText("Light, for dark panels")
    seen.save()
    expected = replace(
        SETTINGS,
        poll_busy=2.0,
        poll_idle=10.0,
        request_timeout=20.0,
        notify=Notify(
            finished=True,
            failed=False,
            lost=True,
            back=False,
            cancel=True,
            longer_than=5,
            everybody=False,
            quiet_hours="mon-fri 22:00-07:00",
            trouble_breaks_through=True,
            trouble_stays=True,
        ),
        confirm_cancel_after_minutes=None,
        icon=IconChoice.LIGHT,
        allow_prompts=False,
    )
    assert seen.saved[0][0] == expected
    assert isinstance(seen.saved[0][0].notify.longer_than, int)


def test_quiet_hours_that_make_no_sense_are_told_at_their_field_and_not_saved(qtbot: QtBot) -> None:
    seen = Seen(qtbot)
    field = seen.window.notifications.quiet
    field.edit.setText("moon 22:00-07:00")
    seen.window.save.click()
    assert seen.saved == []
    assert seen.window.tabs.currentIndex() == 1
    assert field.error.text().startswith("“moon” in “moon 22:00-07:00” is no weekday")
    assert field.edit.accessibleDescription().startswith("“moon”")
    field.edit.setText("mon 22:00-07:00")
    seen.save()
    assert seen.saved[0][0].notify.quiet_hours == "mon 22:00-07:00"


class TestServers:
    """Choosing, adding and removing."""

    def test_the_first_server_of_all_is_typed_into_an_empty_page(self, qtbot: QtBot) -> None:
        seen = Seen(qtbot, Settings())
        assert seen.page.address.edit.hasFocus()
        assert not seen.servers.remove.isEnabled()
        seen.type(seen.page.address.edit, "localhost:7801")
        seen.save()
        assert seen.saved[0][0].servers == (ServerSettings("localhost:7801", "localhost:7801"),)

    def test_each_server_keeps_what_was_typed_for_it(self, qtbot: QtBot) -> None:
        seen = Seen(qtbot)
        seen.type(seen.page.name.edit, "desk")
        seen.servers.list.setCurrentRow(1)
        assert seen.page.name.edit.text() == "studio"
        seen.type(seen.page.address.edit, "https://example.org")
        seen.save()
        assert seen.saved[0][0].servers == (
            ServerSettings("desk", HOME.address),
            ServerSettings("studio", "https://example.org"),
        )

    def test_an_added_server_comes_last_and_an_empty_one_is_left_out(self, qtbot: QtBot) -> None:
        seen = Seen(qtbot)
        QTest.mouseClick(seen.servers.add, Qt.MouseButton.LeftButton)
        seen.type(seen.page.address.edit, "http://third:7801")
        QTest.mouseClick(seen.servers.add, Qt.MouseButton.LeftButton)
        seen.save()
        assert seen.saved[0][0].servers == (HOME, STUDIO, ServerSettings("third:7801", "http://third:7801"))

    def test_the_key_of_a_removed_server_is_removed_too(self, qtbot: QtBot) -> None:
        seen = Seen(qtbot, SETTINGS, "http://127.0.0.1:7801", "https://example.org")
        QTest.mouseClick(seen.servers.remove, Qt.MouseButton.LeftButton)
        seen.save()
        assert seen.saved[0][0].servers == (STUDIO,)
        assert seen.saved[0][1] == {"http://127.0.0.1:7801": dict.fromkeys(SecretKind)}

    def test_the_order_is_changed_by_keyboard_and_kept_with_what_was_typed(self, qtbot: QtBot) -> None:
        seen = Seen(qtbot)
        seen.type(seen.page.name.edit, "desk")
        assert not seen.servers.up.isEnabled()
        seen.servers.down.setFocus()
        QTest.keyClick(seen.servers.down, Qt.Key.Key_Space)
        assert [seen.servers.list.item(row).text() for row in range(2)] == ["studio", "desk"]
        assert seen.page.name.text == "desk"
        assert not seen.servers.down.isEnabled()
        seen.save()
        assert [each.name for each in seen.saved[0][0].servers] == ["studio", "desk"]

    def test_removing_says_what_goes_with_it_and_the_last_one_can_be_removed(self, qtbot: QtBot) -> None:
        seen = Seen(qtbot, SETTINGS, "http://127.0.0.1:7801")
        seen.servers.remove.click()
        assert seen.servers.note.text() == ("“home” is removed when you save, and its stored key and session with it.")
        seen.servers.remove.click()
        assert seen.servers.note.text() == "“studio” is removed when you save."
        assert not seen.servers.remove.isEnabled()
        seen.servers.add.click()
        seen.servers.remove.click()
        seen.servers.remove.click()
        seen.page.address.edit.setText("new:7801")
        assert seen.servers.remove.isEnabled()
        seen.save()
        assert [each.name for each in seen.saved[0][0].servers] == ["new:7801"]

    def test_all_that_is_wrong_is_marked_together(self, qtbot: QtBot) -> None:
        seen = Seen(qtbot)
        seen.type(seen.page.address.edit, "ftp://x")
        seen.servers.list.setCurrentRow(1)
        seen.type(seen.page.address.edit, "two words")
        seen.window.notifications.quiet.edit.setText("moon")
        seen.save()
        rows = [seen.servers.list.item(row).text() for row in range(2)]
        assert rows == ["home (to be corrected)", "studio (to be corrected)"]
        assert "in red: home, studio, Notifications." in seen.window.problem.text()
        assert "http or https" in seen.page.address.error.text()
        seen.servers.list.setCurrentRow(1)
        assert "a character that no address has" in seen.page.address.error.text()
        assert seen.window.notifications.quiet.error.text()
        seen.type(seen.page.address.edit, "lab:7801")
        seen.servers.list.setCurrentRow(0)
        seen.type(seen.page.address.edit, "home:7801")
        seen.window.notifications.quiet.edit.setText("")
        seen.save()
        assert len(seen.saved) == 1
        assert not seen.window.problem.isVisible()

    def test_two_servers_of_one_name_are_an_error_at_the_second(self, qtbot: QtBot) -> None:
        seen = Seen(qtbot)
        seen.type(seen.page.name.edit, "studio")
        seen.save()
        assert seen.saved == []
        assert seen.servers.list.currentRow() == 1
        assert "Two servers are called studio." in seen.page.name.error.text()


class TestErrors:
    """Errors stand at the field and go when it is changed."""

    def test_a_bad_address_is_told_at_its_field_and_gets_the_focus(self, qtbot: QtBot) -> None:
        seen = Seen(qtbot)
        seen.type(seen.page.address.edit, "ftp://host")
        seen.window.tabs.setCurrentIndex(2)
        seen.save()
        assert seen.saved == []
        assert seen.window.tabs.currentIndex() == 0
        assert seen.page.address.edit.hasFocus()
        assert seen.page.address.error.isVisible()
        assert "http or https" in seen.page.address.error.text()
        assert seen.page.address.edit.accessibleDescription().startswith(seen.page.address.error.text())
        QTest.keyClicks(seen.page.address.edit, "x")
        assert not seen.page.address.error.isVisible()
        assert seen.page.address.hint.isVisible()

    def test_a_token_that_cannot_be_one_is_told_and_not_shown(self, qtbot: QtBot) -> None:
        seen = Seen(qtbot)
        seen.type(seen.page.token.edit, "canary;x")
        seen.save()
        assert seen.saved == []
        shown = [label.text() for label in seen.window.findChildren(QLabel)]
        assert any("account token" in text for text in shown)
        assert "canary" not in "".join(shown)

    def test_what_could_not_be_stored_is_told_and_can_be_tried_again(self, qtbot: QtBot) -> None:
        seen = Seen(qtbot)
        seen.save()
        assert not seen.window.save.isEnabled()
        seen.window.show_problem("The keyring is locked. Unlock it and save again.")
        assert seen.window.problem.isVisible()
        seen.save()
        assert len(seen.saved) == 2
        seen.window.show_saved()
        assert not seen.window.isVisible()

    def test_settings_of_a_newer_program_can_be_read_but_not_saved(self, qtbot: QtBot) -> None:
        seen = Seen(qtbot, Settings(servers=(HOME,), schema=99))
        assert not seen.window.save.isEnabled()
        assert "newer" in seen.window.problem.text()
        QTest.keyClick(seen.window, Qt.Key.Key_Return)
        assert seen.saved == []


class TestSecrets:
    """Keys are hidden, and go to the origin that they were typed for."""

    def test_fields_of_stored_keys_are_empty_and_say_so(self, qtbot: QtBot) -> None:
        seen = Seen(qtbot, SETTINGS, "http://127.0.0.1:7801")
        for field in (seen.page.token, seen.page.authorization):
            assert field.edit.text() == ""
            assert "leave empty to keep" in field.edit.placeholderText()
            assert field.edit.echoMode() is QLineEdit.EchoMode.Password
        QTest.mouseClick(seen.servers.add, Qt.MouseButton.LeftButton)
        seen.type(seen.page.address.edit, "http://elsewhere:7801")
        assert seen.page.token.edit.placeholderText() == ""
        assert not seen.page.forget.isVisible()

    def test_a_key_does_not_follow_its_server_to_another_address_and_is_removed(self, qtbot: QtBot) -> None:
        seen = Seen(qtbot, SETTINGS, "http://127.0.0.1:7801")
        seen.type(seen.page.address.edit, "http://elsewhere:7801")
        for field in (seen.page.token, seen.page.authorization):
            assert field.edit.placeholderText() == "The key stored for the old address is removed; enter it again"
        assert not seen.page.forget.isVisible()
        seen.type(seen.page.token.edit, "one")
        seen.save()
        assert seen.saved[0][1] == {
            "http://127.0.0.1:7801": dict.fromkeys(SecretKind),
            "http://elsewhere:7801": {TOKEN: Secret("one"), SESSION: None},
        }

    def test_a_key_stays_while_another_server_of_its_origin_does(self, qtbot: QtBot) -> None:
        two = (HOME, ServerSettings("same", f"{HOME.address}/swarm"))
        seen = Seen(qtbot, Settings(servers=two), "http://127.0.0.1:7801")
        QTest.mouseClick(seen.servers.remove, Qt.MouseButton.LeftButton)
        seen.save()
        assert seen.saved[0][1] == {}

    def test_a_new_key_is_stored_and_the_old_session_dropped(self, qtbot: QtBot) -> None:
        seen = Seen(qtbot)
        seen.type(seen.page.token.edit, ' theme=dark; swarm_token="one" ')
        seen.type(seen.page.authorization.edit, "Bearer two")
        seen.save()
        expected = {TOKEN: Secret("one"), AUTHORIZATION: Secret("Bearer two"), SESSION: None}
        assert seen.saved[0][1] == {"http://127.0.0.1:7801": expected}

    def test_a_stored_key_is_removed_by_choice(self, qtbot: QtBot) -> None:
        seen = Seen(qtbot, SETTINGS, "http://127.0.0.1:7801")
        seen.page.forget.click()
        seen.save()
        assert seen.saved[0][1] == {"http://127.0.0.1:7801": dict.fromkeys(SecretKind)}

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
        seen.type(seen.page.token.edit, "abc")
        QTest.mouseClick(seen.page.test, Qt.MouseButton.LeftButton)
        assert seen.tested == [ServerDraft(HOME.name, HOME.address, token=Secret("abc"))]
        assert not seen.page.test.isEnabled()
        seen.window.show_steps(self.STEPS)
        assert seen.page.test.isEnabled()
        expected = {"✓", "Address", "✗", "Key", "<b>SwarmUI</b> refuses the token.", "○", "Rights"}
        qtbot.waitUntil(lambda: expected <= set(self.labels(seen)))
        marks = {label.accessibleName() for label in seen.page.findChildren(QLabel)}
        assert {"Address: done", "Key: failed", "Rights: not tried"} <= marks

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


class TestKeyboard:
    """All of it without a mouse, and with a screen reader."""

    def test_mnemonics_are_unique_on_every_page(self, qtbot: QtBot) -> None:
        seen = Seen(qtbot, SETTINGS, "http://127.0.0.1:7801")
        bars = seen.window.tabs.findChildren(QTabBar)
        tabs = [bar.tabText(place) for bar in bars for place in range(bar.count())]
        for place in range(seen.window.tabs.count()):
            seen.window.tabs.setCurrentIndex(place)
            texts = tabs + [
                widget.text()
                for widget in seen.window.findChildren(QWidget)
                if isinstance(widget, (QAbstractButton, QLabel)) and widget.isVisible()
            ]
            keys = [text[text.index("&") + 1].lower() for text in texts if "&" in text]
            assert sorted(keys) == sorted(set(keys))
            assert len(keys) > len(tabs) + 2

    def test_the_tab_key_goes_down_the_page_and_comes_round(self, qtbot: QtBot) -> None:
        seen = Seen(qtbot, SETTINGS, "http://127.0.0.1:7801")
        page = seen.page
        expected = [
            page.name.edit,
            page.address.edit,
            page.token.edit,
            page.get_token,
            page.sign_in,
            page.authorization.edit,
            page.forget,
            page.test,
            seen.window.save,
            seen.window.cancel,
        ]
        page.name.edit.setFocus()
        met: list[QWidget] = []
        for _ in expected:
            focused = QApplication.focusWidget()
            assert focused is not None
            met.append(focused)
            QTest.keyClick(focused, Qt.Key.Key_Tab)
        assert met == expected

    def test_every_control_has_a_name_for_a_screen_reader(self, qtbot: QtBot) -> None:
        seen = Seen(qtbot)
        nameless = []
        for place in range(seen.window.tabs.count()):
            seen.window.tabs.setCurrentIndex(place)
            for widget in seen.window.findChildren(QWidget):
                inner = widget.focusProxy() is not None  # the line within a box speaks for the box
                if widget.isVisible() and widget.focusPolicy() & Qt.FocusPolicy.TabFocus and not inner:
                    text = widget.text() if isinstance(widget, QAbstractButton) else ""
                    if not widget.accessibleName() and not text and not isinstance(widget, QTabBar):
                        nameless.append(str(widget))
        assert nameless == []

    def test_escape_closes_without_saving_and_return_saves(self, qtbot: QtBot) -> None:
        seen = Seen(qtbot)
        QTest.keyClick(seen.page.name.edit, Qt.Key.Key_Return)
        assert len(seen.saved) == 1
        with qtbot.waitSignal(seen.window.closed):
            QTest.keyClick(seen.window, Qt.Key.Key_Escape)
        assert not seen.window.isVisible()
        assert len(seen.saved) == 1


@pytest.mark.parametrize(("window", "ink"), [("white", "black"), ("#353535", "white"), ("black", "white")])
def test_errors_and_hints_can_be_read_on_light_and_dark(window: str, ink: str) -> None:
    palette = QPalette(window)
    palette.setColor(QPalette.ColorRole.WindowText, QColor(ink))
    paper = palette.color(QPalette.ColorRole.Window)

    def luminance(colour: QColor) -> float:
        parts = [colour.redF(), colour.greenF(), colour.blueF()]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    for colour in (error_colour(palette), hint_colour(palette)):
        light, dark = sorted((luminance(colour), luminance(paper)), reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= 4.5


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
    seen.page.forget.setChecked(True)
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
