"""A server that follows a script, for the tests of the cancels."""

from collections.abc import Callable, Mapping
from typing import TypeVar

from tray_app.core.cancel.run import CancelRun
from tray_app.core.errors import ServerError
from tray_app.core.model import CancelRequest, CancelResult, ComfyQueue, LogTail, Output, Reading, Rights

Step = TypeVar("Step")


class Script:
    """A server that follows a script, and the clock that goes with it.

    `readings` and each backend's `queues` are used up one by one, the last one for ever; an error among them is
    raised. `sent` lists what would have changed something; `refusals` are by user or prompt.
    """

    url = "http://127.0.0.1:7801"

    def __init__(
        self,
        *readings: Reading | ServerError,
        queues: dict[int, list[ComfyQueue | ServerError]] | None = None,
        version: tuple[int, ...] | None = (0, 3, 64),
        refusal: ServerError | None = None,
        refusals: Mapping[str, ServerError] | None = None,
    ) -> None:
        self.readings = list(readings)
        self.queues = queues or {}
        self.version = version
        self.refusal = refusal
        self.refusals = refusals or {}
        self.sent: list[object] = []
        self.now = 100.0
        self.rights = Rights()

    def read(self, *, full: bool) -> Reading:
        assert full, "a cancel decides on a full reading"
        return _next(self.readings)

    def queue(self, backend_id: int) -> ComfyQueue:
        return _next(self.queues[backend_id])

    def comfy_version(self, backend_id: int) -> tuple[int, ...] | None:
        return self.version

    def interrupt(self, backend_id: int, prompt_id: str) -> None:
        self.sent.append((backend_id, prompt_id))
        refusal = self.refusals.get(prompt_id, self.refusal)
        if refusal:
            raise refusal

    def interrupt_all(self) -> None:
        self.sent.append("all")
        if self.refusal:
            raise self.refusal

    def interrupt_user(self, name: str) -> None:
        self.sent.append(name)
        refusal = self.refusals.get(name, self.refusal)
        if refusal:
            raise refusal

    def log_position(self) -> int:
        raise NotImplementedError

    def log_after(self, sequence: int) -> LogTail:
        raise NotImplementedError

    def newest_outputs(self) -> tuple[Output, ...]:
        raise NotImplementedError

    def picture(self, output: Output) -> bytes:
        raise NotImplementedError

    def close(self) -> None:
        raise NotImplementedError


def _next(steps: list[Step | ServerError]) -> Step:
    step = steps.pop(0) if len(steps) > 1 else steps[0]
    if isinstance(step, ServerError):
        raise step
    return step


def carry_out(request: CancelRequest, server: Script, seen: Callable[[Reading], None] = lambda _: None) -> CancelResult:
    """Run a cancel to its end; waiting is moving the clock."""
    run = CancelRun(request, "home", server, lambda: server.now, seen)
    while not isinstance(step := run.step(), CancelResult):
        server.now += step
    return step
