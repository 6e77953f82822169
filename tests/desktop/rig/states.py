"""How a simulated server is brought into each state that the tray can show."""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field

from tray_app.core.model import State
from tray_app.simulator.server import SimulatedSwarmUI

USER = "joe"


@dataclass(frozen=True, slots=True)
class Scene:
    """A server in a state. `accounts` servers need the key that `environment` gives; `click` is done in the menu."""

    state: State
    prepare: Callable[[SimulatedSwarmUI], None]
    tooltip: str  # how it begins
    accounts: bool = False
    with_key: bool = False
    click: str = ""
    options: dict[str, object] = field(default_factory=dict)

    def server(self, ending: ExitStack) -> tuple[SimulatedSwarmUI, dict[str, str]]:
        """The server, started and in its state; and the environment that holds its key, if there is one."""
        server = ending.enter_context(SimulatedSwarmUI(accounts=self.accounts))
        env = {"SWARMUI_TOKEN": server.add_user(USER)} if self.with_key else {}
        self.prepare(server)
        return server, env


def _work(server: SimulatedSwarmUI, images: int = 4) -> None:
    server.generate(images=images, seconds=600, steps=2000)


def _load(server: SimulatedSwarmUI) -> None:
    server.world.timing.model_load = 600
    server.generate(images=3, seconds=600, model="other")


def _work_that_does_not_stop(server: SimulatedSwarmUI) -> None:
    _work(server)
    server.hang()


def _fail_backend(server: SimulatedSwarmUI) -> None:
    server.set_backend(0, status="errored")


def _be_a_web_page(server: SimulatedSwarmUI) -> None:
    for route in ("GetNewSession", "GetGlobalStatus"):
        server.answer_with(route, b"<html>hello</html>", content_type="text/html")


def _leave(server: SimulatedSwarmUI) -> None:
    server.stop(abrupt=True)


def _do_nothing(server: SimulatedSwarmUI) -> None:
    pass


SCENES = (
    Scene(State.IDLE, _do_nothing, "Idle"),
    Scene(State.GENERATING, _work, "Generating, 1 running, 3 queued"),
    Scene(State.LOADING, _load, "Loading a model"),
    Scene(State.CANCELLING, _work_that_does_not_stop, "Cancelling", click="Cancel all"),
    Scene(State.BACKEND_PROBLEM, _fail_backend, "The backend"),
    Scene(State.UNKNOWN, _do_nothing, "What runs is not known", accounts=True, with_key=True),
    Scene(State.KEY_REFUSED, _do_nothing, "", accounts=True),
    Scene(State.INCOMPATIBLE, _be_a_web_page, "No SwarmUI"),
    Scene(State.UNREACHABLE, _leave, "Not reachable"),
)
"""One for each state."""
