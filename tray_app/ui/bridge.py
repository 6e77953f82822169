"""The one place where a watcher's thread meets Qt: a signal with a frozen value, delivered on the main thread."""

from PySide6.QtCore import QObject, Signal


class Bridge(QObject):
    """`updated` carries (the server, its Update); emit it from any thread, receive it in a `@Slot` method."""

    updated = Signal(object, object)
    answered = Signal(object)  # what a short-lived thread brings back: a function to be called on the main thread
