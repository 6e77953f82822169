"""What a scenario's file lacks: how the server was set up, what was done beside the requests, when it was polled."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from tests.simulator.recorded.history import Window
from tests.simulator.recorded.stage import Stage

Act: TypeAlias = Callable[[Stage], Awaitable[None]]


@dataclass(frozen=True)
class At:
    """Something done at the recorded time `t`, before a request of the same time goes out."""

    t: float
    act: Act


@dataclass(frozen=True)
class Account:
    """A user of a server with accounts."""

    name: str
    role: str

    @property
    def password(self) -> str:
        """The passwords of the recorded accounts follow one pattern."""
        return f"{self.name}-password"


@dataclass(frozen=True)
class World:
    """How the server is when the scenario begins; times in seconds."""

    step_seconds: float = 0.1
    load_seconds: float = 0.1
    loaded_model: str | None = "tiny"
    backends: int = 1
    start_seconds: float = 0.42  # of a backend that is restarted or enabled
    accounts: tuple[Account, ...] = ()
    required_authorization: str | None = None


@dataclass(frozen=True)
class Script:
    """One scenario's script."""

    world: World = World()
    prelude: Act | None = None  # what earlier scenarios left behind, done before t=0
    acts: tuple[At, ...] = ()
    windows: tuple[Window, ...] | None = None  # when it was polled; None: from the first poll to the last
    own_log_lines: Mapping[int, int] = field(default_factory=dict)  # line number: how many of its log lines are its own
    close: Act | None = None  # what is looked at when all is over
