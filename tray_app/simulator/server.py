"""The simulated SwarmUI as tests and the demo hold it: what it is, who uses it, what they do.

All methods may be called from any thread, and before the start or after the stop where nothing has to happen in time.
"""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from tray_app.simulator.clock import Clock, RealClock
from tray_app.simulator.counters import Counts
from tray_app.simulator.faults import FaultyHost
from tray_app.simulator.handle import ForeverTab, GenerationHandle
from tray_app.simulator.host import ThreadedClock
from tray_app.simulator.orders import Order
from tray_app.simulator.sessions import Session
from tray_app.simulator.versions import version as find_version
from tray_app.simulator.world import ONLY_USER, Timing, World

if TYPE_CHECKING:
    from tray_app.simulator.http.access import Access


# A demo may run for weeks: so many requests, changes of the counters and files of a user are kept.
DEMO_REMEMBERS = 1000


class SimulatedSwarmUI(FaultyHost):
    """A SwarmUI on loopback that computes nothing. Used as a context manager or by `start` and `stop`.

    `version` is "0.9.8.2" or "0.9.7.0". `clock` is a RealClock unless given. `accounts` asks every client for a token
    (add_user gives one), `authorization` for that header, byte for byte; `loopback_bypass` excuses loopback from
    both, as SwarmUI does unless told otherwise. `state_file` keeps sessions over processes; within one object they
    outlive `stop` and `start` anyhow. `backends` is how many ComfyUIs there are at first. `whole_batches` makes a
    batch of two give two pictures, as a real ComfyUI does; the recorded stand-in gave one. Without `swarm_nodes` the
    prompts that load a model are known by their text only. `demo` marks all that is
    seen of the server: its title, the header X-SwarmUI-Tray-Demo, a server id that begins with "demo-".
    """

    def __init__(  # noqa: PLR0913 - settings, all but one by name
        self,
        version: str = "0.9.8.2",
        *,
        clock: Clock | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
        accounts: bool = False,
        authorization: str | None = None,
        loopback_bypass: bool = False,
        state_file: Path | None = None,
        backends: int = 1,
        over_queue: int = 1,
        comfy_version: str = "0.3.64",
        model: str | None = "tiny",
        timing: Timing | None = None,
        whole_batches: bool = False,
        swarm_nodes: bool = True,
        title: str = "Local",
        demo: bool = False,
    ) -> None:
        super().__init__(host, port, title="Demo" if demo else title, marker="true" if demo else None)
        self._settings = (accounts, authorization, loopback_bypass)
        self._tabs: dict[str, str] = {}
        self.world = World(
            ThreadedClock(clock or RealClock(), self._run),
            version=find_version(version),
            state_file=state_file,
            timing=timing,
            whole_batches=whole_batches,
            swarm_nodes=swarm_nodes,
            id_prefix="demo-" if demo else "",
            keep=DEMO_REMEMBERS if demo else None,
        )
        self.world.listeners.append(self._tell_news)
        only_user = self.world.add_user(ONLY_USER, "owner")
        if accounts and not loopback_bypass:
            # There he is known, but nobody can be him: he is not among the connected users.
            only_user.present = 0.0
        for number in range(backends):
            added = self.world.add_backend(("one", "two", "three", "four")[number % 4], over_queue, comfy_version)
            added.current_model = _file(model)

    # ---------------------------------------------------------------------------------------------- what is

    def counters(self, user: str | None = None) -> Counts:
        """The counters of a user, or summed over all."""
        return self._call(lambda: self.world.counts(user))

    def history(self) -> list[tuple[float, Counts]]:
        """Every value that the summed counters ever had, with the time at which it began."""
        return self._call(lambda: list(self.world.history))

    @property
    def backend_count(self) -> int:
        """How many backends there are."""
        return len(self.world.backends)

    def comfy_queue(self, backend_id: int = 0) -> tuple[list[str], list[str]]:
        """The prompt ids that a ComfyUI runs and that wait in it."""

        def look() -> tuple[list[str], list[str]]:
            comfy = self._backend(backend_id).comfy
            running = [comfy.running.id] if comfy.running is not None else []
            return running, [prompt.id for prompt in comfy.pending]

        return self._call(look)

    def log(self, kind: str) -> list[str]:
        """The messages of one type ("Info", "Error", …) since the start."""
        return self._call(lambda: [line.message for line in self.world.log.lines(kind)])

    def files(self, user: str = ONLY_USER) -> list[str]:
        """The paths of a user's pictures, oldest first, relative to the user's folder."""
        return self._call(lambda: [stored.path for stored in self.world.outputs.files(user)])

    # ------------------------------------------------------------------------------------------- who uses it

    def add_user(self, name: str, role: str = "user", password: str | None = None) -> str:
        """A new account, or a known one changed. Returns a value for the `swarm_token` cookie."""

        def add() -> str:
            user = self.world.add_user(name, role, password)
            return user.cookie(self.world.accounts.new_token(user, "script", "127.0.0.1"))

        return self._call(add)

    def new_session(self, user: str = ONLY_USER) -> str:
        """One more session of a user, as a further browser tab. Returns its id."""
        return self._call(lambda: self.world.new_session(self._known(user), "127.0.0.1").id)

    def drop_sessions(self) -> None:
        """Make all session ids invalid, as a server that lost its database."""
        self._call(self.world.sessions.drop)

    # ------------------------------------------------------------------------------------------- what they do

    def generate(  # noqa: PLR0913 - what a page lets a user choose, mostly by name
        self,
        user: str = ONLY_USER,
        images: int = 1,
        model: str = "tiny",
        *,
        seconds: float | None = None,
        steps: int = 10,
        session: str | None = None,
        prompt: str = "a red cube on a table",
        continue_after_errors: bool = False,
        batchsize: int = 1,
        save: bool = True,
        seed: int | None = None,
        size: int = 64,
    ) -> GenerationHandle:
        """Have a user ask for images, each taking `seconds` (None: the usual speed) spread over `steps`.

        `session` is an id from `new_session` or GetNewSession; without it, the user's one browser tab is used.
        """
        order = Order(
            images=images,
            model=model,
            prompt=prompt,
            width=size,
            height=size,
            steps=steps,
            seed=self.world.dice.randrange(1 << 31) if seed is None else seed,
            batchsize=batchsize,
            donotsave=not save,
            continue_after_errors=continue_after_errors,
            step_seconds=None if seconds is None else seconds / steps,
        )
        return self._call(lambda: self._generate(self._session(user, session), order))

    def generate_forever(
        self, user: str = ONLY_USER, model: str = "tiny", *, seconds: float = 1.0, pause: float = 0.1
    ) -> ForeverTab:
        """Open a browser tab with "Generate Forever" switched on: after each end it asks again, whatever the end."""

        def open_tab() -> ForeverTab:
            session = self.world.new_session(self._known(user), "127.0.0.1")
            order = Order(model=model, steps=4, step_seconds=seconds / 4)
            tab = ForeverTab(self.world, session, order, pause, self._call)
            tab.ask()
            return tab

        return self._call(open_tab)

    def soon(self, seconds: float, action: Callable[[], None]) -> None:
        """Call `action` in the server's thread after that much time of the server's clock."""

        def put() -> None:
            self.world.later(seconds, action)

        self._call(put)

    def _generate(self, session: Session, order: Order) -> GenerationHandle:
        handle = GenerationHandle(session.id)
        request = self.world.generate(session, order)
        if request.result is not None:
            handle.end(request.result)
        else:
            request.on_end.append(handle.end)
        return handle

    def _session(self, user: str, session_id: str | None) -> Session:
        wanted = session_id or self._tabs.get(user, "")
        session = self.world.sessions.find(wanted)
        if session is None:
            if session_id is not None:
                raise KeyError(f"There is no session {session_id}.")
            session = self.world.new_session(self._known(user), "127.0.0.1")
            self._tabs[user] = session.id
        return session

    def _known(self, user: str) -> str:
        if self.world.accounts.find(user) is None:
            raise KeyError(f"There is no user {user}: add_user makes one.")
        return user

    # ---------------------------------------------------------------------------------------------- backends

    def add_backend(self, title: str = "two", over_queue: int = 1, model: str | None = "tiny") -> int:
        """One more ComfyUI, running at once. Returns its id."""

        def add() -> int:
            backend = self.world.add_backend(title, over_queue)
            backend.current_model = _file(model)
            self.world.dispatcher.wake()
            return backend.id

        return self._call(add)

    def remove_backend(self, backend_id: int) -> None:
        """Take a backend away; its jobs are lost."""
        self._call(lambda: self.world.remove_backend(self._backend(backend_id)))

    # ----------------------------------------------------------------------------------------------- inside

    def _access(self) -> "Access":
        from tray_app.simulator.http.access import Access

        accounts, authorization, bypass = self._settings
        return Access(accounts, authorization, bypass)


def _file(model: str | None) -> str | None:
    return None if model is None else f"{model}.safetensors"
