"""Sessions and where they are kept over a restart (src/Accounts/Session.cs, SessionHandler.cs)."""

import json
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from tray_app.simulator.counters import Counters

if TYPE_CHECKING:
    from tray_app.simulator.requests import GenerationRequest


@dataclass(eq=False)
class Session:
    """One session. Its id alone is enough to act as its user. `used` is its creation or reload, not its last call."""

    id: str
    user: str
    address: str
    used: float
    counters: Counters = field(default_factory=Counters)
    requests: list["GenerationRequest"] = field(default_factory=list)


class Sessions:
    """The sessions in memory and the records of those that a former run knew.

    A record becomes a session when its id is first used again (SessionHandler.cs:464-510).
    """

    def __init__(self, now: Callable[[], float], file: Path | None) -> None:
        self._now = now
        self._file = file
        self._live: dict[str, Session] = {}
        self._records: dict[str, tuple[str, str]] = self._read()

    def __iter__(self) -> Iterator[Session]:
        return iter(tuple(self._live.values()))

    def create(self, user: str, address: str) -> Session:
        """A new session of a user."""
        session = Session(secrets.token_hex(20), user, address, self._now())
        self._live[session.id] = session
        self._records[session.id] = (user, address)
        self._write()
        return session

    def find(self, session_id: str) -> Session | None:
        """The session with that id; one of a former run is taken up again."""
        session = self._live.get(session_id)
        if session is None and (record := self._records.get(session_id)) is not None:
            session = Session(session_id, record[0], record[1], self._now())
            self._live[session_id] = session
        return session

    def of(self, user: str) -> list[Session]:
        """The sessions in memory that belong to a user."""
        return [session for session in self._live.values() if session.user == user]

    def restart(self) -> None:
        """Keep only what outlives the process."""
        self._live.clear()

    def drop(self) -> None:
        """Forget all sessions, in memory and on disk: every id becomes invalid."""
        self._live.clear()
        self._records.clear()
        self._write()

    def _read(self) -> dict[str, tuple[str, str]]:
        if self._file is None or not self._file.exists():
            return {}
        stored = json.loads(self._file.read_text(encoding="utf-8"))
        return {session_id: (entry["user"], entry["address"]) for session_id, entry in stored["sessions"].items()}

    def _write(self) -> None:
        if self._file is None:
            return
        entries = {key: {"user": user, "address": address} for key, (user, address) in self._records.items()}
        self._file.write_text(json.dumps({"sessions": entries}, indent=1), encoding="utf-8")
