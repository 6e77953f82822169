"""`key`: store, remove and test the key of a server. A key is never given as an argument. See also `sign_in`."""

import sys
from typing import TYPE_CHECKING

from tray_app.cli.connection import Onlooker, opened
from tray_app.cli.exit_codes import ExitCode, for_state
from tray_app.cli.key_storage import forget_key, read_secret, store_key, warn_of_exposure
from tray_app.cli.sign_in import sign_in
from tray_app.core.credentials import Credentials, pasted_token, token_in
from tray_app.core.errors import UsageError
from tray_app.core.secret import Secret, SecretKind

if TYPE_CHECKING:
    from tray_app.cli.context import Context
    from tray_app.core.model import ServerStatus

HOW_TO_STORE = (
    "`key set` stores an account token, `key set --authorization` a header, and `key sign-in` has a token made with "
    "user name and password."
)

WHERE_FROM = {
    SecretKind.TOKEN: "An account token says who you are. SwarmUI makes one on its User tab, under Authorization "
    "Tokens, at {url}. The token or the whole cookie swarm_token can be pasted.",
    SecretKind.AUTHORIZATION: "The server-wide Authorization value is set by the server's admin (Network, Required "
    "Authorization), who gives it. The login of a reverse proxy is one too; `setup` makes it from a user name and a "
    "password.",
}
"""What each kind is, told where it is asked for."""


def key(context: "Context") -> int:
    """Run one of set, sign-in, clear and test."""
    target = context.target
    if not target.trusted and context.options.args.action != "test":
        raise UsageError("A key belongs to one server.", "Name it with --url, or set it up with `config set server`.")
    match context.options.args.action:
        case "set":
            return _set(context)
        case "sign-in":
            return sign_in(context)
        case "clear":
            return _clear(context)
        case _:
            return _test(context)


def _set(context: "Context") -> int:
    warn_of_exposure(context)
    header = getattr(context.options.args, "authorization", False)
    kind = SecretKind.AUTHORIZATION if header else SecretKind.TOKEN
    if sys.stdin is not None and sys.stdin.isatty():
        context.output.question(WHERE_FROM[kind].format(url=context.target.address.url))
    text = read_secret("Value of the Authorization header" if header else "Account token", context)
    context.redactor.add(text)
    if header:
        Credentials(authorization=text)  # refuses what cannot be sent
    else:
        context.redactor.add(token_in(text))
        text = pasted_token(text)
    if not text:
        raise UsageError("No key was given, so nothing was stored.", "Give it on stdin, or type it when asked.")
    address = context.target.address
    # A session made with another key must not outlive it.
    store_key(context, address, {kind: Secret(text), SecretKind.SESSION: None})
    context.output.message(f"The key for {address.origin} is in the keyring. `key test` tries it out.")
    return ExitCode.DONE


def _clear(context: "Context") -> int:
    address = context.target.address
    forget_key(context, address)
    context.output.message(f"Nothing is stored for {address.origin} any more.")
    return ExitCode.DONE


def _test(context: "Context") -> int:
    options, target = context.options, context.target
    if target.trusted and (options.token or options.authorization or context.state_file.has_key(target.address.origin)):
        warn_of_exposure(context)
    with opened(context, context.target) as server:
        status = Onlooker(server, context.target.name).look()
    code = for_state(status.state)
    if code:
        problem = status.problem
        context.output.error(problem.message if problem else status.state.value, problem.advice if problem else "")
        if code is ExitCode.KEY:
            context.output.message(HOW_TO_STORE)
        return code
    context.output.line(f"{status.url} is SwarmUI {status.version}; to it you are the user {status.user}.")
    context.output.line(_ability("Cancel all of your jobs", status.can.cancel_all))
    context.output.line(_ability("Cancel the running job alone", status.can.cancel_current))
    context.output.line(_ability("Know how much work there is", _counting(status)))
    return ExitCode.DONE


def _counting(status: "ServerStatus") -> bool | str:
    if status.jobs.source == "GetGlobalStatus":
        return True
    problem = status.problem
    return f"{problem.message} {problem.advice}" if problem else "This key sees only part of the work."


def _ability(what: str, can: bool | str) -> str:  # noqa: FBT001 - a value of the model, not a switch
    if can is True:
        return f"{what}: yes."
    why = str(can)
    return f"{what}: no. {why[:1].upper()}{why[1:]}" + ("" if why.endswith(".") else ".")
