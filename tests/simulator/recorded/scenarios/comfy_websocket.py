"""What an onlooker learns from ComfyUI's websocket through the pass-through; 60 ms a step."""

from tests.simulator.recorded.script import At, Script, World
from tests.simulator.recorded.stage import Stage


async def look_on(stage: Stage) -> None:
    """A socket with an id of its own."""
    await stage.open_websocket("onlooker", "/ComfyBackendDirect/ws?clientId=onlooker")


def script(_version: str) -> Script:
    """The opening of the socket is not in the file."""
    return Script(World(step_seconds=0.06), acts=(At(0.01, look_on),))
