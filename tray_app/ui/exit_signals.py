"""SIGTERM, SIGINT and SIGHUP end the program in order: the icon goes, the threads are stopped.

Python runs its handlers between two bytecodes, which an idle Qt loop never reaches; so the signal wakes the loop
through a socket (signal.set_wakeup_fd). On Windows only SIGINT exists, and sockets work the same.
"""

import signal
import socket
from collections.abc import Callable

from PySide6.QtCore import QObject, QSocketNotifier, Slot


class ExitSignals(QObject):
    """Calls `leave` once for the first of the signals."""

    def __init__(self, leave: Callable[[], None], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._leave = leave
        self._near, self._far = socket.socketpair()
        for end in (self._near, self._far):
            end.setblocking(False)
        self._notifier = QSocketNotifier(self._near.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._woken)
        self._before = signal.set_wakeup_fd(self._far.fileno(), warn_on_full_buffer=False)
        for name in ("SIGTERM", "SIGINT", "SIGHUP"):
            if hasattr(signal, name):
                signal.signal(getattr(signal, name), self._ignore)

    def close(self) -> None:
        """Give the descriptors back; signals do nothing from now on, the program is about to end."""
        signal.set_wakeup_fd(self._before)
        self._notifier.setEnabled(False)
        self._near.close()
        self._far.close()

    @staticmethod
    def _ignore(_number: int, _frame: object) -> None:
        """Let the byte in the socket do the work."""

    @Slot()
    def _woken(self) -> None:
        self._near.recv(16)
        self._leave()
