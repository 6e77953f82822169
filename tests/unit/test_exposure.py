"""A key that leaves this machine without encryption is warned of, and no other."""

import pytest

from tray_app.core.address import parse_address
from tray_app.core.exposure import exposure


@pytest.mark.parametrize("address", ["192.168.0.7:7801", "http://gpu.lan", "http://[fe80::1]:7801", "http://8.8.8.8"])
def test_http_to_another_machine_is_warned_of(address: str) -> None:
    text = exposure(parse_address(address))
    assert text.startswith(f"The way to {parse_address(address).host} is not encrypted:")
    assert "https" in text


@pytest.mark.parametrize("address", ["localhost:7801", "127.0.0.5", "http://[::1]:7801", "https://gpu.lan", "0.0.0.0"])
def test_https_and_this_machine_are_not(address: str) -> None:
    assert exposure(parse_address(address)) == ""
