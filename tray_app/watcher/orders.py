"""What goes into a watcher's inbox, and what comes out of it: frozen values, the only things that cross its thread."""

from dataclasses import dataclass

from tray_app.core import observations, watch
from tray_app.core.events import Event
from tray_app.core.model import CancelRequest, CancelResult
from tray_app.core.ports import Server


@dataclass(frozen=True, slots=True)
class Update:
    """What the watcher publishes: the state after something happened, what is to be told, how a cancel ended."""

    state: watch.WatchState
    events: tuple[Event, ...] = ()
    result: CancelResult | None = None


@dataclass(frozen=True, slots=True)
class Connect:
    """Order: use this server from now on, for instance with a key that has just come from the keyring."""

    server: Server


@dataclass(frozen=True, slots=True)
class PollNow:
    """Order: look at once ("Try again now", the menu opens)."""


@dataclass(frozen=True, slots=True)
class Pace:
    """Order: poll so often, in seconds, and whose work "finished" is about."""

    busy: float = 1.0
    idle: float = 5.0
    everybody: bool = False


@dataclass(frozen=True, slots=True)
class Rename:
    """Order: call the server by this name from now on."""

    name: str


@dataclass(frozen=True, slots=True)
class Stop:
    """Order: end."""


Order = Connect | PollNow | Pace | Rename | CancelRequest | observations.Woke | Stop
