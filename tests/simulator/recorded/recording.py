"""Reads one recorded scenario; tests/data/recordings/README.md explains the lines."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

JSON: TypeAlias = "bool | int | float | str | list[JSON] | dict[str, JSON] | None"

RECORDINGS = Path(__file__).parents[2] / "data" / "recordings"
VERSIONS = ("0.9.8.2", "0.9.7.0")
COUNTERS = ("waiting_gens", "loading_models", "waiting_backends", "live_gens")


@dataclass(frozen=True)
class Exchange:
    """A request and its answer. `t` and `seconds` are recorded times, `seconds` from sending to the answer."""

    line: int
    t: float
    who: str
    method: str
    path: str
    headers: dict[str, str]
    body: JSON
    status: int
    reply_headers: dict[str, str]
    reply: JSON
    seconds: float

    @property
    def answered(self) -> float:
        """When the answer came, in seconds since the scenario began."""
        return self.t + self.seconds

    @property
    def route(self) -> str:
        """What the table of volatile values calls this answer: `ListImages`, `/ComfyBackendDirect/queue`, `/View`."""
        bare = self.path.partition("?")[0]
        if bare.lower().startswith("/api/"):
            return bare[len("/API/") :]
        return bare if bare.startswith("/ComfyBackendDirect/") else "/" + bare.split("/")[1]


@dataclass(frozen=True)
class Poll:
    """What a poll showed when that changed. `status` is None where the server has no such route, text for `saw`."""

    line: int
    t: float
    who: str
    route: str
    status: JSON
    backend_status: JSON


@dataclass(frozen=True)
class Frame:
    """A websocket frame that the server sent."""

    line: int
    t: float
    who: str
    text: str

    @property
    def cut(self) -> bool:
        """Whether the recorder kept only the beginning: 600 characters, in one scenario."""
        return len(self.text) == 600 and not self.text.endswith("}")

    @property
    def value(self) -> dict[str, JSON]:
        """The frame's JSON; of one that is cut, the last text ends where it was cut."""
        value: dict[str, JSON] = json.loads(self.text + '"}' if self.cut else self.text)
        return value


@dataclass(frozen=True)
class LogLine:
    """A line of the server's log, as a reader of the log saw it at `t`."""

    line: int
    t: float
    type: str
    seq: int
    time: str
    text: str


@dataclass(frozen=True)
class Note:
    """What the recorder did or saw, in words. A script may compare what a note quotes."""

    line: int
    t: float
    text: str


@dataclass(frozen=True)
class Recording:
    """One scenario of one server version."""

    version: str
    scenario: str
    exchanges: tuple[Exchange, ...]
    polls: tuple[Poll, ...]
    frames: tuple[Frame, ...]
    log: tuple[LogLine, ...]
    notes: tuple[Note, ...]

    @property
    def name(self) -> str:
        """`0.9.8.2/lifecycle`."""
        return f"{self.version}/{self.scenario}"


def scenarios() -> list[tuple[str, str]]:
    """(version, scenario) of every file there is."""
    return [(v, p.stem) for v in VERSIONS for p in sorted((RECORDINGS / v).glob("*.jsonl"))]


def load(version: str, scenario: str) -> Recording:
    """Read one file. Raises ValueError or TypeError for a line of no known kind, so that none is passed over."""
    lines: list[Exchange | Poll | Frame | LogLine | Note] = []
    text = (RECORDINGS / version / f"{scenario}.jsonl").read_text(encoding="utf-8")
    for number, raw in enumerate(text.splitlines(), 1):
        entry = json.loads(raw)
        lines.append(_line(number, entry))
    return Recording(
        version,
        scenario,
        tuple(x for x in lines if isinstance(x, Exchange)),
        tuple(x for x in lines if isinstance(x, Poll)),
        tuple(x for x in lines if isinstance(x, Frame)),
        tuple(x for x in lines if isinstance(x, LogLine)),
        tuple(x for x in lines if isinstance(x, Note)),
    )


def _line(number: int, entry: dict[str, JSON]) -> Exchange | Poll | Frame | LogLine | Note:
    t = _number(entry["t"])
    match entry:
        case {"request": dict(request), "response": dict(response)}:
            return _exchange(number, t, entry, request, response)
        case {"poll": str(route)}:
            return _poll(number, t, entry, route)
        case {"ws": str(text)}:
            return Frame(number, t, str(entry["who"]), text)
        case {"log": str(kind), "seq": int(seq), "time": str(time), "text": str(text)}:
            return LogLine(number, t, kind, seq, time, text)
        case {"note": str(text)}:
            return Note(number, t, text)
    raise ValueError(f"line {number} is of no known kind: {sorted(entry)}")


def _exchange(
    number: int, t: float, entry: dict[str, JSON], request: dict[str, JSON], response: dict[str, JSON]
) -> Exchange:
    return Exchange(
        line=number,
        t=t,
        who=str(entry["who"]),
        method=str(request["method"]),
        path=str(request["path"]),
        headers=_texts(request["headers"]),
        body=request["body"],
        status=int(_number(response["status"])),
        reply_headers=_texts(response["headers"]),
        reply=response["body"],
        seconds=_number(entry["ms"]) / 1000,
    )


def _poll(number: int, t: float, entry: dict[str, JSON], route: str) -> Poll:
    who = str(entry["who"])
    if "saw" not in entry:
        return Poll(number, t, who, route, entry["status"], entry["backend_status"])
    saw = str(entry["saw"])
    if not saw.startswith("{"):
        return Poll(number, t, who, route, saw, None)
    seen = json.loads(saw)
    return Poll(number, t, who, route, seen["status"], seen["backend_status"])


def _number(value: JSON) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"expected a number, not {value!r}")
    return float(value)


def _texts(value: JSON) -> dict[str, str]:
    if not isinstance(value, dict):
        raise TypeError(f"expected an object, not {value!r}")
    return {key: str(text) for key, text in value.items()}
