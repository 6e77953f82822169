"""What is at stake when a key is sent without encryption."""

from tray_app.core.address import Address


def exposure(address: Address) -> str:
    """The warning about sending a key to that address; empty where it goes by https or stays on this machine."""
    if address.scheme == "https" or address.is_loopback:
        return ""
    return (
        f"The way to {address.host} is not encrypted: whoever is on it can read the key and use SwarmUI as you do. "
        "Use https, or a tunnel such as ssh -L."
    )
