"""The socket of a call, on which every wait takes what is left of that call's deadline."""

import selectors
import socket
import ssl
import time

from tray_app.adapters.http.connecting import Deadline, Resolver, connect
from tray_app.adapters.http.trust import check_pinned
from tray_app.core.address import Address
from tray_app.core.errors import Incompatible, ServerError, Slept, Unreachable, Untrusted
from tray_app.core.ports import CLOCK_GAP

_HEADER_LIMIT = 64 * 1024  # bytes before the body, 1xx answers included; a real server sends under 2 KB
_CHUNK_MARKS = 256 * 1024  # bytes beside the body, at least
_STRETCH = 1.0
"""Seconds that are waited in one go; a longer wait looks at the clock in between."""


class AnswerTooLarge(Incompatible):
    """The answer is larger than this call allows."""


class Wire:
    """The call under way: its deadline, what came in, and the socket that it uses."""

    def __init__(self, address: Address, resolver: Resolver) -> None:
        self.address = address
        self.deadline = Deadline(0, address.url)
        self.ended = False
        """The other side closed the connection within this call."""
        self._resolver = resolver
        self._connected = False
        self._received = 0
        self._allowed = 0
        self._sock: socket.socket | None = None

    @property
    def was_stale(self) -> bool:
        """Whether a kept connection was used that closed before the first byte of an answer."""
        return not self._connected and not self._received

    def begin(self, deadline: Deadline) -> None:
        """A new call, or its repetition."""
        self.deadline = deadline
        self.ended = self._connected = False
        self._received = 0
        self._allowed = _HEADER_LIMIT

    def in_body(self, limit: int) -> None:
        """The header is through: the body of at most `limit` bytes may come, in small chunks at worst."""
        self._allowed = self._received + 2 * limit + _CHUNK_MARKS

    def connect(self, host: str, port: int) -> "TimedSocket":
        """Connect to the server or to its proxy. Raises Unreachable, TimedOut."""
        proxied = (host, port) != (self.address.host, self.address.port)
        what = f"the proxy {host}:{port}" if proxied else self.address.url
        self._connected = True
        sock = connect(self._resolver.resolve(host, port, self.deadline), self.deadline, what)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return self.timed(sock)

    def timed(self, sock: socket.socket) -> "TimedSocket":
        """That socket, as the one which the call uses."""
        self._sock = sock
        return TimedSocket(self, sock)

    def abort(self) -> None:
        """End whatever hangs on the socket; from any thread."""
        sock = self._sock
        if sock is not None:
            try:
                sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                return  # it was not connected any more

    def received(self, data: bytes) -> None:
        """Count what came. Raises AnswerTooLarge for headers or chunks without end."""
        self.ended = not data
        self._received += len(data)
        if self._received > self._allowed:
            raise AnswerTooLarge(
                f"The answer of {self.address.url} does not end.", "Check that this is the address of a SwarmUI."
            )

    def insecure(self, error: OSError) -> ServerError:
        """What a failed TLS handshake means."""
        url = self.address.url
        if isinstance(error, TimeoutError):
            return self.deadline.passed()
        if isinstance(error, ssl.SSLCertVerificationError):
            return Untrusted(f"The certificate of {url} is not trusted: {error.verify_message}.")
        return Unreachable(f"No secure connection to {url} could be made.", "Check whether it should be http://.")


class TimedSocket:
    """A connected socket. What is written goes out, in one piece, when an answer is waited for."""

    def __init__(self, wire: Wire, sock: socket.socket) -> None:
        self._wire = wire
        self._sock = sock
        self._unsent = bytearray()

    def read(self, most: int) -> bytes:
        """The next bytes; empty at the end. Raises TimedOut, Slept, AnswerTooLarge, OSError."""
        self._flush()
        data = None
        while data is None:
            data = self._wait(min(_STRETCH, self._wire.deadline.remaining()), most)
        self._wire.received(data)
        return data

    def _wait(self, seconds: float, most: int) -> bytes | None:
        """What comes within that time; None if nothing does.

        Raises Slept after a sleep of the computer: what was connected before may be silent for ever.
        """
        begun = time.time()
        self._sock.settimeout(seconds)
        try:
            return self._sock.recv(most)
        except TimeoutError:
            if time.time() - begun - seconds > CLOCK_GAP:
                url = self._wire.address.url
                raise Slept(
                    f"This computer slept before {url} answered.", "Look at its state, then try again."
                ) from None
            return None

    def write(self, data: bytes) -> None:
        """Take bytes to be sent. Header and body arrive one by one here; together they cost one packet."""
        self._unsent += data

    def start_tls(self, context: ssl.SSLContext, host: str | None) -> "TimedSocket":
        """The same connection, encrypted. Raises Unreachable, TimedOut."""
        self._sock.settimeout(self._wire.deadline.remaining())
        try:
            encrypted = context.wrap_socket(self._sock, server_hostname=host)
        except OSError as error:
            self._sock.close()
            raise self._wire.insecure(error) from error
        try:
            check_pinned(encrypted, self._wire.address.certificate, self._wire.address.url)
        except ServerError:
            encrypted.close()
            raise
        return self._wire.timed(encrypted)

    @property
    def encrypted(self) -> ssl.SSLSocket | None:
        """The socket, where it is a TLS one."""
        return self._sock if isinstance(self._sock, ssl.SSLSocket) else None

    @property
    def readable(self) -> bool:
        """Whether something waits to be read; on an idle connection that is its end."""
        with selectors.DefaultSelector() as selector:
            selector.register(self._sock, selectors.EVENT_READ)
            return bool(selector.select(0))

    def close(self) -> None:
        """Close it."""
        self._sock.close()

    def _flush(self) -> None:
        left = memoryview(bytes(self._unsent))
        self._unsent.clear()
        while left:
            self._sock.settimeout(self._wire.deadline.remaining())
            try:
                left = left[self._sock.send(left) :]
            except TimeoutError:
                raise self._wire.deadline.passed() from None
            except OSError:
                return  # it may have answered before it hung up: the read that follows tells
