"""The one place where a watcher's thread meets Qt: a signal with a frozen value, delivered on the main thread."""

from collections.abc import Callable
from contextlib import suppress

from PySide6.QtCore import QObject, Signal, SignalInstance


class Bridge(QObject):
    """`updated` carries (the server, its Update); emit it from any thread, receive it in a `@Slot` method."""

    updated = Signal(object, object)
    answered = Signal(object)  # what a short-lived thread brings back: a function to be called on the main thread

    def update(self, server: object, update: object) -> None:
        """Bring a server's Update to the main thread; from any thread, also after the end."""
        _emit(self.updated, server, update)

    def answer(self, function: Callable[[], None]) -> None:
        """Have a function called on the main thread; from any thread, also after the end."""
        _emit(self.answered, function)


def _emit(signal: SignalInstance, *values: object) -> None:
    # PySide6 raises this once Qt has gone: a request that hung until then has nobody left to tell.
    with suppress(RuntimeError):
        signal.emit(*values)
