"""Whatever is asked for, cancelled or broken, in whatever order: the counters keep their meaning."""

from collections.abc import Callable
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tray_app.simulator.backends import BackendStatus
from tray_app.simulator.clock import ManualClock
from tray_app.simulator.counters import total
from tray_app.simulator.orders import Order
from tray_app.simulator.versions import NEW, OLD, Version
from tray_app.simulator.world import Timing, World

if TYPE_CHECKING:
    from tray_app.simulator.requests import GenerationRequest

USERS = ("local", "mara", "tom")
MODELS = ("tiny", "tiny2", "huge")
LONG = 5000.0


class Play:
    """A world, its clock, and all that was asked of it."""

    def __init__(self, version: Version, backends: int, over_queue: int, step: float, load: float) -> None:
        self.clock = ManualClock()
        self.world = World(self.clock, version=version, timing=Timing(step, load))
        for name in USERS:
            self.world.add_user(name, "owner")
        for number in range(backends):
            self.world.add_backend(str(number), over_queue).current_model = "tiny.safetensors"
        self.sessions = [self.world.new_session(name, "127.0.0.1") for name in USERS for _ in range(2)]
        self.requests: list[GenerationRequest] = []

    def generate(self, session: int, order: Order) -> None:
        self.requests.append(self.world.generate(self.sessions[session], order))

    def interrupt_session(self, session: int) -> None:
        self.world.interrupt([self.sessions[session]])
        assert not any(self.sessions[session].counters.sight())

    def interrupt_user(self, session: int) -> None:
        user = self.sessions[session].user
        self.world.interrupt(self.world.sessions.of(user))
        assert not any(self.world.counts(user))

    def interrupt_prompt(self, backend: int) -> None:
        comfy = self.world.backends[backend % len(self.world.backends)].comfy
        if comfy.running is not None:
            comfy.interrupt(comfy.running.id)

    def fail_next(self, backend: int) -> None:
        self.world.backends[backend % len(self.world.backends)].comfy.fail_next.append("no luck")

    def hang(self, backend: int, hanging: int) -> None:
        self.world.backends[backend % len(self.world.backends)].comfy.hang(hanging=bool(hanging))

    def answer(self, backend: int, answering: int) -> None:
        self.world.backends[backend % len(self.world.backends)].comfy.answering = bool(answering)

    def restart(self, backend: int) -> None:
        chosen = self.world.backends[backend % len(self.world.backends)]
        self.world.shut_down(chosen, BackendStatus.WAITING)
        self.world.boot(chosen)

    def repair(self) -> None:
        """Take back all that was broken and let time pass."""
        for backend in self.world.backends:
            backend.comfy.answering = True
            backend.comfy.hang(hanging=False)
        self.clock.advance(LONG)

    def check(self) -> None:
        """What holds at every moment."""
        for session in self.world.sessions:
            counts = session.counters.sight()
            assert min(counts) >= 0, counts
            assert counts.waiting_gens >= counts.live_gens + counts.waiting_backends, counts
            assert counts.live_gens == sum(len(each.live_jobs) for each in session.requests)
        everybody = self.world.counts()
        assert everybody == total(each.counters.sight() for each in self.world.sessions)
        assert everybody.live_gens == sum(backend.usages for backend in self.world.backends)
        for backend in self.world.backends:
            assert 0 <= backend.usages <= 1 + backend.over_queue
            assert backend.comfy.running is not None or not backend.comfy.pending


orders = st.builds(
    Order,
    images=st.integers(1, 7),
    model=st.sampled_from(MODELS),
    steps=st.integers(1, 12),
    batchsize=st.integers(1, 3),
    donotsave=st.booleans(),
    continue_after_errors=st.booleans(),
    step_seconds=st.none() | st.floats(0.01, 3.0),
    width=st.just(2),
    height=st.just(2),
)
sessions = st.integers(0, 2 * len(USERS) - 1)
backends = st.integers(0, 2)
Deed = Callable[[Play], None]


def deed(name: str, *arguments: object) -> Deed:
    """A method of Play with its arguments."""

    def act(play: Play) -> None:
        getattr(play, name)(*arguments)

    return act


deeds = st.one_of(
    st.builds(deed, st.just("generate"), sessions, orders),
    st.builds(deed, st.just("generate"), sessions, orders),
    st.builds(deed, st.just("interrupt_session"), sessions),
    st.builds(deed, st.just("interrupt_user"), sessions),
    st.builds(deed, st.just("interrupt_prompt"), backends),
    st.builds(deed, st.just("fail_next"), backends),
    st.builds(deed, st.just("hang"), backends, st.integers(0, 1)),
    st.builds(deed, st.just("answer"), backends, st.integers(0, 1)),
    st.builds(deed, st.just("restart"), backends),
)
# Often nearly nothing between two deeds: that is where cancels meet loads and starts.
pauses = st.sampled_from((0.0, 0.03, 0.5)) | st.floats(0.0, 20.0)
scripts = st.lists(st.tuples(pauses, deeds), max_size=30)
plays = st.builds(
    Play, st.sampled_from((NEW, OLD)), st.integers(1, 3), st.integers(0, 2), st.floats(0.01, 2.0), st.floats(1.0, 9.0)
)


@settings(max_examples=80, deadline=None)
@given(plays, scripts)
def test_counters_mean_the_same_whatever_happens(play: Play, script: list[tuple[float, Deed]]) -> None:
    for pause, act in script:
        play.clock.advance(pause)
        play.check()
        act(play)
        play.check()
    play.repair()
    play.check()
    assert not any(play.world.counts())
    assert all(request.result is not None for request in play.requests)
    assert play.clock.next_due() is None, "an idle server has nothing to do"


@settings(max_examples=40, deadline=None)
@given(plays, st.lists(st.tuples(sessions, orders), min_size=1, max_size=6))
def test_all_images_come_when_nothing_goes_wrong(play: Play, wishes: list[tuple[int, Order]]) -> None:
    for session, order in wishes:
        play.generate(session, order)
    play.repair()
    for request in play.requests:
        assert request.result == {"images": request.outputs}
        assert len(request.outputs) == request.order.images
    assert len({path for request in play.requests for path in request.outputs if path.startswith("View/")}) == sum(
        request.order.images for request in play.requests if not request.order.donotsave
    )


@settings(max_examples=40, deadline=None)
@given(plays, st.lists(st.tuples(sessions, orders), min_size=1, max_size=6))
def test_waiting_only_falls_between_requests(play: Play, wishes: list[tuple[int, Order]]) -> None:
    for session, order in wishes:
        play.generate(session, order)
    begun = len(play.world.history)
    play.repair()
    assert all(
        later.waiting_gens <= earlier.waiting_gens
        for (_, earlier), (_, later) in pairwise(play.world.history[begun - 1 :])
    )


@pytest.mark.parametrize(("over_queue", "live"), [(0, 1), (1, 2), (2, 3)])
def test_live_gens_is_one_more_than_the_over_queue(over_queue: int, live: int) -> None:
    play = Play(NEW, 1, over_queue, 1.0, 1.0)
    play.generate(0, Order(images=8))
    play.clock.advance(0.5)
    assert play.world.counts().live_gens == live
    assert play.world.counts().waiting_gens == 8


def test_a_request_asks_for_few_backends_at_a_time() -> None:
    play = Play(NEW, 1, 1, 1.0, 1.0)
    play.generate(0, Order(images=50))
    play.clock.advance(5.0)
    counts = play.world.counts()
    assert (counts.live_gens, counts.waiting_backends) == (2, 3)
