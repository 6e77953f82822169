"""The running prompt of a six-image request is interrupted, without and with `continueaftererrors`; 120 ms a step."""

from tests.simulator.recorded.script import At, Script, World
from tests.simulator.recorded.stage import Stage


async def first_queue(stage: Stage) -> None:
    """What runs before the first interrupt."""
    await stage.pair_prompts(running="80be4d6c-3643-45fd-ba44-9224c4e26334")


async def second_queue(stage: Stage) -> None:
    """What runs before the second interrupt."""
    await stage.pair_prompts(running="1f74a6a9-aed6-476a-a97c-745c2c286713")


def script(_version: str) -> Script:
    """The queue was read before each interrupt, unseen."""
    return Script(World(step_seconds=0.12), acts=(At(0.753, first_queue), At(5.461, second_queue)))
