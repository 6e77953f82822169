"""The settings window: what goes in comes out, keys of the keyboard reach it all, and it can be read."""

from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QPalette
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QTabBar, QWidget
from pytestqt.qtbot import QtBot

from tests.gui.settings_seen import HOME, SETTINGS, Seen
from tray_app.core.icon_look import IconChoice
from tray_app.core.settings import Notify, Settings
from tray_app.ui.settings_field import error_colour, hint_colour


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


def test_the_label_of_an_entry_stands_on_its_line(qtbot: QtBot) -> None:
    seen = Seen(qtbot)
    page = seen.window.notifications
    seen.window.tabs.setCurrentIndex(1)
    qtbot.waitUntil(page.quiet.edit.isVisible)
    label, edit = page.quiet.label, page.quiet.edit
    text = label.contentsRect().top() + label.fontMetrics().height() / 2
    assert abs(label.mapTo(page, QPoint(0, 0)).y() + text - edit.mapTo(page, edit.rect().center()).y()) <= 1


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
            page.forget_token,
            page.authorization.edit,
            page.login,
            page.forget_authorization,
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

    def test_return_on_a_button_presses_that_one_and_not_save(self, qtbot: QtBot) -> None:
        seen = Seen(qtbot)
        seen.page.test.setFocus()
        QTest.keyClick(seen.page.test, Qt.Key.Key_Return)
        assert len(seen.tested) == 1
        seen.window.cancel.setFocus()
        QTest.keyClick(seen.window.cancel, Qt.Key.Key_Return)
        assert not seen.window.isVisible()
        assert seen.saved == []


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
