"""Counters and ComfyUI's queue while a model loads: 1.5 s a load, then 200 ms a step."""

import json

from tests.simulator.recorded.compare import Comparison
from tests.simulator.recorded.recording import Note
from tests.simulator.recorded.scenarios.idle import a_picture
from tests.simulator.recorded.script import At, Script, World
from tests.simulator.recorded.stage import Stage

QUOTES = "running prompt during the load: "


async def look_at_the_load(stage: Stage) -> None:
    """The recorder wrote the running prompt into a note: compare it too."""
    queue = await stage.ask("GET", "/ComfyBackendDirect/queue", None)
    note = min((note for note in stage.recording.notes if QUOTES in note.text), key=lambda note: _distance(note, stage))
    graph = json.loads(note.text.removeprefix(QUOTES))
    for difference in Comparison(stage.ids).values(
        "load prompt", [graph], [entry[2] for entry in queue["queue_running"]]
    ):
        stage.differ(note.line, difference)


def _distance(note: Note, stage: Stage) -> float:
    return abs(note.t - stage.now)


def script(version: str) -> Script:
    """Two loads, the queue read during each."""
    times = (0.915, 5.528) if version == "0.9.8.2" else (0.912, 5.53)
    return Script(
        World(step_seconds=0.2, load_seconds=1.5),
        prelude=a_picture,
        acts=tuple(At(t, look_at_the_load) for t in times),
    )
