"""The composed tray with several servers: each in rows of its own, which act on it alone whatever happens meanwhile."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu

from tests.gui.program import QUICK, Program, servers
from tray_app.core.model import State
from tray_app.core.settings import ServerSettings
from tray_app.simulator.server import SimulatedSwarmUI
from tray_app.ui.server_rows import ServerRows

Start = Callable[..., Program]


@pytest.fixture
def pair() -> Iterator[tuple[SimulatedSwarmUI, SimulatedSwarmUI]]:
    with SimulatedSwarmUI() as one, SimulatedSwarmUI() as two:
        yield one, two


@pytest.fixture
def both(start: Start, pair: tuple[SimulatedSwarmUI, SimulatedSwarmUI]) -> Program:
    """A tray that watches them as one and two, both idle."""
    program = start(settings=replace(QUICK, servers=servers(one=pair[0].url, two=pair[1].url)))
    program.wait(lambda: titles(program) == ["one: Idle", "two: Idle"])
    return program


def rows(program: Program, name: str) -> ServerRows:
    return next(each for each in program.menu.servers.values() if each.head.text().startswith(f"{name}: "))


def titles(program: Program) -> list[str]:
    """The submenus of servers, in their order on the screen."""
    ours = [each.menu.menuAction() for each in program.menu.servers.values()]
    return [action.text() for action in program.menu.menu.actions() if action in ours]


def top(program: Program) -> list[str]:
    return [each.text() for each in program.menu.menu.actions() if each.isVisible() and not each.isSeparator()]


def structure(program: Program) -> list[tuple[int, bool]]:
    """Every row of the menu, and whether it takes up room; of the recent events only the row that leads to them."""

    def walk(actions: list[QAction]) -> Iterator[tuple[int, bool]]:
        for action in actions:
            yield id(action), action.isVisible()
            if isinstance(menu := action.menu(), QMenu) and menu is not program.menu.recent_menu:
                yield from walk(menu.actions())

    return list(walk(program.menu.menu.actions()))


def calls(server: SimulatedSwarmUI) -> list[str]:
    return [name for each in server.requests if "nterrupt" in (name := each.path.rpartition("/")[2])]


def test_the_icon_is_about_the_worst_and_each_server_has_its_rows(
    both: Program, pair: tuple[SimulatedSwarmUI, SimulatedSwarmUI]
) -> None:
    assert top(both) == [
        "one: Idle",
        "0 jobs in all; 1 other: 1 idle",
        "one: Idle",
        "two: Idle",
        "Recent events",
        "Snooze notifications",
        "Look at all servers again now",
        "Settings…",
        "Quit",
    ]
    pair[1].generate(images=3, seconds=60, steps=600)
    both.wait_head("two: Generating, 1 running, 2 queued")
    assert (both.icon.face.state, both.icon.face.badge) == (State.GENERATING, "2")
    pair[0].stop(abrupt=True)
    both.wait_state(State.UNREACHABLE)
    assert titles(both) == ["one: Not reachable", "two: Generating, 1 running, 2 queued"]
    assert both.detail == "At least 3 jobs in all (one cannot tell); 1 other: 1 generating"
    assert rows(both, "two").cancel_all.text() == "Cancel all: 3 jobs, everybody's on this server"
    assert not rows(both, "one").cancel_all.isEnabled()


def test_a_cancel_acts_on_its_own_server_and_its_event_says_where(
    both: Program, pair: tuple[SimulatedSwarmUI, SimulatedSwarmUI]
) -> None:
    for each in pair:
        each.generate(images=2, seconds=60, steps=600)
    both.wait(lambda: all("Generating" in title for title in titles(both)))
    both.choose(rows(both, "two").cancel_all)
    both.wait(lambda: "two: Idle" in titles(both))
    both.wait(lambda: any(text.startswith("two: ") and "Cancelled: " in text for text in both.recent))
    assert (calls(pair[0]), calls(pair[1])) == ([], ["InterruptAll"])
    both.choose(both.menu.rows.retry)
    assert pair[0].counters().waiting_gens == 2


def test_nothing_moves_while_the_menu_is_open_and_all_is_in_order_afterwards(
    both: Program, pair: tuple[SimulatedSwarmUI, SimulatedSwarmUI]
) -> None:
    both.menu.menu.aboutToShow.emit()
    gone, other = rows(both, "one"), rows(both, "two")
    before = structure(both)
    with SimulatedSwarmUI() as third:
        pair[0].generate(seconds=60, steps=600)
        both.wait(lambda: "Generating" in gone.head.text())
        both.tray._apply(replace(QUICK, servers=servers(three=third.url, zwei=pair[1].url)))
        both.wait(lambda: "zwei: Idle" in titles(both))
        both.wait(lambda: both.head.startswith("three: Idle"))
        assert [each for each, _ in structure(both)] == [each for each, _ in before]
        assert titles(both)[0] == "one: no longer in the settings"
        assert not gone.cancel_all.isEnabled()
        gone.cancel_all_requested.emit(gone.server)  # a click that was on its way
        both.menu.menu.aboutToHide.emit()
        both.wait(lambda: titles(both) == ["three: Idle", "zwei: Idle"])
        assert rows(both, "zwei") is other, "renamed and moved, and watched on"
        assert calls(pair[0]) == calls(third) == []


def test_a_panel_that_never_tells_of_closing_gets_the_order_when_it_opens_again(
    both: Program, pair: tuple[SimulatedSwarmUI, SimulatedSwarmUI]
) -> None:
    both.menu.menu.aboutToShow.emit()
    both.tray._apply(replace(QUICK, servers=servers(two=pair[1].url, one=pair[0].url)))
    assert titles(both) == ["one: Idle", "two: Idle"]
    both.menu.menu.aboutToShow.emit()
    assert titles(both) == ["two: Idle", "one: Idle"]
    both.tray._apply(replace(QUICK, servers=servers(two=pair[1].url)))
    assert titles(both)[1] == "one: no longer in the settings"
    assert "Cancel all (nothing runs)" not in top(both), "the menu's own rows stay about all"
    both.menu.menu.aboutToShow.emit()
    assert top(both)[:4] == [
        "two: Idle",
        "Cancel current job (nothing runs)",
        "Cancel all (nothing runs)",
        "Open SwarmUI",
    ]


def test_the_only_server_replaced_while_the_menu_is_open_is_not_acted_on_by_its_rows(
    start: Start, pair: tuple[SimulatedSwarmUI, SimulatedSwarmUI]
) -> None:
    program = start(settings=replace(QUICK, servers=servers(one=pair[0].url)))
    pair[1].generate(seconds=60, steps=600)
    program.wait_head("one: Idle")
    program.menu.menu.aboutToShow.emit()
    program.tray._apply(replace(QUICK, servers=servers(two=pair[1].url)))
    program.wait(lambda: program.icon.face.state is State.GENERATING)
    assert program.head == "one: no longer in the settings"
    assert not program.menu.rows.cancel_all.isEnabled()
    program.menu.menu.aboutToHide.emit()
    program.wait_head("two: Generating")
    assert program.menu.rows.cancel_all.isEnabled()


def test_a_renamed_server_keeps_what_is_known_of_it(
    both: Program, pair: tuple[SimulatedSwarmUI, SimulatedSwarmUI]
) -> None:
    sessions = sum(each.path.endswith("GetNewSession") for each in pair[0].requests)
    kept = both.tray._servers[0]
    both.tray._apply(replace(QUICK, servers=servers(two=pair[1].url, desk=pair[0].url)))
    assert titles(both) == ["two: Idle", "desk: Idle"]
    assert both.tray._servers[1] is kept
    pair[0].generate(images=2, seconds=60, steps=600)
    both.wait_head("desk: Generating")
    both.choose(rows(both, "desk").cancel_all)
    both.wait(lambda: any(text.startswith("desk: ") and "Cancelled: " in text for text in both.recent))
    assert sum(each.path.endswith("GetNewSession") for each in pair[0].requests) == sessions
    other_certificate = ServerSettings("desk", "https://127.0.0.1:1", "ab" * 32)
    both.tray._apply(replace(QUICK, servers=(*servers(two=pair[1].url), other_certificate)))
    assert both.tray._servers[1] is not kept


def test_a_key_in_the_environment_is_given_to_none_of_several_servers(
    start: Start, pair: tuple[SimulatedSwarmUI, SimulatedSwarmUI], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SWARMUI_TOKEN", "61.canary.token")
    program = start(settings=replace(QUICK, servers=servers(one=pair[0].url, two=pair[1].url)))
    program.wait(lambda: titles(program) == ["one: Idle", "two: Idle"])
    assert rows(program, "one").detail.text().startswith("SWARMUI_TOKEN or SWARMUI_AUTHORIZATION is set")
    assert not any("canary" in str(each) for server in pair for each in server.requests)


class TestSmallWindow:
    """One server at a time, chosen with mouse or keyboard."""

    def test_it_is_about_the_worst_and_the_keyboard_chooses_another(
        self, both: Program, pair: tuple[SimulatedSwarmUI, SimulatedSwarmUI]
    ) -> None:
        pair[1].generate(images=2, seconds=60, steps=600)
        both.wait_head("two: Generating")
        window = both.open_window()
        assert window.headline.text().startswith("Generating")
        assert window.together.text() == "2 jobs in all"
        assert [window.chooser.itemText(place) for place in range(window.chooser.count())] == titles(both)
        assert window.chooser.accessibleName() == "Server"
        window.chooser.setFocus()
        QTest.keyClick(window.chooser, Qt.Key.Key_Up)
        assert window.headline.text() == "Idle"
        pair[0].generate(images=1, seconds=60, steps=600)
        both.wait(lambda: window.headline.text().startswith("Generating, 1 running, 0"))
        both.press(window.cancel_all)
        both.wait(lambda: calls(pair[0]) == ["InterruptAll"])
        assert calls(pair[1]) == []

    def test_one_that_was_taken_out_is_not_followed_by_another_under_the_same_buttons(
        self, both: Program, pair: tuple[SimulatedSwarmUI, SimulatedSwarmUI]
    ) -> None:
        pair[0].generate(seconds=60, steps=600)
        both.wait_head("one: Generating")
        window = both.open_window()
        with SimulatedSwarmUI() as third:
            both.tray._apply(replace(QUICK, servers=servers(two=pair[1].url, three=third.url)))
            assert window.headline.text() == "one: no longer in the settings"
            assert not window.cancel_all.isEnabled()
            assert window.chooser.currentIndex() == -1
            both.tray._apply(replace(QUICK, servers=servers(two=pair[1].url)))
            assert window.headline.text() == "Idle"
            assert not window.chooser.isVisible()


class TestOtherPeople:
    """On a shared server: who is busy, and what an admin may cancel."""

    @pytest.fixture
    def shared(self) -> Iterator[SimulatedSwarmUI]:
        with SimulatedSwarmUI(accounts=True) as server:
            for name in ("bert", "cleo"):
                server.add_user(name, "user")
            yield server

    def watching(
        self, start: Start, server: SimulatedSwarmUI, monkeypatch: pytest.MonkeyPatch
    ) -> tuple[Program, list[str]]:
        monkeypatch.setenv("SWARMUI_TOKEN", server.add_user("ann", "admin"))
        program = start(settings=replace(QUICK, servers=servers(home=server.url)))
        program.wait_head("home: Idle")
        server.generate("bert", images=2, seconds=60, steps=600)
        program.wait(lambda: program.menu.rows.people is not None and len(self.texts(program)) == 1)
        server.generate("cleo", images=1, seconds=60, steps=600)
        program.wait(lambda: len(self.texts(program)) > 1)
        return program, self.texts(program)

    def texts(self, program: Program) -> list[str]:
        people = program.menu.rows.people
        assert people is not None
        return [action.text() for action in people.menu.actions() if action.isVisible() and not action.isSeparator()]

    def test_an_admin_is_asked_and_cancels_just_that_persons_work(
        self, start: Start, shared: SimulatedSwarmUI, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        program, texts = self.watching(start, shared, monkeypatch)
        assert texts == [
            "Cancel the work of bert (2 jobs)",
            "Cancel the work of cleo (1 job)",
            "Cancel everybody's work (3 jobs of 2 users)",
        ]
        people = program.menu.rows.people
        assert people is not None
        assert people.menu.title() == "Other people: 3 jobs"
        program.choose(people.rows[1])
        program.wait(lambda: program.question is not None)
        assert program.question is not None
        assert program.question.text() == "This would stop 1 job of cleo on home."
        assert calls(shared) == []
        program.answer("Cancel 1 job of cleo")
        program.wait(lambda: calls(shared) == ["AdminInterruptUser"])
        program.wait(lambda: self.texts(program) == ["Cancel the work of bert (2 jobs)"])

    def test_rows_stay_about_their_people_while_the_menu_is_open(
        self, start: Start, shared: SimulatedSwarmUI, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        program, _ = self.watching(start, shared, monkeypatch)
        window = program.open_window()
        assert window.people_button.text() == "Other people: 3 jobs"
        program.menu.menu.aboutToShow.emit()
        before = structure(program)
        people = program.menu.rows.people
        assert people is not None
        shared.generate("cleo", images=4, seconds=60, steps=600)
        program.wait(lambda: people.rows[1].text() == "Cancel the work of cleo (5 jobs)")
        assert people.rows[0].text() == "Cancel the work of bert (2 jobs)"
        assert structure(program) == before
        people.rows[0].trigger()
        program.wait(lambda: program.question is not None)
        program.answer("Cancel 2 jobs of bert")
        program.wait(lambda: people.rows[0].text() == "bert: nothing any more")
        program.wait(lambda: people.rows[1].text() == "Cancel the work of cleo (5 jobs)")
        assert structure(program) == before
        program.wait(lambda: window.people.rows[0].text() == "Cancel the work of cleo (5 jobs)")
        window.people.rows[0].trigger()
        program.wait(lambda: program.question is not None)
        assert program.question is not None
        assert program.question.text() == "This would stop 5 jobs of cleo on home."
