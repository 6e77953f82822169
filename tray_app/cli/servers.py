"""`servers`: the list of servers in the settings, and changing it."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from tray_app.cli.exit_codes import ExitCode
from tray_app.cli.json_forms import SCHEMA
from tray_app.core.address import Address, parse_address, parse_with_credentials
from tray_app.core.errors import SecretsError, UsageError
from tray_app.core.settings import ServerSettings

if TYPE_CHECKING:
    from tray_app.cli.context import Context

Servers = tuple[ServerSettings, ...]


def servers(context: "Context") -> int:
    """Run one of list, add, remove, rename and move."""
    options = context.options
    if options.url or options.demo or options.servers or options.all_servers:
        raise UsageError("`servers` is about the list in the settings.", "Give names and addresses after its action.")
    args = options.args
    match args.action:
        case "add":
            _add(context, args.name.strip(), args.address)
        case "remove":
            _remove(context, args.name, keep_key=args.keep_key)
        case "rename":
            _rename(context, args.name, args.new_name.strip())
        case "move":
            _move(context, args.name, args.place)
        case _:
            if getattr(args, "names", False):
                _names(context)
            else:
                _list(context, as_json=getattr(args, "json", False))
    return ExitCode.DONE


def _list(context: "Context", *, as_json: bool) -> None:
    shown = [
        {
            "name": each.name,
            "address": each.address,
            "certificate": each.certificate or None,
            "key": context.state_file.has_key(parse_address(each.address).origin),
        }
        for each in context.settings.servers
    ]
    if as_json:
        context.output.json({"schema": SCHEMA, "servers": shown})
        return
    width = max((len(each.name) for each in context.settings.servers), default=0)
    for each in shown:
        key = "  (key in the keyring)" if each["key"] else ""
        trusted = f"  (trusted: {each['certificate']})" if each["certificate"] else ""
        context.output.line(f"{each['name']:{width}}  {each['address']}{key}{trusted}")
    if not shown:
        context.output.message("No server is set up. `servers add NAME ADDRESS` does it, or `setup`, which asks.")


def _names(context: "Context") -> None:
    """What completions offer; nothing but the settings file is read for it."""
    for each in context.settings.servers:
        context.output.line(each.name)


def _add(context: "Context", name: str, text: str) -> None:
    address, found = parse_with_credentials(text)
    if found.token or found.authorization:
        context.redactor.add(found.token, found.authorization)
        context.output.message(f"The address held a key, which was left out. `key set --server {name}` stores it.")

    def change(now: Servers) -> Iterable[ServerSettings]:
        _check_new(name, now)
        return (*now, ServerSettings(name, address.url))

    for each in context.settings_file.change_servers(change):
        if each.target.url == address.url:
            context.output.message(f"{address.url} is in the settings twice now: it is “{each.name}” as well.")


def _remove(context: "Context", name: str, *, keep_key: bool) -> None:
    """The list goes first: where it cannot be written, the key is not lost."""
    found = _find(name, context.settings.servers)
    address = parse_address(found.address)
    mine = not keep_key and context.state_file.has_key(address.origin) and not _shared(address, found, context)
    context.settings_file.change_servers(lambda now: [each for each in now if each != _find(name, now)])
    if all(each.target.url != address.url for each in context.settings.servers if each != found):
        _forget_session(context, address)
    if mine:
        from tray_app.cli.key_storage import forget_key

        context.output.message(f"The key for {address.origin} is removed from the keyring with it.")
        try:
            forget_key(context, address)
        except SecretsError as error:
            raise SecretsError(
                f"{name} is no longer in the settings, but its key is still stored. {error.title}",
                f"{error.advice} Then `swarmui-tray key clear --url {address.url}` removes it.",
            ) from error


def _forget_session(context: "Context", address: Address) -> None:
    try:
        context.state_file.forget(address.url)
    except OSError as error:
        context.output.message(f"{context.state_file.path} could not be written: {error.strerror or error}.")


def _shared(address: Address, found: ServerSettings, context: "Context") -> bool:
    """Whether another server of the settings uses the same key."""
    others = [each for each in context.settings.servers if each != found]
    return any(parse_address(each.address).origin == address.origin for each in others)


def _rename(context: "Context", name: str, new_name: str) -> None:
    def change(now: Servers) -> Iterable[ServerSettings]:
        found = _find(name, now)
        _check_new(new_name, [each for each in now if each != found])
        return [replace(each, name=new_name) if each == found else each for each in now]

    context.settings_file.change_servers(change)


def _move(context: "Context", name: str, place: int) -> None:
    def change(now: Servers) -> Iterable[ServerSettings]:
        found = _find(name, now)
        if not 1 <= place <= len(now):
            raise UsageError(f"There is no place {place} in the list.", f"Give a number from 1 to {len(now)}.")
        rest = [each for each in now if each != found]
        return (*rest[: place - 1], found, *rest[place - 1 :])

    context.settings_file.change_servers(change)


def _find(name: str, known: Sequence[ServerSettings]) -> ServerSettings:
    for each in known:
        if each.name == name:
            return each
    names = ", ".join(each.name for each in known) or "none"
    raise UsageError(f"There is no server named “{name}”.", f"Known names: {names}.")


def _check_new(name: str, known: Sequence[ServerSettings]) -> None:
    """Raise UsageError for a name that no server can have, or that another one has."""
    if not name or not name.isprintable():
        raise UsageError("A server needs a name of printable characters.")
    if any(each.name == name for each in known):
        raise UsageError(f"There is a server named “{name}” already.", "Choose another name, or remove that one first.")
