"""The server is stopped and started under a polling onlooker; sessions outlive it."""

from tests.simulator.recorded.script import At, Script, World
from tests.simulator.recorded.stage import Stage


async def stop(stage: Stage) -> None:
    """SIGTERM: the port refuses at once."""
    await stage.server.stop()


async def start(stage: Stage) -> None:
    """The port opens some time after the process was started."""
    await stage.server.start()


def script(_version: str) -> Script:
    """Stopped at 1.5 s while images are made, back at 5.6 s."""
    return Script(World(step_seconds=0.25), acts=(At(1.5125, stop), At(5.63, start)))
