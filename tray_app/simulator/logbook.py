"""The server's log as ListRecentLogMessages shows it (src/Utils/Logs.cs; src/WebAPI/AdminAPI.cs:264-312)."""

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

# Logs.cs:161 keeps this many lines of each type.
KEPT = 1024
TYPES = {
    "Verbose": "#606060",
    "Debug": "#808080",
    "Info": "#00FFFF",
    "Init": "#00FF00",
    "Warning": "#FFFF00",
    "Error": "#FF0000",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One line; `sequence` counts over all types and starts anew with the server."""

    sequence: int
    time: float
    type: str
    message: str

    def as_json(self) -> dict[str, object]:
        """The shape inside `data` of a reply."""
        moment = datetime.fromtimestamp(self.time, tz=UTC).astimezone()
        return {
            "sequence_id": self.sequence,
            "time": moment.strftime("%Y-%m-%d %H:%M:%S.") + f"{moment.microsecond // 1000:03d}",
            "message": self.message,
        }


class Logbook:
    """The lines since the start of the server."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._last = 0
        self._lines: dict[str, deque[Line]] = {name: deque(maxlen=KEPT) for name in TYPES}

    def write(self, kind: str, message: str) -> None:
        """Add a line of one of TYPES."""
        self._last += 1
        self._lines[kind].append(Line(self._last, self._now(), kind, message))

    def lines(self, kind: str) -> tuple[Line, ...]:
        """All kept lines of a type, oldest first."""
        return tuple(self._lines[kind])

    def recent(self, types: Sequence[object], after: Mapping[str, object]) -> dict[str, object]:
        """The reply of ListRecentLogMessages. Type names are case-sensitive, unknown ones are left out."""
        data: dict[str, object] = {}
        for name in types:
            if isinstance(name, str) and name in self._lines:
                floor = after.get(name, 0)
                known = floor if isinstance(floor, int) else 0
                data[name] = [line.as_json() for line in self._lines[name] if line.sequence > known]
        return {"types_available": self.types_available(), "last_sequence_id": self._last, "data": data}

    @staticmethod
    def types_available() -> list[dict[str, str]]:
        """The list of types as ListLogTypes gives it."""
        return [{"name": name, "color": color, "identifier": ""} for name, color in TYPES.items()]
