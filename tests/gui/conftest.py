"""Qt without a screen, for this folder only; set before the first import of Qt."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

os.environ["QT_QPA_PLATFORM"] = "offscreen"

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pytestqt.qtbot import QtBot

    from tests.gui.program import Home, Program


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> "Home":
    """An empty home without a session bus."""
    from tests.gui.program import Home

    return Home(tmp_path, monkeypatch)


@pytest.fixture
def start(qtbot: "QtBot", home: "Home") -> "Iterator[Callable[..., Program]]":
    """Starts the tray in that home with arguments of the command line, or with settings; it is taken down again."""
    from tests.gui.program import Program
    from tray_app.core.settings import Settings

    started: list[Program] = []

    def begin(*arguments: str, settings: Settings | None = None) -> Program:
        if settings is not None:
            home.settings_file.save(settings)
        program = Program(qtbot, *arguments)
        started.append(program)
        return program

    yield begin
    for each in started:
        each.end()
