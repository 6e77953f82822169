"""ComfyUI's queue length through the pass-through; 150 ms a step."""

from tests.simulator.recorded.script import Script, World


def script(_version: str) -> Script:
    """Three images of another session."""
    return Script(World(step_seconds=0.15))
