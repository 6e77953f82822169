"""The user's settings: what there is to choose, its bounds and defaults, and how a settings file becomes a value.

`OPTIONS` is the one table: parsing, the comments in the file and `swarmui-tray config set` are made from it. Nothing
here reads a file. A value that makes no sense never stops the program: it falls back to its default, and all such
problems are reported together, each with the path of its option.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tray_app.core.address import parse_address
from tray_app.core.errors import UsageError

SCHEMA = 1
"""The form of the settings file that this program writes. A file with a higher number is read but never written."""

Scalar = bool | int | float


@dataclass(frozen=True, slots=True)
class Option:
    """One setting. `path` is `table.key`; numbers lie between `least` and `most`; `comment` explains it in the file."""

    path: str
    default: Scalar
    comment: str
    least: float = 0
    most: float = 0

    @property
    def table(self) -> str:
        """The TOML table it stands in."""
        return self.path.partition(".")[0]

    @property
    def key(self) -> str:
        """Its key within that table."""
        return self.path.partition(".")[2]

    @property
    def expected(self) -> str:
        """What a valid value is, to be put after "is not"."""
        if isinstance(self.default, bool):
            return "true or false"
        kind = "whole number" if isinstance(self.default, int) else "number"
        return f"a {kind} from {self.least:g} to {self.most:g}"


OPTIONS: tuple[Option, ...] = (
    Option("polling.busy", 1.0, "Seconds between two looks at the server while it works.", 0.2, 60),
    Option("polling.idle", 5.0, "Seconds between two looks while nothing runs.", 0.5, 600),
    Option("polling.timeout", 10.0, "Seconds after which one request counts as failed.", 0.5, 300),
    Option("notifications.finished", default=True, comment="Tell when the work is done."),
    Option("notifications.failed", default=True, comment="Tell when a job failed. Needs the permission view_logs."),
    Option("notifications.lost", default=True, comment="Tell when the server cannot be reached any more."),
    Option("notifications.back", default=True, comment="Tell when it can be reached again."),
    Option("notifications.cancel", default=True, comment="Tell how a cancel ended."),
    Option("notifications.longer_than", 20, "Only announce work that took longer than this many seconds.", 0, 86_400),
    Option(
        "notifications.everybody",
        default=False,
        comment="On a server with accounts: announce everybody's work, not only your own.",
    ),
    Option(
        "cancel.confirm_after_minutes",
        0,
        "Ask before cancelling work that has run longer than this many minutes; 0 never asks.",
        0,
        100_000,
    ),
    Option(
        "activity.prompts",
        default=False,
        comment="Let the activity log keep texts that may hold prompts, such as failure messages.",
    ),
)


@dataclass(frozen=True, slots=True)
class SettingProblem:
    """Something in the file that could not be used: where, and a whole sentence about it."""

    path: str
    message: str


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """One server: the name people call it by and its address as they wrote it. Keys are never stored here."""

    name: str
    address: str


@dataclass(frozen=True, slots=True)
class Notify:
    """What is announced. `longer_than` is in seconds of work; `everybody` widens "finished" to all users."""

    finished: bool = True
    failed: bool = True
    lost: bool = True
    back: bool = True
    cancel: bool = True
    longer_than: int = 20
    everybody: bool = False


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything the user chose. Times of polling are in seconds; `confirm_cancel_after_minutes` None never asks."""

    servers: tuple[ServerSettings, ...] = ()
    poll_busy: float = 1.0
    poll_idle: float = 5.0
    request_timeout: float = 10.0
    notify: Notify = field(default_factory=Notify)
    confirm_cancel_after_minutes: int | None = None
    allow_prompts: bool = False
    schema: int = SCHEMA

    @property
    def writable(self) -> bool:
        """Whether this program may rewrite the file that these came from."""
        return self.schema <= SCHEMA


def option(path: str) -> Option | None:
    """The option of that path, or None where there is none."""
    return next((each for each in OPTIONS if each.path == path), None)


def value_of(settings: Settings, path: str) -> Scalar:
    """The value that `settings` holds for one of `OPTIONS`, in the form in which the file has it."""
    notify = settings.notify
    return {
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
        "cancel.confirm_after_minutes": settings.confirm_cancel_after_minutes or 0,
        "activity.prompts": settings.allow_prompts,
    }[path]


def check(wanted: Option, value: object) -> Scalar | None:
    """The value as the option wants it (a whole number becomes a float where one is due), or None if it cannot be."""
    if isinstance(wanted.default, bool) or isinstance(value, bool):
        return value if isinstance(wanted.default, bool) and isinstance(value, bool) else None
    if not isinstance(value, (int, float)) or not math.isfinite(value) or not wanted.least <= value <= wanted.most:
        return None
    if isinstance(wanted.default, float):
        return float(value)
    return int(value) if value == int(value) else None


def from_text(wanted: Option, text: str) -> Scalar | None:
    """What somebody typed for the option on a command line, or None where it is not `wanted.expected`."""
    word = text.strip().lower()
    if isinstance(wanted.default, bool):
        return {"true": True, "on": True, "yes": True, "false": False, "off": False, "no": False}.get(word)
    try:
        return check(wanted, float(word))
    except ValueError:
        return None


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
        text = f"{_shown(table[wanted.key])} is not {wanted.expected}; {_toml(wanted.default)} is used."
        problems.append(SettingProblem(wanted.path, text))
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
            problems.append(SettingProblem(f"{path}.name", f"Two servers are named {server.name!r}; one is left out."))
            continue
        servers.append(server)
    return tuple(servers)


def _server(entry: object, path: str, problems: list[SettingProblem]) -> ServerSettings | None:
    if not isinstance(entry, Mapping):
        problems.append(SettingProblem(path, f"{_shown(entry)} is not a table with a name and an address."))
        return None
    address = entry.get("address")
    if not isinstance(address, str) or not address.strip():
        problems.append(SettingProblem(f"{path}.address", "The server has no address and is left out."))
        return None
    try:
        short = parse_address(address).display
    except UsageError as error:
        problems.append(SettingProblem(f"{path}.address", f"{error.title} The server is left out."))
        return None
    name = entry.get("name", short)
    if not isinstance(name, str) or not name.strip():
        problems.append(SettingProblem(f"{path}.name", f"{_shown(name)} is not a name; the address is used."))
        name = short
    return ServerSettings(name.strip(), address.strip())


def _shown(value: object) -> str:
    """A value from the file, short enough for one line."""
    text = repr(value)
    return text if len(text) <= 40 else text[:37] + "..."


def _toml(value: Scalar) -> str:
    return str(value).lower() if isinstance(value, bool) else f"{value:g}"
