"""Compares the frames of websockets with the recorded ones."""

import json
from collections.abc import Sequence
from typing import Any, TypeAlias

from tests.simulator.recorded import history
from tests.simulator.recorded.compare import Comparison
from tests.simulator.recorded.recording import COUNTERS, JSON, Frame
from tests.simulator.recorded.stage import Stage

# Frames closer together than this may change places.
SAME_TIME = 0.05
# SwarmUI sends its own frames without white space and passes ComfyUI's on with line breaks.
LAYOUTS: dict[str, dict[str, Any]] = {"compact": {"separators": (",", ":")}, "with line breaks": {"indent": 2}}

Value: TypeAlias = dict[str, JSON]
Sent: TypeAlias = tuple[float, Value]


def differences(stage: Stage) -> list[str]:
    """Compare all websockets of a scenario."""
    found = []
    for who in sorted({frame.who for frame in stage.recording.frames} | stage.frames.keys()):
        recorded = [frame for frame in stage.recording.frames if frame.who == who]
        simulated = [Frame(0, when, who, text) for when, text in stage.frames.get(who, [])]
        found += [f"{who}: {line}" for line in _socket(Comparison(stage.ids), recorded, simulated)]
    return found


def _socket(comparison: Comparison, recorded: Sequence[Frame], simulated: Sequence[Frame]) -> list[str]:
    """Counters as in polls, progress by its shapes, all other frames one by one."""
    wanted, got = _by_kind(recorded), _by_kind(simulated)
    layouts = {_layout(frame) for frame in recorded if not frame.cut}
    found = [f"a frame is {_layout(x)}: {x.text[:80]}" for x in simulated if _layout(x) not in layouts][:1]
    found += _statuses(comparison, wanted["status"], got["status"])
    found += _progress(comparison, wanted["progress"], got["progress"])
    # Of a frame that the recorder cut off only the beginning can be compared.
    return found + _others(comparison, wanted["other"], got["other"], cut=any(frame.cut for frame in recorded))


def _by_kind(frames: Sequence[Frame]) -> dict[str, list[Sent]]:
    kinds: dict[str, list[Sent]] = {"status": [], "progress": [], "other": []}
    for frame in frames:
        value = frame.value
        status = value.get("status")
        is_status = isinstance(status, dict) and set(COUNTERS) == status.keys()
        kinds["status" if is_status else "progress" if "gen_progress" in value else "other"].append((frame.t, value))
    return kinds


def _layout(frame: Frame) -> str:
    for name, layout in LAYOUTS.items():
        if json.dumps(frame.value, ensure_ascii=False, **layout) == frame.text:
            return name
    return "laid out otherwise"


def _statuses(comparison: Comparison, wanted: list[Sent], got: list[Sent]) -> list[str]:
    """The counters follow the rules for polls; all else looks like one of the recorded ones."""
    ever = [(got[0][0], got[-1][0])] if got else []
    found = history.differences(
        [_counts(value) for _, value in wanted], [(when, _counts(value)) for when, value in got], ever
    )
    plain = [_without_counts(value) for _, value in wanted]
    return found + _unlike(comparison, plain, [_without_counts(value) for _, value in got])


def _progress(comparison: Comparison, wanted: list[Sent], got: list[Sent]) -> list[str]:
    """They may be collapsed (the recorder of one scenario kept none): each is like a recorded one of its image."""
    if not wanted:
        return []
    recorded, simulated = {_image(value) for _, value in wanted}, {_image(value) for _, value in got}
    if recorded != simulated:
        return [f"progress of the images {sorted(simulated)}, recorded {sorted(recorded)}"]
    found = []
    for image in sorted(recorded):
        alike: list[JSON] = [value for _, value in wanted if _image(value) == image]
        found += _unlike(comparison, alike, [value for _, value in got if _image(value) == image])
    return found


def _unlike(comparison: Comparison, wanted: Sequence[JSON], got: Sequence[JSON]) -> list[str]:
    """The differences of the first value that is like none of the recorded ones."""
    for value in got:
        found = ["nothing like it was recorded"]
        for one in wanted:
            found = comparison.values("ws", one, value)
            if not found:
                break
        if found:
            return found
    return []


def _others(comparison: Comparison, wanted: list[Sent], got: list[Sent], *, cut: bool) -> list[str]:
    """One by one, in order; frames that came within 50 ms of each other in any order."""
    if len(wanted) != len(got):
        return [f"recorded {[_keys(value) for _, value in wanted]}, simulated {[_keys(value) for _, value in got]}"]
    found = []
    start = 0
    for end in range(1, len(wanted) + 1):
        if end < len(wanted) and wanted[end][0] - wanted[end - 1][0] < SAME_TIME:
            continue
        group = sorted((value for _, value in wanted[start:end]), key=_keys)
        for one, other in zip(group, sorted((value for _, value in got[start:end]), key=_keys), strict=True):
            found += comparison.values("ws", one, _shortened(one, other) if cut else other)
        start = end
    return found


def _shortened(recorded: Value, simulated: Value) -> Value:
    """The simulated frame with its last text as short as the recorded one."""
    shortened = dict(simulated)
    key = list(recorded)[-1]
    one, other = recorded[key], simulated.get(key)
    if isinstance(one, str) and isinstance(other, str):
        shortened[key] = other[: len(one)]
    return shortened


def _counts(value: Value) -> tuple[JSON, ...]:
    status = value["status"]
    return tuple(status[name] for name in COUNTERS) if isinstance(status, dict) else ()


def _without_counts(value: Value) -> JSON:
    zero: Value = dict.fromkeys(COUNTERS, 0)
    return {**value, "status": zero}


def _image(value: Value) -> str:
    progress = value["gen_progress"]
    return str(progress["batch_index"]) if isinstance(progress, dict) else ""


def _keys(value: Value) -> str:
    return ",".join(sorted(value))
