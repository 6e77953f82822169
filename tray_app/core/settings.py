"""The user's settings as a value, and how the content of a settings file becomes one.

What there is to choose stands in `core.options`. Nothing here reads a file. A value that makes no sense never stops the
program: it falls back to its default, and all such problems are reported together, each with the path of its option.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from tray_app.core.address import Address, parse_address, parse_with_credentials
from tray_app.core.errors import UsageError
from tray_app.core.fingerprint import parse_fingerprint
from tray_app.core.icon_look import IconChoice
from tray_app.core.options import OPTIONS, Option, Scalar, check
from tray_app.core.secret import may_hold_key

SCHEMA = 1
"""The form of the settings file that this program writes. A file with a higher number is read but never written."""


@dataclass(frozen=True, slots=True)
class SettingProblem:
    """Something in the file that could not be used: where, and whole sentences about it, with what holds instead.

    `reason` is the part of them that is true as well where nothing of the file is taken.
    """

    path: str
    message: str
    reason: str = field(default="", compare=False)

    @property
    def cause(self) -> str:
        """What is wrong, and nothing about what holds instead."""
        return self.reason or self.message


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """One server: the name people call it by and its address as they wrote it. Keys are never stored here.

    `certificate` is the fingerprint of the one certificate that is believed there (https only), or empty.
    """

    name: str
    address: str
    certificate: str = ""

    @property
    def target(self) -> Address:
        """The address with the certificate. Raises UsageError where it cannot be read."""
        return replace(parse_address(self.address), certificate=self.certificate)


@dataclass(frozen=True, slots=True)
class Notify:
    """What is announced, and when not. `longer_than` is in seconds of work; `everybody` widens "finished" to all users.

    `quiet_hours` is as `core.quiet_hours` reads it. Trouble is a failed job, a lost server, a refused key.
    """

    finished: bool = True
    failed: bool = True
    lost: bool = True
    back: bool = True
    cancel: bool = True
    longer_than: int = 20
    everybody: bool = False
    quiet_hours: str = ""
    trouble_breaks_through: bool = False
    trouble_stays: bool = False


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything the user chose. Times of polling are in seconds; `confirm_cancel_after_minutes` None never asks."""

    servers: tuple[ServerSettings, ...] = ()
    poll_busy: float = 1.0
    poll_idle: float = 5.0
    request_timeout: float = 10.0
    notify: Notify = field(default_factory=Notify)
    confirm_cancel_after_minutes: int | None = None
    icon: IconChoice = IconChoice.AUTOMATIC
    allow_prompts: bool = False
    schema: int = SCHEMA

    @property
    def writable(self) -> bool:
        """Whether this program may rewrite the file that these came from."""
        return self.schema <= SCHEMA


def value_of(settings: Settings, path: str) -> Scalar:
    """The value that `settings` holds for one of `OPTIONS`, in the form in which the file has it."""
    notify = settings.notify
    values: dict[str, Scalar] = {
        "polling.busy": settings.poll_busy,
        "polling.idle": settings.poll_idle,
        "polling.timeout": settings.request_timeout,
        "notifications.finished": notify.finished,
        "notifications.failed": notify.failed,
        "notifications.lost": notify.lost,
        "notifications.back": notify.back,
        "notifications.cancel": notify.cancel,
        "notifications.longer_than": notify.longer_than,
        "notifications.everybody": notify.everybody,
        "notifications.quiet_hours": notify.quiet_hours,
        "notifications.trouble_breaks_through": notify.trouble_breaks_through,
        "notifications.trouble_stays": notify.trouble_stays,
        "cancel.confirm_after_minutes": settings.confirm_cancel_after_minutes or 0,
        "tray.icon": settings.icon.value,
        "activity.prompts": settings.allow_prompts,
    }
    return values[path]


def with_values(settings: Settings, values: Mapping[str, Scalar]) -> Settings:
    """The settings with other values for some of `OPTIONS`, by path: such values as `core.options.check` lets pass."""
    data: dict[str, dict[str, Scalar]] = {}
    for each in OPTIONS:
        data.setdefault(each.table, {})[each.key] = values.get(each.path, value_of(settings, each.path))
    return replace(parse(data)[0], servers=settings.servers, schema=settings.schema)


def parse(data: Mapping[str, Any]) -> tuple[Settings, tuple[SettingProblem, ...]]:
    """Settings from the content of a settings file, and what in it could not be used. Unknown keys are no problem."""
    problems: list[SettingProblem] = []
    schema = _schema(data, problems)
    servers = _servers(data.get("servers", []), problems)
    chosen = {each.path: _option(data, each, problems) for each in OPTIONS}
    notify = {path.partition(".")[2]: value for path, value in chosen.items() if path.startswith("notifications.")}
    minutes = int(chosen["cancel.confirm_after_minutes"])
    settings = Settings(
        servers=servers,
        poll_busy=float(chosen["polling.busy"]),
        poll_idle=float(chosen["polling.idle"]),
        request_timeout=float(chosen["polling.timeout"]),
        notify=Notify(**notify),  # type: ignore[arg-type]  # OPTIONS and Notify name the same keys; a test holds them
        confirm_cancel_after_minutes=minutes or None,
        icon=IconChoice(str(chosen["tray.icon"])),
        allow_prompts=bool(chosen["activity.prompts"]),
        schema=schema,
    )
    return settings, tuple(problems)


def _schema(data: Mapping[str, Any], problems: list[SettingProblem]) -> int:
    schema = data.get("schema", SCHEMA)
    if not isinstance(schema, int) or isinstance(schema, bool) or schema < 1:
        problems.append(SettingProblem("schema", f"{schema!r} is not a whole number from 1 on."))
        return SCHEMA
    if schema > SCHEMA:
        text = f"The file is of form {schema}, this program knows {SCHEMA}: it reads what it can and changes nothing."
        problems.append(SettingProblem("schema", text))
    return schema


def _option(data: Mapping[str, Any], wanted: Option, problems: list[SettingProblem]) -> Scalar:
    table = data.get(wanted.table, {})
    if not isinstance(table, Mapping):
        problem = SettingProblem(wanted.table, f"{_shown(table)} is not a table; its defaults are used.")
        if problem not in problems:
            problems.append(problem)
        return wanted.default
    if wanted.key not in table:
        return wanted.default
    value = check(wanted, table[wanted.key])
    if value is None:
        found = table[wanted.key]
        why = wanted.why_not(found) if isinstance(found, str) and not may_hold_key(found) else None
        what = f"{_shown(found)} is not {wanted.expected}"
        told = (
            f"{what}; {_toml(wanted.default)} is used."
            if why is None
            else f"{why} Instead, {_toml(wanted.default)} is used."
        )
        problems.append(SettingProblem(wanted.path, told, why or f"{what}."))
        return wanted.default
    return value


def _servers(entries: object, problems: list[SettingProblem]) -> tuple[ServerSettings, ...]:
    if not isinstance(entries, list):
        problems.append(SettingProblem("servers", f"{_shown(entries)} is not a list of [[servers]] tables."))
        return ()
    servers: list[ServerSettings] = []
    for position, entry in enumerate(entries):
        path = f"servers[{position}]"
        server = _server(entry, path, problems)
        if server is None:
            continue
        if any(server.name == other.name for other in servers):
            cause = f"Two servers are named {server.name!r}"
            problems.append(SettingProblem(f"{path}.name", f"{cause}; one is left out.", f"{cause}."))
            continue
        servers.append(server)
    return tuple(servers)


def _server(entry: object, path: str, problems: list[SettingProblem]) -> ServerSettings | None:
    if not isinstance(entry, Mapping):
        problems.append(SettingProblem(path, f"{_shown(entry)} is not a table with a name and an address."))
        return None
    address = entry.get("address")
    if not isinstance(address, str) or not address.strip():
        told = "The server has no address and is left out."
        problems.append(SettingProblem(f"{path}.address", told, "The server has no address."))
        return None
    try:
        parsed, found = parse_with_credentials(address)
    except UsageError as error:
        problems.append(SettingProblem(f"{path}.address", f"{error.title} The server is left out.", error.title))
        return None
    certificate = _certificate(entry.get("certificate", ""), parsed, f"{path}.certificate", problems)
    if certificate is None:
        return None
    short = parsed.display
    if found.token or found.authorization:
        text = "The address holds a key, which is not used. Take it out, and store it with `swarmui-tray key set`."
        problems.append(SettingProblem(f"{path}.address", text))
        address = parsed.url
    name = entry.get("name", short)
    if not isinstance(name, str) or not name.strip():
        problems.append(SettingProblem(f"{path}.name", f"{_shown(name)} is not a name; the address is used."))
        name = short
    return ServerSettings(name.strip(), address.strip(), certificate)


def _certificate(value: object, address: Address, path: str, problems: list[SettingProblem]) -> str | None:
    """The fingerprint to be stored, or None for one that makes no sense: then nothing may be sent to the server."""
    try:
        found = parse_fingerprint(value) if isinstance(value, str) else None
    except UsageError:
        found = None
    if found is None:
        cause = "That is no SHA-256 fingerprint of a certificate."
        problems.append(SettingProblem(path, f"{cause} The server is left out.", cause))
    elif found and address.scheme != "https":
        problems.append(SettingProblem(path, "Only a server with an https:// address shows a certificate."))
        return ""
    return found


def _shown(value: object) -> str:
    """A value from the file, short enough for one line; not shown where it may hold a key."""
    text = repr(value)
    if may_hold_key(text):
        return "What stands there"
    return text if len(text) <= 40 else text[:37] + "..."


def _toml(value: Scalar) -> str:
    if isinstance(value, str):
        return f'"{value}"'
    return str(value).lower() if isinstance(value, bool) else f"{value:g}"
