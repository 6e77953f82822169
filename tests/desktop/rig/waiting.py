"""Waiting for events and conditions, always with a deadline."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


def until(what: str, condition: Callable[[], T], seconds: float = 10.0) -> T:
    """Ask another process until the answer is truthy, and return that answer. For what sends no event of its own."""
    deadline = time.monotonic() + seconds
    while True:
        answer = condition()
        if answer:
            return answer
        if time.monotonic() > deadline:
            raise AssertionError(f"Not within {seconds:g} s: {what}. Last seen: {answer!r}")
        time.sleep(0.02)


@dataclass(frozen=True, slots=True)
class Entry(Generic[T]):
    """Something that happened, at `time` on the monotonic clock."""

    time: float
    what: T


class Journal(Generic[T]):
    """What happened, in order, written by one thread and waited for by another."""

    def __init__(self) -> None:
        self._entries: list[Entry[T]] = []
        self._changed = threading.Condition()

    def add(self, what: T) -> None:
        """Note something that happened now."""
        with self._changed:
            self._entries.append(Entry(time.monotonic(), what))
            self._changed.notify_all()

    def __len__(self) -> int:
        with self._changed:
            return len(self._entries)

    def __iter__(self) -> Iterator[Entry[T]]:
        with self._changed:
            return iter(list(self._entries))

    def since(self, start: int, matching: Callable[[T], bool] = lambda _: True) -> list[T]:
        """What happened after the first `start` entries."""
        with self._changed:
            return [entry.what for entry in self._entries[start:] if matching(entry.what)]

    def wait(
        self, what: str, matching: Callable[[T], bool] = lambda _: True, seconds: float = 10.0, start: int = 0
    ) -> T:
        """The first matching entry after the first `start` ones; waits for it if it has not happened yet."""
        return self.wait_entry(what, matching, seconds, start).what

    def wait_entry(
        self, what: str, matching: Callable[[T], bool] = lambda _: True, seconds: float = 10.0, start: int = 0
    ) -> Entry[T]:
        """The same with its time."""
        deadline = time.monotonic() + seconds
        with self._changed:
            while True:
                for entry in self._entries[start:]:
                    if matching(entry.what):
                        return entry
                left = deadline - time.monotonic()
                if left <= 0 or not self._changed.wait(left):
                    found = [entry.what for entry in self._entries[start:]][-10:]
                    raise AssertionError(f"Not within {seconds:g} s: {what}. Seen last: {found!r}")

    def wait_for_number(self, what: str, number: int, seconds: float = 10.0) -> None:
        """Wait until there are so many entries."""
        with self._changed:
            reached = self._changed.wait_for(lambda: len(self._entries) >= number, seconds)
            assert reached, f"Not within {seconds:g} s: {what}. There are {len(self._entries)} of {number}"

    def quiet(self, matching: Callable[[T], bool], seconds: float) -> list[T]:
        """Everything that matches within the next `seconds`: the wait of a test that nothing happens."""
        start = len(self)
        deadline = time.monotonic() + seconds
        with self._changed:
            while (left := deadline - time.monotonic()) > 0:
                self._changed.wait(left)
        return self.since(start, matching)
