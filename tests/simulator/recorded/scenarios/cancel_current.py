"""One prompt is interrupted by its id while another session waits; steps of 300 ms."""

from tests.simulator.recorded.script import Script, World


def script(_version: str) -> Script:
    """The queue is read openly here: the ids are in the file."""
    return Script(World(step_seconds=0.3))
