"""The one session with a server: made once, kept for weeks, renewed when the server has forgotten it.

Each GetNewSession writes a line to the server's log and a row to its database, and the session stays in its memory
(src/Accounts/SessionHandler.cs:346-381). So one is asked for only where there is none.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import replace

from tray_app.core.credentials import Credentials, StoredSession
from tray_app.core.errors import Incompatible, InvalidSession, KeyRefused
from tray_app.core.model import Rights
from tray_app.core.ports import SessionStore

_REFUSED_FOR = 60.0
"""Seconds for which a refused key is not sent again unless a person asks: each refusal is logged by the server."""

_MISSED_FOR = 3600.0
"""Seconds for which later commands believe that a route is missing. Each try is logged by the server, but an updated
server keeps the session and may have the route."""


class Session:
    """Holds the session and what is known of its rights. `ask` makes one GetNewSession and returns what it brought."""

    def __init__(self, store: SessionStore, credentials: Credentials, ask: Callable[[], StoredSession]) -> None:
        self._store = store
        self._key = credentials.fingerprint
        self._ask = ask
        self._lock = threading.Lock()
        self._current: StoredSession | None = None
        self._loaded = False
        self._asked = False
        self._refusal: tuple[KeyRefused, float] | None = None
        self.rights = Rights()

    def current(self) -> StoredSession:
        """The session, made now where there is none. Raises KeyRefused and what a call may raise."""
        with self._lock:
            if not self._loaded:
                self._loaded = True
                self._take_kept("")
            return self._current or self._make(other_than="")

    def begin(self) -> None:
        """A new task of the caller begins: within it at most one session is asked for."""
        self._asked = False

    def renewed(self, stale: StoredSession) -> StoredSession:
        """The session after `stale`: what another thread or another process has renewed meanwhile, else a new one.

        Raises Incompatible where one was already asked for in this task.
        """
        with self._lock:
            if self._current is not None and self._current.id != stale.id:
                return self._current
            if (kept := self._take_kept(stale.id)) is not None:
                return kept
            if self._asked:
                raise Incompatible("SwarmUI does not know the session that it just gave.", "Restart SwarmUI.")
            return self._make(other_than=stale.id)

    def fresh(self) -> StoredSession:
        """A new session in any case, as when a person tests the key."""
        with self._lock:
            self._loaded = True
            self._refusal = None
            return self._make(other_than=None)

    def forget_refusal(self) -> None:
        """A person asks: the key may be tried again at once."""
        self._refusal = None

    def lacks(self, permission: str) -> None:
        """The server refused for want of this permission: remembered until the session is renewed."""
        self.rights = replace(self.rights, lacking=self.rights.lacking | {permission})

    def misses(self, route: str) -> None:
        """The server has no such route: remembered until the session is renewed, by later commands for an hour."""
        self._note_missing(self.rights.missing_routes | {route})

    def routes_may_have_come(self) -> None:
        """The server was away: an updated one keeps our session and may know more routes."""
        if self.rights.missing_routes:
            self._note_missing(frozenset())

    def _note_missing(self, routes: frozenset[str]) -> None:
        self.rights = replace(self.rights, missing_routes=routes)
        with self._lock:
            if self._current is not None:
                self._current = replace(self._current, missing_routes=routes, missed_at=time.time())
                self._store.save(self._current)

    def _make(self, *, other_than: str | None) -> StoredSession:
        """A new session, or the one that somebody else has made meanwhile and is not `other_than` (None: none will do).

        Two that are made at the same time would both stay in the server's memory.
        """
        if self._refusal is not None and time.monotonic() < self._refusal[1] + _REFUSED_FOR:
            raise KeyRefused(self._refusal[0].title, self._refusal[0].advice)
        with self._store.alone():
            if other_than is not None and (kept := self._take_kept(other_than)) is not None:
                return kept
            self._drop()
            self._asked = True
            try:
                session = self._ask()
            except KeyRefused as error:
                self._refusal = (error, time.monotonic())
                raise
            except InvalidSession as error:
                raise Incompatible("SwarmUI gives no session: it asks for one first.", "Update SwarmUI.") from error
            self._refusal = None
            self._use(session)
            self._store.save(session)
            return session

    def _take_kept(self, other_than: str) -> StoredSession | None:
        """Use the session that is kept, if it is of this key and another one than that."""
        kept = self._store.load()
        if kept is None or kept.key != self._key or kept.id == other_than:
            return None
        self._use(kept)
        return kept

    def _use(self, session: StoredSession) -> None:
        self._current = session
        recent = 0 <= time.time() - session.missed_at < _MISSED_FOR
        self.rights = Rights(session.identity, missing_routes=session.missing_routes if recent else frozenset())

    def _drop(self) -> None:
        if self._current is not None:
            self._store.forget()
        self._current = None
        self.rights = Rights()
