"""What the program remembers by itself, as opposed to what its user chose in the settings.

One small owner-only JSON file:

    {"schema": 1,
     "sessions": {"http://127.0.0.1:7801": {…}},      sessions made without a key, by address
     "keys": ["https://gpu.example.org"],             origins that have something in the keyring
     "snooze": {"until": 1792681200.0, …},            until when notifications are snoozed
     "held": {"finished": 3}}                         what quiet hours have held back so far, by kind of event

The index of keys lets every other server be used without touching a keyring at all. A file that cannot be read counts
as empty: at worst a session is made anew.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from tray_app.adapters import private_file
from tray_app.core.address import parse_address
from tray_app.core.credentials import StoredSession
from tray_app.core.errors import UsageError
from tray_app.core.snooze import Snooze

SCHEMA = 1


class StateFile:
    """The state file at `path`. Safe to use from several processes; each call reads or writes the whole file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def load(self, url: str) -> StoredSession | None:
        """The session kept for a server's address, or None."""
        return StoredSession.from_dict(self._read()["sessions"].get(url))

    def save(self, url: str, session: StoredSession) -> None:
        """Keep a session. Raises OSError."""
        self._change(lambda state: state["sessions"].__setitem__(url, session.to_dict()))

    def forget(self, url: str) -> None:
        """Drop the session kept for an address, if there is one. Raises OSError."""
        if url in self._read()["sessions"]:
            self._change(lambda state: state["sessions"].pop(url, None))

    def turn(self, url: str) -> AbstractContextManager[None]:
        """Held while a session is asked for at an address: other processes and threads wait for their turn there.

        Raises OSError, such as TimeoutError where somebody holds it for too long.
        """
        name = hashlib.sha256(url.encode()).hexdigest()[:16]
        return private_file.locked(self.path.with_name(f"session-{name}"))

    def forget_all(self, origin: str) -> None:
        """Drop the sessions of all addresses behind scheme://host:port. Raises OSError."""
        if any(_origin_of(url) == origin for url in self._read()["sessions"]):
            self._change(lambda state: _drop(state["sessions"], origin))

    def has_key(self, origin: str) -> bool:
        """Whether something lies in the keyring for scheme://host:port, as far as this program put it there."""
        return origin in self._read()["keys"]

    def mark_key(self, origin: str, *, present: bool) -> None:
        """Note that the keyring has, or no longer has, something for an origin. Raises OSError.

        The sessions that lie here were made without it, or with it: they go in the same write.
        """
        state = self._read()
        if (origin in state["keys"]) == present and all(_origin_of(url) != origin for url in state["sessions"]):
            return

        def change(state: dict[str, Any]) -> None:
            _mark(state["keys"], origin, present=present)
            _drop(state["sessions"], origin)

        self._change(change)

    def snooze(self) -> Snooze | None:
        """The snooze that was kept; it may be over."""
        return Snooze.from_dict(self._read().get("snooze"))

    def keep_snooze(self, current: Callable[[], Snooze | None]) -> None:
        """Keep what `current` gives once no other write is under way, so that the last word wins. Raises OSError."""

        def change(state: dict[str, Any]) -> None:
            found = current()
            state.pop("snooze", None)
            if found is not None:
                state["snooze"] = found.to_dict()

        self._change(change)

    def held(self) -> dict[str, int]:
        """How many notifications of which kind quiet hours have held back."""
        found = self._read().get("held")
        if not isinstance(found, dict):
            return {}
        return {kind: number for kind, number in found.items() if type(number) is int and number > 0}

    def keep_held(self, current: Callable[[], Mapping[str, int]]) -> None:
        """Keep what `current` gives, as `keep_snooze` does. Raises OSError."""

        def change(state: dict[str, Any]) -> None:
            state.pop("held", None)
            if found := dict(current()):
                state["held"] = found

        self._change(change)

    def _read(self) -> dict[str, Any]:
        try:
            found = json.loads(self.path.read_bytes())
        except (OSError, ValueError, RecursionError):
            found = None
        state: dict[str, Any] = found if isinstance(found, dict) else {}
        if not isinstance(state.get("sessions"), dict):
            state["sessions"] = {}
        if not isinstance(state.get("keys"), list):
            state["keys"] = []
        return state

    def _change(self, change: Callable[[dict[str, Any]], object]) -> None:
        with private_file.locked(self.path):
            state = self._read()
            change(state)
            state.setdefault("schema", SCHEMA)
            private_file.replace(self.path, json.dumps(state, indent=1).encode())


def _drop(sessions: dict[str, Any], origin: str) -> None:
    for url in [each for each in sessions if _origin_of(each) == origin]:
        del sessions[url]


def _origin_of(url: str) -> str:
    """The origin of an address; empty for a text that is none."""
    try:
        return parse_address(url).origin
    except UsageError:
        return ""


def _mark(keys: list[str], origin: str, *, present: bool) -> None:
    if present and origin not in keys:
        keys.append(origin)
    elif not present and origin in keys:
        keys.remove(origin)
