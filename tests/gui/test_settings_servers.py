"""The settings window's list of servers, and errors: they stand at their field, all together."""

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from tests.gui.settings_seen import HOME, SETTINGS, STUDIO, Seen
from tray_app.core.secret import SecretKind
from tray_app.core.settings import ServerSettings, Settings


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
        assert "in red: home, Notifications." in seen.window.problem.text()
        assert seen.servers.list.item(1).text() == "studio"
        seen.servers.list.setCurrentRow(0)
        seen.type(seen.page.address.edit, "home:7801")
        assert "in red: Notifications." in seen.window.problem.text()
        seen.window.tabs.setCurrentIndex(1)
        seen.type(seen.window.notifications.quiet.edit, "")
        assert not seen.window.problem.isVisible()
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
