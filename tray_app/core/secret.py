"""Secrets as values: what kinds there are, a wrapper that never shows one, and what a keyring can answer instead."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import NoReturn

from tray_app.core.errors import SecretsError

_NAMED = ("@", "token", "password", "authorization", "basic ", "bearer ")
_LONG = re.compile(r"[^\s'\"=]{20,}")


def may_hold_key(text: str) -> bool:
    """Whether a text that stands in the wrong place may be a key, so that no message repeats it."""
    return any(mark in text.lower() for mark in _NAMED) or _LONG.search(text) is not None


class SecretKind(StrEnum):
    """What is kept per server. Each is sent in its own place and none may stand in for another."""

    TOKEN = "token"  # noqa: S105 - the account's token, sent as the cookie `swarm_token`
    AUTHORIZATION = "authorization"  # value of the server-wide header `Authorization`
    SESSION = "session"  # session id: on a server with accounts it opens as much as the token


class Secret:
    """A text that shows as `…` wherever it is printed, logged, formatted or met in a traceback.

    `reveal()` is the one way to the text. It cannot be pickled, so that it does not travel by accident.
    """

    __slots__ = ("__text",)

    def __init__(self, text: str) -> None:
        self.__text = text

    def reveal(self) -> str:
        """The text itself, for the header, cookie or pipe that needs it."""
        return self.__text

    def __repr__(self) -> str:
        return "…"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return self.__text == other.reveal()

    def __hash__(self) -> int:
        return hash(self.__text)

    def __bool__(self) -> bool:
        return bool(self.__text)

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret does not travel")


class KeyringState(StrEnum):
    """Why a keyring gave nothing; the words are those of the child's answers."""

    LOCKED = "locked"  # and nobody was, or could be, asked to unlock it
    ABSENT = "absent"  # no service, no bus, or only a store that is not encrypted
    DISMISSED = "dismissed"  # the user closed the prompt
    DENIED = "denied"  # the keyring answered with a refusal
    SILENT = "silent"  # no answer in time; one may still come


_KEYRING_SENTENCES = {
    KeyringState.LOCKED: (
        "The keyring is locked.",
        "Unlock it and try again, or give the key in the environment variable SWARMUI_TOKEN.",
    ),
    KeyringState.ABSENT: (
        "This desktop has no keyring that can keep a key safely.",
        "Install one, such as gnome-keyring, KWallet or KeePassXC, or give the key in the environment variable "
        "SWARMUI_TOKEN.",
    ),
    KeyringState.DISMISSED: (
        "The keyring's question was dismissed, so the key was not read.",
        "Try again to be asked again, or give the key in the environment variable SWARMUI_TOKEN.",
    ),
    KeyringState.DENIED: (
        "The keyring refused to give or take the key.",
        "Look at its entry “SwarmUI Tray” in your password manager, or save the key again in the settings.",
    ),
    KeyringState.SILENT: (
        "The keyring does not answer.",
        "Look for an open password prompt; the key is used as soon as the keyring answers.",
    ),
}


class KeyringUnavailable(SecretsError):
    """The keyring gave or took nothing; `state` says why, title and advice say it to people."""

    def __init__(self, state: KeyringState) -> None:
        super().__init__(*_KEYRING_SENTENCES[state])
        self.state = state


@dataclass(frozen=True, slots=True)
class KeyAnswer:
    """What the keyring said about one server: the secrets that it holds, or why it gave none.

    `origin` is "scheme://host:port".
    """

    origin: str
    secrets: dict[SecretKind, Secret]
    error: KeyringUnavailable | None = None
