"""Which proxy leads to a server, and what goes through it."""

import pytest

from tests.integration.hostile import HostileServer, http
from tray_app.adapters.http.connecting import Resolver
from tray_app.adapters.http.proxies import proxy_for
from tray_app.adapters.http.transport import Request, Transport
from tray_app.core.address import parse_address
from tray_app.core.answers import Answer
from tray_app.core.errors import Unreachable


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


def ask(url: str, *, seconds: float = 5.0, resolver: Resolver | None = None) -> Answer:
    transport = Transport(parse_address(url), resolver=resolver)
    try:
        return transport.call(Request("GET", "/x", seconds))
    finally:
        transport.close()


PROXY = "http://proxy.lan:3128"
WAYS = [
    ("http://gpu.lan", {"HTTP_PROXY": PROXY}, PROXY),
    ("http://gpu.lan", {"ALL_PROXY": "proxy.lan:3128"}, PROXY),
    ("https://gpu.lan", {"HTTP_PROXY": PROXY}, None),
    ("https://gpu.lan", {"HTTPS_PROXY": PROXY}, PROXY),
    ("http://gpu.lan", {"HTTP_PROXY": PROXY, "NO_PROXY": "gpu.lan"}, None),
    ("http://gpu.lan", {"HTTP_PROXY": PROXY, "NO_PROXY": ".lan"}, None),
    ("http://gpu.lan", {"HTTP_PROXY": PROXY, "NO_PROXY": "*"}, None),
    ("http://gpu.lan", {"HTTP_PROXY": PROXY, "NO_PROXY": "other.lan"}, PROXY),
    ("http://192.168.7.7", {"HTTP_PROXY": PROXY, "NO_PROXY": "10.0.0.0/8,192.168.0.0/16"}, None),
    ("http://192.168.7.7", {"HTTP_PROXY": PROXY, "NO_PROXY": "10.0.0.0/8, x"}, PROXY),
    ("http://127.0.0.1", {"HTTP_PROXY": PROXY}, None),
    ("http://localhost", {"ALL_PROXY": PROXY}, None),
    ("http://[::1]", {"ALL_PROXY": "socks5://proxy.lan"}, None),
    ("http://gpu.lan", {}, None),
]


@pytest.mark.parametrize(("url", "environment", "proxy"), WAYS)
def test_the_proxy_is_the_environments_and_never_for_this_machine(
    monkeypatch: pytest.MonkeyPatch, url: str, environment: dict[str, str], proxy: str | None
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert proxy_for(parse_address(url)) == proxy


@pytest.mark.parametrize("proxy", ["socks5://proxy.lan", "https://proxy.lan"])
def test_a_proxy_that_is_not_spoken_is_an_error_with_a_way_out(monkeypatch: pytest.MonkeyPatch, proxy: str) -> None:
    monkeypatch.setenv("ALL_PROXY", proxy)
    with pytest.raises(Unreachable, match="none that is reached by http") as raised:
        ask("http://gpu.lan")
    assert "NO_PROXY=gpu.lan" in raised.value.advice


def test_an_http_server_is_reached_through_the_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    with HostileServer(http({})) as proxy:
        monkeypatch.setenv("HTTP_PROXY", f"http://ann:p%40ss@127.0.0.1:{proxy.port}")
        assert ask("http://gpu.example").status == 200
    [request] = proxy.requests
    assert request.path == "http://gpu.example:80/x"
    assert request.headers["host"] == "gpu.example"
    assert request.headers["proxy-authorization"] == "Basic YW5uOnBAc3M="


def test_a_proxy_that_refuses_or_is_gone_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    with HostileServer(http(b"", 403)) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        with pytest.raises(Unreachable) as raised:
            ask("https://gpu.example")
        assert raised.value.title == "The network's proxy gives no way to https://gpu.example: 403 X."
    with pytest.raises(Unreachable) as raised:
        ask("https://gpu.example")
    assert raised.value.title == f"Nothing answers at the proxy 127.0.0.1:{proxy.port}."
