"""The demo: its day is lively, varied and never stuck; its server can be started, announced and ended."""

import itertools
import threading

import pytest

from tests.simulator.client import get
from tray_app.simulator import demo
from tray_app.simulator.clock import ManualClock
from tray_app.simulator.day import MODELS, Day
from tray_app.simulator.server import DEMO_REMEMBERS, SimulatedSwarmUI
from tray_app.simulator.world import Timing

HOUR = 3600


@pytest.fixture(scope="module")
def after_an_hour() -> SimulatedSwarmUI:
    """The server after an hour of the demo's day; it does not listen any more."""
    clock = ManualClock()
    timing = Timing(step=0.4, model_load=6.0, backend_start=4.0)
    server = SimulatedSwarmUI(clock=clock, backends=2, model=MODELS[0], timing=timing)
    Day(server, seed=11).begin()
    clock.advance(HOUR)
    return server


def test_something_happens_within_five_seconds() -> None:
    clock = ManualClock()
    server = SimulatedSwarmUI(clock=clock, backends=2, model=MODELS[0], demo=True)
    Day(server).begin()
    clock.advance(5.0)
    assert server.counters().live_gens > 0


def test_an_hour_has_everything(after_an_hour: SimulatedSwarmUI) -> None:
    seen = [counts for _, counts in after_an_hour.history()]
    assert any(counts.loading_models for counts in seen)
    assert any(counts.waiting_gens > counts.live_gens for counts in seen)
    assert any("out of memory" in line for line in after_an_hour.log("Error"))
    requesters = {line.split()[1] for line in after_an_hour.log("Info") if line.startswith("User ")}
    assert requesters == {"local", "mara", "tom"}
    assert len(after_an_hour.files()) > 100


def test_it_is_idle_at_times_but_never_for_long(after_an_hour: SimulatedSwarmUI) -> None:
    history = after_an_hour.history()
    pauses = [later - when for (when, counts), (later, _) in itertools.pairwise(history) if not any(counts)]
    assert 15 < max(pauses) < 90
    assert history[-1][0] - history[0][0] > HOUR - 90


def test_serving_announces_a_listening_address_and_ends_when_told() -> None:
    told: list[int] = []
    until = threading.Event()

    def announce(url: str) -> None:
        told.append(get(url, "/").status)
        until.set()

    demo.serve(0, announce, until)
    assert told == [302]


def test_ctrl_c_is_a_quiet_end() -> None:
    def announce(_url: str) -> None:
        raise KeyboardInterrupt

    demo.serve(0, announce)
    assert "simulated-swarmui" not in {thread.name for thread in threading.enumerate()}


def test_without_aiohttp_it_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo, "find_spec", lambda _name: None)
    with pytest.raises(demo.DemoUnavailableError, match="needs aiohttp"):
        demo.start()


def test_a_demo_forgets_what_is_long_ago() -> None:
    clock = ManualClock()
    with SimulatedSwarmUI(clock=clock, demo=True) as server:
        for _ in range(DEMO_REMEMBERS + 5):
            server.generate(steps=1)
            clock.advance(1.0)
        assert (len(server.files()), len(server.history())) == (DEMO_REMEMBERS, DEMO_REMEMBERS)
