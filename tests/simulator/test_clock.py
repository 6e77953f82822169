"""The clocks: hand-driven time runs in order and only when told, real time flows."""

import asyncio

import pytest

from tray_app.simulator.clock import ManualClock, RealClock


def test_time_stands_still_until_told() -> None:
    clock = ManualClock(100.0)
    assert (clock.now(), clock.now()) == (100.0, 100.0)
    clock.advance(2.5)
    assert clock.now() == 102.5


def test_calls_are_made_at_their_own_time_and_in_order() -> None:
    clock = ManualClock(0.0)
    made: list[tuple[str, float]] = []
    for name, when in (("late", 3.0), ("first", 1.0), ("second", 1.0), ("never", 9.0)):
        clock.call_at(when, lambda name=name: made.append((name, clock.now())))  # type: ignore[misc]
    clock.advance(5.0)
    assert made == [("first", 1.0), ("second", 1.0), ("late", 3.0)]
    assert clock.next_due() == 9.0


def test_calls_that_lead_to_calls_are_all_made_within_one_advance() -> None:
    clock = ManualClock(0.0)
    ticks: list[float] = []

    def tick() -> None:
        ticks.append(clock.now())
        clock.call_at(clock.now() + 1.0, tick)

    clock.call_at(1.0, tick)
    clock.advance(4.0)
    assert ticks == [1.0, 2.0, 3.0, 4.0]


def test_a_cancelled_call_is_not_made() -> None:
    clock = ManualClock(0.0)
    made: list[str] = []
    clock.call_at(1.0, lambda: made.append("cancelled")).cancel()
    clock.call_at(1.0, lambda: made.append("kept"))
    clock.advance(1.0)
    assert made == ["kept"]
    assert clock.next_due() is None


def test_a_call_for_the_past_is_made_at_the_next_advance() -> None:
    clock = ManualClock(10.0)
    made: list[float] = []
    clock.call_at(3.0, lambda: made.append(clock.now()))
    clock.advance(0.0)
    assert made == [10.0]


def test_real_time_flows_and_calls_back_in_the_loop() -> None:
    async def wait() -> float:
        clock = RealClock()
        began, called = clock.now(), asyncio.Event()
        clock.call_at(began + 0.02, called.set)
        await asyncio.wait_for(called.wait(), 5)
        return clock.now() - began

    assert asyncio.run(wait()) >= 0.02


def test_real_time_needs_a_running_loop() -> None:
    with pytest.raises(RuntimeError, match="no running event loop"):
        RealClock().call_at(0.0, lambda: None)
