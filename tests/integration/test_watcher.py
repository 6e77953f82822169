"""The watcher with its real thread, the real gateway and the simulated SwarmUI."""

import threading
import time
from collections.abc import Callable, Iterator

import pytest

from tray_app.adapters.swarm.gateway import SwarmServer
from tray_app.adapters.swarm.session_stores import MemorySessions
from tray_app.core.address import parse_address
from tray_app.core.credentials import Credentials
from tray_app.core.events import Event
from tray_app.core.model import CancelRequest, Outcome, Reading, State
from tray_app.core.observations import Woke
from tray_app.simulator.server import SimulatedSwarmUI
from tray_app.watcher import Connect, Pace, PollNow, Update, Watcher

QUICK = Pace(busy=0.05, idle=0.1)
NEVER = Pace(busy=0.05, idle=600.0)
CANCEL_ALL = CancelRequest(everything=True)


class Audience:
    """Takes what a watcher publishes and waits for what a test is about."""

    def __init__(self) -> None:
        self.updates: list[Update] = []
        self._news = threading.Condition()

    def __call__(self, update: Update) -> None:
        with self._news:
            self.updates.append(update)
            self._news.notify_all()

    def wait(self, condition: Callable[[Update], bool], timeout: float = 10.0) -> Update:
        """The first update that fits, past ones included."""

        def fitting() -> Update | None:
            return next((each for each in self.updates if condition(each)), None)

        with self._news:
            assert self._news.wait_for(lambda: fitting() is not None, timeout), [
                (each.state.status.state.value, [event.kind.value for event in each.events]) for each in self.updates
            ]
            found = fitting()
        assert found is not None
        return found

    def state(self, wanted: State, timeout: float = 10.0) -> Update:
        return self.wait(lambda update: update.state.status.state is wanted, timeout)

    def event(self, kind: str, timeout: float = 10.0) -> Event:
        update = self.wait(lambda update: any(event.kind == kind for event in update.events), timeout)
        return next(event for event in update.events if event.kind == kind)

    def clear(self) -> None:
        with self._news:
            self.updates.clear()


@pytest.fixture
def swarm() -> Iterator[SimulatedSwarmUI]:
    with SimulatedSwarmUI() as server:
        yield server


@pytest.fixture
def audience() -> Audience:
    return Audience()


@pytest.fixture
def watch(swarm: SimulatedSwarmUI, audience: Audience) -> Iterator[Callable[..., Watcher]]:
    """Starts a watcher of the simulated server; it is stopped at the end."""
    watchers: list[Watcher] = []

    def start(pace: Pace = QUICK, clock: Callable[[], float] = time.time, *, connect: bool = True) -> Watcher:
        watcher = Watcher("home", swarm.url, audience, pace=pace, clock=clock)
        watchers.append(watcher)
        watcher.start()
        if connect:
            watcher.submit(Connect(gateway(swarm)))
        return watcher

    yield start
    for each in watchers:
        each.stop(5.0)


def gateway(swarm: SimulatedSwarmUI, deadline: float = 5.0) -> SwarmServer:
    return SwarmServer(
        parse_address(swarm.url), credentials=Credentials(), sessions=MemorySessions(), deadline=deadline
    )


def paths(swarm: SimulatedSwarmUI) -> list[str]:
    return [each.path.rpartition("/")[2] for each in swarm.requests]


def test_nothing_is_asked_before_there_is_a_server(
    swarm: SimulatedSwarmUI, watch: Callable[..., Watcher], audience: Audience
) -> None:
    watcher = watch(connect=False)
    watcher.submit(PollNow())
    watcher.submit(CANCEL_ALL)
    watcher.submit(Connect(gateway(swarm)))
    audience.state(State.IDLE)
    assert paths(swarm)[0] == "GetNewSession"
    assert not any(update.result for update in audience.updates)


def test_an_idle_server_gets_one_request_a_poll_and_one_session(
    swarm: SimulatedSwarmUI, watch: Callable[..., Watcher], audience: Audience
) -> None:
    watch()
    audience.state(State.IDLE)
    swarm.wait_until(lambda: len(swarm.requests) >= 12)
    assert set(paths(swarm)[6:]) == {"GetGlobalStatus"}
    assert paths(swarm).count("GetNewSession") == 1


def test_nothing_is_published_while_nothing_changes(
    swarm: SimulatedSwarmUI, watch: Callable[..., Watcher], audience: Audience
) -> None:
    watch()
    audience.state(State.IDLE)
    swarm.wait_until(lambda: len(swarm.requests) >= 6)
    before = len(audience.updates)
    swarm.wait_until(lambda: len(swarm.requests) >= 12)
    assert len(audience.updates) == before


def test_the_end_of_work_is_told_with_its_newest_picture(
    swarm: SimulatedSwarmUI, watch: Callable[..., Watcher], audience: Audience
) -> None:
    swarm.generate(images=1, seconds=0.1).wait()
    swarm.wait_until(lambda: len(swarm.files()) == 1)
    before = swarm.files()
    watch()
    audience.state(State.IDLE)
    swarm.generate(images=2, seconds=0.4)
    audience.state(State.GENERATING)
    event = audience.event("finished")
    assert event.jobs == 2
    assert event.output is not None
    new = [each.rpartition("/")[2] for each in swarm.files() if each not in before]
    assert event.output.path.rpartition("/")[2] in new
    assert event.picture is not None
    assert event.picture[:4] in {b"\x89PNG", b"\xff\xd8\xff\xe0"}


def test_a_failed_job_is_told_with_its_cause(
    swarm: SimulatedSwarmUI, watch: Callable[..., Watcher], audience: Audience
) -> None:
    watch()
    audience.state(State.IDLE)
    swarm.generate(images=1, seconds=0.5)
    audience.state(State.GENERATING)
    swarm.fail_next("simulated CUDA out of memory")
    swarm.generate(images=1, seconds=0.5)
    assert audience.event("failed").text == "ComfyUI execution error: simulated CUDA out of memory"
    assert audience.event("finished").text == "1 job failed."


def test_cancel_all_shows_that_it_cancels_and_tells_what_was_stopped(
    swarm: SimulatedSwarmUI, watch: Callable[..., Watcher], audience: Audience
) -> None:
    watcher = watch()
    swarm.generate(images=4, seconds=30.0)
    audience.state(State.GENERATING)
    watcher.submit(CANCEL_ALL)
    audience.state(State.CANCELLING)
    event = audience.event("cancel")
    assert (event.outcome, event.text) == ("stopped", "Stopped 4 jobs.")
    assert swarm.counters().waiting_gens == 0


def test_no_finish_is_told_after_a_cancel(
    swarm: SimulatedSwarmUI, watch: Callable[..., Watcher], audience: Audience
) -> None:
    watcher = watch()
    audience.state(State.IDLE)
    swarm.generate(images=1, seconds=30.0)
    audience.state(State.GENERATING)
    watcher.submit(CANCEL_ALL)
    audience.event("cancel")
    audience.wait(lambda update: update.state.status.state is State.IDLE and update.state.work is None)
    swarm.generate(images=1, seconds=0.2)
    audience.event("returned")
    audience.event("finished")
    told = [event.kind.value for update in audience.updates for event in update.events]
    assert told == ["cancel", "returned", "finished"]


def test_a_second_click_does_no_harm(
    swarm: SimulatedSwarmUI, watch: Callable[..., Watcher], audience: Audience
) -> None:
    watcher = watch()
    swarm.generate(images=2, seconds=30.0)
    audience.state(State.GENERATING)
    swarm.hang()
    for _ in range(5):
        watcher.submit(CANCEL_ALL)
    swarm.wait_until(lambda: "InterruptAll" in paths(swarm))
    watcher.submit(CANCEL_ALL)
    swarm.hang(hanging=False)
    audience.event("cancel")
    assert paths(swarm).count("InterruptAll") == 1


def test_polls_go_on_while_a_cancel_waits(
    swarm: SimulatedSwarmUI, watch: Callable[..., Watcher], audience: Audience
) -> None:
    watcher = watch()
    swarm.generate(images=1, seconds=30.0)
    audience.state(State.GENERATING)
    swarm.hang()
    watcher.submit(CANCEL_ALL)
    swarm.wait_until(lambda: "InterruptAll" in paths(swarm))
    asked = len(swarm.requests)
    swarm.wait_until(lambda: paths(swarm)[asked:].count("GetGlobalStatus") >= 3)


def test_an_order_to_look_is_carried_out_at_once(
    swarm: SimulatedSwarmUI, watch: Callable[..., Watcher], audience: Audience
) -> None:
    watcher = watch(NEVER)
    audience.state(State.IDLE)
    swarm.generate(images=1, seconds=30.0)
    watcher.submit(PollNow())
    audience.state(State.GENERATING, timeout=2.0)


def test_a_new_pace_holds_at_once(swarm: SimulatedSwarmUI, watch: Callable[..., Watcher], audience: Audience) -> None:
    watcher = watch(NEVER)
    audience.state(State.IDLE)
    watcher.submit(QUICK)
    asked = len(swarm.requests)
    swarm.wait_until(lambda: len(swarm.requests) >= asked + 5)


def test_a_server_that_stops_is_unreachable_and_comes_back(
    swarm: SimulatedSwarmUI, watch: Callable[..., Watcher], audience: Audience
) -> None:
    watcher = watch()
    audience.state(State.IDLE)
    swarm.stop()
    audience.state(State.UNREACHABLE)
    audience.clear()
    swarm.start()
    watcher.submit(PollNow())
    audience.state(State.IDLE)
    assert paths(swarm).count("GetNewSession") == 1


def test_a_cancel_that_loses_its_server_says_so(
    swarm: SimulatedSwarmUI, watch: Callable[..., Watcher], audience: Audience
) -> None:
    watcher = watch(NEVER)
    audience.state(State.IDLE)
    swarm.stop()
    watcher.submit(CANCEL_ALL)
    result = audience.wait(lambda update: update.result is not None).result
    assert result is not None
    assert result.outcome is Outcome.REFUSED
    assert "127.0.0.1" in result.message
    audience.state(State.UNREACHABLE)


def test_a_clock_that_jumps_means_sleep(
    swarm: SimulatedSwarmUI, watch: Callable[..., Watcher], audience: Audience
) -> None:
    slept = [0.0]
    watch(QUICK, lambda: time.time() + slept[0])
    audience.state(State.IDLE)
    slept[0] = 3600.0
    asked = len(swarm.requests)
    swarm.wait_until(lambda: len(swarm.requests) > asked + 1)
    swarm.stop()
    assert audience.state(State.UNREACHABLE).state.grace_until > time.time() + 3600


def test_a_clock_that_is_set_back_stops_nothing(
    swarm: SimulatedSwarmUI, watch: Callable[..., Watcher], audience: Audience
) -> None:
    back = [0.0]
    watcher = watch(QUICK, lambda: time.time() - back[0])
    audience.state(State.IDLE)
    back[0] = 3600.0
    asked = len(swarm.requests)
    swarm.wait_until(lambda: len(swarm.requests) > asked + 2)
    swarm.generate()
    audience.state(State.GENERATING)
    swarm.hang()
    watcher.submit(CancelRequest(everything=True, timeout=1.0))
    audience.state(State.CANCELLING)
    back[0] = 7200.0
    update = audience.wait(lambda update: update.result is not None)
    assert update.result is not None
    assert update.result.outcome is Outcome.STILL_RUNNING


def test_word_of_a_wake_up_makes_it_look_at_once(
    swarm: SimulatedSwarmUI, watch: Callable[..., Watcher], audience: Audience
) -> None:
    watcher = watch(NEVER)
    audience.state(State.IDLE)
    asked = len(swarm.requests)
    watcher.submit(Woke())
    swarm.wait_until(lambda: len(swarm.requests) > asked, timeout=2.0)


@pytest.mark.punctual
def test_stopping_never_waits_for_a_hanging_request(
    swarm: SimulatedSwarmUI, watch: Callable[..., Watcher], audience: Audience
) -> None:
    watcher = watch()
    audience.state(State.IDLE)
    swarm.slow(20.0)
    asked = len(swarm.requests)
    swarm.wait_until(lambda: len(swarm.requests) > asked)
    begun = time.monotonic()
    watcher.stop(0.5)
    assert time.monotonic() - begun < 2.0


def test_a_fault_of_our_own_is_shown_and_ends_nothing(
    swarm: SimulatedSwarmUI, watch: Callable[..., Watcher], audience: Audience, caplog: pytest.LogCaptureFixture
) -> None:
    class Faulty(SwarmServer):
        broken = True

        def read(self, *, full: bool) -> Reading:
            if self.broken:
                raise RuntimeError("a bug")
            return super().read(full=full)

    server = Faulty(parse_address(swarm.url), credentials=Credentials(), sessions=MemorySessions())
    watcher = watch(connect=False)
    watcher.submit(Connect(server))
    status = audience.wait(lambda update: update.state.status.problem is not None).state.status
    assert status.problem is not None
    assert status.problem.message == "SwarmUI Tray met a fault of its own."
    assert "a bug" in caplog.text
    watcher.submit(CANCEL_ALL)
    result = audience.wait(lambda update: update.result is not None).result
    assert result is not None
    assert result.outcome is Outcome.REFUSED
    server.broken = False
    watcher.submit(PollNow())
    audience.state(State.IDLE)


def test_another_server_takes_over(swarm: SimulatedSwarmUI, watch: Callable[..., Watcher], audience: Audience) -> None:
    watcher = watch(NEVER)
    audience.state(State.IDLE)
    watcher.submit(Connect(gateway(swarm)))
    swarm.wait_until(lambda: paths(swarm).count("GetNewSession") == 2)


@pytest.mark.parametrize("role", ["guest", "user", "poweruser", "admin"])
def test_no_role_asks_twice_for_what_it_may_not_have(role: str, audience: Audience) -> None:
    """Each refusal is a line in the server's log."""
    with SimulatedSwarmUI(accounts=True) as swarm:
        token = swarm.add_user("ann", role)
        server = SwarmServer(parse_address(swarm.url), credentials=Credentials(token=token), sessions=MemorySessions())
        watcher = Watcher("shared", swarm.url, audience, pace=QUICK)
        watcher.start()
        watcher.submit(Connect(server))
        swarm.generate(user="ann", images=1, seconds=0.3)
        swarm.wait_until(lambda: len(swarm.requests) >= 30)
        watcher.stop(5.0)
        assert not [line for line in swarm.log("Error") if "permission" in line.lower()]


def test_a_key_that_sees_no_work_is_told_of_new_files(audience: Audience) -> None:
    with SimulatedSwarmUI(accounts=True) as swarm:
        token, now = swarm.add_user("ann", "user"), [time.time()]
        server = SwarmServer(parse_address(swarm.url), credentials=Credentials(token=token), sessions=MemorySessions())
        watcher = Watcher("shared", swarm.url, audience, pace=QUICK, clock=lambda: now[0])
        watcher.start()
        watcher.submit(Connect(server))
        swarm.wait_until(lambda: "ListImages" in paths(swarm))
        swarm.generate(user="ann", images=2, seconds=0.1).wait()
        swarm.wait_until(lambda: len(swarm.files("ann")) == 2)
        now[0] += 61
        watcher.submit(PollNow())
        event = audience.event("outputs")
        watcher.stop(5.0)
    assert event.text == "2 new files were saved."
    assert event.picture is not None
    assert paths(swarm).count("GetNewSession") == 1
