"""What a cancel does while a model loads: 3 s a load, then 400 ms a step."""

from tests.simulator.recorded.script import At, Script, World
from tests.simulator.recorded.stage import Stage


async def load_prompt(stage: Stage) -> None:
    """The prompt that loads the model, before it is interrupted."""
    await stage.pair_prompts(running="b9987e02-76ac-4cbf-86de-10b804cab7d3")


def script(_version: str) -> Script:
    """Cancelled by InterruptAll, by the pass-through, not at all."""
    return Script(World(step_seconds=0.4, load_seconds=3.0), acts=(At(6.05, load_prompt),))
