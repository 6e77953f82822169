"""B27: proxies, VPNs and the two addresses of `localhost`. The server on this machine is reached at once, directly.

The ways of the transport are tested one by one in `test_proxies.py` and `test_connecting.py`; here is the real program.
"""

import json
import time
from collections.abc import Iterator

import pytest

from tests.integration.cli.conftest import CommandLine, cli  # noqa: F401 - a fixture
from tests.integration.hostile import GOOD_SESSION, GOOD_STATUS, HostileServer, Script, by_route, hang, http
from tray_app.adapters.http.transport import Request, Transport
from tray_app.core.address import parse_address

BACKENDS = {"0": {"id": 0, "title": "one", "type": "other", "status": "running", "enabled": True}}
GOOD: Script = by_route(
    {"GetNewSession": http(GOOD_SESSION), "GetGlobalStatus": http(GOOD_STATUS), "ListBackends": http(BACKENDS)},
    otherwise=http({"users": []}),
)
FIRST_ANSWER = 0.25
"""Seconds."""


@pytest.fixture
def black_hole() -> Iterator[HostileServer]:
    """A proxy that takes every connection and never answers."""
    with HostileServer(hang) as server:
        yield server


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_b27_a_proxy_in_the_environment_is_not_asked_for_this_machine(
    cli: CommandLine,  # noqa: F811
    black_hole: HostileServer,
    host: str,
) -> None:
    proxy = black_hole.url
    with HostileServer(GOOD) as server:
        done = cli(
            "--url", f"http://{host}:{server.port}", "status", HTTP_PROXY=proxy, http_proxy=proxy, ALL_PROXY=proxy
        )
    assert (done.code, json.loads(done.out)["servers"][0]["state"]) == (0, "idle")
    assert black_hole.connections == 0


@pytest.mark.punctual
@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
def test_b27_localhost_answers_at_once_whichever_address_listens(
    cli: CommandLine,  # noqa: F811
    address: str,
) -> None:
    with HostileServer(GOOD, host=address) as server:
        url = f"http://localhost:{server.port}"
        done = cli("--url", url, "status")
        transport = Transport(parse_address(url))
        started = time.monotonic()
        answer = transport.call(Request("GET", "/API/GetNewSession", 5))
        took = time.monotonic() - started
        transport.close()
    assert (done.code, json.loads(done.out)["servers"][0]["state"]) == (0, "idle")
    assert answer.status == 200
    assert took < FIRST_ANSWER
