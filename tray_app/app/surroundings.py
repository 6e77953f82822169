"""What the tray is started with: decided by the command line, used by everything in this package."""

from collections.abc import Callable
from dataclasses import dataclass, field

from tray_app.adapters.activity_log import ActivityLog
from tray_app.adapters.logs import Redactor
from tray_app.adapters.settings.file import SettingsFile
from tray_app.adapters.state_file import StateFile
from tray_app.core.address import Address
from tray_app.core.credentials import Credentials
from tray_app.core.errors import UsageError
from tray_app.core.ports import SessionStore
from tray_app.core.secret import Secret, SecretKind
from tray_app.core.settings import SettingProblem, Settings


@dataclass(frozen=True, slots=True)
class Target:
    """A server to watch. `key` gives its key and the place of its session, or None if they lie in the keyring.

    `noted`: what happens there is worth a place in the activity log, as long as there is one.
    """

    name: str
    address: Address
    key: Callable[[], tuple[Credentials, SessionStore] | None]
    noted: bool = True


def _no_demo() -> "Surroundings":
    raise UsageError("There is no demo here.")


@dataclass(frozen=True, slots=True)
class Surroundings:
    """`targets` is empty where no server is known; `targets_of` gives the servers that settings name.

    `in_demo` starts the demo and gives the same with that as the one server; raises UsageError.
    `request_timeout`, in seconds, stands above the settings; None where the command line gave none.
    `fixed`: the servers were named for this start, settings do not change them. `reads_file`: the settings are those of
    the file, and follow it; `settings_problems` is what could not be used of it. `proposes`: servers that no settings
    name are worth being stored there. `activity_log` is None where nothing is to be kept. `lent_keys` are those that no
    keyring has, and this process until it ends, by origin.
    """

    targets: tuple[Target, ...]
    targets_of: Callable[[Settings], tuple[Target, ...]]
    settings: Settings
    settings_file: SettingsFile
    state_file: StateFile
    request_timeout: float | None
    redactor: Redactor
    activity_log: ActivityLog | None = None
    demo: bool = False
    proposes: bool = True
    fixed: bool = False
    profile: str | None = None
    reads_file: bool = True
    settings_problems: tuple[SettingProblem, ...] = ()
    in_demo: "Callable[[], Surroundings]" = _no_demo
    lent_keys: dict[str, dict[SecretKind, Secret]] = field(default_factory=dict, repr=False)

    def has_key(self, origin: str) -> bool:
        """Whether there is a key for that origin; no keyring is asked."""
        return origin in self.lent_keys or self.state_file.has_key(origin)

    def deadline(self, settings: Settings) -> float:
        """Seconds that one request may take under these settings."""
        return self.request_timeout or settings.request_timeout
