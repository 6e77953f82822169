"""`config`: where the settings lie, which are in force, changing one, and taking all of them elsewhere."""

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tray_app.adapters.settings.file import MAX_BYTES
from tray_app.cli.exit_codes import ExitCode
from tray_app.core.address import parse_with_credentials
from tray_app.core.errors import UsageError
from tray_app.core.fingerprint import parse_fingerprint
from tray_app.core.options import OPTIONS, from_text, option
from tray_app.core.secret import may_hold_key
from tray_app.core.settings import ServerSettings, value_of

if TYPE_CHECKING:
    from tray_app.cli.context import Context

STDIN_OR_OUT = "-"

SERVER = "server"
"""The name under which `config set` takes a server's address."""

CERTIFICATE = "server-certificate"
"""The name under which `config set` takes the fingerprint of the one certificate to be believed; empty for none."""


def config(context: "Context") -> int:
    """Run one of path, show, set, export and import."""
    args = context.options.args
    for name in ("url", "demo", "all_servers"):
        if getattr(context.options, name):
            given = f"--{name.replace('_', '-')}"
            raise UsageError(f"{given} has no meaning for `config`.", "`config set server URL` stores an address.")
    match args.action:
        case "path":
            context.output.line(str(context.settings_file.path))
            return ExitCode.DONE
        case "show":
            return _show(context)
        case "export":
            return _export(context, args.file)
        case "import":
            return _import(context, args.file)
        case _:
            return _set(context, args.option, args.value)


def _show(context: "Context") -> int:
    loaded = context.settings_file.load()
    shown: dict[str, Any] = {
        "schema": loaded.settings.schema,
        "servers": [_shown(each) for each in loaded.settings.servers],
    }
    for each in OPTIONS:
        shown.setdefault(each.table, {})[each.key] = value_of(loaded.settings, each.path)
    context.output.json(shown)
    for problem in loaded.problems:
        context.output.error(f"{problem.path + ': ' if problem.path else ''}{problem.message}")
    return ExitCode.USAGE if loaded.problems else ExitCode.DONE


def _shown(server: ServerSettings) -> dict[str, str]:
    shown = {"name": server.name, "address": server.address}
    return shown | {"certificate": server.certificate} if server.certificate else shown


def _export(context: "Context", name: str) -> int:
    from tray_app.adapters import private_file
    from tray_app.adapters.settings.exchange import exported

    text = exported(context.settings_file, context.state_file.has_key)
    if name == STDIN_OR_OUT:
        for line in text.splitlines():
            context.output.line(line)
        return ExitCode.DONE
    try:
        private_file.replace(Path(name), text.encode())
    except OSError as error:
        raise UsageError(f"{name} cannot be written: {error.strerror or error}.", "Name another file.") from error
    context.output.message(f"{name} holds the settings, and no key.")
    return ExitCode.DONE


def _import(context: "Context", name: str) -> int:
    """Put exported settings in force, and say which keys are still to be stored here."""
    from tray_app.adapters.settings.exchange import put_in_force

    imported = put_in_force(context.settings_file, _text_of(name))
    context.output.message(f"{context.settings_file.path} holds the imported settings.")
    for each in imported.keyed:
        if not context.state_file.has_key(parse_with_credentials(each.address)[0].origin):
            context.output.message(
                f"The key of {each.name} is not among them: `key set --server {each.name}` asks for it."
            )
    return ExitCode.DONE


def _text_of(name: str) -> str:
    try:
        if name == STDIN_OR_OUT:
            return sys.stdin.read(MAX_BYTES + 1) if sys.stdin is not None else ""
        with Path(name).open("rb") as file:
            return file.read(MAX_BYTES + 1).decode("utf-8-sig")
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no text"
        raise UsageError(f"{name} cannot be read: {why}.", "Name a file that `config export` wrote.") from error


def _set(context: "Context", path: str, text: str) -> int:
    if path == SERVER:
        return _set_server(context, text)
    if path == CERTIFICATE:
        return _set_certificate(context, text)
    wanted = option(path)
    if wanted is None:
        raise UsageError(
            f"There is no setting {_named(path)}.",
            f"There are: {', '.join((SERVER, CERTIFICATE, *(e.path for e in OPTIONS)))}.",
        )
    value = from_text(wanted, text)
    if value is None:
        # A key that was given by mistake is not repeated: where errors go, others may read.
        why = wanted.why_not(text) if isinstance(wanted.default, str) and not may_hold_key(text) else None
        raise UsageError(f"{_quoted(text)} is not {wanted.expected}." if why is None else why, wanted.comment)
    context.settings_file.set_option(wanted, value)
    return ExitCode.DONE


def _named(path: str) -> str:
    return "of that name" if may_hold_key(path) else path


def _quoted(text: str) -> str:
    return "What was given" if may_hold_key(text) else f"“{text}”"


def _set_server(context: "Context", text: str) -> int:
    """Store an address: of the server that --server names, which may be new, or of the only one."""
    address, found = parse_with_credentials(text)
    if found.token or found.authorization:
        context.output.message("The address held a key, which was left out. Store it with `key set`.")
    loaded = context.settings_file.load()
    servers = list(loaded.settings.servers)
    name = context.options.server
    if name is None and len(servers) > 1:
        names = ", ".join(each.name for each in servers)
        raise UsageError("There are several servers.", f"Name one with --server, or a new one: {names}.")
    if name is None:
        name = servers[0].name if servers else address.netloc + address.base
    # A certificate belongs to one host and port.
    kept = next((e.certificate for e in servers if e.name == name and e.target.origin == address.origin), "")
    new = ServerSettings(name, address.url, kept)
    if any(each.name == name for each in servers):
        servers = [new if each.name == name else each for each in servers]
    else:
        servers.append(new)
    context.settings_file.set_servers(servers)
    return ExitCode.DONE


def _set_certificate(context: "Context", text: str) -> int:
    """Believe this certificate and no other, of the server that --server names or of the only one."""
    certificate = parse_fingerprint(text)
    servers = context.settings_file.load().settings.servers
    name = context.options.server
    chosen = [each for each in servers if name in {None, each.name}]
    if len(chosen) != 1:
        names = ", ".join(each.name for each in servers) or "none"
        raise UsageError("A certificate belongs to one server.", f"Name one with --server: {names}.")
    if certificate and chosen[0].target.scheme != "https":
        raise UsageError(
            f"{chosen[0].address} shows no certificate, as it is reached without encryption.",
            "Change its address to https:// first.",
        )
    changed = replace(chosen[0], certificate=certificate)
    context.settings_file.set_servers(changed if each == chosen[0] else each for each in servers)
    return ExitCode.DONE
