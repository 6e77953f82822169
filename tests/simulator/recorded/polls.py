"""Compares what polls saw: how the counters and the state of the backends changed, and the shape of the replies."""

import json
from dataclasses import dataclass, field
from typing import TypeAlias

from tests.simulator.recorded import history
from tests.simulator.recorded.compare import Comparison, Ids
from tests.simulator.recorded.history import Window
from tests.simulator.recorded.recording import COUNTERS, JSON, Poll
from tests.simulator.recorded.stage import Stage
from tests.simulator.recorded.volatile import COUNTED_OTHERWISE

# The four counters, or the name of the error that the poll met.
Sight: TypeAlias = tuple[JSON, ...]
SAME_TIME = 1e-5  # seconds: the step of the clock


@dataclass
class Poller:
    """One onlooker asking one route every 50 ms, and what it saw: (time, status or error, backend_status)."""

    who: str
    route: str
    recorded: list[Poll]
    seen: list[tuple[float, JSON, JSON]] = field(default_factory=list)


def differences(stage: Stage, poller: Poller, windows: list[Window]) -> list[str]:
    """Compare everything about one poller; `windows` in simulated time."""
    statuses = [json.dumps(poll.backend_status, sort_keys=True) for poll in poller.recorded]
    seen = [(when, json.dumps(backends, sort_keys=True)) for when, _, backends in poller.seen]
    found = [f"backend_status: {line}" for line in history.differences(statuses, seen, windows)]
    return found + _counters(stage, poller, windows) + _shapes(poller)


def _counters(stage: Stage, poller: Poller, windows: list[Window]) -> list[str]:
    recorded = [_expected(stage.recording.name, sight_of(poll.status)) for poll in poller.recorded]
    polled = [(when, sight_of(status)) for when, status, _ in poller.seen]
    session = stage.session_of(poller.who) if poller.route == "GetCurrentStatus" else None
    had: list[tuple[float, Sight]] = [(when - stage.began, counts) for when, counts in stage.server.history(session)]
    if not any(len(value) == len(COUNTERS) for value in recorded):
        return history.differences(recorded, polled, windows)
    errors: list[tuple[float, Sight]] = [(when, value) for when, value in polled if len(value) == 1]
    both = sorted(had + errors, key=lambda entry: entry[0])
    lies = [
        f"a poll at {when:.3f} saw {value}, but it was {_at(both, when)}"
        for when, value in polled
        if value not in _at(both, when)
    ]
    return history.differences(recorded, both, windows) + lies[:1]


def _at(had: list[tuple[float, Sight]], when: float) -> list[Sight]:
    """The values of that moment: several where they changed just then."""
    before = [value for start, value in had if start <= when - SAME_TIME]
    return before[-1:] + [value for start, value in had if abs(start - when) <= SAME_TIME]


def _expected(name: str, sight: Sight) -> Sight:
    for exception in COUNTED_OTHERWISE:
        if exception.scenario == name and exception.recorded == sight:
            return exception.simulated
    return sight


def _shapes(poller: Poller) -> list[str]:
    """Beside the counters each reply is like one of the recorded ones."""
    comparison = Comparison(Ids())
    wanted = [_without_counts(poll.status) for poll in poller.recorded]
    for status in {json.dumps(status): status for _, status, _ in poller.seen}.values():
        problems: list[str] = []
        for one in wanted:
            problems = comparison.values(poller.route, one, _without_counts(status))
            if not problems:
                break
        if problems:
            return problems
    return []


def sight_of(status: JSON) -> Sight:
    """The four counters of a `status` or of the only user in a `users` reply, or the error, or nothing."""
    if isinstance(status, dict) and isinstance(users := status.get("users"), list) and len(users) == 1:
        status = users[0]
    if isinstance(status, dict):
        return tuple(status[name] for name in COUNTERS) if set(COUNTERS) <= status.keys() else ()
    return (status,)


def _without_counts(status: JSON) -> JSON:
    if isinstance(status, list):
        return [_without_counts(entry) for entry in status]
    if not isinstance(status, dict):
        return status
    zero: dict[str, JSON] = {name: 0 for name in COUNTERS if type(status.get(name)) is int}
    return {key: zero.get(key, _without_counts(value)) for key, value in status.items()}
