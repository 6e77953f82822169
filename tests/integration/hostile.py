"""A server on loopback that answers with any bytes at any speed, and remembers what it was sent.

    with HostileServer(http(b'{"a": 1}')) as server:
        ...
        assert server.requests[0].path == "/API/GetNewSession"

A `Script` is called with the connection and the request for each request; `http`, `by_route`, `drip` and `hang` make
the usual ones. Everything ends when the server is closed, also what would go on for ever.
"""

import json
import socket
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Self

GOOD_SESSION = {
    "session_id": "ab" * 20,
    "user_id": "local",
    "output_append_user": True,
    "version": "0.9.8.2",
    "server_id": "70a3e1ff-da29-4ba7-ab7c-7a652734b4f2",
    "permissions": ["*"],
}
GOOD_STATUS = {
    "status": {"waiting_gens": 0, "loading_models": 0, "waiting_backends": 0, "live_gens": 0},
    "backend_status": {"status": "running", "class": "", "message": "", "any_loading": False},
}


@dataclass(frozen=True)
class Received:
    """One request as it came; names of headers are lower-case."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


class Connection:
    """One accepted connection."""

    def __init__(self, sock: socket.socket, closing: threading.Event) -> None:
        self.sock = sock
        self.closing = closing

    def send(self, data: bytes) -> None:
        self.sock.sendall(data)

    def drip(self, parts: Iterable[bytes], pause: float) -> None:
        """Send the parts with a pause before each, until the server is closed."""
        for part in parts:
            if self.closing.wait(pause):
                return
            self.sock.sendall(part)

    def hang(self) -> None:
        """Say nothing more until the server is closed."""
        self.closing.wait()

    def hang_up(self) -> None:
        """Close the connection."""
        self.sock.shutdown(socket.SHUT_RDWR)


Script = Callable[[Connection, Received], None]


def http(
    body: object = b"",
    status: int = 200,
    content_type: str = "application/json",
    headers: Mapping[str, str] | None = None,
) -> bytes:
    """A well-formed answer; a body that is not bytes is sent as JSON. Headers given replace those made here."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    fields = {"Content-Type": content_type, "Content-Length": str(len(data)), **(headers or {})}
    lines = [f"HTTP/1.1 {status} X", *(f"{name}: {value}" for name, value in fields.items() if value), "", ""]
    return "\r\n".join(lines).encode("latin-1") + data


def by_route(routes: Mapping[str, bytes | Script], otherwise: bytes | Script = b"") -> Script:
    """Answer by the end of the path: `{"GetNewSession": …}`; all else with `otherwise`."""

    def script(connection: Connection, request: Received) -> None:
        name = request.path.partition("?")[0].rpartition("/")[2]
        _act(routes.get(name, otherwise), connection, request)

    return script


def drip(data: bytes, pause: float, size: int = 1) -> Script:
    """Send it slowly, `size` bytes at a time."""
    return lambda connection, _request: connection.drip(
        (data[at : at + size] for at in range(0, len(data), size)), pause
    )


def hang(connection: Connection, _request: Received) -> None:
    """Never answer."""
    connection.hang()


def hang_up(connection: Connection, _request: Received) -> None:
    """Close without an answer."""
    connection.hang_up()


def forever(start: bytes, part: bytes) -> Script:
    """Send `start` and then `part` without end, as fast as it is read."""

    def script(connection: Connection, _request: Received) -> None:
        connection.send(start)
        while not connection.closing.is_set():
            connection.send(part)

    return script


def _act(answer: bytes | Script, connection: Connection, request: Received) -> None:
    if isinstance(answer, bytes):
        connection.send(answer)
    else:
        answer(connection, request)


class HostileServer:
    """Listens from the start to the end of its `with`; each connection has a thread, and is first sent `greeting`."""

    def __init__(
        self, answer: bytes | Script, *, host: str = "127.0.0.1", port: int = 0, greeting: bytes = b""
    ) -> None:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._listener = socket.create_server((host, port), family=family)
        self.port: int = self._listener.getsockname()[1]
        self.answer = answer
        self._greeting = greeting
        self.requests: list[Received] = []
        self.connections = 0
        self._host = host
        self._closing = threading.Event()
        self._sockets: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._accept, daemon=True)]

    @property
    def url(self) -> str:
        """The address, without a slash at its end."""
        return f"http://[{self._host}]:{self.port}" if ":" in self._host else f"http://{self._host}:{self.port}"

    def paths(self) -> list[str]:
        """The paths asked for so far."""
        return [request.path for request in self.requests]

    def hang_up(self) -> None:
        """Close all connections that are open now, as a restart or an idle limit would."""
        for sock in self._sockets:
            _shut(sock)

    def __enter__(self) -> Self:
        self._threads[0].start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, raised: BaseException | None, at: TracebackType | None
    ) -> None:
        self._closing.set()
        _shut(self._listener)
        self._listener.close()
        self.hang_up()
        for thread in self._threads:
            thread.join(10)
        for sock in self._sockets:
            sock.close()

    def _accept(self) -> None:
        while True:
            try:
                sock, _peer = self._listener.accept()
            except OSError:
                return
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.connections += 1
            self._sockets.append(sock)
            thread = threading.Thread(target=self._serve, args=(sock,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, sock: socket.socket) -> None:
        connection = Connection(sock, self._closing)
        buffer = bytearray()
        try:
            connection.send(self._greeting)
            while (request := _receive(sock, buffer)) is not None:
                self.requests.append(request)
                _act(self.answer, connection, request)
        except OSError:
            return


def _receive(sock: socket.socket, buffer: bytearray) -> Received | None:
    """The next request; None at the end of the connection."""
    while b"\r\n\r\n" not in buffer:
        data = sock.recv(65536)
        if not data:
            return None
        buffer += data
    head, _, rest = bytes(buffer).partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    length = int(headers.get("content-length", "0"))
    while len(rest) < length:
        data = sock.recv(65536)
        if not data:
            return None
        rest += data
    buffer[:] = rest[length:]
    method, path, _version = first.split(" ")
    return Received(method, path, headers, rest[:length])


def _shut(sock: socket.socket) -> None:
    try:
        sock.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # not connected any more
