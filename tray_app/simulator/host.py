"""The thread in which a simulated server lives: starting, stopping, and calls from other threads."""

import asyncio
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from types import TracebackType
from typing import TYPE_CHECKING, Self, TypeVar

from tray_app.simulator.clock import Clock, Timer
from tray_app.simulator.received import ReceivedRequest
from tray_app.simulator.world import World

if TYPE_CHECKING:
    from tray_app.simulator.http.access import Access
    from tray_app.simulator.http.site import Site

T = TypeVar("T")

# How long a call from another thread may wait for the server's thread, in seconds of real time.
PATIENCE = 30.0


class ThreadedClock:
    """A clock whose calls are made in the server's thread, whoever drives it."""

    def __init__(self, clock: Clock, run: Callable[[Callable[[], None]], None]) -> None:
        self._clock, self._run = clock, run

    def now(self) -> float:
        """Seconds since the epoch."""
        return self._clock.now()

    def call_at(self, when: float, action: Callable[[], None]) -> Timer:
        """Call `action` in the server's thread."""
        return self._clock.call_at(when, lambda: self._run(action))


class ServerHost:
    """A server over a world, in a thread of its own with its own loop. aiohttp is imported when it starts."""

    world: World

    def __init__(self, host: str, port: int, *, title: str, marker: str | None) -> None:
        self._host, self._port = host, port
        self._title, self._marker = title, marker
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._site: Site | None = None
        self._past_requests: list[ReceivedRequest] = []
        self._stopping: asyncio.Event | None = None
        self._abrupt = False
        self._news = threading.Condition()

    def start(self) -> Self:
        """Listen and serve; returns once connections are accepted. Raises OSError if the port is taken."""
        from tray_app.simulator.http.site import Site

        if self._thread is not None:
            raise RuntimeError("The simulated server is already running.")
        if self._site is not None:
            self._past_requests += self._site.requests
            self.world.start()
        self._site = Site(self.world, self._access(), title=self._title, marker=self._marker)
        ready: Future[None] = Future()
        self._thread = threading.Thread(target=self._serve, args=(ready,), name="simulated-swarmui", daemon=True)
        self._thread.start()
        try:
            ready.result(PATIENCE)
        # Whatever kept it from starting, its thread is not left behind; it is raised again.
        except BaseException:
            self._thread.join(PATIENCE)
            self._thread = None
            raise
        return self

    def stop(self, *, abrupt: bool = False) -> None:
        """Stop listening. Open requests end with nothing in them, or with a broken connection when `abrupt`.

        Sessions, users and files are kept for the next `start`, which uses the same port; jobs are lost.
        """
        thread, loop, stopping = self._thread, self._loop, self._stopping
        if thread is None or loop is None or stopping is None:
            return
        self._abrupt = abrupt
        loop.call_soon_threadsafe(stopping.set)
        thread.join(PATIENCE)
        self._thread = None
        self._tell_news()

    def restart(self, *, abrupt: bool = False) -> None:
        """Stop and start: a new server id, all counters at zero, old session ids still good."""
        self.stop(abrupt=abrupt)
        self.start()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, raised: BaseException | None, at: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def running(self) -> bool:
        """Whether it listens."""
        return self._thread is not None

    @property
    def port(self) -> int:
        """The port, once it has listened; before that the one asked for."""
        return self._port

    @property
    def url(self) -> str:
        """The address of the server, without a slash at its end."""
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"http://{host}:{self._port}"

    @property
    def requests(self) -> list[ReceivedRequest]:
        """Every request received so far, those before a restart included."""
        return self._call(lambda: [*self._past_requests, *(self._site.requests if self._site is not None else [])])

    def wait_until(self, condition: Callable[[], bool], timeout: float = 10.0) -> None:
        """Wait in real time for a condition over this server to hold. Raises TimeoutError."""
        deadline = time.monotonic() + timeout
        while not condition():
            with self._news:
                self._news.wait(0.02)
            if time.monotonic() > deadline:
                raise TimeoutError(f"The simulated server did not come to what was waited for within {timeout} s.")

    def settle(self, received: int = 0, timeout: float = 10.0) -> None:
        """Wait in real time until `received` requests have arrived and each is answered or waits for the clock."""

        def settled() -> bool:
            seen = self.requests
            return len(seen) >= received and all(each.status is not None or each.waits for each in seen)

        self.wait_until(settled, timeout)

    def _access(self) -> "Access":
        raise NotImplementedError

    def _live_site(self) -> "Site":
        if self._site is None:
            raise RuntimeError("The simulated server has not been started.")
        return self._site

    def _tell_news(self) -> None:
        with self._news:
            self._news.notify_all()

    def _run(self, action: Callable[[], None]) -> None:
        self._call(action)

    def _call(self, action: Callable[[], T]) -> T:
        """Do something in the server's thread, or here while there is none."""
        loop, thread = self._loop, self._thread
        if loop is None or threading.current_thread() is thread:
            return action()
        outcome: Future[T] = Future()

        def act() -> None:
            try:
                outcome.set_result(action())
            # Whatever it is belongs to the caller in the other thread.
            except BaseException as raised:
                outcome.set_exception(raised)

        try:
            loop.call_soon_threadsafe(act)
        except RuntimeError:
            # The loop was closed in between: nothing else touches the world any more.
            return action()
        return outcome.result(PATIENCE)

    def _serve(self, ready: "Future[None]") -> None:
        with asyncio.Runner() as runner:
            try:
                runner.run(self._listen(ready))
            # Before it listens, all that goes wrong belongs to whoever waits for it in `start`.
            except BaseException as raised:
                if ready.done():
                    raise
                ready.set_exception(raised)

    async def _listen(self, ready: "Future[None]") -> None:
        from tray_app.simulator.http.listener import Listener

        listener = Listener(self._live_site())
        self._port = await listener.open(self._host, self._port)
        self._stopping, self._loop = asyncio.Event(), asyncio.get_running_loop()
        ready.set_result(None)
        await self._stopping.wait()
        await listener.close(abrupt=self._abrupt)
        self._loop = None
        # Calls from other threads that came in before this are done here.
        await asyncio.sleep(0)
