"""Which key a command sends to a server, and where the session made with it is kept."""

from typing import TYPE_CHECKING

from tray_app.adapters.state_file import StateFile
from tray_app.cli.options import HEADER_VARIABLE, TOKEN_VARIABLE
from tray_app.core.credentials import Credentials
from tray_app.core.errors import UsageError

if TYPE_CHECKING:
    from tray_app.cli.context import Context, Target
    from tray_app.core.address import Address
    from tray_app.core.ports import SessionStore


def from_environment(context: "Context") -> Credentials:
    """The key that the environment gives; empty where it gives none. Raises UsageError for a malformed one."""
    token, header = context.options.token, context.options.authorization
    if not token and not header:
        return Credentials()
    context.redactor.add(token, header)
    if len(context.targets) > 1:
        raise UsageError(
            f"{TOKEN_VARIABLE} or {HEADER_VARIABLE} is set, and the command is about several servers.",
            "Name the one that the key is for with --server.",
        )
    return Credentials(token, header)


def for_target(context: "Context", target: "Target") -> tuple[Credentials, "SessionStore"]:
    """The key for a server and the place for its session; waits for the keyring where it must be asked.

    Raises SecretsError where a stored key cannot be had.
    """
    return without_keyring(context, target) or _from_keyring(context, target.address)


def without_keyring(context: "Context", target: "Target") -> tuple[Credentials, "SessionStore"] | None:
    """The key and the place for its session where no keyring is needed for them; None where one must be asked."""
    from tray_app.adapters.swarm.session_stores import FileSessions, MemorySessions

    url = target.address.url
    given = from_environment(context) if target.trusted else Credentials()
    if given.token or given.authorization:
        path = context.folders.runtime_sessions
        return given, FileSessions(StateFile(path), url) if path else MemorySessions()
    if context.options.demo:
        return Credentials(), MemorySessions()
    if target.trusted and context.state_file.has_key(target.address.origin):
        return None
    return Credentials(), FileSessions(context.state_file, url)


def _from_keyring(context: "Context", address: "Address") -> tuple[Credentials, "SessionStore"]:
    from tray_app.adapters.swarm.session_stores import KeyringSessions
    from tray_app.core.secret import Secret, SecretKind

    keys = context.stored_keys
    found = keys.of(address.origin)
    token = found.get(SecretKind.TOKEN, Secret("")).reveal()
    header = found.get(SecretKind.AUTHORIZATION, Secret("")).reveal()
    context.redactor.add(token, header)
    session = found.get(SecretKind.SESSION)
    return Credentials(token, header), KeyringSessions(address.url, session, keys.keeper(address.origin))
