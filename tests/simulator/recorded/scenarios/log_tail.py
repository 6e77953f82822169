"""Progress, saved files and failures of another session's jobs, from the log; 150 ms a step; read every 300 ms."""

from tests.simulator.recorded.script import At, Script, World
from tests.simulator.recorded.stage import Stage

READ_AT = (0.312, 0.614, 0.916, 1.218, 1.522, 1.824, 2.127, 2.43, 2.732, 3.034)


async def read(stage: Stage) -> None:
    """One look at the log."""
    await stage.read_log("tray", "Verbose", "Debug", "Info", "Warning", "Error")


async def start_reading(stage: Stage) -> None:
    """The recorder read on from what the log held at the beginning of the scenario."""
    await stage.forget_log("tray")


async def fail(stage: Stage) -> None:
    """The next prompt fails."""
    stage.server.swarm.fail_next("simulated CUDA out of memory")


def script(version: str) -> Script:
    """The first look shows the lines of all that was done before; two of them are the scenario's own."""
    line_of_the_first_look = 3
    last = 3.337 if version == "0.9.8.2" else 3.3295
    return Script(
        World(step_seconds=0.1535),
        acts=(At(0.0065, start_reading), *(At(t, read) for t in READ_AT), At(last, read), At(3.3305, fail)),
        own_log_lines={line_of_the_first_look: 2},
    )
