"""The network between the program and a server, which can lose connections without a word, as sleep makes it."""

import selectors
import socket
import threading
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(eq=False)
class _Link:
    """Two ends of one connection; what comes from the one goes to the other while it is not cut."""

    ends: tuple[socket.socket, socket.socket]
    cut: bool = False


class Network:
    """Forwards connections to the server at `url` from an address of its own, `self.url`. One thread does it all."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._server = (parts.hostname or "", parts.port or 80)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._links: list[_Link] = []
        self._ending, self._end = socket.socketpair()
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._listener, selectors.EVENT_READ)
        self._selector.register(self._ending, selectors.EVENT_READ)
        self._thread = threading.Thread(target=self._run, name="network", daemon=True)
        self._thread.start()

    def cut(self) -> None:
        """Let all connections that are open now carry nothing more, without being closed; new ones work."""
        for link in self._links:
            link.cut = True

    def end(self) -> None:
        """Close everything."""
        self._end.send(b"x")
        self._thread.join(5)
        for link in self._links:
            for end in link.ends:
                end.close()
        for each in (self._listener, self._ending, self._end, self._selector):
            each.close()

    def _run(self) -> None:
        while True:
            for key, _ in self._selector.select():
                if key.fileobj is self._ending:
                    return
                if key.fileobj is self._listener:
                    self._accept()
                else:
                    self._forward(key.data)

    def _accept(self) -> None:
        client, _ = self._listener.accept()
        try:
            server = socket.create_connection(self._server, 5)
        except OSError:
            client.close()
            return
        link = _Link((client, server))
        self._links.append(link)
        for end, other in (link.ends, link.ends[::-1]):
            self._selector.register(end, selectors.EVENT_READ, (link, end, other))

    def _forward(self, way: tuple[_Link, socket.socket, socket.socket]) -> None:
        link, end, other = way
        try:
            part = end.recv(65536)
        except OSError:
            part = b""
        if not part:
            self._selector.unregister(end)
        if not link.cut:
            with suppress(OSError):
                if part:
                    other.sendall(part)
                else:
                    other.shutdown(socket.SHUT_WR)
