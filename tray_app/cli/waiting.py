"""Waits of the main thread that Ctrl-C ends, whenever it comes.

A signal between Python's last look for signals and the wait itself is noticed when the wait is over, and so is one that
the system hands to another thread: so no single wait is long.
"""

import queue
import threading
import time
from typing import NoReturn, TypeVar

T = TypeVar("T")

MOMENT = 0.5
"""Seconds after which it is looked for signals again."""


def next_of(items: "queue.SimpleQueue[T]", seconds: float | None = None) -> T:
    """The next item. Raises queue.Empty when there is none within `seconds`; None waits for ever."""
    end = None if seconds is None else time.monotonic() + seconds
    while True:
        left = MOMENT if end is None else max(0.0, min(MOMENT, end - time.monotonic()))
        try:
            return items.get(timeout=left)
        except queue.Empty:
            if end is not None and time.monotonic() >= end:
                raise


def for_ever() -> NoReturn:
    """Wait for Ctrl-C."""
    never = threading.Event()
    while True:
        never.wait(MOMENT)
