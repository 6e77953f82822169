"""All read routes on an idle server. Two pictures were there on 0.9.8.2; on 0.9.7.0 nothing had been made yet."""

from tests.simulator.recorded.script import Script, World
from tests.simulator.recorded.stage import Stage


async def a_picture(stage: Stage) -> None:
    """The backend was in use before."""
    await stage.earlier_picture(prompt="a red cube on a table", steps=10, seed=7)


async def two_pictures(stage: Stage) -> None:
    """What the recorder made before its first scenario."""
    for _ in range(2):
        await stage.earlier_picture(prompt="a red cube", steps=5, seed=7)


def script(version: str) -> Script:
    """A fresh server, or one that has been tried out."""
    if version == "0.9.7.0":
        return Script(World(loaded_model=None))
    return Script(prelude=two_pictures)
