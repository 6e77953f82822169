"""What the commands that store keys share: asking for one, and putting it into the keyring or out of it."""

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING

from tray_app.adapters.keyring.secrets import Secrets
from tray_app.adapters.state_file import StateFile
from tray_app.core.errors import UsageError
from tray_app.core.exposure import exposure
from tray_app.core.secret import Secret, SecretKind

if TYPE_CHECKING:
    from tray_app.cli.context import Context
    from tray_app.core.address import Address

LONGEST = 8192
"""Characters of a key at most; longer ones are something else."""


def warn_of_exposure(context: "Context") -> None:
    """Say what is at stake where the way to the server is not encrypted."""
    warning = exposure(context.target.address)
    if warning:
        context.output.message(warning)


def read_secret(what: str, context: "Context") -> str:
    """A line from a terminal without echo, or all of stdin. Raises UsageError for what is too long to be a key."""
    if sys.stdin is None:
        return ""
    if sys.stdin.isatty():
        import getpass

        return getpass.getpass(f"{what} for {context.target.address.origin}: ").strip()
    text = sys.stdin.read(LONGEST + 1).strip()
    if len(text) > LONGEST:
        raise UsageError("What came on stdin is too long for a key.", "Give the key alone, on one line.")
    return text


def store_key(context: "Context", address: "Address", changes: Mapping[SecretKind, Secret | None]) -> None:
    """Put secrets for an address into the keyring, and note that it has some. Raises SecretsError, UsageError."""
    Secrets().change(address.origin, changes)
    try:
        context.state_file.mark_key(address.origin, present=True)
    except OSError as error:
        raise UsageError(
            f"The key is in the keyring, but {context.state_file.path} could not be written: "
            f"{error.strerror or error}. Without it the key is not looked for.",
            "Make the folder writable and store the key again.",
        ) from error


def forget_key(context: "Context", address: "Address") -> None:
    """Remove the keys for an address and the sessions made with them, or with a key of the environment.

    Raises SecretsError, UsageError.
    """
    Secrets().delete(address.origin, list(SecretKind))
    try:
        context.state_file.mark_key(address.origin, present=False)
        if (path := context.folders.runtime_sessions) is not None:
            StateFile(path).forget_all(address.origin)
    except OSError as error:
        raise UsageError(
            f"The key is removed, but {context.state_file.path} could not be written: {error.strerror or error}.",
            "Make the folder writable.",
        ) from error
