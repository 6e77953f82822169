"""The composed tray: what Cancel current and Cancel all do on the server, and what is asked before."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from tests.gui.program import QUICK, Home, Program, servers
from tray_app.adapters.activity_log import ActivityLog
from tray_app.core.settings import Settings
from tray_app.simulator.server import SimulatedSwarmUI

Start = Callable[..., Program]


@pytest.fixture
def swarm() -> Iterator[SimulatedSwarmUI]:
    with SimulatedSwarmUI(backends=2) as server:
        yield server


@pytest.fixture
def shared(monkeypatch: pytest.MonkeyPatch) -> Iterator[SimulatedSwarmUI]:
    """A server with accounts; the environment has the key of ann, one of its admins."""
    with SimulatedSwarmUI(accounts=True) as server:
        server.add_user("bert", "user")
        monkeypatch.setenv("SWARMUI_TOKEN", server.add_user("ann", "admin"))
        yield server


def watching(start: Start, server: SimulatedSwarmUI, settings: Settings = QUICK) -> Program:
    program = start(settings=replace(settings, servers=servers(home=server.url)))
    program.wait_head("home: Idle")
    return program


def calls(server: SimulatedSwarmUI) -> list[str]:
    """What was asked of the server that stops work."""
    return [name for each in server.requests if "nterrupt" in (name := each.path.rpartition("/")[2])]


def busy(server: SimulatedSwarmUI, backend: int = 0) -> str:
    """The prompt that a backend runs, once it runs one."""
    server.wait_until(lambda: bool(server.comfy_queue(backend)[0]))
    return server.comfy_queue(backend)[0][0]


class TestWithoutAQuestion:
    """One click, nothing in doubt."""

    def test_cancel_all_stops_everything_and_says_so(self, start: Start, swarm: SimulatedSwarmUI, home: Home) -> None:
        program = watching(start, swarm)
        handles = [swarm.generate(images=3, seconds=60, steps=30) for _ in range(2)]
        program.wait_head("Generating, 2 running")
        program.choose(program.menu.rows.cancel_all)
        program.wait_head("Cancelling…")
        assert not program.menu.rows.cancel_all.isEnabled()
        program.wait(lambda: not swarm.counters().waiting_gens and all(handle.done for handle in handles))
        program.wait(lambda: any("Cancelled: " in text for text in program.recent))
        assert calls(swarm) == ["InterruptAll"]
        program.wait_head("Idle")
        [event] = [event for event in ActivityLog(home.activity_log).entries() if event["event"] == "cancel"]
        assert event["outcome"] == "stopped"

    def test_cancel_current_stops_the_one_that_runs(self, start: Start, swarm: SimulatedSwarmUI) -> None:
        program = watching(start, swarm)
        first = swarm.generate(seconds=60, steps=30)
        prompt = busy(swarm)
        program.wait_head("Generating, 1 running, 0 queued")
        program.choose(program.menu.rows.cancel_current)
        swarm.wait_until(lambda: first.done)
        program.wait_head("Idle")
        assert prompt not in swarm.comfy_queue()[0]
        assert calls(swarm) == ["interrupt"]
        assert program.question is None

    def test_a_second_click_does_no_harm(self, start: Start, swarm: SimulatedSwarmUI) -> None:
        program = watching(start, swarm)
        swarm.generate(seconds=60, steps=30)
        program.wait_head("Generating")
        program.menu.rows.cancel_all.trigger()
        program.menu.rows.cancel_all.trigger()
        program.wait(lambda: any("Cancelled: " in text for text in program.recent))
        program.wait_head("Idle")
        assert calls(swarm) == ["InterruptAll"]

    def test_what_cannot_be_cancelled_says_why(self, start: Start, swarm: SimulatedSwarmUI) -> None:
        program = watching(start, swarm)
        assert program.menu.rows.cancel_all.text() == "Cancel all (nothing runs)"
        assert program.menu.rows.cancel_current.text() == "Cancel current job (nothing runs)"
        swarm.stop()
        program.wait_head("Not reachable")
        assert program.menu.rows.cancel_all.text() == "Cancel all (not connected)"


class TestQuestions:
    """What is asked first, and that nothing happens until it is answered."""

    def two_busy(self, start: Start, swarm: SimulatedSwarmUI) -> tuple[Program, str, str]:
        program = watching(start, swarm)
        swarm.generate(images=2, seconds=60, steps=30)
        running = busy(swarm, 0), busy(swarm, 1)
        program.wait_head("Generating, 2 running")
        program.choose(program.menu.rows.cancel_current)
        program.wait(lambda: program.question is not None)
        return program, *running

    def test_of_several_busy_backends_one_is_chosen(self, start: Start, swarm: SimulatedSwarmUI) -> None:
        program, first, second = self.two_busy(start, swarm)
        assert program.question is not None
        assert program.question.text() == "2 backends are busy."
        assert calls(swarm) == []
        program.answer("Cancel on two")
        swarm.wait_until(lambda: second not in swarm.comfy_queue(1)[0])
        assert swarm.comfy_queue(0)[0] == [first]
        program.wait_head("Generating, 1 running")

    def test_or_all_of_them(self, start: Start, swarm: SimulatedSwarmUI) -> None:
        program, *_ = self.two_busy(start, swarm)
        program.answer("Cancel on all of them")
        swarm.wait_until(lambda: not swarm.comfy_queue(0)[0] and not swarm.comfy_queue(1)[0])
        program.wait_head("Idle")

    def test_or_none(self, start: Start, swarm: SimulatedSwarmUI) -> None:
        program, first, second = self.two_busy(start, swarm)
        program.answer("Keep running")
        program.wait_head("Generating, 2 running")
        assert (swarm.comfy_queue(0)[0], swarm.comfy_queue(1)[0]) == ([first], [second])
        assert program.question is None
        assert calls(swarm) == []

    def test_another_users_job_is_named_and_needs_a_yes(self, start: Start, shared: SimulatedSwarmUI) -> None:
        program = watching(start, shared)
        job = shared.generate("bert", seconds=60, steps=30)
        busy(shared)
        program.wait_head("Generating")
        assert program.menu.rows.cancel_all.text() == "Cancel all (nothing of yours runs)"
        program.choose(program.menu.rows.cancel_current)
        program.wait(lambda: program.question is not None)
        assert program.question is not None
        assert program.question.text() == "The running job belongs to bert."
        assert calls(shared) == []
        program.answer("Cancel it all the same")
        shared.wait_until(lambda: job.done)

    def test_work_that_ran_long_is_only_cancelled_after_a_yes(self, start: Start, swarm: SimulatedSwarmUI) -> None:
        program = watching(start, swarm, replace(QUICK, confirm_cancel_after_minutes=1))
        job = swarm.generate(seconds=600)
        program.wait_head("Generating")
        state = program.tray._servers[0].state
        assert state.work is not None
        assert state.work.since is not None
        program.tray._servers[0].state = replace(state, work=replace(state.work, since=state.work.since - 7 * 60))
        program.menu.rows.cancel_all.trigger()
        assert program.question is not None
        assert program.question.text().startswith("The work on home has run for 7 min. Cancel all means: 1 job")
        program.answer("Keep running")
        assert calls(swarm) == []
        program.tray._servers[0].state = replace(state, work=replace(state.work, since=state.work.since - 7 * 60))
        program.menu.rows.cancel_all.trigger()
        program.answer("Cancel all")
        swarm.wait_until(lambda: job.done)
        assert calls(swarm) == ["InterruptAll"]

    def test_work_that_just_began_is_cancelled_at_once(self, start: Start, swarm: SimulatedSwarmUI) -> None:
        program = watching(start, swarm, replace(QUICK, confirm_cancel_after_minutes=1))
        job = swarm.generate(seconds=600)
        program.wait_head("Generating")
        program.choose(program.menu.rows.cancel_all)
        assert program.question is None
        swarm.wait_until(lambda: job.done)

    def test_a_question_goes_when_nothing_is_left_to_cancel(self, start: Start, swarm: SimulatedSwarmUI) -> None:
        program, *_ = self.two_busy(start, swarm)
        swarm.restart(abrupt=True)
        program.menu.menu.aboutToShow.emit()
        program.wait(lambda: program.question is None)
        assert calls(swarm) == []

    def test_an_answer_acts_on_the_server_that_the_question_was_about(
        self, start: Start, swarm: SimulatedSwarmUI
    ) -> None:
        program, first, _ = self.two_busy(start, swarm)
        with SimulatedSwarmUI(backends=2) as other:
            other.generate(images=2, seconds=60, steps=30)
            busy(other)
            changed = replace(QUICK, servers=servers(other=other.url, home=swarm.url))
            program.tray._apply(changed)
            program.wait_head("other: Generating")
            program.answer("Cancel on one")
            swarm.wait_until(lambda: first not in swarm.comfy_queue(0)[0])
            assert calls(other) == []

    def test_a_question_about_a_server_that_was_taken_out_goes_with_it(
        self, start: Start, swarm: SimulatedSwarmUI
    ) -> None:
        program, first, second = self.two_busy(start, swarm)
        with SimulatedSwarmUI() as other:
            program.tray._apply(replace(QUICK, servers=servers(other=other.url)))
            program.wait_head("other: Idle")
            assert program.question is None
            program.choose(program.menu.rows.retry)
            other.wait_until(lambda: len(other.requests) > 5)
            assert calls(other) == calls(swarm) == []
        assert (swarm.comfy_queue(0)[0], swarm.comfy_queue(1)[0]) == ([first], [second])
