"""Word of the computer's sleep from systemd-logind, on the system bus (org.freedesktop.login1(5)).

Where there is no such bus this is silent: the gap that sleep leaves in the clock tells the watchers too, only later.
"""

from PySide6.QtCore import SLOT, QObject, Signal, Slot
from PySide6.QtDBus import QDBusConnection

_SERVICE = "org.freedesktop.login1"
_PATH = "/org/freedesktop/login1"
_INTERFACE = "org.freedesktop.login1.Manager"


class SleepSignals(QObject):
    """Emits `falling_asleep` and `woke`, each once per sleep. No sleep is ever delayed."""

    falling_asleep = Signal()
    woke = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._asleep = False

    def start(self) -> bool:
        """Listen from now on; returns whether there is a bus to listen to.

        Connecting to the bus takes a few milliseconds, so it is better done when the icon is up.
        """
        bus = QDBusConnection.systemBus()
        if not bus.isConnected():
            return False
        # Naming the service keeps other programs on the bus from being believed; Qt follows its owner by itself.
        slot = SLOT("prepare(bool)")  # the stubs want bytes, with which nothing arrives
        return bool(bus.connect(_SERVICE, _PATH, _INTERFACE, "PrepareForSleep", self, slot))  # type: ignore[call-overload]

    @Slot(bool)
    def prepare(self, going: bool) -> None:
        """PrepareForSleep(true) comes before the computer sleeps, (false) after it woke; a repetition says nothing."""
        if going == self._asleep:
            return
        self._asleep = going
        if going:
            self.falling_asleep.emit()
        else:
            self.woke.emit()
