"""The settings file: one commented TOML file that belongs to its user.

It is read with the standard library and only rewritten with tomlkit, so that comments, order and keys unknown to this
program survive. Writing is atomic, and the last content that could be read is kept beside it as `<name>.last-good`:
a file that somebody broke never stops the program.
"""

import contextlib
import tomllib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tray_app.adapters import private_file
from tray_app.core.errors import UsageError
from tray_app.core.options import OPTIONS, Option, Scalar
from tray_app.core.settings import (
    SCHEMA,
    ServerSettings,
    SettingProblem,
    Settings,
    parse,
    value_of,
)

if TYPE_CHECKING:
    from tomlkit import TOMLDocument

MAX_BYTES = 1024 * 1024
"""A settings file larger than this is none."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """Settings as they are in force, and everything in the file that is not."""

    settings: Settings
    problems: tuple[SettingProblem, ...] = ()


class SettingsFile:
    """The settings file at `path`; it need not exist."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.last_good = path.with_name(path.name + ".last-good")

    @property
    def readable(self) -> bool:
        """Whether there is a file whose content can be read at all."""
        try:
            with self.path.open("rb"):
                return True
        except OSError:
            return False

    def load(self) -> Loaded:
        """Read the settings. Never fails: what cannot be read is replaced by the last good file, or by the defaults."""
        try:
            data = _read(self.path)
        except FileNotFoundError:
            return Loaded(Settings())
        except (OSError, ValueError, RecursionError) as error:
            return self._fall_back(error)
        self._keep()
        return Loaded(*parse(data))

    def save(self, settings: Settings, based_on: Settings | None = None) -> None:
        """Write everything in which `settings` differs from the file. Raises UsageError when it cannot be written.

        `based_on` is what they were made from: a file that has something else by now stays, and UsageError is raised.
        """

        def change(document: "TOMLDocument", now: Settings) -> None:
            if based_on is not None and now != based_on:
                raise UsageError(
                    f"The settings file {self.path} was changed at the same moment, so nothing was written.",
                    "Look at what it holds now, and save again.",
                )
            if now.servers != settings.servers:
                _put_servers(document, settings.servers)
            for each in OPTIONS:
                if value_of(now, each.path) != value_of(settings, each.path):
                    _put(document, each, value_of(settings, each.path))

        self._rewrite(change)

    def set_option(self, option: Option, value: Scalar) -> None:
        """Write one option. Raises UsageError when the file cannot be written."""
        self._rewrite(lambda document, _: _put(document, option, value))

    def set_servers(self, servers: Iterable[ServerSettings]) -> None:
        """Write the list of servers. Raises UsageError when the file cannot be written."""
        entries = tuple(servers)
        self._rewrite(lambda document, _: _put_servers(document, entries))

    def change_servers(
        self, change: Callable[[tuple[ServerSettings, ...]], Iterable[ServerSettings]]
    ) -> tuple[ServerSettings, ...]:
        """Put what `change` makes of the list in its place, and return the old one; no other write comes between.

        Raises UsageError when the file cannot be written or holds a server that cannot be read, and what `change` does.
        """
        before: list[tuple[ServerSettings, ...]] = []

        def rewrite(document: "TOMLDocument", now: Settings) -> None:
            for problem in parse(tomllib.loads(document.as_string()))[1]:
                if problem.path.startswith("servers"):
                    raise UsageError(
                        f"The list of servers in {self.path} cannot be changed: {problem.path}: {problem.message}",
                        "Correct that entry in the file first.",
                    )
            before.append(now.servers)
            _put_servers(document, change(now.servers))

        self._rewrite(rewrite)
        return before[0]

    def _fall_back(self, error: Exception) -> Loaded:
        if isinstance(error, tomllib.TOMLDecodeError):
            what = f"The settings file {self.path} is no valid TOML: {error}."
        elif isinstance(error, OSError):
            what = f"The settings file {self.path} cannot be read: {error.strerror or error}."
        else:
            what = f"The settings file {self.path} is not a text file with settings."
        try:
            settings, problems = parse(_read(self.last_good))
        except (OSError, ValueError, RecursionError):
            return Loaded(Settings(), (SettingProblem("", f"{what} The defaults are used."),))
        return Loaded(settings, (SettingProblem("", f"{what} The last settings that worked are used."), *problems))

    def _keep(self) -> None:
        """Keep what was just read as the last good content, if that is news."""
        try:
            if not self.last_good.exists() or self.last_good.stat().st_mtime < self.path.stat().st_mtime:
                private_file.replace(self.last_good, self.path.read_bytes())
        except OSError:  # a read-only home: there is nothing to fall back on, and that harms nobody now
            return

    def replace(self, text: str) -> None:
        """Put a whole new content in place; what was there stays beside it as `<name>.before-import`.

        Raises UsageError when the file cannot be written, or was written by a newer version of this program.
        """
        with self._changing():
            content = self.path.read_bytes() if self.path.exists() else b""
            try:
                known = tomllib.loads(content.decode("utf-8-sig"))
            except (ValueError, RecursionError):  # a broken one is kept too, and has no form
                known = {}
            self._check_writable(parse(known)[0])
            if content:
                private_file.replace(self.path.with_name(self.path.name + ".before-import"), content)
            private_file.replace(self.path, text.encode(), keep_mode=True)
        self._keep()

    def _rewrite(self, change: Callable[["TOMLDocument", Settings], None]) -> None:
        with self._changing():
            document, now = self._document()
            self._check_writable(now)
            change(document, now)
            text = document.as_string()
            tomllib.loads(text)  # better no change than a file that cannot be read again
            private_file.replace(self.path, text.encode(), keep_mode=True)
        self._keep()

    def _check_writable(self, now: Settings) -> None:
        if not now.writable:
            raise UsageError(
                f"The settings file {self.path} was written by a newer version of this program.",
                "Update this program, or change the file by hand.",
            )

    @contextlib.contextmanager
    def _changing(self) -> Iterator[None]:
        """Hold the file against other writers; what goes wrong becomes a sentence."""
        try:
            with private_file.locked(self.path):
                yield
        except OSError as error:
            raise UsageError(
                f"The settings file {self.path} cannot be written: {error.strerror or error}.",
                "Nothing was changed. Check the folder's permissions and the free space.",
            ) from error
        except tomllib.TOMLDecodeError as error:
            raise UsageError(
                f"The settings file {self.path} has a form that this program cannot change.",
                "Nothing was changed. Make the change by hand.",
            ) from error

    def _document(self) -> tuple["TOMLDocument", Settings]:
        """The file to be changed; a new one with all its comments where there is none or where it is broken."""
        import tomlkit
        from tomlkit.exceptions import TOMLKitError

        try:
            content = self.path.read_bytes()
        except FileNotFoundError:
            return tomlkit.parse(template()), Settings()
        try:
            document = tomlkit.parse(content.decode())
            settings, _ = parse(tomllib.loads(content.decode()))
        except (ValueError, TOMLKitError, RecursionError):
            # What its user wrote is not lost: it stays beside the file that replaces it.
            private_file.replace(self.path.with_name(self.path.name + ".broken"), content)
            try:
                good = self.last_good.read_text("utf-8")
                return tomlkit.parse(good), parse(tomllib.loads(good))[0]
            except (OSError, ValueError, TOMLKitError, RecursionError):
                return tomlkit.parse(template()), Settings()
        return document, settings


def template() -> str:
    """A new settings file: every option with its explanation and its default."""
    lines = [
        "# Settings of SwarmUI Tray. Keys and tokens never stand here: `swarmui-tray key set` stores them safely.",
        "",
        f"schema = {SCHEMA}",
    ]
    table = ""
    for each in OPTIONS:
        if each.table != table:
            table = each.table
            lines += ["", f"[{table}]"]
        lines += [f"# {each.comment}", f"{each.key} = {_toml(each.default)}"]
    lines += [
        "",
        "# One such table for each SwarmUI server, without the # in front:",
        "# [[servers]]",
        '# name = "home"',
        '# address = "http://127.0.0.1:7801"',
        "# Only for https with a certificate that the system does not trust: it alone is believed then.",
        '# certificate = "sha256:…"',
    ]
    return "\n".join(lines) + "\n"


def _toml(value: Scalar) -> str:
    if isinstance(value, str):
        return f'"{value}"'  # the defaults hold nothing that TOML would want escaped
    return str(value).lower() if isinstance(value, bool) else str(value)


def _read(path: Path) -> dict[str, Any]:
    with path.open("rb") as file:
        content = file.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise ValueError("too large")
    return tomllib.loads(content.decode("utf-8-sig"))


def _put(document: "TOMLDocument", option: Option, value: Scalar) -> None:
    import tomlkit

    table: Any = document.get(option.table)
    if not isinstance(table, dict):
        table = tomlkit.table()
        document[option.table] = table
    table[option.key] = value


def _put_servers(document: "TOMLDocument", servers: Iterable[ServerSettings]) -> None:
    """Put the servers in place of those that are there; what a table of the same name holds besides stays."""
    import tomlkit
    from tomlkit.items import Table

    old: Any = document.get("servers")
    tables = [each for each in old if isinstance(each, dict)] if isinstance(old, list) else []
    before = {each.get("name"): each for each in tables}
    entries = [{"name": each.name, "address": each.address, "certificate": each.certificate} for each in servers]
    # One with a new name is known by its address.
    kept = {entry["name"] for entry in entries}
    renamed = {each.get("address"): each for each in reversed(tables) if each.get("name") not in kept}
    array = tomlkit.aot()
    for entry in entries:
        table: Any = before.get(entry["name"]) or renamed.pop(entry["address"], None)
        if not isinstance(table, Table):  # none yet, or one written in one line, which cannot stand here
            inline, table = table or {}, tomlkit.table()
            table.update(inline)
        table.update({key: value for key, value in entry.items() if value})
        if not entry["certificate"] and "certificate" in table:
            del table["certificate"]
        array.append(table)
    if old is not None:
        document.remove("servers")
    if entries:
        document.append("servers", array)
