"""Compares how values changed: what polls every 50 ms saw of the real server, and all the simulated one ever had."""

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import TypeVar

T = TypeVar("T")

LASTING = 0.1  # seconds: a poll every 50 ms cannot miss what lasts as long
Window = tuple[float, float]


def differences(recorded: Sequence[T], history: Sequence[tuple[float, T]], windows: Sequence[Window]) -> list[str]:
    """Both rules for one counter or status.

    `history` holds (seconds, new value) in order, values of no duration included. `windows` are the stretches of time
    in which the real server was being polled. What was seen must be a subsequence of the whole history, and what
    lasted 100 ms inside a window must be a subsequence of what was seen.
    """
    seen = collapsed(recorded)
    had = collapsed(value for _, value in history)
    found = []
    if (missing := first_missing(seen, had)) is not None:
        found.append(f"recorded value {seen[missing]!r} (number {missing + 1}) never comes: recorded {seen}, had {had}")
    lasted = collapsed(lasting(history, windows))
    if (missing := first_missing(lasted, seen)) is not None:
        found.append(
            f"simulated value {lasted[missing]!r} lasts but was never recorded: lasted {lasted}, recorded {seen}"
        )
    return found


def collapsed(values: Iterable[T]) -> list[T]:
    """Runs of the same value become one."""
    return [value for value, _ in groupby(values)]


def first_missing(part: Sequence[T], whole: Sequence[T]) -> int | None:
    """None if `part` is a subsequence of `whole`, else the index of its first member that does not follow."""
    rest = iter(whole)
    for index, value in enumerate(part):
        if value not in rest:
            return index
    return None


def lasting(history: Sequence[tuple[float, T]], windows: Sequence[Window]) -> list[T]:
    """The values that were there for 100 ms or longer inside one of the windows; a value may be told repeatedly."""
    runs = [next(run) for _, run in groupby(history, key=lambda entry: entry[1])]
    ends = [start for start, _ in runs][1:] + [float("inf")] * bool(runs)
    return [
        value
        for (start, value), end in zip(runs, ends, strict=True)
        if any(min(end, last) - max(start, first) >= LASTING - 1e-9 for first, last in windows)
    ]
