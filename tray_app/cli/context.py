"""What a verb works with: its options, settings, files and servers. Everything is made when it is first asked for."""

from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from tray_app.adapters.logs import Redactor, warnings_shown
from tray_app.cli.options import Options
from tray_app.cli.output import Output
from tray_app.core.address import Address, parse_with_credentials
from tray_app.core.errors import UsageError
from tray_app.core.settings import ServerSettings, SettingProblem, Settings

if TYPE_CHECKING:
    from tray_app.adapters.activity_log import ActivityLog
    from tray_app.adapters.folders import Folders
    from tray_app.adapters.settings.file import SettingsFile
    from tray_app.adapters.state_file import StateFile
    from tray_app.cli.stored_keys import StoredKeys

DEMO = "demo"


@dataclass(frozen=True, slots=True)
class Target:
    """A server to speak to. `trusted`: its user named it, so that keys of the environment may be sent to it."""

    name: str
    address: Address
    trusted: bool = True


class NoServer(UsageError):
    """No server was named, none is set up, and none answers on this computer."""


class Context:
    """The surroundings of one command; a context manager that ends what the command started."""

    def __init__(self, options: Options, output: Output) -> None:
        self.options = options
        self.output = output
        self.redactor = Redactor()
        self.redactor.add(options.token, options.authorization)
        self.ending = ExitStack()
        self.settings_problems: tuple[SettingProblem, ...] = ()

    def __enter__(self) -> "Context":
        self.ending.enter_context(warnings_shown(self.output.message, self.redactor))
        return self

    def __exit__(self, *_: object) -> None:
        self.ending.close()

    # ------------------------------------------------------------------------------------------------------- files

    @cached_property
    def folders(self) -> "Folders":
        """Where this profile's files lie."""
        from tray_app.adapters.folders import folders

        return folders(self.options.profile)

    @cached_property
    def settings_file(self) -> "SettingsFile":
        """The settings file, as `--config` or the profile says."""
        from tray_app.adapters.settings.file import SettingsFile

        return SettingsFile(Path(self.options.config) if self.options.config else self.folders.settings_file)

    @cached_property
    def settings(self) -> Settings:
        """The settings in force. With `--url` and `--demo` these are the defaults: no file is read."""
        if self.options.url or self.options.demo:
            return Settings()
        if self.options.config and not self.settings_file.path.exists():
            raise UsageError(
                f"There is no settings file {self.settings_file.path}.",
                "Check --config, or make the file with `config set`.",
            )
        loaded = self.settings_file.load()
        self.settings_problems = loaded.problems
        for problem in loaded.problems:
            self.output.message(f"Settings: {problem.path + ': ' if problem.path else ''}{problem.message}")
        return loaded.settings

    @cached_property
    def state_file(self) -> "StateFile":
        """What is remembered between two starts."""
        from tray_app.adapters.state_file import StateFile

        return StateFile(self.folders.state_file)

    @cached_property
    def activity_log(self) -> "ActivityLog":
        """Where cancels and events are noted."""
        from tray_app.adapters.activity_log import ActivityLog

        path = self.folders.activity_log
        return ActivityLog(path, allow_prompts=self.settings.allow_prompts, clean=self.redactor)

    @property
    def request_timeout(self) -> float:
        """Seconds that one request may take."""
        return self.options.request_timeout or self.settings.request_timeout

    # ----------------------------------------------------------------------------------------------------- servers

    @cached_property
    def targets(self) -> tuple[Target, ...]:
        """The servers that the command is about, at least one. Raises UsageError where none is known."""
        if self.options.demo:
            return (self._demo(),)
        if self.options.url:
            return (self._given(self.options.url),)
        servers = self.settings.servers
        if self.options.servers:
            servers = tuple(self._named(name) for name in self.options.servers)
        if servers:
            return tuple(configured(each) for each in servers)
        return (self._found(),)

    @property
    def target(self) -> Target:
        """The one server that the command is about. Raises UsageError where several come into question."""
        if len(self.targets) > 1:
            raise UsageError("There are several servers.", f"Name one with --server: {_names(self.targets)}.")
        return self.targets[0]

    @property
    def chosen(self) -> tuple[Target, ...]:
        """The servers that were named. Raises UsageError where none was and several come into question."""
        if len(self.targets) > 1 and not self.options.servers and not self.options.all_servers:
            raise UsageError(
                "There are several servers.",
                f"Name one or more with --server, or take --all-servers: {_names(self.targets)}.",
            )
        return self.targets

    @cached_property
    def stored_keys(self) -> "StoredKeys":
        """The keys that the keyring has for the servers of the command."""
        from tray_app.cli.stored_keys import StoredKeys

        origins = {each.address.origin for each in self.targets if each.trusted}
        keys = StoredKeys([each for each in sorted(origins) if self.state_file.has_key(each)])
        self.ending.callback(keys.keep_sessions)
        return keys

    def _named(self, name: str) -> ServerSettings:
        found = next((each for each in self.settings.servers if each.name == name), None)
        if found is None:
            raise UsageError(f"There is no server named “{name}”.", f"Known names: {_names(self.settings.servers)}.")
        return found

    def _given(self, text: str) -> Target:
        address, found = parse_with_credentials(text)
        if found.token or found.authorization:
            self.redactor.add(found.token, found.authorization)
            self.output.message(
                "The address held a key, which was left out: other users of this computer can read arguments. "
                "Use `key set`, SWARMUI_TOKEN or SWARMUI_AUTHORIZATION."
            )
        return Target(address.netloc + address.base, address)

    def _found(self) -> Target:
        from tray_app.adapters.discovery import find_local

        url = find_local()
        if url is None:
            raise NoServer(
                "No server is set up, and no SwarmUI answers on this computer.",
                "Set one up with `swarmui-tray setup` or `config set server URL`, give its address with --url, or try "
                "everything out with --demo.",
            )
        self.output.message(f"No server is set up; using the SwarmUI found at {url}.")
        if self.options.token or self.options.authorization:
            self.output.message("The key of the environment is not sent to a server that was only found; name it.")
        target = configured(ServerSettings("", url))
        return Target(target.address.netloc, target.address, trusted=False)

    def _demo(self) -> Target:
        from tray_app.cli.demo import embedded

        url = self.ending.enter_context(embedded())
        self.output.message(f"This is the demo: a simulated SwarmUI at {url}, inside this command.")
        return Target(DEMO, parse_with_credentials(url)[0], trusted=False)


def _names(servers: Iterable[Target | ServerSettings]) -> str:
    return ", ".join(each.name for each in servers) or "none"


def configured(server: ServerSettings) -> Target:
    """A server of the settings."""
    address = server.target
    return Target(server.name or address.netloc, address)
