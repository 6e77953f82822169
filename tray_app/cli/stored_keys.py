"""The keys of all servers of one command: one question to the keyring for all of them, and one write at the end.

Each question starts a program of its own, and fifty of them at once would be as many prompts where it is locked.
"""

import logging
import threading
from collections.abc import Callable, Sequence

from tray_app.adapters.keyring.secrets import Secrets
from tray_app.adapters.swarm.session_stores import keep_now
from tray_app.core.secret import KeyringUnavailable, Secret, SecretKind

log = logging.getLogger(__name__)

AT_THE_END = 10.0
"""Seconds that the end of a command waits for the keyring; a session that is not kept is made anew next time."""


class StoredKeys:
    """What the keyring has for these origins. Safe to use from several threads; `secrets` is for tests."""

    def __init__(self, origins: Sequence[str], secrets: Secrets | None = None) -> None:
        self._origins = origins
        self._secrets = secrets or Secrets()
        self._lock = threading.Lock()
        self._found: dict[str, dict[SecretKind, Secret]] | KeyringUnavailable | None = None
        self._sessions: dict[str, Secret] = {}

    def of(self, origin: str) -> dict[SecretKind, Secret]:
        """What is stored for one of the origins; waits for the keyring. Raises KeyringUnavailable."""
        with self._lock:
            if self._found is None:
                self._found = self._ask()
            found = self._found
        if isinstance(found, KeyringUnavailable):
            raise KeyringUnavailable(found.state)
        return found.get(origin, {})

    def wait(self) -> None:
        """Wait until the keyring has answered, or has not; where nothing is stored it is not asked."""
        with self._lock:
            if self._found is None and self._origins:
                self._found = self._ask()

    def keeper(self, origin: str) -> Callable[[Secret], None]:
        """What puts the session with an origin beside its key: at once for one server, at the end for several."""
        if len(self._origins) == 1:
            return keep_now(self._secrets, origin)

        def keep(session: Secret) -> None:
            with self._lock:
                self._sessions[origin] = session

        return keep

    def keep_sessions(self) -> None:
        """Store the sessions that are still to be kept."""
        with self._lock:
            sessions, self._sessions = self._sessions, {}
        if sessions:
            changes = {origin: {SecretKind.SESSION: session} for origin, session in sessions.items()}
            try:
                self._secrets.change_all(changes, timeout=AT_THE_END)
            except KeyringUnavailable as error:
                log.warning("The sessions could not be kept: %s", error.title)

    def _ask(self) -> dict[str, dict[SecretKind, Secret]] | KeyringUnavailable:
        try:
            return self._secrets.get_all(self._origins, list(SecretKind))
        except KeyringUnavailable as error:
            return error
