"""Nothing is played: see the table in volatile.py."""

from tests.simulator.recorded.script import Script


def script(_version: str) -> Script:
    """An idle server."""
    return Script()
