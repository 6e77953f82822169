"""What a cancel procedure can want, and how it is answered."""

from collections.abc import Generator
from dataclasses import dataclass

from tray_app.core.errors import ServerError, TimedOut, Unreachable
from tray_app.core.model import CancelResult, ComfyQueue, Reading


@dataclass(frozen=True, slots=True)
class ReadServer:
    """Wants a full `Reading`."""


@dataclass(frozen=True, slots=True)
class ReadQueue:
    """Wants the `ComfyQueue` of a backend."""

    backend: int


@dataclass(frozen=True, slots=True)
class ReadVersion:
    """Wants ComfyUI's version of a backend, or None where it does not say."""

    backend: int


@dataclass(frozen=True, slots=True)
class Interrupt:
    """Wants one prompt of a backend stopped."""

    backend: int
    prompt: str


@dataclass(frozen=True, slots=True)
class InterruptAll:
    """Wants everything of the key's own user stopped."""


@dataclass(frozen=True, slots=True)
class InterruptUser:
    """Wants everything of a named user stopped."""

    name: str


@dataclass(frozen=True, slots=True)
class Wait:
    """Wants to go on after so many seconds."""

    seconds: float


Deed = ReadServer | ReadQueue | ReadVersion | Interrupt | InterruptAll | InterruptUser
Ask = Deed | Wait


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of an ask, and the time then, in seconds of any steady clock."""

    now: float
    value: Reading | ComfyQueue | tuple[int, ...] | None = None


Procedure = Generator[Ask, Answer, CancelResult]


def read_server() -> Generator[Ask, Answer, tuple[Reading, float]]:
    """Ask for a reading; gives it and the time."""
    answer = yield ReadServer()
    if not isinstance(answer.value, Reading):
        raise TypeError(answer.value)
    return answer.value, answer.now


def read_queue(backend: int) -> Generator[Ask, Answer, tuple[ComfyQueue, float]]:
    """Ask for a backend's queue; gives it and the time."""
    answer = yield ReadQueue(backend)
    if not isinstance(answer.value, ComfyQueue):
        raise TypeError(answer.value)
    return answer.value, answer.now


def read_version(backend: int) -> Generator[Ask, Answer, tuple[int, ...] | None]:
    """Ask for ComfyUI's version of a backend."""
    answer = yield ReadVersion(backend)
    if not isinstance(answer.value, tuple | None):
        raise TypeError(answer.value)
    return answer.value


def is_lost(error: ServerError) -> bool:
    """Whether it says that SwarmUI itself is gone; else a ComfyUI behind it may hang, be gone, or say nonsense."""
    return isinstance(error, Unreachable) and not isinstance(error, TimedOut)
