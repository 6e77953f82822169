"""A D-Bus connection on Qt's event loop which never waits: neither for the bus nor for whoever is called on it.

jeepney does the protocol, QSocketNotifier the waiting. Connecting, authenticating and every call have their own
limit; what misses it is answered with an error, and an answer that comes later is dropped unless the caller asks for
late ones. Specification: https://dbus.freedesktop.org/doc/dbus-specification.html
"""

import os
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jeepney import HeaderFields, MatchRule, Message, MessageType, Parser, message_bus  # type: ignore[import-untyped]
from jeepney.auth import AuthenticationError, Authenticator  # type: ignore[import-untyped]
from jeepney.bus import get_bus  # type: ignore[import-untyped]
from PySide6.QtCore import QObject, QSocketNotifier, QTimer, Signal

CONNECT_SECONDS = 2.0
_UNSENT_BYTES = 4 * 2**20  # a bus that leaves this much unread is as good as dead


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer to a call. `error` is a D-Bus error name, "timeout" or "lost", or None; `late`: after a timeout."""

    body: tuple[Any, ...] = ()
    sender: str = ""
    error: str | None = None
    late: bool = False


@dataclass(slots=True)
class _Call:
    on_reply: Callable[[Reply], None]
    deadline: float
    timed_out: bool = False


class Bus(QObject):
    """The session bus. `open()` leads to `opened` or to `lost`; after `lost` it may be opened again."""

    opened = Signal()
    lost = Signal()
    signalled = Signal(str, str, object)  # sender, member, body

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._socket: socket.socket | None = None
        self._readable: QSocketNotifier | None = None
        self._writable: QSocketNotifier | None = None
        self._unsent = bytearray()
        self._login: Authenticator | None = None
        self._parser = Parser()
        self._serial = 0
        self._calls: dict[int, _Call] = {}
        self._clock = QTimer(self)
        self._clock.setSingleShot(True)
        self._clock.timeout.connect(self._expire)

    @property
    def is_open(self) -> bool:
        """Whether there is a connection, be it one that is still being made."""
        return self._socket is not None

    def open(self) -> None:
        """Begin to connect. Nothing is reported before this returns."""
        link = socket.socket(socket.AF_UNIX)
        link.setblocking(False)
        self._socket = link
        try:
            link.connect(_session_address())
        except (OSError, KeyError, ValueError, RuntimeError, StopIteration):  # no bus, no address, or a full queue
            QTimer.singleShot(0, self, self.close)
            return
        self._readable = QSocketNotifier(link.fileno(), QSocketNotifier.Type.Read, self)
        self._readable.activated.connect(self._read)
        self._writable = QSocketNotifier(link.fileno(), QSocketNotifier.Type.Write, self)
        self._writable.activated.connect(self._write)
        self._login = Authenticator()
        self._calls[0] = _Call(lambda _: None, time.monotonic() + CONNECT_SECONDS)  # stands for the login
        self._log_in()
        self._wind_clock()

    def close(self) -> None:
        """Give the connection up; open calls are answered with "lost"."""
        if self._socket is None:
            return
        for notifier in (self._readable, self._writable):
            if notifier is not None:
                notifier.setEnabled(False)
                notifier.deleteLater()
        self._readable = self._writable = None
        self._socket.close()
        self._socket = None
        self._clock.stop()
        self._unsent.clear()
        self._parser = Parser()
        self._login = None
        calls, self._calls = self._calls, {}
        for call in calls.values():
            if not call.timed_out:
                call.on_reply(Reply(error="lost"))
        self.lost.emit()

    def call(
        self, method: Message, *, on_reply: Callable[[Reply], None] = lambda _: None, seconds: float = 5.0
    ) -> None:
        """Call a method. `on_reply` is called once, and again with a `late` reply if one comes after a timeout."""
        if self._socket is None:
            on_reply(Reply(error="lost"))
            return
        self._serial += 1
        self._calls[self._serial] = _Call(on_reply, time.monotonic() + seconds)
        self._send(method.serialise(self._serial))
        self._wind_clock()

    def watch(self, rule: MatchRule) -> None:
        """Have the matching signals sent to `signalled`."""
        self.call(message_bus.AddMatch(rule))

    # ------------------------------------------------------------------------------------------------------- wires

    def _log_in(self) -> None:
        assert self._login is not None  # noqa: S101 - for the type checker
        data = self._login.data_to_send()
        if data:
            self._send(data)
        if self._login.authenticated:
            self._login = None
            del self._calls[0]
            self._send(b"BEGIN\r\n")
            self.call(message_bus.Hello(), on_reply=self._greeted, seconds=CONNECT_SECONDS)

    def _greeted(self, reply: Reply) -> None:
        if reply.error is None and not reply.late:
            self.opened.emit()
        elif reply.error != "lost":
            self.close()

    def _send(self, data: bytes) -> None:
        self._unsent += data
        if len(self._unsent) > _UNSENT_BYTES:
            QTimer.singleShot(0, self, self.close)
            return
        self._write()

    def _write(self, *_: object) -> None:
        if self._socket is None or self._writable is None:
            return
        try:
            while self._unsent:
                sent = self._socket.send(self._unsent[:65536])
                del self._unsent[:sent]
        except BlockingIOError:
            pass
        except OSError:
            QTimer.singleShot(0, self, self.close)
            self._unsent.clear()
        self._writable.setEnabled(bool(self._unsent))

    def _read(self, *_: object) -> None:
        try:
            data = self._socket.recv(65536) if self._socket is not None else b""
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self.close()
            return
        if self._login is not None:
            try:
                self._login.feed(data)
            except AuthenticationError:
                self.close()
                return
            self._log_in()
            return
        self._parser.add_data(data)
        while self._socket is not None and (message := self._parser.get_next_message()) is not None:
            self._take(message)

    def _take(self, message: Message) -> None:
        fields = message.header.fields
        sender = fields.get(HeaderFields.sender, "")
        kind = message.header.message_type
        if kind is MessageType.signal:
            self.signalled.emit(sender, fields[HeaderFields.member], message.body)
        elif kind in (MessageType.method_return, MessageType.error):
            call = self._calls.pop(fields.get(HeaderFields.reply_serial, 0), None)
            if call is not None:
                error = fields.get(HeaderFields.error_name, "error") if kind is MessageType.error else None
                call.on_reply(Reply(message.body, sender, error, call.timed_out))

    # ------------------------------------------------------------------------------------------------------ limits

    def _wind_clock(self) -> None:
        deadlines = [call.deadline for call in self._calls.values() if not call.timed_out]
        if deadlines:
            self._clock.start(max(1, int(1000 * (min(deadlines) - time.monotonic())) + 1))

    def _expire(self) -> None:
        now = time.monotonic()
        if self._login is not None:
            self.close()
            return
        for call in [each for each in self._calls.values() if not each.timed_out and each.deadline <= now]:
            call.timed_out = True
            call.on_reply(Reply(error="timeout"))
        self._wind_clock()


def _session_address() -> str:
    """The bus of this session, also where only systemd's socket tells of it (sd_bus_open_user(3))."""
    if "DBUS_SESSION_BUS_ADDRESS" not in os.environ:
        return str(Path(os.environ["XDG_RUNTIME_DIR"]) / "bus")
    return str(get_bus("SESSION"))
