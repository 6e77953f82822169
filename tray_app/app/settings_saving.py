"""Stores what a window hands out: keys into the keyring, then the settings into their file."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tray_app.core.address import parse_address
from tray_app.core.errors import SecretsError, UsageError
from tray_app.core.secret import KeyringUnavailable, SecretKind

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tray_app.adapters.keyring.secrets import Secrets
    from tray_app.adapters.settings.file import Loaded
    from tray_app.app.surroundings import Surroundings
    from tray_app.core.secret import Secret
    from tray_app.core.settings import Settings
    from tray_app.ui.settings_draft import SecretChanges


_KEYS = (SecretKind.TOKEN, SecretKind.AUTHORIZATION)
_CHANGED = "The settings file was changed at the same moment, so nothing is saved yet. Look at it, and save again."


@dataclass(frozen=True, slots=True)
class Problem:
    """What keeps something from being saved, and what to do. `lendable`: it is the keyring, and a key was given."""

    text: str
    lendable: bool = False


def save(
    settings: "Settings",
    changes: "SecretChanges",
    surroundings: "Surroundings",
    secrets: "Callable[[], Secrets] | None",
    based_on: "Loaded | None" = None,
) -> Problem | None:
    """Store keys first, so that no server is saved whose key is lost; what went wrong, if anything.

    `based_on` is the content of the settings file that `settings` were made from: nothing else is written over.
    Without `secrets` no keyring is asked: keys are lent to this process until it ends.

    Not for the main thread: the keyring may ask its user.
    """
    state = surroundings.state_file
    if not surroundings.settings_file.readable:
        based_on = None  # it is gone, and written anew; or it cannot be written either, which is told below
    elif based_on is not None and (why := _why_not(surroundings.settings_file.load(), based_on)):
        return Problem(why)
    try:
        for origin, kinds in changes.items():
            for secret in kinds.values():
                surroundings.redactor.add(secret.reveal() if secret else "")
            if secrets is None:
                surroundings.lent_keys[origin] = surroundings.lent_keys.get(origin, {}) | _given(kinds)
                continue
            secrets().change(origin, kinds)
            surroundings.lent_keys.pop(origin, None)
            if any(kind in kinds for kind in _KEYS):
                untouched = [kind for kind in _KEYS if kind not in kinds]
                kept = any(kinds.get(kind) for kind in _KEYS)
                state.mark_key(origin, present=kept or bool(untouched and secrets().get(origin, untouched)))
        _forget_sessions(settings, frozenset(changes), surroundings)
        surroundings.settings_file.save(settings, based_on.settings if based_on is not None else None)
    except KeyringUnavailable as error:
        # What is to be removed from a keyring cannot be lent.
        lendable = bool(changes) and all(
            _given(kinds) and all(kinds[kind] for kind in _KEYS if kind in kinds) for kinds in changes.values()
        )
        return Problem(str(error), lendable)
    except (SecretsError, UsageError) as error:
        return Problem(str(error))
    except OSError as error:
        return Problem(
            f"{state.path} could not be written: {error.strerror or error}. "
            "Make its folder writable and save again; the settings are as they were."
        )
    return None


def _given(kinds: "Mapping[SecretKind, Secret | None]") -> "dict[SecretKind, Secret]":
    return {kind: secret for kind, secret in kinds.items() if kind in _KEYS and secret}


def _why_not(now: "Loaded", based_on: "Loaded") -> str:
    """What keeps the settings from being written over `now`, or nothing."""
    faults = [each for each in now.problems if each not in based_on.problems]
    if faults:
        where = f"{faults[0].path}: " if faults[0].path else ""
        return (
            f"The settings file was changed and has a fault now, so nothing is saved. {where}{faults[0].cause} "
            "Correct that in the file, then save again."
        )
    return _CHANGED if now.settings != based_on.settings else ""


def _forget_sessions(settings: "Settings", origins: frozenset[str], surroundings: "Surroundings") -> None:
    """Drop what was made without the new key, with the old one, or for a server that is gone. Raises OSError."""
    before = {parse_address(each.address) for each in surroundings.settings_file.load().settings.servers}
    now = {parse_address(each.address) for each in settings.servers}
    for address in before | now:
        if address.origin in origins or address not in now:
            surroundings.state_file.forget(address.url)
