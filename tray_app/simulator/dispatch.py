"""How jobs get a backend and backends their model (src/Backends/BackendHandler.cs:1150-1470)."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from tray_app.simulator.backends import Backend, BackendStatus
from tray_app.simulator.clock import Timer
from tray_app.simulator.comfy import Prompt
from tray_app.simulator.graphs import Graph
from tray_app.simulator.logbook import Logbook
from tray_app.simulator.sessions import Session

# The loop looks again this long after it last did; the end of a load does not wake it.
LOOKS_EVERY = 1.0
# With several backends a load waits for this much pressure (BackendHandler.cs:1313).
PRESSURE_BEFORE_LOAD = 1.5
# A request that has waited this long gets a backend to itself until its model is loaded.
PATIENCE = 10.0
# Even a small model takes longer than the jobs of a request need to ask: as recorded (lifecycle of 0.9.7.0, accounts),
# four jobs of a fresh server all missed the load and waited for the next look.
SHORTEST_LOAD = 0.08
# A load is interrupted between two of its parts.
LOAD_PARTS = 8


class Asker(Protocol):
    """A job that wants a backend."""

    @property
    def session(self) -> Session:
        """Whose it is."""

    @property
    def model_file(self) -> str:
        """The model that must be loaded."""

    def granted(self, backend: Backend) -> None:
        """The job may use the backend from now on."""

    def unserved(self, reason: str) -> None:
        """No backend will ever take it."""


@dataclass(eq=False, slots=True)
class _Waiting:
    number: int
    asker: Asker
    since: float


@dataclass(eq=False)
class ModelLoad:
    """One model on its way into one backend; it is the listener of its own prompt."""

    dispatcher: "Dispatcher"
    backend: Backend
    model: str
    sessions: list[Session]
    prompt_id: str = ""
    on_end: list[Callable[[Any], None]] = field(default_factory=list)

    def progressed(self, nodes_done: int, share: float) -> None:
        """Nobody looks at the progress of a load."""

    def finished(self) -> None:
        """The model is loaded."""
        self.dispatcher.load_ended(self, loaded=True)

    def interrupted(self) -> None:
        """SwarmUI cannot tell this from a finished load and goes on."""
        self.dispatcher.load_ended(self, loaded=True)

    def failed(self, _reason: str) -> None:
        """ComfyUI could not load it."""
        self.dispatcher.load_ended(self, loaded=False)


@dataclass(eq=False)
class Dispatcher:
    """The queue of jobs that ask for a backend. `load_seconds(model)` tells how long a load takes."""

    backends: list[Backend]
    log: Logbook
    now: Callable[[], float]
    later: Callable[[float, Callable[[], None]], Timer]
    load_seconds: Callable[[str], float]
    load_graph: Callable[[str], Graph]
    changed: Callable[[], None]
    loads: list[ModelLoad] = field(default_factory=list)
    _queue: list[_Waiting] = field(default_factory=list)
    _numbers: int = 0
    _timer: Timer | None = None
    _looking: bool = False
    _again: bool = False

    def ask(self, asker: Asker) -> None:
        """Put a job into the queue; it may be granted a backend before this returns."""
        self._numbers += 1
        self._queue.append(_Waiting(self._numbers, asker, self.now()))
        up = [backend for backend in self.backends if backend.is_up]
        self.log.write(
            "Verbose",
            f"[BackendHandler] Backend request #{self._numbers} searching for backend... "
            f"have {len(up)}/{len(self.backends)} possible",
        )
        self.wake()

    def withdraw(self, asker: Asker) -> None:
        """Take a job out of the queue."""
        self._queue = [each for each in self._queue if each.asker is not asker]

    def release(self, backend: Backend) -> None:
        """A job is done with its backend."""
        backend.usages -= 1
        backend.last_used = self.now()
        self.wake()

    def wake(self) -> None:
        """Look through the queue now, and again after LOOKS_EVERY while somebody waits."""
        self._again = True
        if self._looking:
            return
        self._looking = True
        while self._again:
            self._again = False
            self._look()
        self._looking = False
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._queue:
            self._timer = self.later(LOOKS_EVERY, self.wake)

    def start_load(self, backend: Backend, model: str, sessions: list[Session]) -> ModelLoad:
        """Have a backend load a model for these sessions."""
        load = ModelLoad(self, backend, model, sessions)
        for session in sessions:
            session.counters.loading_models += 1
        backend.loading_model = model
        self.loads.append(load)
        self.changed()
        load.prompt_id = str(uuid.uuid4())
        backend.comfy.submit(
            Prompt(
                number=backend.comfy.next_number(),
                id=load.prompt_id,
                graph=self.load_graph(model),
                client_id=backend.client_ids[0],
                outputs=["100"],
                is_load=True,
                steps=LOAD_PARTS,
                step_seconds=max(SHORTEST_LOAD, self.load_seconds(model)) / LOAD_PARTS,
                listener=load,
            )
        )
        return load

    def load_ended(self, load: ModelLoad, *, loaded: bool) -> None:
        """A load came to its end. The queue is not looked at before its next turn."""
        if load not in self.loads:
            return
        self.loads.remove(load)
        for session in load.sessions:
            session.counters.loading_models -= 1
        load.backend.loading_model = None
        if loaded:
            load.backend.current_model = load.model
        self.changed()
        for told in load.on_end:
            told("loaded" if loaded else None)
        if not loaded:
            for each in [waiting for waiting in self._queue if waiting.asker.model_file == load.model]:
                each.asker.unserved("All available backends failed to load the model.")

    def forget_session(self, session: Session) -> None:
        """A session was interrupted: its wish for models is gone. ComfyUI goes on loading."""
        for load in tuple(self.loads):
            if session not in load.sessions:
                continue
            load.sessions.remove(session)
            session.counters.loading_models -= 1
            if not load.sessions:
                self._abandon(load)
        self.changed()

    def abandon_loads(self, backend: Backend) -> None:
        """The backend is shut down."""
        for load in [load for load in self.loads if load.backend is backend]:
            for session in load.sessions:
                session.counters.loading_models -= 1
            load.sessions.clear()
            self._abandon(load)
        self.changed()

    def _abandon(self, load: ModelLoad) -> None:
        self.loads.remove(load)
        load.backend.loading_model = None
        # As recorded (cancel_while_loading): the model that was there before is loaded anew when next asked for.
        load.backend.current_model = None
        start = f"[BackendHandler] backend #{load.backend.id} failed to load model"
        self.log.write(
            "Error", f"{start} with error: System.Threading.Tasks.TaskCanceledException: A task was canceled."
        )
        self.log.write("Warning", f"{start} {load.model}")
        for told in load.on_end:
            told(None)

    def _look(self) -> None:
        for waiting in tuple(self._queue):
            if waiting in self._queue and (backend := self._fit(waiting)) is not None:
                self._grant(waiting, backend)
        if self._queue and not self._any_hope():
            for waiting in tuple(self._queue):
                waiting.asker.unserved("No backends available!")
        for waiting in tuple(self._queue):
            if waiting in self._queue:
                self._load_for(waiting)

    def _any_hope(self) -> bool:
        hopeful = {BackendStatus.RUNNING, BackendStatus.LOADING, BackendStatus.WAITING}
        return any(backend.status in hopeful for backend in self.backends)

    def _grant(self, waiting: _Waiting, backend: Backend) -> None:
        self._queue.remove(waiting)
        start = f"[BackendHandler] Backend request #{waiting.number}"
        self.log.write("Debug", f"{start} found correct model on #{backend.id}")
        self.log.write("Debug", f"{start} for model {waiting.asker.model_file}, maxWait=7.00:00:00.")
        self.log.write("Debug", f"{start} finished.")
        backend.usages += 1
        backend.last_used = self.now()
        waiting.asker.granted(backend)

    def _fit(self, waiting: _Waiting) -> Backend | None:
        """The least used backend that has the model and room, unless somebody else has waited too long for it."""
        model = waiting.asker.model_file
        fitting = [
            backend
            for backend in self.backends
            if backend.takes_jobs
            and backend.loading_model is None
            and backend.current_model == model
            and backend.usages < backend.max_usages
            and not self._kept_free(backend, waiting)
        ]
        return min(fitting, key=lambda backend: backend.usages, default=None)

    def _kept_free(self, backend: Backend, waiting: _Waiting) -> bool:
        others = [each for each in self.backends if each is not backend]
        for earlier in self._queue[: self._queue.index(waiting)]:
            wanted = earlier.asker.model_file
            served = any(wanted in (each.current_model, each.loading_model) for each in others)
            if wanted != waiting.asker.model_file and not served and self.now() - earlier.since >= PATIENCE:
                return True
        return False

    def _load_for(self, waiting: _Waiting) -> None:
        model = waiting.asker.model_file
        up = [backend for backend in self.backends if backend.takes_jobs]
        if any(model in (each.loading_model, each.current_model) for each in up):
            pressing = len(up) > 1 and not any(each.loading_model == model for each in up)
        else:
            pressing = True
        if not pressing or (len(up) > 1 and self.now() - waiting.since < PRESSURE_BEFORE_LOAD):
            return
        free = [each for each in up if each.usages == 0 and each.loading_model is None and each.current_model != model]
        if not free:
            return
        wanting = [each.asker.session for each in self._queue if each.asker.model_file == model]
        self.start_load(free[0], model, list(dict.fromkeys(wanting)))
