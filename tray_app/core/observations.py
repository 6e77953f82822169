"""What can be observed of a server: the inputs of `watch.advance`."""

from dataclasses import dataclass

from tray_app.core.errors import ServerError
from tray_app.core.model import CancelRequest, CancelResult, LogTail, Output, Reading


@dataclass(frozen=True, slots=True)
class Seen:
    """A poll succeeded."""

    reading: Reading


@dataclass(frozen=True, slots=True)
class Missed:
    """A poll failed."""

    error: ServerError


@dataclass(frozen=True, slots=True)
class CancelBegun:
    """The user asked to cancel."""

    request: CancelRequest


@dataclass(frozen=True, slots=True)
class CancelEnded:
    """A cancel came to its end."""

    result: CancelResult


@dataclass(frozen=True, slots=True)
class LogRead:
    """The log was read after a fall of the counters."""

    tail: LogTail


@dataclass(frozen=True, slots=True)
class Woke:
    """The machine slept, or the clock jumped."""


@dataclass(frozen=True, slots=True)
class OutputsSeen:
    """So many new outputs were found; `newest` is one of them."""

    newest: Output
    number: int


Observation = Seen | Missed | CancelBegun | CancelEnded | LogRead | OutputsSeen | Woke
