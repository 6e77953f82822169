"""Every kind of malformed or misdirected call: nothing is missing in the file."""

from tests.simulator.recorded.script import Script


def script(_version: str) -> Script:
    """An idle server."""
    return Script()
