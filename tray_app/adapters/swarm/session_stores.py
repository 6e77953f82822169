"""The places where the session of a server is kept (`tray_app.core.ports.SessionStore`).

Without a key: in the state file. With a key, a session id opens as much as the key does: it lies beside the key in
the keyring, or, where the key came from elsewhere, in a file of the user's runtime folder that ends with the login,
or else only in this process.
"""

import json
import logging
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext

from tray_app.adapters.keyring.secrets import Secrets
from tray_app.adapters.state_file import StateFile
from tray_app.core.credentials import StoredSession
from tray_app.core.ports import SessionStore
from tray_app.core.secret import KeyAnswer, KeyringUnavailable, Secret, SecretKind

log = logging.getLogger(__name__)


class FileSessions:
    """Keeps the session of the server at `url` in an owner-only file."""

    def __init__(self, file: StateFile, url: str) -> None:
        self._file = file
        self._url = url

    def load(self) -> StoredSession | None:
        """The session kept, or None."""
        return self._file.load(self._url)

    def save(self, session: StoredSession) -> None:
        """Keep this one in place of any other."""
        try:
            self._file.save(self._url, session)
        except OSError as error:
            log.warning("The session of %s could not be kept: %s", self._url, error)

    def forget(self) -> None:
        """Keep none."""
        try:
            self._file.forget(self._url)
        except OSError as error:
            log.warning("The session of %s could not be removed: %s", self._url, error)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Wait for the process or thread that asks this server for a session, and keep the others waiting."""
        with ExitStack() as held:
            try:
                held.enter_context(self._file.turn(self._url))
            except OSError as error:
                log.info("Another session of %s may be made at the same time: %s", self._url, error)
            yield


class MemorySessions:
    """Keeps the session as long as this process lives."""

    def __init__(self, session: StoredSession | None = None) -> None:
        self._session = session

    def load(self) -> StoredSession | None:
        """The session kept, or None."""
        return self._session

    def save(self, session: StoredSession) -> None:
        """Keep this one in place of any other."""
        self._session = session

    def forget(self) -> None:
        """Keep none."""
        self._session = None

    def alone(self) -> AbstractContextManager[None]:
        """Nobody else has this place."""
        return nullcontext()


class ToldSessions:
    """Passes a store's sessions on, and tells the id of each: it must be known where secrets are taken out of texts."""

    def __init__(self, store: SessionStore, tell: Callable[[str], None]) -> None:
        self._store = store
        self._tell = tell

    def load(self) -> StoredSession | None:
        """The session that the store has, or None."""
        session = self._store.load()
        if session is not None:
            self._tell(session.id)
        return session

    def save(self, session: StoredSession) -> None:
        """Keep this one in place of any other."""
        self._tell(session.id)
        self._store.save(session)

    def forget(self) -> None:
        """Keep none."""
        self._store.forget()

    def alone(self) -> AbstractContextManager[None]:
        """What the store holds while a session is asked for."""
        return self._store.alone()


class KeyringSessions:
    """Keeps the session of the server at `url` beside its key; `found` is what the keyring gave with the key.

    Several servers behind one origin share the entry, so it says which one it is of. `keep` puts it into the
    keyring: a command waits for that, the tray does not.
    """

    def __init__(self, url: str, found: Secret | None, keep: Callable[[Secret], None]) -> None:
        self._url = url
        self._keep = keep
        self._session = self._read(found)

    def load(self) -> StoredSession | None:
        """The session that the keyring gave, or the last one saved."""
        return self._session

    def save(self, session: StoredSession) -> None:
        """Keep this one in place of any other."""
        self._session = session
        self._keep(Secret(json.dumps({"url": self._url} | session.to_dict())))

    def forget(self) -> None:
        """Keep none. The entry itself stays until the next `save`, which follows at once or never works again."""
        self._session = None

    def alone(self) -> AbstractContextManager[None]:
        """What others put into the keyring meanwhile is not seen here."""
        return nullcontext()

    def _read(self, found: Secret | None) -> StoredSession | None:
        try:
            data = json.loads(found.reveal()) if found else None
        except (ValueError, RecursionError):
            return None
        return StoredSession.from_dict(data) if isinstance(data, dict) and data.get("url") == self._url else None


def keep_now(secrets: Secrets, origin: str) -> Callable[[Secret], None]:
    """Puts a session into the keyring and waits for it; a keyring that refuses costs a new session next time."""

    def keep(session: Secret) -> None:
        try:
            secrets.set(origin, SecretKind.SESSION, session)
        except KeyringUnavailable as error:
            log.warning("The session of %s could not be kept: %s", origin, error.title)

    return keep


def keep_later(secrets: Secrets, origin: str) -> Callable[[Secret], None]:
    """The same without waiting, for a thread that has a server to watch.

    Nobody is prompted for it: a keyring that has locked itself again costs a new session next time.
    """

    def tell(answer: KeyAnswer) -> None:
        if answer.error is not None:
            log.warning("The session of %s could not be kept: %s", origin, answer.error.title)

    return lambda session: secrets.change_later(origin, {SecretKind.SESSION: session}, tell, quiet=True)
