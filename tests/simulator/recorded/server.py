"""The simulated server as the harness drives it: in the harness's own loop, on a clock that it moves by hand."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Self, TypeAlias

from tray_app.simulator.clock import ManualClock
from tray_app.simulator.http.access import Access
from tray_app.simulator.http.listener import Listener
from tray_app.simulator.http.site import Site
from tray_app.simulator.server import SimulatedSwarmUI
from tray_app.simulator.world import Timing

if TYPE_CHECKING:
    from tests.simulator.recorded.script import World as Setting
    from tray_app.simulator.received import ReceivedRequest

Counts: TypeAlias = tuple[int, ...]


class Server:
    """One server of one scenario.

    Its world is that of SimulatedSwarmUI, without the thread: only in one loop can the harness know when all is calm.
    """

    def __init__(self, version: str, setting: "Setting") -> None:
        self.clock = ManualClock()
        timing = Timing(step=setting.step_seconds, model_load=setting.load_seconds, backend_start=setting.start_seconds)
        self.swarm = SimulatedSwarmUI(
            version,
            clock=self.clock,
            accounts=bool(setting.accounts),
            authorization=setting.required_authorization,
            backends=setting.backends,
            model=setting.loaded_model,
            timing=timing,
        )
        for account in setting.accounts:
            self.swarm.world.add_user(account.name, account.role, account.password)
        self._access = Access(bool(setting.accounts), setting.required_authorization, loopback_bypass=False)
        self.swarm.world.listeners.append(self._note_sessions)
        self._sessions: dict[str, list[tuple[float, Counts]]] = {}
        self._open: list[ReceivedRequest] = []
        self._seen = 0
        self._port = 0
        self._listener: Listener | None = None
        self._site: Site | None = None

    @classmethod
    @asynccontextmanager
    async def running(cls, version: str, setting: "Setting") -> AsyncIterator[Self]:
        """A server that is up, and goes down at the end."""
        server = cls(version, setting)
        await server.start()
        try:
            yield server
        finally:
            await server.stop()

    async def start(self) -> None:
        """Open the port; after a stop, as a new process that knows the old sessions."""
        if self._site is not None:
            self.swarm.world.start()
        self._site = Site(self.swarm.world, self._access, title="Local", marker=None)
        self._open, self._seen = [], 0
        self._listener = Listener(self._site)
        self._port = await self._listener.open("127.0.0.1", self._port)

    async def stop(self) -> None:
        """Close the port and end what is open."""
        if self._listener is not None:
            await self._listener.close(abrupt=False)
            self._listener = None

    @property
    def url(self) -> str:
        """Without a slash at the end."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def in_flight(self) -> int:
        """How many requests and websockets it has begun to answer and not finished."""
        received = self._site.requests if self._site is not None else []
        self._open = [each for each in (*self._open, *received[self._seen :]) if each.status is None]
        self._seen = len(received)
        return len(self._open)

    def history(self, session_id: str | None) -> Sequence[tuple[float, Counts]]:
        """All values that the counters ever had, of one session or in all: (time of the clock, counters)."""
        if session_id is None:
            return [(when, tuple(counts)) for when, counts in self.swarm.world.history]
        return [(0.0, (0, 0, 0, 0)), *self._sessions.get(session_id, [])]

    def boots_in(self, seconds: float) -> None:
        """How long a backend takes to start from now on."""
        self.swarm.world.timing.backend_start = seconds

    def loads(self, backend: int, model_file: str | None) -> None:
        """Let a backend be loading a model (None: no more), as after SelectModel: no counter shows it."""
        self.swarm.world.backends[backend].loading_model = model_file

    def _note_sessions(self) -> None:
        for session in self.swarm.world.sessions:
            counts: Counts = tuple(session.counters.sight())
            past = self._sessions.setdefault(session.id, [])
            if not past or past[-1][1] != counts:
                past.append((self.clock.now(), counts))
