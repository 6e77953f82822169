"""A tab in Generate Forever: one image after the other; 40 ms a step."""

from tests.simulator.recorded.script import Script, World


def script(_version: str) -> Script:
    """The requests of the tab are in the file."""
    return Script(World(step_seconds=0.04))
