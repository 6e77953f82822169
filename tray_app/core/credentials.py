"""Secrets that open a SwarmUI, and the session they bought. Neither shows itself in a repr, a log or a traceback."""

import base64
import hashlib
import re
from dataclasses import dataclass, field, replace
from typing import Any

from tray_app.core.errors import UsageError
from tray_app.core.model import Identity

_SHAPE = re.compile(r"[0-9A-Fa-f]+\.[^.]+\.[^.]+")
_COOKIE = re.compile(r"(?:^|;)\s*swarm_token=([^;]*)")


@dataclass(frozen=True, slots=True)
class Credentials:
    """What is sent to prove who we are; both parts are optional and independent of each other.

    `token` is an account token for the cookie `swarm_token` (src/Utils/WebUtil.cs:257-310). `authorization` is the
    whole value of the Authorization header: SwarmUI compares it byte by byte with Network.RequiredAuthorization
    (src/Core/WebServer.cs:180-207), a reverse proxy reads it as Basic or Bearer.

    Raises UsageError for characters that cannot stand in a header or a cookie.
    """

    token: str = field(default="", repr=False)
    authorization: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        if not all("!" <= char <= "~" and char not in '",;\\' for char in self.token):
            raise UsageError(
                "The account token contains characters that no SwarmUI token has.",
                "Copy it again from SwarmUI: User tab, then Authorization Tokens.",
            )
        if not all(" " <= char <= "~" for char in self.authorization):
            raise UsageError(
                "The Authorization value contains characters that cannot be sent.",
                "Copy it again, as one line of plain ASCII.",
            )

    def __repr__(self) -> str:
        given = [name for name in ("token", "authorization") if getattr(self, name)]
        return f"Credentials({', '.join(f'{name}=***' for name in given)})"

    @property
    def fingerprint(self) -> str:
        """Tells two account tokens apart without giving either away; empty without a token."""
        return hashlib.sha256(self.token.encode()).hexdigest()[:16] if self.token else ""


def token_in(text: str) -> str:
    """The account token in what somebody pasted: alone, or the cookie `swarm_token` among others or in quotes."""
    found = _COOKIE.search(text)
    return found[1].strip().strip('"') if found else text.strip()


def pasted_token(text: str) -> str:
    """The account token in what somebody pasted; empty for nothing. Raises UsageError where it has not a token's shape.

    That is the user's name in hex, the token's id and a secret, with dots between (src/Utils/WebUtil.cs:257-310).
    """
    token = Credentials(token=token_in(text)).token
    if token and _SHAPE.fullmatch(token) is None:
        raise UsageError(
            "That is no account token of SwarmUI: they have three parts with dots between.",
            "Copy it whole, from SwarmUI's User tab, Authorization Tokens. A server-wide Authorization value is "
            "another kind of key.",
        )
    return token


def basic(user: str, password: str) -> str:
    """The Authorization value for a user name and a password (RFC 7617, UTF-8)."""
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode("ascii")


def basic_user(value: str) -> str:
    """The user name in the Authorization value of a user name and a password; empty where it is no such value."""
    scheme, _, encoded = value.strip().partition(" ")
    if scheme.lower() != "basic":
        return ""
    try:
        user, colon, _ = base64.b64decode(encoded.strip(), validate=True).decode().partition(":")
    except ValueError:  # neither base64 nor UTF-8
        return ""
    return user if colon and user.isprintable() else ""


def login_value(user: str, password: str) -> str:
    """What the route Login wants in place of the password: SHA-256 in hex (doPasswordClientPrehash in site.js).

    It opens as much as the password does, as long as that is not changed.
    """
    return hashlib.sha256(f"swarmclientpw:{user}:{password}".encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class StoredSession:
    """A session as it is kept between two starts. Its id alone opens everything its user may do: keep it as a key.

    `key` is the fingerprint of the credentials it was made with: another key must not inherit it. `missing_routes` are
    those that the server turned out not to have, `missed_at` when (seconds since the epoch).
    """

    id: str = field(repr=False)
    identity: Identity
    key: str = ""
    missing_routes: frozenset[str] = frozenset()
    missed_at: float = 0.0

    def to_dict(self) -> dict[str, Any]:
        """The shape that `from_dict` reads; JSON can hold it."""
        identity = self.identity
        return {
            "session_id": self.id,
            "key": self.key,
            "user": identity.user,
            "version": identity.version,
            "server_id": identity.server_id,
            "permissions": None if identity.permissions is None else sorted(identity.permissions),
            "output_append_user": identity.output_append_user,
            "missing_routes": sorted(self.missing_routes),
            "missed_at": self.missed_at,
        }

    @staticmethod
    def from_dict(data: object) -> "StoredSession | None":
        """The session kept in `data`, or None where it is not one: then a new session is asked for."""
        if not isinstance(data, dict):
            return None
        texts = [data.get(name) for name in ("session_id", "key", "user", "version", "server_id")]
        permissions = data.get("permissions")
        append = data.get("output_append_user")
        if not all(isinstance(text, str) for text in texts) or not texts[0] or not isinstance(append, bool):
            return None
        if permissions is not None and not _is_list_of_texts(permissions):
            return None
        identity = Identity(
            user=data["user"],
            version=data["version"],
            server_id=data["server_id"],
            permissions=None if permissions is None else frozenset(permissions),
            output_append_user=append,
        )
        session = StoredSession(data["session_id"], identity, data["key"])
        missing, missed_at = data.get("missing_routes"), data.get("missed_at")
        if isinstance(missing, list) and _is_list_of_texts(missing) and isinstance(missed_at, float):
            session = replace(session, missing_routes=frozenset(missing), missed_at=missed_at)
        return session


def _is_list_of_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)
