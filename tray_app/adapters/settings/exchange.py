"""Settings on their way to another computer: the whole file with its comments and unknown keys, without secrets.

A server whose key lies in the keyring is marked with `key = true`, so that the importing side can say which keys are
still to be stored; the mark goes no further than the exported file.
"""

import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tray_app.adapters.settings.file import MAX_BYTES, SettingsFile, template
from tray_app.core.address import parse_with_credentials
from tray_app.core.errors import UsageError
from tray_app.core.settings import ServerSettings, parse

MARK = "key"


@dataclass(frozen=True, slots=True)
class Imported:
    """What is in force after an import, and which of the servers had a key where they came from."""

    servers: tuple[ServerSettings, ...]
    keyed: tuple[ServerSettings, ...]


def exported(file: SettingsFile, has_key: Callable[[str], bool]) -> str:
    """The content of the file for elsewhere. Raises UsageError for a file that cannot be read."""
    try:
        text = file.path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        text = template()
    except (OSError, ValueError) as error:
        raise UsageError(f"The settings file {file.path} cannot be read.", "Correct it, then export again.") from error
    return _rewritten(text, lambda server, origin: server.update({MARK: True}) if has_key(origin) else None)


def put_in_force(file: SettingsFile, text: str) -> Imported:
    """Replace the file by what was exported, or raise UsageError with all that is wrong in it, and change nothing."""
    if len(text) > MAX_BYTES:
        raise UsageError("This is too large to be settings.", "Import what `config export` wrote.")
    keyed: set[str] = set()

    def take_mark(server: dict[str, Any], origin: str) -> None:
        if server.pop(MARK, False) is True:
            keyed.add(origin)

    clean = _rewritten(text, take_mark)
    settings, problems = parse(tomllib.loads(clean))
    if problems:
        told = " ".join(f"{each.path}: {each.message}" for each in problems)
        raise UsageError(f"Nothing was imported. {told}", "Correct the file, then import it again.")
    file.replace(clean)
    origins = {each: parse_with_credentials(each.address)[0].origin for each in settings.servers}
    return Imported(settings.servers, tuple(each for each, origin in origins.items() if origin in keyed))


def _rewritten(text: str, change: Callable[[dict[str, Any], str], object]) -> str:
    """The same text with `change` made to each server, given with its origin, and with no key in any address."""
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    try:
        tomllib.loads(text)  # its errors name the line; tomlkit takes a little more than is valid
        document = tomlkit.parse(text)
    except (ValueError, TOMLKitError, RecursionError) as error:
        raise UsageError(f"The settings are no valid TOML: {error}.", "Correct the file first.") from error
    servers: Any = document.get("servers")
    for server in servers if isinstance(servers, list) else []:
        try:
            address, found = parse_with_credentials(str(server["address"]))
        except (UsageError, KeyError, TypeError):
            continue  # no server: it is told where the settings are read
        if found.token or found.authorization:
            server["address"] = address.url
        change(server, address.origin)
    return document.as_string()
