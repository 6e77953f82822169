"""HTTP calls to one server: bounded in time and size, never redirected, bound to their origin.

The only file that imports httpx and httpcore. It knows nothing of SwarmUI: every HTTP answer is returned whatever its
status, everything else is raised as an error of our own.
"""

import json
import logging
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from http.cookiejar import CookieJar
from typing import Any

import httpcore
import httpx

from tray_app.adapters.connecting import Deadline, Resolver
from tray_app.adapters.decompress import decoded
from tray_app.adapters.proxies import proxy_for
from tray_app.adapters.trust import system_trust
from tray_app.adapters.wire import AnswerTooLarge, TimedSocket, Wire
from tray_app.core.address import Address
from tray_app.core.answers import Answer
from tray_app.core.errors import Incompatible, ServerError, TimedOut, Unreachable
from tray_app.core.exchange import Exchange, shown

ANSWER_LIMIT = 2 * 1024 * 1024
"""Bytes of an answer's body, after decompression, unless a call says otherwise."""

_KEEP_ALIVE = 100.0  # seconds; Kestrel closes an idle connection after 130
_USER_AGENT = "swarmui-tray"

# What httpx and httpcore raise, by what it means to people; the nearest base class counts.
ERRORS: dict[type[Exception], type[ServerError]] = {
    httpcore.TimeoutException: TimedOut,
    httpcore.NetworkError: Unreachable,
    httpcore.ProxyError: Unreachable,
    httpcore.ProtocolError: Incompatible,
    httpcore.UnsupportedProtocol: Incompatible,
    httpcore.ConnectionNotAvailable: Unreachable,
    httpx.TimeoutException: TimedOut,
    httpx.NetworkError: Unreachable,
    httpx.ProxyError: Unreachable,
    httpx.ProtocolError: Incompatible,
    httpx.UnsupportedProtocol: Incompatible,
    httpx.DecodingError: Incompatible,
    httpx.TooManyRedirects: Incompatible,
    httpx.TransportError: Unreachable,
    httpx.HTTPError: Unreachable,
    httpx.InvalidURL: Incompatible,
}


@dataclass(frozen=True, slots=True)
class Request:
    """One call. `path` begins with / and follows the base path; `seconds` is its deadline from start to last byte.

    `body` is sent as JSON. `limit` is in bytes of the decompressed body. The body of a 200 goes to `sink` chunk by
    chunk where one is given. `repeat`: whether it may be sent again when a kept connection turns out to be dead.
    """

    method: str
    path: str
    seconds: float
    body: Mapping[str, Any] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    limit: int = ANSWER_LIMIT
    sink: Callable[[bytes], None] | None = None
    repeat: bool = True

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
        for name in ("httpx", "httpcore"):  # they log URLs and headers, which may hold secrets
            logging.getLogger(name).setLevel(logging.WARNING)
        self.address = address
        self._headers = {"Authorization": authorization} if authorization else {}
        self._on_exchange = on_exchange
        self._turn = threading.Lock()
        self._wire = Wire(address, resolver or Resolver())
        self._client: httpx.Client | None = None

    def call(self, request: Request) -> Answer:
        """One exchange from start to last byte. Raises Unreachable, TimedOut, Incompatible."""
        deadline = Deadline(request.seconds, self.address.url)
        if not self._turn.acquire(timeout=request.seconds):
            raise deadline.passed()
        started = time.monotonic()
        answer: Answer | None = None
        try:
            answer = self._with_repetition(request, deadline)
        finally:
            self._turn.release()
            if self._on_exchange is not None:
                self._on_exchange(_exchange(request, answer, (time.monotonic() - started) * 1000))
        return answer

    def _with_repetition(self, request: Request, deadline: Deadline) -> Answer:
        self._wire.begin(deadline)
        try:
            return self._exchange(request)
        except Unreachable:
            if not request.repeat or not self._wire.was_stale:
                raise
        self._wire.begin(deadline)
        return self._exchange(request)

    def close(self) -> None:
        """Close the connection, at once and from any thread: a call under way ends with Unreachable."""
        if not self._turn.acquire(blocking=False):
            self._wire.abort()
            return
        try:
            if self._client is not None:
                self._client.close()
        finally:
            self._turn.release()

    def _exchange(self, request: Request) -> Answer:
        headers = dict(request.headers)
        if request.content is not None:
            headers["Content-Type"] = "application/json"
        try:
            if self._client is None:
                self._client = self._new_client()
            url = self.address.url + request.path
            built = self._client.build_request(request.method, url, content=request.content, headers=headers)
            response = self._client.send(built, stream=True)
            try:
                return self._read(response, request)
            finally:
                response.close()
        except tuple(ERRORS) as error:
            raise self._translated(error) from error

    def _read(self, response: httpx.Response, request: Request) -> Answer:
        self._wire.in_body(request.limit)
        headers = {name.lower(): value for name, value in response.headers.items()}
        too_large = AnswerTooLarge(
            f"{self.address.url} sent an answer larger than {request.limit / (1024 * 1024):g} MiB.",
            "Check that this is the address of a SwarmUI.",
        )
        length = headers.get("content-length", "")
        if length.isdigit() and int(length[:20]) > request.limit:
            raise too_large
        body = bytearray()
        take = request.sink if request.sink is not None and response.status_code == 200 else body.extend
        size = 0
        for chunk in decoded(response.iter_raw(), headers.get("content-encoding", ""), request.limit):
            self._wire.deadline.remaining()
            size += len(chunk)
            if size > request.limit:
                raise too_large
            take(chunk)
        return Answer(response.status_code, headers, bytes(body))

    def _new_client(self) -> httpx.Client:
        pool = _pool(self.address, _Network(self._wire))
        headers = {"Accept-Encoding": "identity", "User-Agent": _USER_AGENT, "Accept": "*/*", **self._headers}
        return httpx.Client(
            transport=_Pooled(pool), headers=headers, cookies=_NoCookies(), follow_redirects=False, trust_env=False
        )

    def _translated(self, error: Exception) -> ServerError:
        kind = next(ERRORS[base] for base in type(error).__mro__ if base in ERRORS)
        url = self.address.url
        if kind is TimedOut:
            return self._wire.deadline.passed()
        if isinstance(error, (httpcore.ProxyError, httpx.ProxyError)):
            return Unreachable(f"The network's proxy gives no way to {url}: {error}.", "Set NO_PROXY, or correct it.")
        if kind is Unreachable or self._wire.ended:
            return Unreachable(
                f"The connection to {url} broke off.", "SwarmUI may be restarting; it will be asked again."
            )
        return Incompatible(f"{url} does not answer as a web server does.", "Check host, port, and http or https.")


class _Pooled(httpx.BaseTransport):
    """Hands requests to the connection pool and lets httpcore's errors through as they are."""

    def __init__(self, pool: httpcore.ConnectionPool) -> None:
        self._pool = pool

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        url = httpcore.URL(
            scheme=request.url.raw_scheme,
            host=request.url.raw_host,
            port=request.url.port,
            target=request.url.raw_path,
        )
        answer = self._pool.handle_request(
            httpcore.Request(method=request.method, url=url, headers=request.headers.raw, content=request.stream)
        )
        if not isinstance(answer.stream, Iterable):
            raise TypeError("an asynchronous stream from a synchronous pool")
        return httpx.Response(answer.status, headers=answer.headers, stream=_Body(answer.stream))

    def close(self) -> None:
        """Close the kept connection."""
        self._pool.close()


class _Body(httpx.SyncByteStream):
    def __init__(self, stream: Iterable[bytes]) -> None:
        self._stream = stream

    def __iter__(self) -> Iterator[bytes]:
        yield from self._stream

    def close(self) -> None:
        close = getattr(self._stream, "close", None)
        if close is not None:
            close()


class _NoCookies(CookieJar):
    """Keeps nothing that a server sets: the one cookie that is sent is ours."""

    def extract_cookies(self, response: object, request: object) -> None:
        """Take none."""


class _Network(httpcore.NetworkBackend):
    """Gives httpcore the connections of a wire."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def connect_tcp(self, host: str, port: int, *_unused: object, **_timeouts: object) -> httpcore.NetworkStream:
        """Connect. Raises Unreachable, TimedOut."""
        return _Stream(self._wire.connect(host, port))


class _Stream(httpcore.NetworkStream):
    """A timed socket as httpcore wants it; httpcore's own timeouts, one a wait, are not used."""

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
        return {"ssl_object": self._sock.encrypted}.get(info) if info != "is_readable" else self._sock.readable


def _pool(address: Address, network: _Network) -> httpcore.ConnectionPool:
    proxy = proxy_for(address)
    # A TLS context costs 50 to 90 ms and several megabytes, so it is only made for https.
    context = system_trust() if address.scheme == "https" else None
    way: dict[str, Any] = {
        "ssl_context": context,
        "max_connections": 1,
        "keepalive_expiry": _KEEP_ALIVE,
        "network_backend": network,
    }
    if proxy is None:
        return httpcore.ConnectionPool(**way)
    parts = httpx.URL(proxy)
    auth = (parts.username, parts.password) if parts.userinfo else None
    bare = httpcore.URL(scheme=parts.raw_scheme, host=parts.raw_host, port=parts.port or 80, target=b"/")
    return httpcore.HTTPProxy(bare, proxy_auth=auth, **way)


def _exchange(request: Request, answer: Answer | None, milliseconds: float) -> Exchange:
    status, body = (answer.status, answer.body) if answer else (None, b"")
    return Exchange(request.method, request.path, status, milliseconds, shown(request.content or b""), shown(body))
