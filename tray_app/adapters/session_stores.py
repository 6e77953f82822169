"""The places where the session of a server is kept (`tray_app.core.ports.SessionStore`).

Without a key: in the state file. With a key, a session id opens as much as the key does: it lies beside the key in
the keyring, or, where the key came from elsewhere, in a file of the user's runtime folder that ends with the login,
or else only in this process.
"""

import json
import logging

from tray_app.adapters.secrets import Secrets
from tray_app.adapters.state_file import StateFile
from tray_app.core.credentials import StoredSession
from tray_app.core.secret import KeyringUnavailable, Secret, SecretKind

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


class KeyringSessions:
    """Keeps the session of the server at `url` beside its key; `found` is what the keyring gave with the key.

    `origin` is that of the key. Several servers behind one origin share the entry, so it says which one it is of.
    Blocks while the keyring is asked, so it is for a thread that may wait.
    """

    def __init__(self, secrets: Secrets, origin: str, url: str, found: Secret | None) -> None:
        self._secrets = secrets
        self._origin = origin
        self._url = url
        self._session = self._read(found)

    def load(self) -> StoredSession | None:
        """The session that the keyring gave, or the last one saved."""
        return self._session

    def save(self, session: StoredSession) -> None:
        """Keep this one in place of any other."""
        self._session = session
        self._change(Secret(json.dumps({"url": self._url} | session.to_dict())))

    def forget(self) -> None:
        """Keep none. The entry itself stays until the next `save`, which follows at once or never works again."""
        self._session = None

    def _read(self, found: Secret | None) -> StoredSession | None:
        try:
            data = json.loads(found.reveal()) if found else None
        except (ValueError, RecursionError):
            return None
        return StoredSession.from_dict(data) if isinstance(data, dict) and data.get("url") == self._url else None

    def _change(self, secret: Secret) -> None:
        try:
            self._secrets.set(self._origin, SecretKind.SESSION, secret)
        except KeyringUnavailable as error:
            log.warning("The session of %s could not be kept: %s", self._url, error.title)
