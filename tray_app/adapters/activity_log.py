"""The activity log: what happened on the servers and what was cancelled, one JSON object a line, owner-only.

Its lines are those of `swarmui-tray log --json`. Tray and commands append to it at once. That a notification could not
be shown is known later and stands in a line of its own, which names the entry by time, server and event; readers get
it as the entry's "missed". It is bounded: a full file
becomes `activity.jsonl.1`, and of that only one is kept. It holds no secrets, and texts that come from the server,
which may quote a prompt, only if the user allows it.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tray_app.adapters import private_file
from tray_app.core.events import Event, EventKind
from tray_app.core.words import headline, sentence

SCHEMA = 1
MAX_BYTES = 512 * 1024
"""Size of each of the two files; a line takes about 200 bytes."""

_FROM_THE_SERVER = {EventKind.FAILED}
"""Events whose text is the server's own and may hold somebody's prompt."""


_NEEDED = ("time", "server", "event", "text")


class ActivityLog:
    """The log at `path`. `clean` takes known secrets out of a text."""

    def __init__(
        self, path: Path, *, allow_prompts: bool = False, clean: Callable[[str], str] = str, limit: int = MAX_BYTES
    ) -> None:
        self.path = path
        self.allow_prompts = allow_prompts
        self._clean = clean
        self._limit = limit

    def add(self, event: Event) -> None:
        """Append an event. Raises OSError where that cannot be done."""
        text = json.dumps(self._entry(event), ensure_ascii=False)
        private_file.append(self.path, text, limit=self._limit)

    def mark_missed(self, events: Iterable[Event]) -> None:
        """Note that nobody was shown the notifications of these events. Raises OSError where that cannot be done."""
        lines = [json.dumps({"schema": SCHEMA, "missed": _name(self._entry(each))}) for each in events]
        private_file.append(self.path, "\n".join(lines), limit=self._limit)

    def entries(self) -> Iterator[dict[str, Any]]:
        """All entries that can be read, oldest first. Raises OSError where a file exists and cannot be read."""
        found = list(self._lines())
        marks = [each["missed"] for each in found if isinstance(each.get("missed"), list)]
        for entry in found:
            if all(isinstance(entry.get(key), str) for key in _NEEDED):
                yield {**entry, "missed": _name(entry) in marks}

    def _lines(self) -> Iterator[dict[str, Any]]:
        for path in (self.path.with_name(self.path.name + ".1"), self.path):
            try:
                lines = path.read_bytes().splitlines()
            except FileNotFoundError:
                continue
            for line in lines:
                entry = _parsed(line)
                if entry is not None:
                    yield entry

    def _entry(self, event: Event) -> dict[str, Any]:
        text = sentence(event)
        if event.kind in _FROM_THE_SERVER and not self.allow_prompts:
            text = f"{headline(event)}. The server's words are only kept with the setting activity.prompts."
        return {
            "schema": SCHEMA,
            "time": datetime.fromtimestamp(event.time, UTC).isoformat(timespec="seconds"),
            "server": event.server,
            "event": event.kind.value,
            "text": self._clean(text),
            "reason": None if event.reason is None else self._clean(event.reason),
            "outcome": event.outcome,
            "user": event.user,
            "missed": False,
        }


def _name(entry: dict[str, Any]) -> list[str]:
    """What a later line calls an entry by. Two of a kind in one second share a notification, so they share its fate."""
    return [entry["time"], entry["server"], entry["event"]]


def _parsed(line: bytes) -> dict[str, Any] | None:
    """A line as an object; None for one that was cut off or edited into something else."""
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return entry if isinstance(entry, dict) else None
