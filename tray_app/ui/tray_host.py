"""Whether anything on this desktop shows tray icons, and word of it when that changes."""

from enum import StrEnum

from PySide6.QtCore import QObject, QTimer, Signal, Slot
from PySide6.QtDBus import QDBus, QDBusConnection, QDBusMessage, QDBusServiceWatcher
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QSystemTrayIcon

WATCHER_NAME = "org.kde.StatusNotifierWatcher"

GRACE_MS = 3000
"""How long a host may be absent before that is said: panels restart, and at login they come later than we do."""

_LOOK_AGAIN_MS = 5000
_BUS_TIMEOUT_MS = 1000


class Protocol(StrEnum):
    """How a tray icon made now will reach the panel."""

    STATUS_NOTIFIER = "StatusNotifierItem"
    XEMBED = "XEmbed"
    NATIVE = "native"


class TrayHost(QObject):
    """Follows the StatusNotifierWatcher on the session bus and, on X11, the owner of the XEmbed tray.

    `watcher_appeared` tells that a tray icon made earlier may be on the wrong protocol, `watcher_replaced` that its
    watcher gave its name to another one without a pause, of which Qt tells the other nothing. `missing` comes once per
    absence after a grace, `appeared` once when a host is there after `missing`.
    """

    watcher_appeared = Signal()
    watcher_replaced = Signal()
    missing = Signal()
    appeared = Signal()

    def __init__(self, parent: QObject | None = None, *, grace_ms: int = GRACE_MS) -> None:
        super().__init__(parent)
        self._bus = QDBusConnection.sessionBus()
        self._watcher_there = False
        self._reported_missing = False
        self._grace_ms = grace_ms
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._look)
        self._names: QDBusServiceWatcher | None = None
        self.platform = QGuiApplication.platformName()

    def start(self) -> None:
        """Look once, and from now on tell of changes."""
        if self._bus.isConnected():
            mode = QDBusServiceWatcher.WatchModeFlag.WatchForOwnerChange
            self._names = QDBusServiceWatcher(WATCHER_NAME, self._bus, mode, self)
            self._names.serviceOwnerChanged.connect(self._owner_changed)
            self._watcher_there = self._has_owner()
        self._timer.start(self._grace_ms)

    @property
    def protocol(self) -> Protocol:
        """What Qt chooses for a tray icon made at this moment (QGenericUnixTheme::createPlatformSystemTrayIcon)."""
        if self.platform.startswith("wayland") or self._watcher_there:
            return Protocol.STATUS_NOTIFIER
        return Protocol.XEMBED if self.platform == "xcb" else Protocol.NATIVE

    @property
    def there(self) -> bool:
        """Whether something shows tray icons now; QSystemTrayIcon.isVisible() is true even where nothing does."""
        if self._watcher_there:
            return True
        if self.platform.startswith("wayland"):
            return False
        return QSystemTrayIcon.isSystemTrayAvailable()

    def _has_owner(self) -> bool:
        question = QDBusMessage.createMethodCall(
            "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", "NameHasOwner"
        )
        question.setArguments([WATCHER_NAME])
        answer = self._bus.call(question, QDBus.CallMode.Block, _BUS_TIMEOUT_MS)
        return answer.type() == QDBusMessage.MessageType.ReplyMessage and answer.arguments() == [True]

    @Slot(str, str, str)
    def _owner_changed(self, _name: str, old: str, new: str) -> None:
        self._watcher_there = bool(new)
        if new:
            self._timer.stop()
            (self.watcher_replaced if old else self.watcher_appeared).emit()
            self._report(there=True)
        else:
            self._timer.start(self._grace_ms)

    @Slot()
    def _look(self) -> None:
        there = self.there
        self._report(there=there)
        if not there and self.platform == "xcb":
            # An XEmbed tray announces itself to Qt alone, so it is looked for, but only while there is none.
            self._timer.start(_LOOK_AGAIN_MS)

    def _report(self, *, there: bool) -> None:
        if there and self._reported_missing:
            self._reported_missing = False
            self.appeared.emit()
        elif not there and not self._reported_missing:
            self._reported_missing = True
            self.missing.emit()
