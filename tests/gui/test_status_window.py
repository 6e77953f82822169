"""The small window and the question: texts taken as they are, everything reachable by keyboard."""

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton
from pytestqt.qtbot import QtBot

from tests.gui.views import view
from tray_app.core.model import CancelRequest, State
from tray_app.core.view import Entry, Question, RecentEntry
from tray_app.ui.question import KEEP_RUNNING, QuestionBox
from tray_app.ui.status_window import StatusWindow


@pytest.fixture
def window(qtbot: QtBot) -> StatusWindow:
    shown = StatusWindow(view(server=7))
    qtbot.addWidget(shown)
    shown.open()
    qtbot.waitExposed(shown)
    return shown


def test_it_says_the_same_as_the_tray(window: StatusWindow) -> None:
    assert window.headline.text() == "Generating"
    assert window.facts.text() == "1 job runs\n3 jobs wait"
    assert [window.recent.item(row).text() for row in range(window.recent.count())] == [
        "12:01 4 jobs finished",
        "11:00 Back",
    ]
    assert window.cancel_all.text() == "Cancel all (4 jobs)"


def test_markup_and_ampersands_are_shown_as_they_are(window: StatusWindow) -> None:
    window.render_view(view(lines=("<b>R&D</b>", "<lora:x:0.8>"), cancel_all=Entry("Cancel R&D_x", enabled=False)))
    assert window.headline.text() == "<b>R&D</b>"
    assert {label.textFormat() for label in (window.headline, window.facts)} == {Qt.TextFormat.PlainText}
    assert window.cancel_all.text() == "Cancel R&&D_x"
    assert window.cancel_all.accessibleName() == "Cancel R&D_x"
    assert not window.cancel_all.isEnabled()


@pytest.mark.parametrize(
    ("button", "signal"),
    [
        ("cancel_current", "cancel_current_requested"),
        ("cancel_all", "cancel_all_requested"),
        ("open_web", "open_requested"),
        ("retry", "retry_requested"),
        ("settings", "settings_requested"),
        ("quit", "quit_requested"),
    ],
)
def test_a_button_asks_for_what_it_says(window: StatusWindow, qtbot: QtBot, button: str, signal: str) -> None:
    with qtbot.waitSignal(getattr(window, signal)) as told:
        QTest.mouseClick(getattr(window, button), Qt.MouseButton.LeftButton)
    assert told.args == ([] if button in {"settings", "quit"} else [7])
    getattr(window, button).setFocus()
    with qtbot.waitSignal(getattr(window, signal)):
        QTest.keyClick(getattr(window, button), Qt.Key.Key_Space)


def test_the_window_grows_with_a_button_that_has_more_to_say(window: StatusWindow, qtbot: QtBot) -> None:
    text = "Cancel all: 4 jobs, everybody's on this server, and what else there is to say"
    window.render_view(view(cancel_all=Entry(text)))
    qtbot.waitUntil(lambda: window.cancel_all.width() >= window.cancel_all.sizeHint().width())


def test_an_event_with_a_target_can_be_opened(window: StatusWindow, qtbot: QtBot) -> None:
    with qtbot.waitSignal(window.recent_clicked) as told:
        window.recent.itemActivated.emit(window.recent.item(0))
    assert told.args == ["http://127.0.0.1:7801/View/1.png"]
    with qtbot.assertNotEmitted(window.recent_clicked):
        window.recent.itemActivated.emit(window.recent.item(1))


def test_events_are_only_rewritten_when_they_differ(window: StatusWindow) -> None:
    window.recent.setCurrentRow(1)
    kept = window.recent.item(0)
    window.render_view(view(badge="4"))
    assert window.recent.item(0) is kept
    window.render_view(view(recent=(RecentEntry("a\tb"),)))
    assert window.recent.item(0).text() == "a b"
    assert window.recent.currentRow() == 0
    window.render_view(view(recent=()))
    assert not window.recent.isVisible()


def test_closing_hides_it_and_the_program_goes_on(window: StatusWindow, qtbot: QtBot) -> None:
    with qtbot.waitSignal(window.closed):
        assert window.close()
    assert not window.isVisible()
    window.open()
    assert window.isVisible()
    with qtbot.waitSignal(window.closed):
        QTest.keyClick(window, Qt.Key.Key_Escape)
    assert not window.isVisible()


def test_the_last_window_closed_does_not_end_the_program_and_an_open_one_does_not_hold_it(
    window: StatusWindow, qapp: QApplication
) -> None:
    went_on: list[bool] = []

    def open_again_and_quit() -> None:
        went_on.append(True)
        window.open()
        qapp.quit()

    QTimer.singleShot(0, window.close)
    QTimer.singleShot(50, open_again_and_quit)
    qapp.exec()
    assert went_on == [True]


def test_the_tab_key_reaches_every_text_and_button_in_reading_order(window: StatusWindow, qtbot: QtBot) -> None:
    window.headline.setFocus()
    reached = [window.focusWidget()]
    for _ in range(8):
        QTest.keyClick(window.focusWidget(), Qt.Key.Key_Tab)
        reached.append(window.focusWidget())
    assert reached == [
        window.headline,
        window.facts,
        window.recent,
        window.cancel_current,
        window.cancel_all,
        window.open_web,
        window.retry,
        window.settings,
        window.quit,
    ]


def test_everything_has_a_name_for_a_screen_reader(window: StatusWindow) -> None:
    found = [*window.findChildren(QLabel), *window.findChildren(QPushButton), window.recent]
    named = [widget for widget in found if widget.isVisible()]
    names = [QAccessible.queryAccessibleInterface(widget).text(QAccessible.Text.Name) for widget in named]
    assert all(names)
    assert "generating" in names
    window.render_view(view(state=State.KEY_REFUSED))
    assert window.picture.accessibleName() == "key refused"


CHOICES = (("Cancel R&D", CancelRequest(everything=True, confirmed=True)), ("Cancel one", CancelRequest(False, 0)))
QUESTION = Question("Cancel?", "It runs <b>since</b> 12 minutes.", CHOICES)


@pytest.fixture
def asked(qtbot: QtBot) -> QuestionBox:
    box = QuestionBox()
    box.ask(QUESTION)
    return box


def buttons(asked: QuestionBox) -> dict[str, QPushButton]:
    assert asked.box is not None
    return {button.text(): button for button in asked.box.findChildren(QPushButton)}


def test_a_question_stops_nothing_and_offers_each_choice(asked: QuestionBox) -> None:
    assert asked.box is not None
    assert not asked.box.isModal()
    assert asked.box.textFormat() == Qt.TextFormat.PlainText
    assert set(buttons(asked)) == {"Cancel R&&D", "Cancel one", KEEP_RUNNING}


def test_the_choice_taken_is_emitted(asked: QuestionBox, qtbot: QtBot) -> None:
    with qtbot.waitSignal(asked.chosen) as told:
        QTest.mouseClick(buttons(asked)["Cancel R&&D"], Qt.MouseButton.LeftButton)
    assert told.args == [CHOICES[0][1]]
    assert asked.box is None


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Escape])
def test_enter_and_escape_keep_the_work_running(asked: QuestionBox, qtbot: QtBot, key: Qt.Key) -> None:
    assert asked.box is not None
    with qtbot.assertNotEmitted(asked.chosen), qtbot.waitSignal(asked.declined):
        QTest.keyClick(asked.box, key)
    assert asked.box is None


def test_a_newer_question_declines_the_older_one(asked: QuestionBox, qtbot: QtBot) -> None:
    with qtbot.waitSignal(asked.declined):
        asked.ask(QUESTION)
    assert asked.box is not None
    with qtbot.waitSignal(asked.declined):
        asked.withdraw()
    asked.withdraw()
    assert asked.box is None
