"""The simulated server's time: real for the demo, moved by hand in tests. Nothing else in the package asks `time`.

Times are seconds since the epoch. A clock calls actions back; who shares state between threads wraps them.
"""

import heapq
import itertools
import threading
import time
from asyncio import get_running_loop
from collections.abc import Callable
from typing import Protocol


class Timer(Protocol):
    """A call that can still be called off."""

    def cancel(self) -> None:
        """Forget the call; harmless when it was made already."""


class Clock(Protocol):
    """What the engine knows of time."""

    def now(self) -> float:
        """Seconds since the epoch."""

    def call_at(self, when: float, action: Callable[[], None]) -> Timer:
        """Call `action` once the clock has reached `when`; equal times keep the order in which they were asked."""


class RealClock:
    """Wall time that never jumps. `call_at` works inside a running asyncio loop only."""

    def __init__(self) -> None:
        self._epoch = time.time() - time.monotonic()

    def now(self) -> float:
        """Seconds since the epoch, steady even when the system's clock is set."""
        return self._epoch + time.monotonic()

    def call_at(self, when: float, action: Callable[[], None]) -> Timer:
        """Call `action` in the running loop."""
        return get_running_loop().call_later(max(0.0, when - self.now()), action)


class _ManualTimer:
    def __init__(self, action: Callable[[], None]) -> None:
        self.action: Callable[[], None] | None = action

    def cancel(self) -> None:
        self.action = None


class ManualClock:
    """A clock that stands still until told to `advance`. Safe to use from several threads."""

    def __init__(self, start: float = 1_800_000_000.0) -> None:
        self._now = start
        self._order = itertools.count()
        self._due: list[tuple[float, int, _ManualTimer]] = []
        self._lock = threading.Lock()

    def now(self) -> float:
        """Seconds since the epoch."""
        with self._lock:
            return self._now

    def call_at(self, when: float, action: Callable[[], None]) -> Timer:
        """Call `action` from within the `advance` that reaches `when`."""
        timer = _ManualTimer(action)
        with self._lock:
            heapq.heappush(self._due, (when, next(self._order), timer))
        return timer

    def advance(self, seconds: float) -> None:
        """Move on by `seconds`, making every call that falls due at its own time, those it leads to included."""
        with self._lock:
            end = self._now + seconds
        while (action := self._step(end)) is not None:
            action()

    def next_due(self) -> float | None:
        """When the next call is due; None if nothing waits for this clock."""
        with self._lock:
            self._drop_cancelled()
            return self._due[0][0] if self._due else None

    def _step(self, end: float) -> Callable[[], None] | None:
        with self._lock:
            self._drop_cancelled()
            if not self._due or self._due[0][0] > end:
                self._now = max(self._now, end)
                return None
            when, _, timer = heapq.heappop(self._due)
            self._now = max(self._now, when)
            return timer.action

    def _drop_cancelled(self) -> None:
        while self._due and self._due[0][2].action is None:
            heapq.heappop(self._due)
