"""The running prompt of a six-image request is interrupted, without and with `continueaftererrors`; 120 ms a step."""

import ast

from tests.simulator.recorded.compare import cut
from tests.simulator.recorded.script import At, Script, World
from tests.simulator.recorded.stage import Stage
from tests.simulator.recorded.volatile import PICTURE

QUOTES = "images on disk: "
LAST_NOTE = 35


async def first_queue(stage: Stage) -> None:
    """What runs before the first interrupt."""
    await stage.pair_prompts(running="80be4d6c-3643-45fd-ba44-9224c4e26334")


async def second_queue(stage: Stage) -> None:
    """What runs before the second interrupt."""
    await stage.pair_prompts(running="1f74a6a9-aed6-476a-a97c-745c2c286713")


async def look_at_the_disk(stage: Stage) -> None:
    """The recorder wrote the new pictures into a note: as many must be here, with the same ends to their names."""
    note = next(note for note in stage.recording.notes if QUOTES in note.text and note.t >= stage.now - 1)
    recorded = ast.literal_eval(note.text.partition(QUOTES)[2])
    new = stage.server.swarm.files()[-len(recorded) :] if note.line == LAST_NOTE else stage.server.swarm.files()
    if sorted(cut(PICTURE, name) for name in new) != sorted(cut(PICTURE, name) for name in recorded):
        stage.differ(note.line, f"pictures recorded {recorded}, simulated {new}")


async def count_the_disk(stage: Stage) -> None:
    """All pictures of both halves."""
    if len(stage.server.swarm.files()) != 2 + 6:
        stage.differ(LAST_NOTE, f"8 pictures recorded, simulated {stage.server.swarm.files()}")


def script(_version: str) -> Script:
    """The queue was read before each interrupt, unseen."""
    return Script(
        World(step_seconds=0.12),
        acts=(
            At(0.753, first_queue),
            At(4.752, look_at_the_disk),
            At(5.461, second_queue),
            At(14.313, look_at_the_disk),
            At(14.314, count_the_disk),
        ),
    )
