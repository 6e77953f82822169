"""Whether the desktop's colour scheme is dark, and word of it when that changes.

The portal's setting org.freedesktop.appearance color-scheme decides where the user has set one (XDG desktop portal,
org.freedesktop.portal.Settings: 0 no preference, 1 dark, 2 light); else Qt's palette, which follows the desktop where
Qt knows how.
"""

from PySide6.QtCore import SLOT, QObject, Signal, Slot
from PySide6.QtDBus import QDBusConnection, QDBusMessage, QDBusVariant
from PySide6.QtGui import QGuiApplication, QPalette

_PORTAL = "org.freedesktop.portal.Desktop"
_PATH = "/org/freedesktop/portal/desktop"
_INTERFACE = "org.freedesktop.portal.Settings"
_NAMESPACE, _KEY = "org.freedesktop.appearance", "color-scheme"
_DARK, _LIGHT = 1, 2
_ANSWER_MS = 5000
_DARK_BELOW = 128  # lightness of a window's background, of 255


class ColourScheme(QObject):
    """Emits `changed` when `dark` has another value."""

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._portal = 0
        self._started = False
        self.dark = False

    def start(self) -> None:
        """Look now and from now on. Nothing waits: the portal, which may have to be started first, answers later."""
        if self._started:
            return
        self._started = True
        application = QGuiApplication.instance()
        if isinstance(application, QGuiApplication):
            application.paletteChanged.connect(self._judge)
            application.styleHints().colorSchemeChanged.connect(self._judge)
        self._judge()
        bus = QDBusConnection.sessionBus()
        if not bus.isConnected():
            return
        # The stubs want bytes for slots, with which nothing arrives.
        changed = SLOT("setting_changed(QString,QString,QDBusVariant)")
        bus.connect(_PORTAL, _PATH, _INTERFACE, "SettingChanged", self, changed)  # type: ignore[call-overload]
        question = QDBusMessage.createMethodCall(_PORTAL, _PATH, _INTERFACE, "Read")
        question.setArguments([_NAMESPACE, _KEY])
        answered, failed = SLOT("answered(QDBusMessage)"), SLOT("failed(QDBusError,QDBusMessage)")
        bus.callWithCallback(question, self, answered, failed, _ANSWER_MS)  # type: ignore[call-overload]

    @Slot(str, str, QDBusVariant)
    def setting_changed(self, namespace: str, key: str, value: QDBusVariant) -> None:
        """The portal's signal about any of its settings."""
        if (namespace, key) == (_NAMESPACE, _KEY):
            self._take(value)

    @Slot(QDBusMessage)
    def answered(self, message: QDBusMessage) -> None:
        """The portal's answer: a variant within a variant."""
        arguments = message.arguments()
        if arguments:
            self._take(arguments[0])

    @Slot("QDBusError", "QDBusMessage")
    def failed(self, _error: object, _message: object) -> None:
        """There is no portal, or it knows no colour scheme: the palette decides."""

    def _take(self, value: object) -> None:
        while isinstance(value, QDBusVariant):
            value = value.variant()
        self._portal = value if isinstance(value, int) else 0
        self._judge()

    @Slot()
    def _judge(self) -> None:
        window = QGuiApplication.palette().color(QPalette.ColorRole.Window)
        dark = self._portal == _DARK or (self._portal != _LIGHT and window.lightness() < _DARK_BELOW)
        if dark != self.dark:
            self.dark = dark
            self.changed.emit()
