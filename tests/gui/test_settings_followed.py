"""The settings file changes while the settings window is open: the window follows, and what was changed in it stays."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.gui.program import QUICK, Home, Program, servers
from tests.gui.settings_seen import HOME, SETTINGS, STUDIO, TOKEN, Seen
from tray_app.core.secret import Secret
from tray_app.core.settings import ServerSettings, Settings
from tray_app.ui.settings_rows import Row, draft_of, follow

Start = Callable[..., Program]
LAB = ServerSettings("lab", "http://lab:7801")
MOVED = replace(HOME, address="http://127.0.0.1:9999")
NONE: frozenset[str] = frozenset()


def followed(seen: Seen, **changes: object) -> str:
    """Give the window other settings of the file; what it says of that."""
    seen.window.follow(replace(SETTINGS, **changes), NONE)  # type: ignore[arg-type]  # fields by name
    return seen.window.news.text()


def names(seen: Seen) -> list[str]:
    return [seen.servers.list.item(row).text() for row in range(seen.servers.list.count())]


class TestOptions:
    """Each entry by itself."""

    def test_what_was_not_touched_follows_and_what_was_stays_and_alone_is_saved(self, qtbot: QtBot) -> None:
        seen = Seen(qtbot)
        seen.window.behaviour.timeout.setValue(20)
        told = followed(seen, poll_idle=60.0, notify=replace(SETTINGS.notify, quiet_hours="mon 22:00-07:00"))
        assert seen.window.behaviour.idle.value() == 60
        assert seen.window.notifications.quiet.text == "mon 22:00-07:00"
        assert seen.window.news.isVisible()
        assert "too" not in told
        seen.save()
        quiet = replace(SETTINGS.notify, quiet_hours="mon 22:00-07:00")
        assert seen.saved == [(replace(SETTINGS, poll_idle=60.0, notify=quiet, request_timeout=20.0), {})]

    def test_what_was_changed_in_both_places_is_told_by_name_and_stays(self, qtbot: QtBot) -> None:
        seen = Seen(qtbot)
        seen.window.behaviour.idle.setValue(10)
        seen.window.notifications.finished.toggle()
        told = followed(seen, poll_idle=60.0, notify=replace(SETTINGS.notify, finished=True))
        assert "“While it is idle, every” was changed there too" in told
        assert "Work is finished" not in told
        assert seen.window.behaviour.idle.value() == 10
        seen.save()
        assert seen.saved[0][0].poll_idle == 10.0

    def test_put_back_to_what_it_was_it_is_still_a_change_of_what_the_file_has_now(self, qtbot: QtBot) -> None:
        seen = Seen(qtbot)
        seen.window.behaviour.idle.setValue(10)
        followed(seen, poll_idle=60.0)
        seen.window.behaviour.idle.setValue(SETTINGS.poll_idle)
        seen.save()
        assert seen.saved[0][0].poll_idle == SETTINGS.poll_idle

    def test_a_value_that_the_entry_cannot_show_wholly_is_not_saved_as_another(self, qtbot: QtBot) -> None:
        settings = replace(SETTINGS, poll_busy=0.25)
        seen = Seen(qtbot, settings)
        seen.save()
        assert seen.saved == [(settings, {})]

    def test_a_file_of_a_newer_program_is_not_saved_over(self, qtbot: QtBot) -> None:
        seen = Seen(qtbot)
        followed(seen, schema=99)
        assert not seen.window.save.isEnabled()
        assert "newer" in seen.window.problem.text()


class TestServers:
    """The list, as the window shows it."""

    def test_an_added_server_is_listed_and_what_is_typed_meanwhile_stays(self, qtbot: QtBot) -> None:
        seen = Seen(qtbot)
        seen.type(seen.page.name.edit, "desk")
        seen.page.name.edit.setCursorPosition(2)
        followed(seen, servers=(LAB, HOME, STUDIO))
        assert names(seen) == ["lab", "desk", "studio"]
        assert (seen.page.name.text, seen.page.name.edit.cursorPosition()) == ("desk", 2)
        assert seen.servers.up.isEnabled()
        seen.save()
        assert seen.saved[0][0].servers == (LAB, replace(HOME, name="desk"), STUDIO)

    def test_the_server_that_is_shown_follows_its_entry_in_the_file(self, qtbot: QtBot) -> None:
        seen = Seen(qtbot, SETTINGS, "http://127.0.0.1:7801")
        seen.window.follow(replace(SETTINGS, servers=(MOVED, STUDIO)), NONE)
        assert seen.page.address.text == MOVED.address
        seen.save()
        assert seen.saved == [(replace(SETTINGS, servers=(MOVED, STUDIO)), {})]

    def test_one_that_was_removed_in_the_file_goes_and_the_next_is_shown(self, qtbot: QtBot) -> None:
        seen = Seen(qtbot, SETTINGS, "http://127.0.0.1:7801")
        told = followed(seen, servers=(STUDIO,))
        assert "“home” was removed there." in told
        assert seen.page.name.text == "studio"
        seen.save()
        assert seen.saved == [(replace(SETTINGS, servers=(STUDIO,)), {})]

    def test_a_key_that_was_typed_is_never_left_for_another_address(self, qtbot: QtBot) -> None:
        seen = Seen(qtbot)
        seen.type(seen.page.token.edit, "a.b.c")
        told = followed(seen, servers=(MOVED, STUDIO))
        assert "“home” was changed there too; what you have entered here stays." in told
        seen.save()
        saved, changes = seen.saved[0]
        assert saved.servers == (HOME, STUDIO)
        assert changes["http://127.0.0.1:7801"][TOKEN] == Secret("a.b.c")

    def test_one_that_was_removed_here_stays_removed(self, qtbot: QtBot) -> None:
        seen = Seen(qtbot)
        QTest.mouseClick(seen.servers.remove, Qt.MouseButton.LeftButton)
        followed(seen, servers=(HOME, STUDIO, LAB))
        assert names(seen) == ["studio", "lab"]

    def test_a_proposed_server_gives_way_to_one_of_the_file(self, qtbot: QtBot) -> None:
        seen = Seen(qtbot, Settings(), proposed=(HOME,))
        assert names(seen) == ["home"]
        seen.window.follow(Settings(poll_idle=9.0), NONE)
        assert names(seen) == ["home"]
        seen.window.follow(Settings(poll_idle=9.0, servers=(LAB,)), NONE)
        assert names(seen) == ["lab"]


@pytest.mark.parametrize(
    ("edited", "removed", "after", "expected", "told"),
    [
        ([HOME, STUDIO], [], (STUDIO, HOME), ["studio", "home"], ""),
        ([STUDIO, HOME], [], (HOME, STUDIO, LAB), ["studio", "home", "lab"], ""),
        ([HOME, STUDIO, None], [], (HOME, STUDIO, LAB), ["home", "studio", "lab", ""], ""),
        ([HOME, STUDIO], [], (replace(HOME, name="desk"), STUDIO), ["desk", "studio"], ""),
        ([STUDIO], [HOME], (MOVED, STUDIO), ["home", "studio"], "listed again"),
        ([STUDIO], [HOME], (STUDIO,), ["studio"], ""),
        ([HOME], [STUDIO], (), [], "“home” was removed there."),
    ],
)
def test_the_order_is_that_of_the_file_unless_it_was_changed_here(
    edited: list[ServerSettings | None],
    removed: list[ServerSettings],
    after: tuple[ServerSettings, ...],
    expected: list[str],
    told: str,
) -> None:
    rows = [Row(draft_of(each), each) if each is not None else Row() for each in edited]
    found = follow(rows, removed, (HOME, STUDIO), after)
    assert [row.draft.name for row in found.rows] == expected
    assert told in " ".join(found.told)
    assert bool(told) == bool(found.told)


def test_both_names_and_a_removal_that_meet_a_change_are_told() -> None:
    one, two = Row(draft_of(HOME), HOME), Row(draft_of(STUDIO), STUDIO)
    one.draft, two.draft = replace(one.draft, name="desk"), replace(two.draft, name="attic")
    found = follow([one, two], [], (HOME, STUDIO), (replace(HOME, name="den"),))
    assert [row.draft.name for row in found.rows] == ["desk", "attic"]
    assert found.told == [
        "“home” was changed there too; what you have entered here stays.",
        "“studio” was removed there; you have changed it here, so saving adds it again.",
    ]


class TestAtWork:
    """The composed tray and the real file."""

    def test_a_change_of_the_file_is_shown_and_survives_saving(self, start: Start, home: Home) -> None:
        program = start(settings=replace(QUICK, servers=servers(home="http://127.0.0.1:1")))
        window = program.open_settings()
        window.behaviour.timeout.setValue(8)
        more = servers(home="http://127.0.0.1:1", lab="http://127.0.0.1:2")
        home.settings_file.save(replace(QUICK, poll_idle=60.0, servers=more))
        program.wait(lambda: window.servers.list.count() == 2)
        program.press(window.save)
        program.wait_closed()
        expected = replace(QUICK, poll_idle=60.0, request_timeout=8.0, servers=more)
        assert home.settings_file.load().settings == expected

    def test_a_change_that_comes_with_the_click_on_save_is_not_lost(self, start: Start, home: Home) -> None:
        program = start(settings=replace(QUICK, servers=servers(home="http://127.0.0.1:1")))
        window = program.open_settings()
        window.behaviour.timeout.setValue(8)
        home.settings_file.save(replace(QUICK, poll_idle=60.0, servers=servers(home="http://127.0.0.1:1")))
        program.press(window.save)  # before the window can have heard of it
        program.wait(window.problem.isVisible)
        assert "nothing is saved yet" in window.problem.text()
        program.wait(lambda: window.behaviour.idle.value() == 60)
        program.press(window.save)
        program.wait_closed()
        found = home.settings_file.load().settings
        assert (found.poll_idle, found.request_timeout) == (60.0, 8.0)

    def test_a_fault_made_meanwhile_keeps_the_file_from_being_saved_over(self, start: Start, home: Home) -> None:
        program = start(settings=replace(QUICK, servers=servers(home="http://127.0.0.1:1")))
        window = program.open_settings()
        file = home.settings_file.path
        good = file.read_text()
        file.write_text(good.replace("idle = 0.5", "idle = 'soon'"))
        program.press(window.save)
        program.wait(window.problem.isVisible)
        assert "has a fault now, so nothing is saved. polling.idle: 'soon' is not a number" in window.problem.text()
        assert "'soon'" in file.read_text()
        file.write_text(good)
        program.press(window.save)
        program.wait_closed()

    def test_a_file_that_is_gone_is_written_anew(self, start: Start, home: Home) -> None:
        settings = replace(QUICK, servers=servers(home="http://127.0.0.1:1"))
        program = start(settings=settings)
        window = program.open_settings()
        home.settings_file.path.unlink()
        program.press(window.save)
        program.wait_closed()
        assert home.settings_file.load().settings == settings
