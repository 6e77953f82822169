"""What a browser tab is told when its images are cancelled, all and then the current one; 150 ms a step."""

from tests.simulator.recorded.scenarios.generate_websocket import request
from tests.simulator.recorded.script import At, Script, World
from tests.simulator.recorded.stage import Stage


async def first_socket(stage: Stage) -> None:
    """The tab asks for three images."""
    await stage.open_websocket("web", "/API/GenerateText2ImageWS", request(stage, images=3, seed=1800))


async def second_socket(stage: Stage) -> None:
    """Once more, after the first socket was closed."""
    await stage.open_websocket("web", "/API/GenerateText2ImageWS", request(stage, images=3, seed=1807))


async def queue(stage: Stage) -> None:
    """What runs before the interrupt."""
    await stage.pair_prompts(running="9d2b0304-6a59-48a3-9070-158ce7271f98")


def script(_version: str) -> Script:
    """Both sockets, and the reading of the queue, are not in the file."""
    return Script(
        World(step_seconds=0.15),
        acts=(At(0.008, first_socket), At(2.83, second_socket), At(3.627, queue)),
    )
