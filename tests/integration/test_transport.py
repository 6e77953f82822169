"""HTTP calls against a real socket: bounded in time and size, never led astray, one retry on a dead connection."""

import gzip
import threading
import time
import tracemalloc
import zlib

import pytest

from tests.integration.hostile import Connection, HostileServer, Received, Script, drip, forever, hang, hang_up, http
from tray_app.adapters.http.transport import Request, Transport
from tray_app.adapters.http.wire import AnswerTooLarge
from tray_app.core.address import parse_address
from tray_app.core.errors import Incompatible, ServerError, TimedOut, Unreachable

MEBIBYTE = 1024 * 1024


def ask(url: str, *, seconds: float = 5.0, limit: int = 2 * MEBIBYTE) -> bytes:
    transport = Transport(parse_address(url))
    try:
        return transport.call(Request("GET", "/x", seconds, limit=limit)).body
    finally:
        transport.close()


BOMB = gzip.compress(b"\0" * (64 * MEBIBYTE))
ENDLESS_CHUNK = b"%x\r\n" % 65536 + b"x" * 65536 + b"\r\n"
BROKE = "The connection to {url} broke off."
ENDLESS = "The answer of {url} does not end."
LATE = "{url} did not answer within 0.6 s."
NO_WEB = "{url} does not answer as a web server does."
PACKED = "The answer is compressed in a way that was not asked for."
TOO_LARGE = "{url} sent an answer larger than 2 MiB."
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
GZIP = {"Content-Encoding": "gzip"}


def then(data: bytes, script: Script) -> Script:
    """Send that first."""

    def both(connection: Connection, request: Received) -> None:
        connection.send(data)
        script(connection, request)

    return both


BREAKS: list[tuple[str, bytes | Script, type[ServerError], str]] = [
    ("hangs up at once", hang_up, Unreachable, BROKE),
    ("no HTTP", b"SSH-2.0-OpenSSH_9.2\r\n\r\n", Incompatible, NO_WEB),
    ("binary", bytes(range(256)) * 40, Incompatible, NO_WEB),
    ("TLS alert", b"\x15\x03\x01\x00\x02\x02\x46\r\n\r\n", Incompatible, NO_WEB),
    ("cut off in the header", then(b"HTTP/1.1 200 OK\r\nConte", hang_up), Unreachable, BROKE),
    ("cut off in the body", then(http(b"{}", headers={"Content-Length": "900"}), hang_up), Unreachable, BROKE),
    ("bad length", http(b"{}", headers={"Content-Length": "-2"}), Incompatible, NO_WEB),
    ("two lengths", b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}", Incompatible, NO_WEB),
    ("bad chunks", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", Incompatible, NO_WEB),
    ("switches protocols", b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n", Incompatible, NO_WEB),
    ("announces too much", http(b"", headers={"Content-Length": str(3 * MEBIBYTE)}), AnswerTooLarge, TOO_LARGE),
    ("announces absurdly much", http(b"", headers={"Content-Length": "9" * 19}), AnswerTooLarge, TOO_LARGE),
    ("sends without end", forever(b"HTTP/1.1 200 OK\r\n\r\n", b"x" * 65536), AnswerTooLarge, TOO_LARGE),
    ("chunks without end", forever(CHUNKED, ENDLESS_CHUNK), AnswerTooLarge, TOO_LARGE),
    ("header without end", forever(b"HTTP/1.1 200 OK\r\nX: ", b"x" * 65536), AnswerTooLarge, ENDLESS),
    ("many headers", forever(b"HTTP/1.1 200 OK\r\n", b"A: b\r\n" * 999), AnswerTooLarge, ENDLESS),
    (
        "1xx without end",
        forever(b"", b"HTTP/1.1 103 Early Hints\r\n\r\n" * 99),
        AnswerTooLarge,
        ENDLESS,
    ),
    ("gzip bomb", http(BOMB, headers=GZIP), AnswerTooLarge, TOO_LARGE),
    (
        "deflate bomb",
        http(zlib.compress(b"\0" * (64 * MEBIBYTE)), headers={"Content-Encoding": "deflate"}),
        AnswerTooLarge,
        TOO_LARGE,
    ),
    ("gzip that is none", http(b"{}", headers=GZIP), Incompatible, PACKED),
    ("gzip cut off", http(gzip.compress(b"{}" * 99)[:-9], headers=GZIP), Incompatible, PACKED),
    ("brotli", http(b"{}", headers={"Content-Encoding": "br"}), Incompatible, PACKED),
    ("gzip twice", http(b"{}", headers={"Content-Encoding": "gzip, gzip"}), Incompatible, PACKED),
    ("silent", hang, TimedOut, LATE),
    ("slow header", drip(http(b"{}"), 0.05), TimedOut, LATE),
    ("slow 1xx", drip(b"HTTP/1.1 103 Early Hints\r\n\r\n" * 999, 0.05, 28), TimedOut, LATE),
    ("slow body", then(http(headers={"Content-Length": "500"}), drip(b" " * 500, 0.05)), TimedOut, LATE),
    ("slow chunks", then(CHUNKED, drip(b"1\r\n \r\n" * 500, 0.05, 6)), TimedOut, LATE),
]


@pytest.mark.punctual
@pytest.mark.parametrize(("answer", "kind", "title"), [case[1:] for case in BREAKS], ids=[case[0] for case in BREAKS])
def test_a_broken_answer_is_one_error_in_bounded_time(
    answer: bytes | Script, kind: type[ServerError], title: str
) -> None:
    with HostileServer(answer) as server:
        started = time.monotonic()
        with pytest.raises(ServerError) as raised:
            ask(server.url, seconds=0.6)
        took = time.monotonic() - started
    assert (type(raised.value), raised.value.title) == (kind, title.format(url=server.url))
    assert raised.value.advice
    assert took < 1.2


@pytest.mark.parametrize(
    "answer",
    [
        http(BOMB, headers=GZIP),
        forever(b"HTTP/1.1 200 OK\r\n\r\n", b"x" * 65536),
        forever(b"HTTP/1.1 200 OK\r\nX: ", b"x" * 65536),
        forever(b"", b"HTTP/1.1 103 Early Hints\r\n\r\n" * 99),
    ],
    ids=["bomb", "body", "header", "1xx"],
)
def test_a_huge_answer_takes_little_memory(answer: bytes | Script) -> None:
    with HostileServer(answer) as server:
        tracemalloc.start()
        try:
            with pytest.raises(Incompatible):
                ask(server.url)
            _now, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert peak < 8 * MEBIBYTE


def test_a_plain_and_a_compressed_body_arrive_whole() -> None:
    body = b"x" * (2 * MEBIBYTE)
    with HostileServer(http(body)) as server:
        assert ask(server.url) == body
        server.answer = http(gzip.compress(body), headers=GZIP)
        assert ask(server.url) == body


def test_a_body_of_a_200_goes_to_the_sink_and_any_other_into_the_answer() -> None:
    taken: list[bytes] = []
    with HostileServer(http(b"abc")) as server:
        transport = Transport(parse_address(server.url))
        assert transport.call(Request("GET", "/x", 5, sink=taken.append)).body == b""
        server.answer = http(b"def", 400)
        assert transport.call(Request("GET", "/x", 5, sink=taken.append)).body == b"def"
        transport.close()
    assert b"".join(taken) == b"abc"


def test_compression_is_not_asked_for_and_a_length_is_always_sent() -> None:
    with HostileServer(http({})) as server:
        transport = Transport(parse_address(server.url + "/base"), authorization="Bearer x")
        transport.call(Request("POST", "/API/x", 5, body={}, headers={"Cookie": "swarm_token=a"}))
        transport.close()
    [request] = server.requests
    assert (request.method, request.path, request.body) == ("POST", "/base/API/x", b"{}")
    assert request.headers == {
        "host": f"127.0.0.1:{server.port}",
        "accept-encoding": "identity",
        "user-agent": "swarmui-tray",
        "authorization": "Bearer x",
        "cookie": "swarm_token=a",
        "content-type": "application/json",
        "content-length": "2",
    }


def test_a_redirect_is_returned_and_nothing_is_sent_to_where_it_leads() -> None:
    with HostileServer(http({})) as other, HostileServer(b"") as server:
        for status in (301, 302, 303, 307, 308):
            server.answer = http(b"", status, headers={"Location": f"{other.url}/x", "Set-Cookie": "a=b"})
            transport = Transport(parse_address(server.url), authorization="Bearer x")
            for _ in range(2):
                answer = transport.call(Request("POST", "/x", 5, body={}, headers={"Cookie": "swarm_token=a"}))
                assert answer.status == status
            transport.close()
    assert other.requests == []
    assert {request.headers["cookie"] for request in server.requests} == {"swarm_token=a"}


def test_a_connection_is_kept_and_used_again() -> None:
    with HostileServer(http({})) as server:
        transport = Transport(parse_address(server.url))
        for _ in range(3):
            transport.call(Request("POST", "/x", 5, body={}))
        transport.close()
    assert (len(server.requests), server.connections) == (3, 1)


def closing_on(number: int) -> Script:
    """Answers, but hangs up instead of answering the request of that number."""
    seen: list[Received] = []

    def script(connection: Connection, request: Received) -> None:
        seen.append(request)
        connection.hang_up() if len(seen) == number else connection.send(http({}))

    return script


def test_a_kept_connection_that_died_is_replaced_once() -> None:
    with HostileServer(closing_on(2)) as server:
        transport = Transport(parse_address(server.url))
        transport.call(Request("GET", "/1", 5))
        assert transport.call(Request("GET", "/2", 5)).status == 200
        transport.close()
    assert server.paths() == ["/1", "/2", "/2"]


def test_a_request_that_must_not_be_repeated_is_sent_once() -> None:
    with HostileServer(closing_on(2)) as server:
        transport = Transport(parse_address(server.url))
        transport.call(Request("GET", "/1", 5))
        with pytest.raises(Unreachable):
            transport.call(Request("POST", "/2", 5, body={}, repeat=False))
        transport.close()
    assert server.paths() == ["/1", "/2"]


def test_a_new_connection_that_breaks_is_not_tried_again() -> None:
    with HostileServer(hang_up) as server, pytest.raises(Unreachable):
        ask(server.url)
    assert server.paths() == ["/x"]


@pytest.mark.punctual
def test_close_from_another_thread_ends_a_call_that_hangs() -> None:
    arrived = threading.Event()

    def script(connection: Connection, _request: Received) -> None:
        arrived.set()
        connection.hang()

    with HostileServer(script) as server:
        transport = Transport(parse_address(server.url))

        def close_when_it_hangs() -> None:
            arrived.wait(10)
            transport.close()

        closer = threading.Thread(target=close_when_it_hangs)
        closer.start()
        started = time.monotonic()
        with pytest.raises(Unreachable) as raised:
            transport.call(Request("GET", "/x", 20))
        closer.join()
    assert type(raised.value) is Unreachable
    assert time.monotonic() - started < 5


def test_a_second_thread_waits_for_its_turn_within_its_deadline() -> None:
    arrived, done = threading.Event(), threading.Event()

    def script(connection: Connection, _request: Received) -> None:
        arrived.set()
        done.wait(10)
        connection.send(http({}))

    with HostileServer(script) as server:
        transport = Transport(parse_address(server.url))
        first = threading.Thread(target=lambda: transport.call(Request("GET", "/1", 20)))
        first.start()
        arrived.wait(10)
        with pytest.raises(TimedOut):
            transport.call(Request("GET", "/2", 0.2))
        done.set()
        first.join()
        transport.close()
    assert server.paths() == ["/1"]
