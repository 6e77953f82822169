"""Servers that are wrong, broken or ill-meant, and what a command says of each: one sentence and an exit code.

In the sentences URL is the address as it was given, OTHER the host and port of another server.
The same table stands in docs/security.md; `test_b30_hostile_servers.py` compares both, and both with what happens.

    python -m tests.integration.hostile_table NAME FOLDER

is one of them in a process of its own: it prints its URL and ends when its stdin is closed.
"""

import gzip
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.integration.hostile import (
    GOOD_SESSION,
    GOOD_STATUS,
    Connection,
    HostileServer,
    Received,
    Script,
    by_route,
    drip,
    forever,
    hang,
    hang_up,
    http,
)
from tests.integration.tls_server import TlsServer, certify_localhost

MEBIBYTE = 1024 * 1024
PAGE = b"<!DOCTYPE html><html><title>%s</title>"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
BROKE = "The connection to URL broke off."
ENDLESS = "The answer of URL does not end."
LATE = "URL did not answer within 2 s."
NO_JSON = "The answer of URL is no JSON object that can be read (200)."
NO_WEB = "URL does not answer as a web server does."
TOO_LARGE = "URL sent an answer larger than 2 MiB."


@dataclass(frozen=True)
class Row:
    """One server. `answer` is called with the URL of another server; None is for one that does not listen."""

    name: str
    answer: Callable[[str], bytes | Script] | None
    says: str
    code: int
    scheme: str = "http"
    tls: bool = False


def _session(**changes: object) -> bytes:
    return http(GOOD_SESSION | changes)


def _status(**changes: object) -> Script:
    return by_route({"GetNewSession": http(GOOD_SESSION)}, otherwise=http(GOOD_STATUS | changes))


def _bomb() -> bytes:
    return gzip.compress(b"\0" * (256 * MEBIBYTE), 1)


def _then(data: bytes, script: Script) -> Script:
    def both(connection: Connection, request: Received) -> None:
        connection.send(data)
        script(connection, request)

    return both


def _redirect(location: str, status: int = 302) -> bytes:
    return http(b"", status, headers={"Location": location})


COUNTERS = {"waiting_gens": 1e308, "loading_models": -1, "waiting_backends": "0", "live_gens": [[]]}
DEEP = b'{"status":' + b"[" * 200_000 + b"]" * 200_000 + b"}"
MANY = b'{"status":[' + b"{}," * 200_000 + b"{}]}"
FORGETS = by_route({"GetNewSession": _session()}, otherwise=http({"error_id": "invalid_session_id", "error": "x"}, 401))

WORDS = "\x1b]0;x\x07\x1b[2J\u202e<b>\nroot# "

ROWS: tuple[Row, ...] = (
    Row("nothing listens", None, "Nothing answers at URL.", 3),
    Row("accepts and stays silent", lambda _: hang, LATE, 3),
    Row("header byte by byte (slow loris)", lambda _: drip(_session(), 0.1), LATE, 3),
    Row("body byte by byte", lambda _: _then(http(headers={"Content-Length": "900"}), drip(b" " * 900, 0.1)), LATE, 3),
    Row(
        "one interim answer after the other",
        lambda _: drip(b"HTTP/1.1 103 Early Hints\r\n\r\n" * 999, 0.1, 28),
        LATE,
        3,
    ),
    Row("hangs up at once", lambda _: hang_up, BROKE, 3),
    Row("hangs up within the body", lambda _: _then(http(b"{", headers={"Content-Length": "99"}), hang_up), BROKE, 3),
    Row("speaks SSH", lambda _: b"SSH-2.0-OpenSSH_9.2\r\n\r\n", NO_WEB, 5),
    Row("sends any bytes", lambda _: bytes(range(256)) * 64, NO_WEB, 5),
    Row("TLS where http was asked for", lambda _: b"\x15\x03\x01\x00\x02\x02\x46\r\n\r\n", NO_WEB, 5),
    Row(
        "http where TLS was asked for",
        lambda _: http(b"", 400),
        "No secure connection to URL could be made.",
        3,
        scheme="https",
    ),
    Row(
        "certificate that nobody vouches for",
        lambda _: _session(),
        "The certificate of URL is not trusted: self-signed certificate.",
        3,
        scheme="https",
        tls=True,
    ),
    Row(
        "login page with code 200",
        lambda _: http(PAGE % b"Log in", content_type="text/html"),
        "A web page answers at URL where SwarmUI's API should.",
        5,
    ),
    Row(
        "another program's page, 404",
        lambda _: http(PAGE % b"nginx", 404, "text/html"),
        "There is no SwarmUI at URL (404).",
        5,
    ),
    Row("another program's JSON list", lambda _: http([1, 2, 3]), NO_JSON, 5),
    Row("empty answer", lambda _: http(b""), "An empty answer came from URL (200).", 5),
    Row(
        "login of a proxy, 401",
        lambda _: http(PAGE % b"401", 401, "text/html", {"WWW-Authenticate": "Basic realm=x"}),
        "A proxy at URL wants a login by Basic Authorization (401).",
        4,
    ),
    Row(
        "refuses everybody, 403",
        lambda _: http(PAGE % b"403", 403, "text/html"),
        "A proxy at URL wants a login (403).",
        4,
    ),
    Row(
        "proxy without a server, 502",
        lambda _: http(PAGE % b"502", 502, "text/html"),
        "The proxy at URL answers, but SwarmUI behind it does not (502).",
        3,
    ),
    Row(
        "broken program, 500",
        lambda _: http(PAGE % b"500", 500, "text/html"),
        "The server at URL answers with error 500.",
        3,
    ),
    Row(
        "redirect to another origin",
        lambda other: _redirect(f"{other}/API/GetNewSession", 307),
        "URL sends us on to OTHER.",
        5,
    ),
    Row("redirect to https", lambda _: _redirect("https://127.0.0.1/", 301), "URL sends everybody on to https.", 5),
    Row("redirect to itself", lambda _: _redirect("/API/GetNewSession"), "URL sends us on to /API/GetNewSession.", 5),
    Row("redirect to nowhere", lambda _: _redirect("http://[", 308), "URL redirects to nowhere.", 5),
    Row("body without end", lambda _: forever(b"HTTP/1.1 200 OK\r\n\r\n", b"x" * 65536), TOO_LARGE, 5),
    Row("header without end", lambda _: forever(b"HTTP/1.1 200 OK\r\nX: ", b"x" * 65536), ENDLESS, 5),
    Row("gzip bomb of 256 MiB", lambda _: http(_bomb(), headers={"Content-Encoding": "gzip"}), TOO_LARGE, 5),
    Row("JSON 200 000 levels deep", lambda _: http(DEEP), NO_JSON, 5),
    Row("JSON of 400 000 parts", lambda _: http(MANY), NO_JSON, 5),
    Row(
        "session that is no text",
        lambda _: _session(session_id=["x"]),
        "The reply to GetNewSession cannot be read: “session_id” is missing or makes no sense.",
        5,
    ),
    Row(
        "session id that would break a header",
        lambda _: _session(session_id="x\r\nCookie: y"),
        "The reply to GetNewSession cannot be read: “session_id” is missing or makes no sense.",
        5,
    ),
    Row(
        "counters that are no numbers",
        lambda _: _status(status=COUNTERS),
        "The reply to GetGlobalStatus cannot be read: “waiting_gens” is missing or makes no sense.",
        5,
    ),
    Row("forgets every session at once", lambda _: FORGETS, "SwarmUI does not know the session that it just gave.", 5),
    Row(
        "words to drive a terminal",
        lambda _: by_route({"GetNewSession": _session()}, otherwise=http({"error": WORDS})),
        "SwarmUI says: ]0;x [2J <b> root#.",
        5,
    ),
)

PARTS = b"{" + b",".join(b'"k%d":0' % number for number in range(49_000)) + b"}"
ENDLESS_JSON = forever(b"HTTP/1.1 200 X\r\nContent-Type: application/json\r\n\r\n", b" " * 65536)


def _afterwards(answer: bytes | Script) -> Script:
    return by_route({"GetNewSession": _session()}, answer)


WHEN_POLLED: dict[str, Script] = {
    "hangs after the session": _afterwards(hang),
    "sends 2 MiB each time": _afterwards(http(GOOD_STATUS | {"pad": "x" * 2_000_000})),
    "never ends": _afterwards(ENDLESS_JSON),
    "sends deep JSON": _afterwards(http(b'{"a":' * 300_000)),
    "sends as many parts as are read": _afterwards(http(PARTS)),
    "drips": _afterwards(drip(http(GOOD_STATUS), 0.01)),
    "hangs up": _afterwards(hang_up),
}
"""More of them, that give a session and are bad only to whoever polls: by name."""


@contextmanager
def serving(row: Row, other: str, folder: Path) -> Iterator[str]:
    """Be that server; its address. `other` is the URL of another server; a certificate is made in `folder`."""
    if row.answer is None:
        with socket.create_server(("127.0.0.1", 0)) as sock:
            port = int(sock.getsockname()[1])
        yield f"{row.scheme}://127.0.0.1:{port}"
        return
    answer = row.answer(other)
    if row.tls:
        server: HostileServer = TlsServer(answer, certify_localhost(folder / "both.pem"))
    elif row.scheme == "https":  # what speaks first, as nothing that it would understand comes
        server = HostileServer(b"", greeting=bytes(answer))  # type: ignore[arg-type]
    else:
        server = HostileServer(answer)
    with server:
        yield server.url.replace("http:", f"{row.scheme}:")


def _alone(name: str, folder: Path) -> None:
    rows = {row.name: row for row in ROWS}
    with ExitStack() as stack:
        if script := WHEN_POLLED.get(name):
            url = stack.enter_context(HostileServer(script)).url
        else:
            other = stack.enter_context(HostileServer(_session()))
            url = stack.enter_context(serving(rows[name], other.url, folder))
        print(url, flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    _alone(sys.argv[1], Path(sys.argv[2]))
