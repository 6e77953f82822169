"""The connection test: from the host's name to what the key may do, step by step, each with one thing to do."""

import time
from collections.abc import Callable, Iterator
from http import HTTPStatus
from typing import TypeVar
from urllib.parse import urlsplit

from tray_app.adapters.http.connecting import Deadline, Resolver, connect
from tray_app.adapters.http.proxies import proxy_for
from tray_app.adapters.http.transport import Request, Transport
from tray_app.adapters.swarm.gateway import SwarmServer
from tray_app.core.address import Address
from tray_app.core.answers import Answer, is_swarmui_root
from tray_app.core.checkup import Step, permission_report
from tray_app.core.credentials import Credentials
from tray_app.core.errors import Incompatible, KeyRefused, ServerError, Untrusted
from tray_app.core.ports import SessionStore

T = TypeVar("T")

STEPS = ("Name", "Connection", "TLS", "SwarmUI", "Session", "Account", "May")


def check(
    address: Address, credentials: Credentials, sessions: SessionStore, *, seconds: float = 5.0, fresh: bool = True
) -> list[Step]:
    """Try a server and a key; blocks for at most about four times `seconds`. Never raises a ServerError.

    After the first step that fails the others are listed as not tried. Texts carry the milliseconds of each step that
    asks for something. Where not `fresh`, a session that is kept is used again: the server logs each new one.
    """
    done: list[Step] = []
    begun = time.monotonic()
    try:
        for step in _steps(address, credentials, sessions, seconds, fresh=fresh):
            done.append(step)
            begun = time.monotonic()
    except Untrusted as error:
        if proxy_for(address) is not None:
            done.append(Step("Connection", ok=True, text="The proxy of this computer makes it."))
        done.append(_failed("TLS", error, _since(begun)))
    except ServerError as error:
        tried = {step.name for step in done}
        failed = next((name for name in STEPS if name not in tried), STEPS[-1])
        done.append(_failed(failed, error, _since(begun)))
    tried = {step.name for step in done}
    return done + [Step(name, None, "Not tried.") for name in STEPS if name not in tried]


def distrust(address: Address, *, seconds: float = 5.0) -> Untrusted | None:
    """Why the certificate of a server is not believed, with its fingerprint; None where it is, or nothing answers.

    Where it is not, nothing was sent.
    """
    transport = Transport(address)
    try:
        transport.call(Request("GET", "/", seconds))
    except Untrusted as error:
        return error
    except ServerError:
        return None
    finally:
        transport.close()
    return None


def _steps(
    address: Address, credentials: Credentials, sessions: SessionStore, seconds: float, *, fresh: bool
) -> Iterator[Step]:
    proxy = proxy_for(address)
    if proxy is not None:
        yield Step("Name", ok=True, text="The proxy of this computer looks the name up.")
        by = urlsplit(proxy)
        yield Step(
            "Proxy", ok=True, text=f"This computer is set to reach it by the proxy {by.hostname}:{by.port or 80}."
        )
    else:
        found, took = _timed(lambda: Resolver().resolve(address.host, address.port, Deadline(seconds, address.display)))
        numeric = found[0][1][0] == address.host
        looked_up = f"{address.host} needs no look-up." if numeric else f"{address.host} is {found[0][1][0]}{took}."
        yield Step("Name", ok=True, text=looked_up)
        if address.scheme == "https":  # so that a port and a certificate that fail are told apart
            sock, took = _timed(lambda: connect(found, Deadline(seconds, address.url), address.url))
            sock.close()
            yield Step("Connection", ok=True, text=f"Port {address.port} answers{took}.")
    answer, page_took = _timed(lambda: _start_page(address, credentials, seconds))
    if proxy is not None or address.scheme == "http":
        way = " through this computer's proxy" if proxy is not None else ""
        yield Step("Connection", ok=True, text=f"Port {address.port} answers{way}{page_took}.")
    yield Step("TLS", ok=True, text=_encryption(address, page_took))
    # What a 401 wants is told better by the call for a session, which knows SwarmUI's kinds of them.
    if answer.status != HTTPStatus.UNAUTHORIZED and not is_swarmui_root(answer):
        raise Incompatible(
            f"What answers at {address.url} is not SwarmUI's start page.",
            "Check the port; behind a reverse proxy the address needs its base path.",
        )
    # A kept session proves nothing about a header that the door has just refused.
    fresh = fresh or answer.status == HTTPStatus.UNAUTHORIZED
    server = SwarmServer(address, credentials=credentials, sessions=sessions, deadline=seconds)
    try:
        yield from _inside(server, (answer, page_took), sessions, credentials, fresh=fresh)
    finally:
        server.close()


def _inside(
    server: SwarmServer, page: tuple[Answer, str], sessions: SessionStore, credentials: Credentials, *, fresh: bool
) -> Iterator[Step]:
    """From SwarmUI's version to what the key may do; `page` is its start page, and what that took."""
    start_page, page_took = page
    kept = None if fresh else sessions.load()
    used_again = kept is not None and kept.key == credentials.fingerprint
    try:
        identity, took = _timed(lambda: server.sign_in(fresh=fresh))
    except KeyRefused:
        yield _unopened(start_page)
        yield Step("Session", ok=None, text="There is none without a key that it takes.")
        raise
    yield Step("SwarmUI", ok=True, text=f"It is SwarmUI {identity.version}{page_took}.")
    made = "The kept session is used again" if used_again else "A new session was made"
    yield Step("Session", ok=True, text=f"{made}{took}.")
    kind = "with your key" if credentials.token else "without an account token"
    # The same answer says who we are.
    yield Step("Account", ok=True, text=f"You are the user {identity.user} there, {kind}{took}.")
    _, took = _timed(lambda: server.read(full=True))
    now = server.rights.identity
    if now is not None and now != identity:
        text = f"The kept session had ended; the new one is of the user {now.user} on SwarmUI {now.version}."
        yield Step("Session", ok=True, text=text)
    yield Step("May", ok=True, text=f"The server told its state, as far as this key may see it{took}.")
    yield from permission_report(server.rights)


def _encryption(address: Address, took: str) -> str:
    if address.certificate:
        return (
            f"The connection is encrypted, and its certificate is the one that you trust{took}: {address.certificate}."
        )
    if address.scheme == "https":
        return f"The connection is encrypted, and its certificate is trusted{took}."
    if address.is_loopback:
        return "Not needed: the server is on this computer."
    return "The connection is not encrypted: whoever is on the way can read the key and use it. https:// prevents that."


def _unopened(start_page: Answer) -> Step:
    """The step "SwarmUI" where the door stays shut: it is the account that fails."""
    if is_swarmui_root(start_page):
        return Step("SwarmUI", ok=True, text="Its start page is the one of SwarmUI.")
    return Step("SwarmUI", ok=None, text="Whether it is SwarmUI shows when it lets this key in.")


def _start_page(address: Address, credentials: Credentials, seconds: float) -> Answer:
    transport = Transport(address, authorization=credentials.authorization)
    try:
        return transport.call(Request("GET", "/", seconds))
    finally:
        transport.close()


def _failed(name: str, error: ServerError, took: str) -> Step:
    """The step that failed: what happened, after how long, and what to do."""
    what = f"{error.title[:-1]}{took}." if error.title.endswith(".") else f"{error.title}{took}"
    return Step(name, ok=False, text=f"{what} {error.advice}".strip())


def _timed(call: Callable[[], T]) -> tuple[T, str]:
    begun = time.monotonic()
    result = call()
    return result, _since(begun)


def _since(begun: float) -> str:
    return f" ({(time.monotonic() - begun) * 1000:.0f} ms)"
