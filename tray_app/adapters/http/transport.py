"""HTTP calls to one server: bounded in time and size, never redirected, bound to their origin.

The only file that imports httpcore, the engine of httpx. httpx itself is not imported: with it the command line would
take 1.3 times as long to start, for redirects, cookies and decoding that must not happen here anyway. Nothing here
knows SwarmUI: every HTTP answer is returned whatever its status, everything else is raised as an error of our own.
"""

import json
import logging
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import unquote, urlsplit

import httpcore

from tray_app.adapters.http.connecting import Deadline, Resolver
from tray_app.adapters.http.decompress import decoded
from tray_app.adapters.http.proxies import proxy_for
from tray_app.adapters.http.trust import trust_in, untrusted
from tray_app.adapters.http.wire import AnswerTooLarge, TimedSocket, Wire
from tray_app.core.address import Address
from tray_app.core.answers import Answer
from tray_app.core.blanking import blanked
from tray_app.core.errors import CertificateChanged, Incompatible, ServerError, TimedOut, Unreachable, Untrusted
from tray_app.core.exchange import Exchange, shown

ANSWER_LIMIT = 2 * 1024 * 1024
"""Bytes of an answer's body, after decompression, unless a call says otherwise."""

_NONE_HAS = "sha256:none"  # to be compared with, so that each handshake ends with what was seen
_KEEP_ALIVE = 100.0  # seconds; Kestrel closes an idle connection after 130

ERRORS: dict[type[Exception], type[ServerError]] = {
    httpcore.TimeoutException: TimedOut,
    httpcore.NetworkError: Unreachable,
    httpcore.ProxyError: Unreachable,
    httpcore.ConnectionNotAvailable: Unreachable,
    httpcore.ProtocolError: Incompatible,
    httpcore.UnsupportedProtocol: Incompatible,
}
"""What httpcore raises, by what it means to people; the nearest base class counts."""


@dataclass(frozen=True, slots=True)
class Request:
    """One call. `path` begins with / and follows the base path; `seconds` is its deadline from start to last byte.

    `body` is sent as JSON. `limit` is in bytes of the decompressed body. The body of a 200 goes to `sink` chunk by
    chunk where one is given. `repeat`: whether it may be sent again when a kept connection turns out to be dead.
    `secrets` are blanked out of the answer, should it repeat them.
    """

    method: str
    path: str
    seconds: float
    body: Mapping[str, Any] | None = field(default=None, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    limit: int = ANSWER_LIMIT
    sink: Callable[[bytes], None] | None = None
    repeat: bool = True
    secrets: tuple[str, ...] = field(default=(), repr=False)

    @property
    def content(self) -> bytes | None:
        """The body as it is sent; None for none at all."""
        return None if self.body is None else json.dumps(self.body).encode()


class Transport:
    """Calls to the server at one address. One at a time: a second thread waits for its turn within its deadline."""

    def __init__(
        self,
        address: Address,
        *,
        authorization: str = "",
        on_exchange: Callable[[Exchange], None] | None = None,
        resolver: Resolver | None = None,
    ) -> None:
        logging.getLogger("httpcore").setLevel(logging.WARNING)  # it logs URLs and headers, which may hold secrets
        self.address = address
        # Compression is not asked for: on one machine it costs more than it saves, and it can hide a bomb.
        self._headers = {"Host": address.netloc, "Accept-Encoding": "identity", "User-Agent": "swarmui-tray"}
        if authorization:
            self._headers["Authorization"] = authorization
        self._on_exchange = on_exchange
        self._turn = threading.Lock()
        self._resolver = resolver or Resolver()
        self._wire = Wire(address, self._resolver)
        self._pool: httpcore.ConnectionPool | None = None

    def call(self, request: Request) -> Answer:
        """One exchange from start to last byte. Raises Unreachable, TimedOut, Incompatible."""
        deadline = Deadline(request.seconds, self.address.url)
        if not self._turn.acquire(timeout=request.seconds):
            raise deadline.passed()
        started = time.monotonic()
        answer: Answer | None = None
        try:
            answer = self._call(request, deadline)
        finally:
            self._turn.release()
            if self._on_exchange is not None:
                self._on_exchange(_exchange(request, answer, (time.monotonic() - started) * 1000))
        return answer

    def close(self) -> None:
        """Close the connection, at once and from any thread: a call under way ends with Unreachable."""
        if not self._turn.acquire(blocking=False):
            self._wire.abort()
            return
        try:
            if self._pool is not None:
                self._pool.close()
        finally:
            self._turn.release()

    def _call(self, request: Request, deadline: Deadline) -> Answer:
        self._wire.begin(deadline)
        try:
            return self._exchange(request)
        except CertificateChanged:
            raise
        except Untrusted as error:
            raise self._shown(error) from error
        except Unreachable as error:
            if not request.repeat or not self._wire.was_stale or isinstance(error, TimedOut):
                raise
        self._wire.begin(deadline)
        return self._exchange(request)

    def _exchange(self, request: Request) -> Answer:
        headers = {**self._headers, **request.headers}
        if request.content is not None:
            headers["Content-Type"] = "application/json"
        try:
            if self._pool is None:
                self._pool = _pool(self.address, _Network(self._wire))
            url = httpcore.URL(
                scheme=self.address.scheme,
                host=self.address.host,
                port=self.address.port,
                target=self.address.base + request.path,
            )
            with self._pool.stream(
                request.method, url, headers=[*headers.items()], content=request.content
            ) as response:
                return self._read(response, request)
        except tuple(ERRORS) as error:
            raise self._translated(error) from error

    def _read(self, response: httpcore.Response, request: Request) -> Answer:
        self._wire.in_body(request.limit)
        secrets = (self._headers.get("Authorization", ""), *request.secrets)
        headers: dict[str, str] = {}
        for raw_name, raw in response.headers:
            name, value = raw_name.decode("latin-1").lower(), blanked(raw, secrets).decode("latin-1")
            # A proxy may set cookies of its own before or after the server's.
            headers[name] = f"{headers[name]}\n{value}" if name == "set-cookie" and name in headers else value
        too_large = AnswerTooLarge(
            f"{self.address.url} sent an answer larger than {request.limit / (1024 * 1024):g} MiB.",
            "Check that this is the address of a SwarmUI.",
        )
        length = headers.get("content-length", "")
        if length.isdigit() and int(length[:20]) > request.limit:
            raise too_large
        body = bytearray()
        take = request.sink if request.sink is not None and response.status == 200 else body.extend
        size = 0
        for chunk in decoded(response.iter_stream(), headers.get("content-encoding", ""), request.limit):
            self._wire.deadline.remaining()
            size += len(chunk)
            if size > request.limit:
                raise too_large
            take(chunk)
        return Answer(response.status, headers, blanked(bytes(body), secrets))

    def _shown(self, error: Untrusted) -> Untrusted:
        """The same error with the fingerprint of the certificate, and how to trust that."""
        try:
            certificate = shown_certificate(self.address, self._wire.deadline.remaining(), self._resolver)
        except ServerError:  # it was there a moment ago, or the time is over: the certificate stays unknown
            certificate = ""
        return untrusted(error.title, self.address.url, certificate)

    def _translated(self, error: Exception) -> ServerError:
        kind = next(ERRORS[base] for base in type(error).__mro__ if base in ERRORS)
        url = self.address.url
        if kind is TimedOut:
            return self._wire.deadline.passed()
        if isinstance(error, httpcore.ProxyError):
            return Unreachable(f"The network's proxy gives no way to {url}: {error}.", "Set NO_PROXY, or correct it.")
        if kind is Unreachable or self._wire.ended:
            return Unreachable(
                f"The connection to {url} broke off.", "SwarmUI may be restarting; it will be asked again."
            )
        return Incompatible(f"{url} does not answer as a web server does.", "Check host, port, and http or https.")


def shown_certificate(address: Address, seconds: float, resolver: Resolver | None = None) -> str:
    """The fingerprint of the certificate that is shown at an https address, also by way of a proxy.

    Nothing is sent but the handshake, as nobody has vouched for the server yet. Raises ServerError.
    """
    transport = Transport(replace(address, certificate=_NONE_HAS), resolver=resolver)
    try:
        transport.call(Request("GET", "/", seconds))
    except CertificateChanged as error:
        return error.fingerprint
    finally:
        transport.close()
    raise ValueError(f"{address.url} shows no certificate.")


class _Network(httpcore.NetworkBackend):
    """Gives httpcore the connections of a wire."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect. Raises Unreachable, TimedOut."""
        del timeout, local_address, socket_options
        return _Stream(self._wire.connect(host, port))


class _Stream(httpcore.NetworkStream):
    """A timed socket as httpcore wants it; httpcore's own timeouts, one for each wait, are not used."""

    def __init__(self, sock: TimedSocket) -> None:
        self._sock = sock

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """The next bytes; empty at the end."""
        del timeout
        try:
            return self._sock.read(max_bytes)
        except OSError as error:
            raise httpcore.ReadError(str(error)) from error

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Take bytes to be sent."""
        del timeout
        self._sock.write(buffer)

    def close(self) -> None:
        """Close the socket."""
        self._sock.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        """The same connection, encrypted. Raises Unreachable, TimedOut."""
        del timeout
        return _Stream(self._sock.start_tls(ssl_context, server_hostname))

    def get_extra_info(self, info: str) -> Any:
        """`ssl_object` and `is_readable`, the two that httpcore asks for."""
        if info == "is_readable":
            return self._sock.readable
        return self._sock.encrypted if info == "ssl_object" else None


def _pool(address: Address, network: _Network) -> httpcore.ConnectionPool:
    way: dict[str, Any] = {
        # A TLS context costs 50 to 90 ms and several megabytes, so it is only made for https.
        "ssl_context": trust_in(address.certificate) if address.scheme == "https" else None,
        "max_connections": 1,
        "keepalive_expiry": _KEEP_ALIVE,
        "network_backend": network,
    }
    proxy = proxy_for(address)
    if proxy is None:
        return httpcore.ConnectionPool(**way)
    parts = urlsplit(proxy)
    url = httpcore.URL(scheme=parts.scheme, host=parts.hostname or "", port=parts.port or 80, target="/")
    user = (unquote(parts.username), unquote(parts.password or "")) if parts.username else None
    return httpcore.HTTPProxy(url, proxy_auth=user, **way)


def _exchange(request: Request, answer: Answer | None, milliseconds: float) -> Exchange:
    status, body = (answer.status, answer.body) if answer else (None, b"")
    return Exchange(request.method, request.path, status, milliseconds, shown(request.content or b""), shown(body))
