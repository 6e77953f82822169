"""Two images asked for by websocket; 60 ms a step."""

from tests.simulator.recorded.recording import JSON
from tests.simulator.recorded.script import At, Script, World
from tests.simulator.recorded.stage import Stage


def request(stage: Stage, images: int, seed: int) -> JSON:
    """The first message of the tab: the body of the request."""
    return {
        "images": images,
        "model": "tiny",
        "prompt": "a red cube on a table",
        "width": 64,
        "height": 64,
        "steps": 10,
        "seed": seed,
        "cfgscale": 5,
        "session_id": stage.session_of("web"),
    }


async def ask_for_two(stage: Stage) -> None:
    """The tab opens its socket."""
    await stage.open_websocket("web", "/API/GenerateText2ImageWS", request(stage, images=2, seed=950))


def script(_version: str) -> Script:
    """The opening of the socket is not in the file."""
    return Script(World(step_seconds=0.06), acts=(At(0.008, ask_for_two),))
