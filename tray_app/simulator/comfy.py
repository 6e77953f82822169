"""One ComfyUI: its queue, its single worker, and what /interrupt does (ComfyUI's server.py and execution.py).

It computes nothing: a prompt is a number of steps that take time. An interrupt is noticed between two steps only, so
a ComfyUI that hangs goes on until its step ends, however loudly SwarmUI says that all is cancelled.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from tray_app.simulator.clock import Timer
from tray_app.simulator.graphs import NODES, NODES_BEFORE_STEPS, Graph

# How long a failing prompt runs before it fails.
FAILS_AFTER = 0.1


class PromptListener(Protocol):
    """Whoever waits for a prompt; exactly one of the last three is called, once."""

    def progressed(self, nodes_done: int, share: float) -> None:
        """`nodes_done` of NODES nodes are done and `share` (0 to 1) of the present one."""

    def finished(self) -> None:
        """All steps are done."""

    def failed(self, reason: str) -> None:
        """A node raised."""

    def interrupted(self) -> None:
        """Somebody asked ComfyUI to stop this prompt."""


@dataclass(eq=False, slots=True)
class Prompt:
    """One entry of the queue."""

    number: int
    id: str
    graph: Graph
    client_id: str
    outputs: list[str]
    steps: int
    step_seconds: float
    is_load: bool = False  # SwarmUI sent it to have a model loaded
    listener: PromptListener | None = None
    fails_with: str | None = None
    interrupted: bool = False
    steps_done: int = 0

    def as_json(self) -> list[Any]:
        """The entry as /queue shows it."""
        return [self.number, self.id, self.graph, {"client_id": self.client_id}, self.outputs]


@dataclass(eq=False)
class ComfyUI:
    """The queue and the worker. `later(seconds, action)` is the clock; watchers hear each change of the queue."""

    later: Callable[[float, Callable[[], None]], Timer]
    version: str = "0.3.64"
    answering: bool = True  # False: everything sent to it is met with 503
    running: Prompt | None = None
    pending: list[Prompt] = field(default_factory=list)
    watchers: list[Callable[[int], None]] = field(default_factory=list)
    fail_next: list[str] = field(default_factory=list)
    fail_next_load: list[str] = field(default_factory=list)
    _hanging: bool = False
    _stuck: bool = False
    _timer: Timer | None = None
    _numbers: int = 0

    @property
    def remaining(self) -> int:
        """Running plus pending prompts: ComfyUI's queue_remaining."""
        return len(self.pending) + (self.running is not None)

    @property
    def hanging(self) -> bool:
        """Whether the present step never ends."""
        return self._hanging

    def next_number(self) -> int:
        """The number of the next prompt."""
        self._numbers += 1
        return self._numbers

    def submit(self, prompt: Prompt) -> None:
        """Queue a prompt and start it if nothing runs."""
        reasons = self.fail_next_load if prompt.is_load else self.fail_next
        if reasons:
            prompt.fails_with = reasons.pop(0)
        self.pending.append(prompt)
        self._changed()
        if self.running is None:
            self._start_next()

    def delete(self, prompt_id: str) -> bool:
        """Take a pending prompt out of the queue; its listener is not told. True if it was there."""
        for prompt in self.pending:
            if prompt.id == prompt_id:
                self.pending.remove(prompt)
                self._changed()
                return True
        return False

    def interrupt(self, prompt_id: str | None) -> None:
        """Stop the running prompt at its next step.

        ComfyUI 0.3.57 and later look at the id and do nothing if another one runs; older ones stop whatever runs.
        """
        if self.running is None:
            return
        knows_ids = tuple(int(part) for part in self.version.split(".")) >= (0, 3, 57)
        if not prompt_id or not knows_ids or self.running.id == prompt_id:
            self.running.interrupted = True

    def hang(self, *, hanging: bool) -> None:
        """Let the present step never end, or let it end now."""
        self._hanging = hanging
        if not hanging and self._stuck:
            self._stuck = False
            self._step()

    def clear(self) -> None:
        """Lose all prompts without a word to their listeners, as a process that is killed."""
        if self._timer is not None:
            self._timer.cancel()
        self.running, self._stuck = None, False
        self.pending.clear()
        self._changed()

    def _start_next(self) -> None:
        prompt = self.pending.pop(0)
        self.running = prompt
        self._changed()
        if prompt.fails_with is not None:
            self._timer = self.later(FAILS_AFTER, self._step)
            return
        if prompt.listener is not None:
            for done in range(NODES_BEFORE_STEPS + 1):
                prompt.listener.progressed(done, 0.0)
        self._timer = self.later(prompt.step_seconds, self._step)

    def _step(self) -> None:
        prompt = self.running
        if prompt is None:
            return
        if self._hanging:
            self._stuck = True
        elif prompt.interrupted:
            self._end(lambda listener: listener.interrupted())
        elif (reason := prompt.fails_with) is not None:
            self._end(lambda listener: listener.failed(reason))
        else:
            self._step_done(prompt)

    def _step_done(self, prompt: Prompt) -> None:
        prompt.steps_done += 1
        if prompt.listener is not None:
            prompt.listener.progressed(NODES_BEFORE_STEPS, prompt.steps_done / prompt.steps)
        if prompt.steps_done < prompt.steps:
            self._timer = self.later(prompt.step_seconds, self._step)
            return
        if prompt.listener is not None:
            prompt.listener.progressed(NODES - 1, 0.0)
            prompt.listener.progressed(NODES, 0.0)
            prompt.listener.progressed(NODES, 1.0)
        self._end(lambda listener: listener.finished())

    def _end(self, tell: Callable[[PromptListener], None]) -> None:
        prompt, self.running = self.running, None
        self._changed()
        if self.pending:
            self._start_next()
        if prompt is not None and prompt.listener is not None:
            tell(prompt.listener)

    def _changed(self) -> None:
        for watcher in tuple(self.watchers):
            watcher(self.remaining)
