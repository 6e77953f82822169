"""Network.RequiredAuthorization, with the exemption of loopback switched off."""

from tests.simulator.recorded.script import Script, World


def script(_version: str) -> Script:
    """The header that opens the server."""
    return Script(World(required_authorization="Bearer open-sesame"))
