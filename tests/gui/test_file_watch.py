"""A file is watched through everything that editors do to it."""

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from tray_app.ui.file_watch import QUIET_MS, FileWatch


def replace(path: Path, text: str) -> None:
    """As editors do that write a new file and rename it."""
    new = path.with_name("new")
    new.write_text(text)
    new.replace(path)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "folder/settings.toml"
    path.parent.mkdir()
    path.write_text("one")
    return path


def test_each_change_is_told_once_in_place_or_replaced(qtbot: QtBot, file: Path) -> None:
    watch = FileWatch(file)
    told: list[int] = []
    watch.changed.connect(lambda: told.append(1))
    replace(file, "two")
    qtbot.waitUntil(lambda: told == [1])
    replace(file, "three")  # the watch survives the first replacement
    replace(file, "four")
    qtbot.waitUntil(lambda: told == [1, 1])
    file.write_text("in place")
    qtbot.waitUntil(lambda: told == [1, 1, 1])
    file.with_name("settings.toml.last-good").write_text("beside it")
    file.unlink()
    qtbot.wait(2 * QUIET_MS)  # the wait of a test that nothing happens
    assert told == [1, 1, 1]
    replace(file, "five")
    qtbot.waitUntil(lambda: len(told) == 4)


def test_a_file_whose_folder_is_still_to_be_made_and_one_behind_a_link_are_told_too(
    qtbot: QtBot, file: Path, tmp_path: Path
) -> None:
    coming = FileWatch(tmp_path / "config" / "tray" / "settings.toml")
    link = tmp_path / "link"
    link.symlink_to(file)
    linked = FileWatch(link)
    with qtbot.waitSignals([coming.changed, linked.changed], timeout=5000):
        replace(file, "two")
        (tmp_path / "config/tray").mkdir(parents=True)
        (tmp_path / "config/tray/settings.toml").write_text("one")
