"""From a name to a connection: refused, silent, unknown, by proxy, encrypted; and what is told of it."""

import inspect
import logging
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

import httpcore
import pytest

from tests.integration.hostile import Connection, HostileServer, Received, hang_up, http
from tray_app.adapters.http.connecting import Deadline, Resolver, connect
from tray_app.adapters.http.transport import ERRORS, Request, Transport
from tray_app.core.address import parse_address
from tray_app.core.answers import Answer
from tray_app.core.errors import ServerError, TimedOut, Unreachable

pytestmark = pytest.mark.punctual

if TYPE_CHECKING:
    from tray_app.core.exchange import Exchange


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


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def test_a_refused_connection_says_so_at_once() -> None:
    url = f"http://127.0.0.1:{free_port()}"
    started = time.monotonic()
    with pytest.raises(Unreachable) as raised:
        ask(url)
    assert type(raised.value) is Unreachable
    assert raised.value.title == f"Nothing answers at {url}."
    assert time.monotonic() - started < 0.5


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_localhost_works_where_only_one_of_its_two_addresses_listens(host: str) -> None:
    with HostileServer(http({}), host=host) as server:
        started = time.monotonic()
        assert ask(f"http://localhost:{server.port}").body == b"{}"
        assert time.monotonic() - started < 0.25


def test_a_silent_address_does_not_hold_up_the_next_one(silent_port: int) -> None:
    with HostileServer(http({})) as server:
        addresses = [
            (socket.AF_INET, ("127.0.0.1", silent_port)),
            (socket.AF_INET, ("127.0.0.1", server.port)),
        ]
        started = time.monotonic()
        sock = connect(addresses, Deadline(5, "x"), "x")  # type: ignore[arg-type]
        sock.close()
        assert time.monotonic() - started < 0.25
        assert sock.gettimeout() == 0


def test_a_silent_address_alone_times_out(silent_port: int) -> None:
    with pytest.raises(TimedOut):
        ask(f"http://127.0.0.1:{silent_port}", seconds=0.3)


@pytest.fixture
def silent_port() -> Iterator[int]:
    """A port that takes no more connections: its backlog is full and nobody accepts."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        port = int(listener.getsockname()[1])
        fillers = [socket.socket() for _ in range(4)]
        for filler in fillers:
            filler.setblocking(False)
            filler.connect_ex(("127.0.0.1", port))
        yield port
        for filler in fillers:
            filler.close()


def looked_up(*addresses: str) -> Resolver:
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 0)) for address in addresses]
    return Resolver(lambda *_args, **_how: found)


def test_a_host_name_leads_to_the_first_of_its_addresses_that_takes_us() -> None:
    with HostileServer(http({})) as server:
        answer = ask(f"http://gpu.lan:{server.port}", resolver=looked_up("127.0.0.2", "127.0.0.1"))
    assert answer.body == b"{}"
    assert server.requests[0].headers["host"] == f"gpu.lan:{server.port}"


def test_addresses_that_this_machine_cannot_reach_are_passed_over() -> None:
    port = free_port()
    with HostileServer(http({})) as server:
        addresses = [
            (socket.AF_INET, ("255.255.255.255", port)),
            (socket.AF_INET, ("127.0.0.1", server.port)),
        ]
        connect(addresses, Deadline(5, "x"), "x").close()  # type: ignore[arg-type]
        with pytest.raises(Unreachable, match="Nothing answers at there"):
            connect(addresses[:1], Deadline(5, "x"), "there")  # type: ignore[arg-type]


def test_a_family_that_this_machine_has_not_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    real = socket.socket

    def without_ipv6(family: int = -1, *args: int) -> socket.socket:
        if family == socket.AF_INET6:
            raise OSError(97, "Address family not supported by protocol")
        return real(family, *args)

    monkeypatch.setattr("tray_app.adapters.http.connecting.socket.socket", without_ipv6)
    with pytest.raises(Unreachable):
        ask(f"http://[::1]:{free_port()}")


def test_an_unknown_host_name_says_so() -> None:
    def unknown(*_args: object, **_how: object) -> list[tuple[object, ...]]:
        raise socket.gaierror(-2, "Name or service not known")

    with pytest.raises(Unreachable) as raised:
        ask("http://gpu.lan", resolver=Resolver(unknown))
    assert raised.value.title == "The host name gpu.lan is not known."


def test_a_look_up_that_hangs_ends_with_the_deadline_and_is_not_doubled() -> None:
    asked: list[object] = []
    release = threading.Event()

    def slow(host: object, *_args: object, **_how: object) -> list[tuple[object, ...]]:
        asked.append(host)
        release.wait(10)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 0))]

    resolver = Resolver(slow)
    with HostileServer(http({})) as server:
        for _ in range(2):
            started = time.monotonic()
            with pytest.raises(TimedOut, match=f"http://gpu.lan:{server.port} did not answer within 0.2 s."):
                ask(f"http://gpu.lan:{server.port}", seconds=0.2, resolver=resolver)
            assert time.monotonic() - started < 0.6
        release.set()
        assert ask(f"http://gpu.lan:{server.port}", resolver=resolver).status == 200
    assert asked == ["gpu.lan"]


def test_no_certificates_are_loaded_for_plain_http() -> None:
    code = (
        "import ssl, sys; ssl.SSLContext.__new__ = None\n"
        "from tray_app.adapters.http.transport import Request, Transport\n"
        "from tray_app.core.address import parse_address\n"
        "answer = Transport(parse_address(sys.argv[1])).call(Request('GET', '/x', 5))\n"
        "assert answer.status == 200\n"
        "assert not {'httpx', 'asyncio', 'urllib.request', 'keyring', 'PySide6'} & set(sys.modules)\n"
    )
    with HostileServer(http({})) as server:
        subprocess.run([sys.executable, "-c", code, server.url], check=True, timeout=60)


def test_every_error_of_httpcore_has_its_place_in_our_tree() -> None:
    raised = {
        each
        for _name, each in inspect.getmembers(httpcore, inspect.isclass)
        if issubclass(each, Exception) and each.__module__.startswith("httpcore")
    }
    assert len(raised) >= 14
    for each in raised:
        assert any(base in ERRORS for base in each.__mro__), each
    assert all(issubclass(kind, ServerError) for kind in ERRORS.values())


def test_each_exchange_is_told_without_secrets() -> None:
    told: list[Exchange] = []
    with HostileServer(http({"session_id": "geheim", "a": 1})) as server:
        transport = Transport(parse_address(server.url), authorization="Bearer geheim", on_exchange=told.append)
        transport.call(Request("POST", "/API/x", 5, body={"session_id": "geheim"}, headers={"Cookie": "t=geheim"}))
        server.answer = hang_up
        transport.close()
        with pytest.raises(Unreachable):
            transport.call(Request("GET", "/y", 5))
        transport.close()
    first, second = told
    assert (first.method, first.path, first.status) == ("POST", "/API/x", 200)
    assert (first.request, first.answer) == ('{"session_id": "***"}', '{"session_id": "***", "a": 1}')
    assert 0 < first.ms < 5000
    assert (second.method, second.path, second.status, second.request, second.answer) == ("GET", "/y", None, "", "")
    assert "geheim" not in repr(told)


def test_the_engine_does_not_log_what_it_sends(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG), HostileServer(http({})) as server:
        ask(server.url)
    assert caplog.records == []


def test_an_early_answer_to_a_request_that_is_not_read_counts() -> None:
    def early(connection: Connection, _request: Received) -> None:
        connection.send(http({"error": "x"}, 413, headers={"Connection": "close"}))
        connection.hang_up()

    with HostileServer(early) as server:
        assert ask(server.url).status == 413
