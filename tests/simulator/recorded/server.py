"""The simulated server as the harness drives it: in its own loop, on a clock that it moves by hand."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Self, TypeAlias

from aiohttp import web

from tray_app.simulator.backends import BackendStatus
from tray_app.simulator.clock import ManualClock
from tray_app.simulator.http.access import Access
from tray_app.simulator.http.site import Site
from tray_app.simulator.versions import version as find_version
from tray_app.simulator.world import ONLY_USER, Timing, World

if TYPE_CHECKING:
    from tests.simulator.recorded.script import World as Setting
    from tray_app.simulator.received import ReceivedRequest

Counts: TypeAlias = tuple[int, ...]


class Server:
    """One server of one scenario."""

    def __init__(self, version: str, setting: "Setting") -> None:
        self.clock = ManualClock()
        self._access = Access(bool(setting.accounts), setting.required_authorization, loopback_bypass=False)
        timing = Timing(step=setting.step_seconds, model_load=setting.load_seconds, backend_start=setting.start_seconds)
        self._world = World(self.clock, version=find_version(version), timing=timing)
        if setting.accounts:
            for account in setting.accounts:
                self._world.add_user(account.name, account.role, account.password)
        else:
            self._world.add_user(ONLY_USER, "owner")
        for title in ("one", "two")[: setting.backends]:
            self._world.add_backend(title).current_model = setting.loaded_model
        self._world.listeners.append(self._note_sessions)
        self._sessions: dict[str, list[tuple[float, Counts]]] = {}
        self._open: list[ReceivedRequest] = []
        self._seen = 0
        self._port = 0
        self._runner: web.AppRunner | None = None
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
        if self._port:
            self._world.start()
        self._site = Site(self._world, self._access, title="Local", marker=None)
        self._open, self._seen = [], 0
        self._runner = web.AppRunner(self._site.application(), access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self._port).start()
        self._port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Close the port and end what is open."""
        if self._runner is None or self._site is None:
            return
        runner, self._runner = self._runner, None
        for site in list(runner.sites):
            await site.stop()
        await self._site.release_all()
        await runner.cleanup()

    @property
    def url(self) -> str:
        """Without a slash at the end."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def in_flight(self) -> int:
        """How many requests and websockets it has begun to answer and not finished."""
        if self._site is None:
            return 0
        received = self._site.requests
        self._open = [each for each in (*self._open, *received[self._seen :]) if each.status is None]
        self._seen = len(received)
        return len(self._open)

    def history(self, session_id: str | None) -> Sequence[tuple[float, Counts]]:
        """All values that the counters ever had, of one session or in all: (time of the clock, counters)."""
        if session_id is None:
            return [(when, tuple(counts)) for when, counts in self._world.history]
        return [(0.0, (0, 0, 0, 0)), *self._sessions.get(session_id, [])]

    def boots_in(self, seconds: float) -> None:
        """How long a backend takes to start from now on."""
        self._world.timing.backend_start = seconds

    def takes_jobs(self, backend: int, *, taking: bool) -> None:
        """Let a backend be left out, or take part, when jobs are handed out."""
        self._world.backends[backend].status = BackendStatus.RUNNING if taking else BackendStatus.LOADING

    def hang(self, *, hanging: bool) -> None:
        """Let no step of ComfyUI end from now on."""
        self._world.backends[0].comfy.hang(hanging=hanging)

    def fail_next(self, reason: str) -> None:
        """Let ComfyUI's next prompt fail."""
        self._world.backends[0].comfy.fail_next.append(reason)

    def answer(self, *, answering: bool) -> None:
        """Let ComfyUI answer 503 to everything, or answer again."""
        self._world.backends[0].comfy.answering = answering

    def _note_sessions(self) -> None:
        for session in self._world.sessions:
            counts: Counts = tuple(session.counters.sight())
            past = self._sessions.setdefault(session.id, [])
            if not past or past[-1][1] != counts:
                past.append((self.clock.now(), counts))
