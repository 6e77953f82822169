"""Hears, on Qt's loop, what second starts say to the running tray."""

import socket
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QObject, QSocketNotifier, Signal, Slot

from tray_app.core import verbs
from tray_app.core.verbs import Answer

if TYPE_CHECKING:
    from PySide6.QtNetwork import QLocalServer, QLocalSocket

_OPEN_LINKS = 16
"""Connections that may be open at once; the oldest goes when one more comes, so that a silent one costs nothing."""


class Visitors(Protocol):
    """Where second starts knock. `pipe` is the name of a pipe on Windows, "" elsewhere."""

    @property
    def pipe(self) -> str: ...

    def fileno(self) -> int:
        """What to wait for; -1 where nobody can come."""

    def accept(self) -> socket.socket | None:
        """The next connection, not blocking; None for nobody, or nobody to be let in."""


class VerbListener(QObject):
    """Emits `received` with each verb that is among `known`; others are answered as unknown."""

    received = Signal(str)

    def __init__(self, visitors: Visitors, known: Collection[str], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._visitors = visitors
        self._known = frozenset(known)
        self._links: list[_Link] = []
        self._server: QLocalServer | None = None
        self._notifier: QSocketNotifier | None = None
        if visitors.pipe:
            self._server = self._open_pipe(visitors.pipe)
        elif visitors.fileno() >= 0:
            self._notifier = QSocketNotifier(visitors.fileno(), QSocketNotifier.Type.Read, self)
            self._notifier.activated.connect(self._knocked)

    def close(self) -> None:
        """Hear nothing more; call it before the visitors' own descriptor is closed."""
        if self._notifier is not None:
            self._notifier.setEnabled(False)
        if self._server is not None:
            self._server.close()
        for link in list(self._links):
            link.close()

    @Slot()
    def _knocked(self) -> None:
        link = self._visitors.accept()
        if link is None:
            return
        if len(self._links) >= _OPEN_LINKS:
            self._links[0].close()
        self._links.append(_Link(link, self._judge, self._links.remove, self))

    def _judge(self, line: bytes) -> bytes:
        verb = verbs.word(line)
        if verb is None or verb not in self._known:
            return verbs.line(Answer.UNKNOWN)
        self.received.emit(verb)
        return verbs.line(Answer.TAKEN)

    def _open_pipe(self, name: str) -> "QLocalServer":
        """Windows: a pipe that only this user can open. Unverified there."""
        from PySide6.QtNetwork import QLocalServer

        server = QLocalServer(self)
        server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        server.newConnection.connect(self._pipe_opened)
        server.listen(name)
        return server

    @Slot()
    def _pipe_opened(self) -> None:
        while self._server is not None and (link := self._server.nextPendingConnection()) is not None:
            link.disconnected.connect(link.deleteLater)
            link.readyRead.connect(self._pipe_read)
            self._read_pipe(link)

    @Slot()
    def _pipe_read(self) -> None:
        link: QLocalSocket = self.sender()  # type: ignore[assignment]  # only pipes are connected to this slot
        self._read_pipe(link)

    def _read_pipe(self, link: "QLocalSocket") -> None:
        if link.canReadLine():
            link.write(self._judge(bytes(link.readLine(verbs.LIMIT).data())))
            link.disconnectFromServer()
        elif link.bytesAvailable() >= verbs.LIMIT:
            link.abort()


class _Link:
    """One connection: reads a line, answers, closes. Who says nothing keeps nobody waiting."""

    def __init__(
        self,
        link: socket.socket,
        judge: Callable[[bytes], bytes],
        forget: Callable[["_Link"], None],
        parent: QObject,
    ) -> None:
        self._link = link
        self._judge = judge
        self._forget = forget
        self._line = b""
        self._notifier = QSocketNotifier(link.fileno(), QSocketNotifier.Type.Read, parent)
        self._notifier.activated.connect(self._read)

    def close(self) -> None:
        """End the connection."""
        self._notifier.setEnabled(False)
        self._notifier.deleteLater()
        self._link.close()
        self._forget(self)

    def _read(self, *_: object) -> None:
        try:
            part = self._link.recv(verbs.LIMIT)
        except BlockingIOError:
            return
        except OSError:
            part = b""
        self._line += part
        if b"\n" in self._line:
            self._answer(self._judge(self._line))
        elif part and len(self._line) < verbs.LIMIT:
            return
        self.close()

    def _answer(self, line: bytes) -> None:
        try:
            self._link.send(line)
        except OSError:
            return  # the second start did not wait for it; the verb is done all the same
