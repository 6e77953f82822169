"""Two backends, each with its own queue, told apart by `X-Swarm-Backend-ID`; 250 ms a step."""

from tests.simulator.recorded.scenarios.idle import a_picture
from tests.simulator.recorded.script import At, Script, World
from tests.simulator.recorded.stage import Stage

FIRST = ("dd9c9674-2241-4a12-bc6c-3de38b7f894c", "4af39595-ba67-4170-b53f-0910b67b7053")
SECOND = ("4b12f2f7-ad33-40ae-a81e-d95ef84b2093", "8cf521b1-c0ec-4e11-a0e6-ee8db26b7e44")


async def both_queues(stage: Stage) -> None:
    """Each backend runs one prompt and holds one."""
    await stage.pair_prompts(*FIRST, headers={"X-Swarm-Backend-ID": "0"})
    await stage.pair_prompts(*SECOND, headers={"X-Swarm-Backend-ID": "1"})


async def without_the_header(stage: Stage) -> None:
    """It is the first backend that answers."""
    await stage.pair_prompts(running=FIRST[0])


async def only_the_second(stage: Stage) -> None:
    """SelectModel had only just loaded both: the first was not free yet, so the first job came to the second."""
    stage.server.loads(0, "tiny.safetensors")


async def both(stage: Stage) -> None:
    """The next job found both free."""
    stage.server.loads(0, None)


def script(_version: str) -> Script:
    """The second backend and its model are set up by the script."""
    return Script(
        World(step_seconds=0.25, backends=2),
        prelude=a_picture,
        acts=(
            At(4.0495, only_the_second),
            At(4.0505, both),
            At(5.571, both_queues),
            At(5.579, without_the_header),
        ),
    )
