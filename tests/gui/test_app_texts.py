"""The composed tray: icon, menu and small window follow a server, and open what belongs to it."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from tests.gui.program import QUICK, Home, Program, servers
from tray_app.core.model import State
from tray_app.simulator.server import SimulatedSwarmUI

Start = Callable[..., Program]


@pytest.fixture
def swarm() -> Iterator[SimulatedSwarmUI]:
    with SimulatedSwarmUI() as server:
        yield server


@pytest.fixture
def program(start: Start, swarm: SimulatedSwarmUI) -> Program:
    """The tray with that server, called home, in its settings."""
    program = start(settings=replace(QUICK, servers=servers(home=swarm.url)))
    program.wait_head("home: Idle")
    return program


class TestIconAndMenu:
    """What the panel shows."""

    def test_before_the_first_answer_it_says_so(self, start: Start, swarm: SimulatedSwarmUI) -> None:
        program = start("--url", swarm.url)
        assert program.head == f"127.0.0.1:{swarm.port}: Connecting…"
        assert not program.menu.rows.cancel_all.isEnabled()
        program.wait_head("Idle")

    def test_work_is_followed_from_its_start_to_its_end(self, program: Program, swarm: SimulatedSwarmUI) -> None:
        assert not program.menu.rows.cancel_all.isEnabled()
        swarm.generate(images=3, seconds=60)
        program.wait_head("home: Generating, 1 running, 2 queued")
        assert program.icon.face.state is State.GENERATING
        assert program.menu.rows.cancel_all.text() == "Cancel all: 3 jobs, everybody's on this server"
        assert program.menu.rows.cancel_current.isEnabled()
        program.wait(lambda: program.tooltip.startswith("Generating, 1 running, 2 queued - home"))
        swarm.hang()
        swarm.stop(abrupt=True)
        program.wait_head("home: Not reachable")
        assert not program.menu.rows.cancel_all.isEnabled()
        assert program.menu.rows.retry.text() == "Try again now"

    def test_a_finished_job_and_a_failed_one_are_among_the_recent_events(
        self, program: Program, swarm: SimulatedSwarmUI
    ) -> None:
        swarm.generate(seconds=0.5).wait()
        program.wait(lambda: any("finished" in text for text in program.recent))
        swarm.generate(seconds=1.5)
        program.wait_head("Generating")
        swarm.fail_next("simulated CUDA out of memory")
        swarm.generate(seconds=1.0)
        program.wait(lambda: any("CUDA out of memory" in text for text in program.recent))

    def test_a_failed_backend_is_named_with_what_to_do(self, program: Program, swarm: SimulatedSwarmUI) -> None:
        swarm.set_backend(0, status="errored")
        program.wait_state(State.BACKEND_PROBLEM)
        assert "one" in program.head
        assert program.head.endswith("has failed")
        assert program.detail == "Look at Server > Backends and Server > Logs in SwarmUI."

    def test_a_server_that_comes_back_is_seen_at_once_when_asked_for(
        self, program: Program, swarm: SimulatedSwarmUI
    ) -> None:
        swarm.stop()
        program.wait_head("Not reachable")
        program.wait(lambda: program.tray._servers[0].state.misses > 3, seconds=30)  # by now it is asked rarely
        swarm.start()
        program.choose(program.menu.rows.retry)
        program.wait_head("Idle", seconds=4)

    def test_a_refused_key_is_told_with_the_way_to_one(self, start: Start) -> None:
        with SimulatedSwarmUI(accounts=True) as shared:
            program = start(settings=replace(QUICK, servers=servers(lab=shared.url)))
            program.wait_state(State.KEY_REFUSED)
            told = program.open_window().facts.text() + program.head + program.detail
            assert f"{shared.url} wants an account" in told
            assert "Make an account token in SwarmUI's User tab and enter it in the settings." in told

    def test_opening_the_menu_looks_at_the_server_at_once(self, start: Start, swarm: SimulatedSwarmUI) -> None:
        program = start(settings=replace(QUICK, poll_idle=600.0, servers=servers(home=swarm.url)))
        program.wait_head("Idle")
        swarm.generate(seconds=60)
        program.menu.menu.aboutToShow.emit()
        program.wait_head("Generating", seconds=4)

    def test_the_demo_says_that_it_is_one(self, start: Start) -> None:
        program = start("--demo")
        program.wait(lambda: "Connecting" not in program.head)
        assert program.head.startswith("demo: ")
        assert program.surroundings.activity_log is None


class TestSmallWindow:
    """The same facts and buttons in a window."""

    def test_it_follows_the_server_while_it_is_open(self, program: Program, swarm: SimulatedSwarmUI) -> None:
        window = program.open_window()
        assert window.headline.text() == "Idle"
        assert "home: SwarmUI 0.9.8.2, as the user local" in window.facts.text()
        swarm.generate(images=2, seconds=60)
        program.wait(lambda: window.headline.text() == "Generating, 1 running, 1 queued")
        assert window.cancel_all.text() == program.menu.rows.cancel_all.text()
        assert "Backend one: running, tiny.safetensors" in window.facts.text()
        window.close()
        swarm.stop(abrupt=True)
        program.wait_head("Not reachable")
        assert window.headline.text().startswith("Generating")
        program.open_window()
        assert window.headline.text().startswith("Not reachable")
        assert not window.cancel_all.isEnabled()

    def test_its_buttons_act(self, program: Program, swarm: SimulatedSwarmUI, home: Home) -> None:
        window = program.open_window()
        swarm.generate(seconds=60)
        program.wait(window.cancel_all.isEnabled)
        program.press(window.cancel_all)
        program.wait(lambda: not swarm.counters().waiting_gens)
        program.press(window.open_web)
        program.wait(lambda: home.opened == [swarm.url])
        program.press(window.quit)
        assert program.left == 1

    def test_where_nothing_shows_icons_it_opens_by_itself(self, program: Program) -> None:
        program.icon.host_missing.emit()
        assert program.window.isVisible()


class TestBrowser:
    """What opens in the browser."""

    def test_open_swarmui_opens_the_servers_page(self, program: Program, swarm: SimulatedSwarmUI, home: Home) -> None:
        program.choose(program.menu.rows.open_web)
        program.wait(lambda: home.opened == [swarm.url])

    def test_a_recent_event_opens_its_picture(self, program: Program, swarm: SimulatedSwarmUI, home: Home) -> None:
        swarm.generate(seconds=2)
        program.wait_head("Generating")  # what is there before is noted now, so that the new picture is known later
        program.wait(program.menu.recent[0].isEnabled)
        program.choose(program.menu.recent[0])
        program.wait(lambda: home.opened)
        assert home.opened[0].startswith(f"{swarm.url}/View/local/raw/")

    def test_no_address_carries_a_secret(self, start: Start, home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
        with SimulatedSwarmUI(accounts=True) as shared:
            token = shared.add_user("ann", "owner")
            monkeypatch.setenv("SWARMUI_TOKEN", token)
            program = start("--url", shared.url)
            program.wait_head("Idle")
            program.choose(program.menu.rows.open_web)
            program.wait(lambda: home.opened)
        assert home.opened == [shared.url]


def test_quit_asks_to_leave(program: Program) -> None:
    program.choose(program.menu.quit)
    assert program.left == 1
