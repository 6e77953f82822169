"""The tray icon's colours: the choice applies at once, and Automatic follows the palette."""

from collections.abc import Iterator

import pytest
from PySide6.QtGui import QColor, QGuiApplication, QPalette
from PySide6.QtWidgets import QSystemTrayIcon
from pytestqt.qtbot import QtBot

from tests.gui.views import view
from tray_app.core.icon_look import IconChoice, IconLook
from tray_app.core.model import State
from tray_app.ui.tray import QUIET_MS, TrayIcon

GREEN = "#2a964f"


@pytest.fixture
def palette(qtbot: QtBot) -> Iterator[QPalette]:
    """A light palette; whatever a test makes of it is taken back."""
    before = QGuiApplication.palette()
    light = with_window("#efefef")
    QGuiApplication.setPalette(light)
    yield light
    QGuiApplication.setPalette(before)


def with_window(colour: str) -> QPalette:
    palette = QPalette(QGuiApplication.palette())
    palette.setColor(QPalette.ColorRole.Window, QColor(colour))
    return palette


def body(tray: TrayIcon) -> str:
    """The colour of the generating icon where nothing is drawn on its body."""
    inner = tray.findChild(QSystemTrayIcon)
    assert isinstance(inner, QSystemTrayIcon)
    return inner.icon().pixmap(22).toImage().pixelColor(4, 8).name()


@pytest.mark.parametrize(
    ("choice", "colour"),
    [
        (IconChoice.AUTOMATIC, GREEN),
        (IconChoice.COLOUR, GREEN),
        (IconChoice.LIGHT, "#ffffff"),
        (IconChoice.DARK, "#1b1b1f"),
    ],
)
def test_the_choice_of_the_start_is_there_from_the_beginning(
    palette: QPalette, choice: IconChoice, colour: str
) -> None:
    tray = TrayIcon(view(badge=""), choice=choice)
    tray.show()
    assert body(tray) == colour
    tray.hide()


def test_another_choice_is_shown_at_once(palette: QPalette, qtbot: QtBot) -> None:
    tray = TrayIcon(view(badge=""))
    tray.show()
    for choice, colour in ((IconChoice.LIGHT, "#ffffff"), (IconChoice.DARK, "#1b1b1f"), (IconChoice.COLOUR, GREEN)):
        tray.set_icon_choice(choice)
        qtbot.waitUntil(lambda colour=colour: body(tray) == colour, timeout=QUIET_MS + 1000)  # type: ignore[misc]
    tray.render(view(badge="", state=State.IDLE))
    tray.hide()


def test_automatic_follows_the_palette_and_the_others_do_not(palette: QPalette, qtbot: QtBot) -> None:
    automatic, fixed = TrayIcon(view(badge="")), TrayIcon(view(badge=""), choice=IconChoice.COLOUR)
    automatic.show()
    fixed.show()
    QGuiApplication.setPalette(with_window("#202020"))
    qtbot.waitUntil(lambda: body(automatic) != GREEN, timeout=QUIET_MS + 1000)
    assert automatic._look is IconLook.BRIGHT_COLOUR
    QGuiApplication.setPalette(palette)
    qtbot.waitUntil(lambda: body(automatic) == GREEN, timeout=QUIET_MS + 1000)
    assert body(fixed) == GREEN
    automatic.hide()
    fixed.hide()


def test_a_dark_scheme_is_there_from_the_beginning(palette: QPalette) -> None:
    QGuiApplication.setPalette(with_window("#202020"))
    tray = TrayIcon(view(badge=""))
    tray.show()
    assert body(tray) not in {GREEN, "#000000"}
    assert not tray._later.isActive()
    tray.hide()


def test_a_choice_made_before_the_icon_is_shown_counts(palette: QPalette) -> None:
    tray = TrayIcon(view(badge=""))
    tray.set_icon_choice(IconChoice.DARK)
    tray.show()
    assert body(tray) == "#1b1b1f"
    tray.hide()


def test_changing_there_and_back_changes_nothing(palette: QPalette) -> None:
    tray = TrayIcon(view(badge=""))
    tray.show()
    tray.set_icon_choice(IconChoice.DARK)
    assert tray._later.isActive()
    tray.set_icon_choice(IconChoice.AUTOMATIC)
    assert not tray._later.isActive()
    tray.hide()
