"""`key sign-in`: from a user name and a password to an account token in the keyring. The password is forgotten."""

import platform
import sys
from typing import TYPE_CHECKING

from tray_app.adapters.keyring.secrets import Secrets
from tray_app.adapters.swarm.sign_in import make_token
from tray_app.cli.connection import told
from tray_app.cli.credentials import for_target
from tray_app.cli.exit_codes import ExitCode
from tray_app.cli.key_storage import read_secret, store_key, warn_of_exposure
from tray_app.core.credentials import login_value
from tray_app.core.errors import SecretsError, UsageError
from tray_app.core.secret import Secret, SecretKind

if TYPE_CHECKING:
    from tray_app.cli.context import Context
    from tray_app.core.address import Address
    from tray_app.core.exchange import Exchange


def sign_in(context: "Context") -> int:
    """Ask for name and password, have a token made, store it."""
    address = context.target.address
    # Before a password is asked for: a token that could not be stored would be made for nothing.
    Secrets().get(address.origin, [SecretKind.TOKEN])
    authorization = for_target(context, context.target)[0].authorization
    warn_of_exposure(context)
    user = _user(context)
    password = Secret(read_secret(f"Password of {user}", context))
    if not password:
        raise UsageError("No password was given, so nothing was done.", "Give it on stdin, or type it when asked.")
    token = token_for(context, address, authorization, user, password)
    try:
        store_key(context, address, {SecretKind.TOKEN: token, SecretKind.SESSION: None})
    except SecretsError:
        context.output.message(f"The token “{token_name()}” was made for nothing: remove it in SwarmUI's User tab.")
        raise
    context.output.message(
        f"SwarmUI made a token named “{token_name()}”, and it is in the keyring for {address.origin}. "
        "The password is kept nowhere."
    )
    return ExitCode.DONE


def token_for(context: "Context", address: "Address", authorization: str, user: str, password: Secret) -> Secret:
    """A token made by the server; whatever is printed from now on, the password is not in it. Raises ServerError."""
    context.redactor.add(password.reveal(), login_value(user, password.reveal()))

    def show(exchange: "Exchange") -> None:
        context.output.message(context.redactor(told(exchange)))

    token = make_token(
        address,
        authorization,
        user,
        password,
        name=token_name(),
        seconds=context.request_timeout,
        on_exchange=show if context.options.verbose else None,
    )
    context.redactor.add(token.reveal())
    return token


def token_name() -> str:
    """What the token is called in SwarmUI's list: which computer it is on."""
    host = "".join(each for each in platform.node() if each.isprintable())[:100]
    return f"SwarmUI Tray on {host or 'a computer'}"


def _user(context: "Context") -> str:
    given: str | None = context.options.args.user
    if given is None:
        if sys.stdin is None or not sys.stdin.isatty():
            raise UsageError(
                "It is not known who signs in.", "Give the user name with --user, and the password on stdin."
            )
        context.output.stderr.write(f"User name for {context.target.address.origin}: ")
        context.output.stderr.flush()
        given = sys.stdin.readline()
    if not given.strip():
        raise UsageError("No user name was given, so nothing was done.", "Give it with --user, or type it when asked.")
    return given.strip()
