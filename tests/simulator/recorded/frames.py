"""Compares the frames of websockets with the recorded ones."""

import json
from collections.abc import Sequence

from tests.simulator.recorded import history
from tests.simulator.recorded.compare import Comparison
from tests.simulator.recorded.recording import COUNTERS, JSON, Frame
from tests.simulator.recorded.stage import Stage

# Frames closer together than this may change places.
SAME_TIME = 0.05


def differences(stage: Stage) -> list[str]:
    """Compare all websockets of a scenario."""
    found = []
    for who in sorted({frame.who for frame in stage.recording.frames} | stage.frames.keys()):
        recorded = [frame for frame in stage.recording.frames if frame.who == who]
        simulated = stage.frames.get(who, [])
        found += [f"{who}: {line}" for line in _socket(stage, recorded, simulated)]
    return found


def _socket(stage: Stage, recorded: Sequence[Frame], simulated: Sequence[tuple[float, str]]) -> list[str]:
    """Counters as in polls, progress by its shapes, all other frames one by one."""
    wanted = [(frame.t, _frame(frame.text)) for frame in recorded]
    got = [(when, _frame(text)) for when, text in simulated]
    found = _counters([frame for _, frame in wanted], got)
    found += _progress(stage, [f for _, f in wanted if "gen_progress" in f], [f for _, f in got if "gen_progress" in f])
    found += _statuses(stage, [f for _, f in wanted if _is_status(f)], [f for _, f in got if _is_status(f)])
    return found + _others(
        stage,
        [(t, frame) for t, frame in wanted if "gen_progress" not in frame and not _is_status(frame)],
        [frame for _, frame in got if "gen_progress" not in frame and not _is_status(frame)],
    )


def _counters(wanted: list[dict[str, JSON]], got: list[tuple[float, dict[str, JSON]]]) -> list[str]:
    recorded = [_counts(frame) for frame in wanted if _is_status(frame)]
    had = [(when, _counts(frame)) for when, frame in got if _is_status(frame)]
    ever = [(had[0][0], had[-1][0])] if had else []
    return history.differences(recorded, had, ever)


def _statuses(stage: Stage, wanted: list[dict[str, JSON]], got: list[dict[str, JSON]]) -> list[str]:
    """Beside the counters all pushed statuses look like one of the recorded ones."""
    comparison = Comparison(stage.ids)
    plain = [_without_counts(frame) for frame in wanted]
    for frame in got:
        found = [comparison.values("ws", one, _without_counts(frame)) for one in plain]
        if all(found):
            return min(found, key=len, default=["a status was pushed, but none in the recording"])
    return []


def _progress(stage: Stage, wanted: list[dict[str, JSON]], got: list[dict[str, JSON]]) -> list[str]:
    """Progress frames may be collapsed: each is like a recorded one, and every image has some."""
    if {_batch(frame) for frame in wanted} != {_batch(frame) for frame in got}:
        return [f"progress of {[_batch(f) for f in got]}, recorded {sorted({_batch(f) for f in wanted})}"]
    comparison = Comparison(stage.ids)
    for frame in got:
        alike = [one for one in wanted if _batch(one) == _batch(frame)]
        found = [comparison.values("ws", one, frame) for one in alike]
        if all(found):
            return min(found, key=len)
    return []


def _others(stage: Stage, wanted: list[tuple[float, dict[str, JSON]]], got: list[dict[str, JSON]]) -> list[str]:
    """One by one, in order; frames that came within 50 ms of each other in any order."""
    if len(wanted) != len(got):
        return [f"recorded {[_keys(frame) for _, frame in wanted]}, simulated {[_keys(frame) for frame in got]}"]
    found = []
    comparison = Comparison(stage.ids)
    start = 0
    for end in range(1, len(wanted) + 1):
        if end < len(wanted) and wanted[end][0] - wanted[end - 1][0] < SAME_TIME:
            continue
        group = sorted((frame for _, frame in wanted[start:end]), key=_keys)
        for one, other in zip(group, sorted(got[start:end], key=_keys), strict=True):
            found += comparison.values("ws", one, other)
        start = end
    return found


def _frame(text: str) -> dict[str, JSON]:
    value = json.loads(text)
    if not isinstance(value, dict):
        raise TypeError(f"a frame should be an object: {text[:80]}")
    return value


def _is_status(frame: dict[str, JSON]) -> bool:
    return isinstance(status := frame.get("status"), dict) and set(COUNTERS) == status.keys()


def _without_counts(frame: dict[str, JSON]) -> JSON:
    zero: dict[str, JSON] = dict.fromkeys(COUNTERS, 0)
    return {**frame, "status": zero}


def _counts(frame: dict[str, JSON]) -> tuple[JSON, ...]:
    status = frame["status"]
    return tuple(status[name] for name in COUNTERS) if isinstance(status, dict) else ()


def _batch(frame: dict[str, JSON]) -> str:
    progress = frame["gen_progress"]
    return str(progress["batch_index"]) if isinstance(progress, dict) else ""


def _keys(frame: dict[str, JSON]) -> str:
    return ",".join(sorted(frame))
