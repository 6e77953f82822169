"""Clicks that come while the tray is still being built: they are not lost."""

import io
import threading
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest
from pytestqt.qtbot import QtBot

from tests.gui.program import Home
from tray_app.app.start import Start
from tray_app.app.tray import Tray
from tray_app.cli.arguments import build_parser
from tray_app.cli.context import Context
from tray_app.cli.options import Options
from tray_app.cli.output import Output
from tray_app.cli.run import surroundings
from tray_app.ui.tray import TrayIcon

if TYPE_CHECKING:
    from tray_app.app.surroundings import Surroundings


class Starting:
    """A start that is held up until `go_on` is set."""

    def __init__(self) -> None:
        options = Options(build_parser().parse_args(["--url", "http://127.0.0.1:1"]))
        self.context = Context(options, Output(io.StringIO(), io.StringIO()))
        self.go_on = threading.Event()
        self.icon = TrayIcon()
        self.start = Start(self._prepare, self.icon, lambda: None)
        self.start.begin()

    def _prepare(self) -> "Surroundings":
        assert self.go_on.wait(20)
        return surroundings(self.context)

    @property
    def tray(self) -> Tray:
        """What was built."""
        assert isinstance(self.start._tray, Tray)
        return self.start._tray


@pytest.fixture
def starting(home: Home, qtbot: QtBot) -> Iterator[Starting]:
    del home, qtbot
    starting = Starting()
    yield starting
    starting.start.shut_down()
    starting.context.ending.close()


def test_a_click_on_settings_before_the_tray_is_built_opens_them_once_it_is(starting: Starting, qtbot: QtBot) -> None:
    def wait(condition: Callable[[], object]) -> None:
        qtbot.waitUntil(lambda: bool(condition()), timeout=10_000)

    starting.icon.menu.settings.trigger()
    starting.go_on.set()
    wait(lambda: starting.start._tray)
    wait(lambda: starting.tray._editor is not None and starting.tray._editor.window is not None)
    window = starting.tray._editor.window  # type: ignore[union-attr]  # it was waited for
    assert window is not None
    wait(window.isVisible)
    window.close()
