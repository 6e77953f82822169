"""A generation fails on the backend; ComfyUI stops answering; backends are restarted and disabled; 60 ms a step."""

from tests.simulator.recorded.script import At, Script, World
from tests.simulator.recorded.stage import Stage


async def fail(stage: Stage) -> None:
    """The next prompt fails."""
    stage.server.swarm.fail_next("simulated CUDA out of memory")


async def stop_answering(stage: Stage) -> None:
    """ComfyUI answers 503."""
    stage.server.swarm.comfy_answers(answering=False)


async def answer_again(stage: Stage) -> None:
    """ComfyUI is itself again before its backend is restarted."""
    stage.server.swarm.comfy_answers(answering=True)


async def boot_fast(stage: Stage) -> None:
    """On 0.9.7.0 no look at the backends fell into the restart."""
    stage.server.boots_in(0.1)


async def boot_slowly(stage: Stage) -> None:
    """On 0.9.7.0 one fell into the time in which the backend was enabled again."""
    stage.server.boots_in(0.8)


def script(version: str) -> Script:
    """The stand-in's switches are not in the file, nor how long a backend took to start."""
    boots = (At(3.715, boot_fast), At(6.7, boot_slowly)) if version == "0.9.7.0" else ()
    return Script(
        World(step_seconds=0.06),
        acts=(At(0.005, fail), At(0.6925, stop_answering), At(3.718, answer_again), *boots),
    )
