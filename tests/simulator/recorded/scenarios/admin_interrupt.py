"""AdminInterruptUser, also for an unknown name; 200 ms a step. 0.9.7.0 has no such route."""

from tests.simulator.recorded.script import Script, World


def script(_version: str) -> Script:
    """Three images of the user who is interrupted."""
    return Script(World(step_seconds=0.2))
