"""InterruptAll without, with false, with true `other_sessions`; steps of 200 ms; polled for 2 s after each."""

from tests.simulator.recorded.script import Script, World


def script(_version: str) -> Script:
    """Another session's request, cancelled three times."""
    return Script(World(step_seconds=0.2), windows=((1.01, 3.01), (4.56, 6.56), (8.09, 10.1)))
