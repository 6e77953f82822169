"""The whole of one simulated SwarmUI, without any network: what the routes read and change.

Single-threaded: all calls must come from one thread at a time, the clock's included.
"""

import random
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tray_app.simulator.accounts import Accounts, User
from tray_app.simulator.ages import ago
from tray_app.simulator.backends import FEATURES, Backend, BackendStatus, summary
from tray_app.simulator.clock import Clock, Timer
from tray_app.simulator.comfy import ComfyUI
from tray_app.simulator.counters import Counts, total
from tray_app.simulator.dispatch import Dispatcher
from tray_app.simulator.graphs import Graph, bare_load_graph, load_graph
from tray_app.simulator.logbook import Logbook
from tray_app.simulator.orders import Order
from tray_app.simulator.outputs import Outputs
from tray_app.simulator.permissions import permissions
from tray_app.simulator.requests import Frame, GenerationRequest
from tray_app.simulator.sessions import Session, Sessions
from tray_app.simulator.versions import NEW, Version

# BackendHandler.cs:128: the common state of the backends is looked at once a second.
SUMMARY_AGE = 1.0
# ADM:553-574: how long a user counts as connected and a session as active.
PRESENT_FOR = 180.0
ONLY_USER = "local"


@dataclass
class Timing:
    """How fast the simulated machine is, in seconds. May be changed at any time."""

    step: float = 0.1
    model_load: float = 1.6
    backend_start: float = 0.45
    model_loads: dict[str, float] = field(default_factory=dict)  # by model, in place of model_load

    def load(self, model: str) -> float:
        """How long a model takes to load."""
        return self.model_loads.get(model.removesuffix(".safetensors"), self.model_load)


class World:
    """Users, sessions, backends, requests and what was made.

    `keep` bounds what is remembered of requests, counters and each user's files; None keeps all, for tests.
    """

    def __init__(  # noqa: PLR0913 - settings, all but one by name
        self,
        clock: Clock,
        *,
        version: Version = NEW,
        state_file: Path | None = None,
        timing: Timing | None = None,
        whole_batches: bool = False,
        swarm_nodes: bool = True,
        id_prefix: str = "",
        keep: int | None = None,
    ) -> None:
        self._clock = clock
        self.version = version
        self.timing = timing or Timing()
        self.whole_batches = whole_batches
        self._swarm_nodes = swarm_nodes
        self.accounts = Accounts(self.now)
        self.sessions = Sessions(self.now, state_file)
        self.backends: list[Backend] = []
        self.outputs = Outputs(self)
        self.listeners: list[Callable[[], None]] = []
        self.history: list[tuple[float, Counts]] = []
        self.dice = random.Random(7)
        self._request_numbers = 1000
        self._alive = 0
        self._id_prefix = id_prefix
        self.keep = keep
        self.start()

    def start(self) -> None:
        """Begin a new run of the server: counters and log anew, a new server id, users and files as they were."""
        self._alive += 1
        self.server_id = f"{self._id_prefix}{uuid.uuid4()}"
        self.log = Logbook(self.now)
        self._summary: tuple[float, dict[str, Any]] | None = None
        self.sessions.restart()
        self.dispatcher = Dispatcher(
            backends=self.backends,
            log=self.log,
            now=self.now,
            later=self.later,
            load_seconds=self.timing.load,
            load_graph=self._load_graph,
            changed=self.changed,
        )
        for backend in self.backends:
            backend.comfy.clear()
            backend.comfy.watchers.clear()
            backend.usages, backend.loading_model = 0, None
        self.log.write("Init", f"=== SwarmUI v{self.version.number} Starting ===")
        self.changed()

    # ------------------------------------------------------------------------------------------------------- time

    def now(self) -> float:
        """Seconds since the epoch."""
        return self._clock.now()

    def later(self, seconds: float, action: Callable[[], None]) -> Timer:
        """Call `action` after a while, unless the server was started anew in between."""
        run = self._alive
        return self._clock.call_at(self.now() + seconds, lambda: action() if run == self._alive else None)

    def changed(self) -> None:
        """Note that counters or backends may have changed."""
        counts = self.counts()
        if not self.history or self.history[-1][1] != counts:
            self.history.append((self.now(), counts))
            if self.keep is not None:
                del self.history[: -self.keep]
        for listener in tuple(self.listeners):
            listener()

    # ------------------------------------------------------------------------------------------------ who is there

    def add_user(self, name: str, role: str, password: str | None = None) -> User:
        """A new user. Raises ValueError for an unknown role."""
        permissions(role)
        return self.accounts.add(name, role, password)

    def permissions_of(self, user: str) -> list[str]:
        """The permission list of a user's role."""
        known = self.accounts.find(user)
        return permissions(known.role if known is not None else "guest", old=not self.version.json_errors)

    def new_session(self, user: str, address: str) -> Session:
        """GetNewSession: one more session, and its line in the log."""
        session = self.sessions.create(user, address)
        self.log.write("Info", f"Creating new session '{user}' for {address}")
        return session

    def counts(self, user: str | None = None) -> Counts:
        """The counters of a user, or of all."""
        return total(each.counters.sight() for each in self.sessions if user in {None, each.user})

    def connected_users(self) -> list[dict[str, Any]]:
        """The `users` of ListConnectedUsers (src/WebAPI/AdminAPI.cs:536-583)."""
        return [self._connected(user) for user in self.accounts.all() if self._is_connected(user)]

    def _is_connected(self, user: User) -> bool:
        busy = self.version.user_counters and any(self.counts(user.name))
        return not user.name.startswith("__") and (busy or self.now() - user.present < PRESENT_FOR)

    def _connected(self, user: User) -> dict[str, Any]:
        active: dict[str, int] = {}
        for session in self.sessions.of(user.name):
            if self.now() - session.used < PRESENT_FOR:
                active[session.address] = active.get(session.address, 0) + 1
        idle_for = self.now() - user.used
        entry: dict[str, Any] = {
            "id": user.name,
            "last_active_seconds": round(idle_for, 3),
            "active_sessions": [{"address": address, "count": count} for address, count in active.items()],
            "last_active": ago(idle_for),
        }
        return entry | (self.counts(user.name).as_json() if self.version.user_counters else {})

    # --------------------------------------------------------------------------------------------------- status

    def current_status(self, session: Session) -> Frame:
        """GetCurrentStatus: the counters of one session only."""
        return self._status(session.counters.sight())

    def global_status(self) -> Frame:
        """GetGlobalStatus: the counters of everybody."""
        return self._status(self.counts())

    def _status(self, counts: Counts) -> Frame:
        features = list(FEATURES) if any(backend.is_up for backend in self.backends) else []
        return {"status": counts.as_json(), "backend_status": self.summary(), "supported_features": features}

    def summary(self) -> dict[str, Any]:
        """`backend_status`, at most a second old."""
        if self._summary is None or self.now() - self._summary[0] >= SUMMARY_AGE:
            self._summary = (self.now(), summary(self.backends))
        return self._summary[1]

    # ---------------------------------------------------------------------------------------------------- deeds

    def generate(
        self, session: Session, order: Order, on_frame: Callable[[Frame], None] | None = None
    ) -> GenerationRequest:
        """Start a request; it may be over when this returns."""
        user = self.accounts.find(session.user)
        if user is not None:
            user.used = user.present = self.now()
        self._request_numbers += 1
        request = GenerationRequest(self, session, order, self._request_numbers, on_frame)
        request.start()
        return request

    def interrupt(self, sessions: Iterable[Session]) -> None:
        """Cancel everything that these sessions have, running and waiting."""
        for session in sessions:
            for request in tuple(session.requests):
                request.interrupt()
            self.dispatcher.forget_session(session)

    def log_api_error(self, route: str, user: str | None, reason: str) -> None:
        """The Error line that each failed call leaves (src/WebAPI/API.cs:45-48)."""
        whose = f" for user '{user}'" if user is not None else ""
        self.log.write("Error", f"[WebAPI] Error handling API request '/API/{route}'{whose}: {reason}")

    # -------------------------------------------------------------------------------------------------- backends

    def add_backend(self, title: str, over_queue: int = 1, comfy_version: str = "0.3.64") -> Backend:
        """One more backend, running at once."""
        number = max((backend.id for backend in self.backends), default=-1) + 1
        comfy = ComfyUI(self.later, comfy_version)
        backend = Backend(number, title, comfy, over_queue=over_queue)
        backend.client_ids = [str(uuid.uuid4()) for _ in range(1 + over_queue)]
        self.backends.append(backend)
        self._summary = None
        return backend

    def remove_backend(self, backend: Backend) -> None:
        """Take a backend away."""
        self.shut_down(backend, BackendStatus.DISABLED)
        self.backends.remove(backend)
        self.forget_summary()

    def forget_summary(self) -> None:
        """Let the next status reply look at the backends anew."""
        self._summary = None

    def backend(self, backend_id: int) -> Backend | None:
        """The backend of that id."""
        return next((backend for backend in self.backends if backend.id == backend_id), None)

    def _load_graph(self, model: str) -> Graph:
        return load_graph(model, decodes=self.version.load_decodes) if self._swarm_nodes else bare_load_graph(model)

    def shut_down(self, backend: Backend, status: BackendStatus) -> None:
        """Stop a backend; the jobs on it are lost."""
        self.log.write("Info", f"ComfyUI backend {backend.id} shutting down...")
        self.dispatcher.abandon_loads(backend)
        backend.status = status
        backend.current_model = None
        for session in self.sessions:
            for request in tuple(session.requests):
                request.kill(backend)
        backend.comfy.clear()
        self.changed()

    def boot(self, backend: Backend) -> None:
        """Start a backend; it is running after a while."""
        backend.status = BackendStatus.LOADING
        self.changed()
        self.later(self.timing.backend_start, lambda: self._booted(backend))

    def _booted(self, backend: Backend) -> None:
        if backend.status is BackendStatus.LOADING:
            backend.status = BackendStatus.RUNNING
            self.changed()
            self.dispatcher.wake()
