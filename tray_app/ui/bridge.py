"""The one place where a watcher's thread meets Qt: a signal with a frozen value, delivered on the main thread."""

import threading
from collections.abc import Callable

from PySide6.QtCore import QObject, Signal, SignalInstance


class Bridge(QObject):
    """`updated` carries (the server, its Update); emit it from any thread, receive it in a `@Slot` method."""

    updated = Signal(object, object)
    answered = Signal(object)  # what a short-lived thread brings back: a function to be called on the main thread

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        # Re-entrant: on the main thread itself the receiver runs before `emit` returns.
        self._gate = threading.RLock()
        self._closed = False

    def update(self, server: object, update: object) -> None:
        """Bring a server's Update to the main thread; from any thread, also after the end."""
        self._emit(self.updated, server, update)

    def answer(self, function: Callable[[], None]) -> None:
        """Have a function called on the main thread; from any thread, also after the end."""
        self._emit(self.answered, function)

    def close(self) -> None:
        """Carry nothing more; to be called before Qt goes.

        A thread that emits a signal while Qt's objects are taken down would crash the process.
        """
        with self._gate:
            self._closed = True

    def _emit(self, signal: SignalInstance, *values: object) -> None:
        with self._gate:
            if not self._closed:
                signal.emit(*values)
