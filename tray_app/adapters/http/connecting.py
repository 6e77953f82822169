"""From a host name to a connected socket within a deadline: resolving, and trying several addresses at once."""

import errno
import ipaddress
import selectors
import socket
import threading
import time
from collections.abc import Callable, Sequence

from tray_app.core.errors import TimedOut, Unreachable

_HEAD_START = 0.1
"""Seconds that an address gets before the next one is tried beside it (RFC 8305, Happy Eyeballs, says 0.1 to 2)."""

LookUp = Callable[..., Sequence[tuple[object, ...]]]
_Found = tuple[socket.AddressFamily, tuple[str | int, ...]]


class Deadline:
    """The end of a call: every wait within it takes what is left, so that nothing can stretch it."""

    def __init__(self, seconds: float, what: str) -> None:
        self._ends = time.monotonic() + seconds
        self._seconds = seconds
        self._what = what

    def remaining(self) -> float:
        """Seconds left, more than 0. Raises TimedOut when there are none."""
        left = self._ends - time.monotonic()
        if left <= 0:
            raise self.passed()
        return left

    def passed(self) -> TimedOut:
        """The error of a call that took too long."""
        return TimedOut(
            f"{self._what} did not answer within {self._seconds:g} s.",
            "It may be starting, busy, or behind a firewall; it will be asked again.",
        )


class Resolver:
    """Turns host names into addresses. One look-up a host at a time: a hanging one is waited for, never doubled."""

    def __init__(self, look_up: LookUp = socket.getaddrinfo) -> None:
        self._look_up = look_up
        self._running: dict[str, _LookUp] = {}
        self._lock = threading.Lock()

    def resolve(self, host: str, port: int, deadline: Deadline) -> list[_Found]:
        """All addresses of the host, best first. Raises Unreachable for an unknown name, TimedOut."""
        if host == "localhost":
            # Never asks a name server; the system's order decides nothing, as both are tried (RFC 6761).
            return [(socket.AF_INET, ("127.0.0.1", port)), (socket.AF_INET6, ("::1", port, 0, 0))]
        try:
            ip = ipaddress.ip_address(host)
        except ValueError:
            return [(family, (str(to[0]), port, *to[2:])) for family, to in self._ask(host, deadline)]
        return [(socket.AF_INET6 if ip.version == 6 else socket.AF_INET, (host, port))]

    def _ask(self, host: str, deadline: Deadline) -> list[_Found]:
        with self._lock:
            running = self._running.get(host)
            if running is None:
                running = self._running[host] = _LookUp(host, self._look_up)
        if not running.done.wait(deadline.remaining()):
            raise deadline.passed()
        with self._lock:
            if self._running.get(host) is running:
                del self._running[host]
        if not running.found:
            raise Unreachable(
                f"The host name {host} is not known.", "Check the address, and whether this computer is online."
            ) from running.error
        return running.found


class _LookUp:
    """One getaddrinfo in a thread of its own, as it has no time limit; a daemon, so that it never delays the end."""

    def __init__(self, host: str, look_up: LookUp) -> None:
        self.found: list[_Found] = []
        self.error: OSError | UnicodeError | None = None
        self.done = threading.Event()
        self._host = host
        self._look_up = look_up
        threading.Thread(target=self._run, name="name look-up", daemon=True).start()

    def _run(self) -> None:
        try:
            for family, _type, _protocol, _name, to in self._look_up(self._host, None, type=socket.SOCK_STREAM):
                if isinstance(family, socket.AddressFamily) and isinstance(to, tuple):
                    self.found.append((family, to))
        except (OSError, UnicodeError) as error:
            self.error = error
        finally:
            self.done.set()


def connect(addresses: list[_Found], deadline: Deadline, what: str) -> socket.socket:
    """A connected, blocking socket to the first of the addresses that takes us.

    A later address is tried as soon as the one before refused, or after 0.1 s of silence. Raises Unreachable, TimedOut.
    """
    race = _Race(addresses)
    try:
        return race.run(deadline, what)
    finally:
        race.close()


class _Race:
    """Connection attempts side by side; the first that succeeds wins, the others are closed."""

    def __init__(self, addresses: list[_Found]) -> None:
        self._waiting = list(addresses)
        self._running: set[socket.socket] = set()
        self._selector = selectors.DefaultSelector()
        self._refusal: OSError | None = None

    def run(self, deadline: Deadline, what: str) -> socket.socket:
        next_try = 0.0
        while self._waiting or self._running:
            now = time.monotonic()
            if self._waiting and (now >= next_try or not self._running):
                self._start(*self._waiting.pop(0))
                next_try = now + _HEAD_START
                continue
            left = deadline.remaining()
            winner = self._look(min(left, next_try - now) if self._waiting else left)
            if winner is not None:
                return winner
        raise Unreachable(
            f"Nothing answers at {what}.", "Start SwarmUI there, or correct the address in the settings."
        ) from self._refusal

    def close(self) -> None:
        self._selector.close()
        for sock in self._running:
            sock.close()

    def _start(self, family: socket.AddressFamily, to: tuple[str | int, ...]) -> None:
        try:
            sock = socket.socket(family, socket.SOCK_STREAM)
        except OSError as error:  # this machine has no IPv6
            self._refusal = error
            return
        self._running.add(sock)
        sock.settimeout(0)
        code = sock.connect_ex(to)
        if code in {0, errno.EINPROGRESS, errno.EWOULDBLOCK}:
            self._selector.register(sock, selectors.EVENT_WRITE)
        else:
            self._lost(sock, code)

    def _look(self, seconds: float) -> socket.socket | None:
        for key, _events in self._selector.select(seconds):
            sock = key.fileobj
            if not isinstance(sock, socket.socket):
                continue
            self._selector.unregister(sock)
            code = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
            if code == 0:
                self._running.remove(sock)
                return sock
            self._lost(sock, code)
        return None

    def _lost(self, sock: socket.socket, code: int) -> None:
        self._refusal = OSError(code, errno.errorcode.get(code, "unknown"))
        self._running.remove(sock)
        sock.close()
