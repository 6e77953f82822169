"""The tray icon and its menu: renders one frozen `TrayView` and tells what the user asks for.

Neither this module nor what it imports names PySide6's `Qt`: that namespace builds all of its enumerations at once,
which alone takes a tenth of the start. The windows do, and are imported when one is first shown.
"""

from functools import cached_property
from typing import TYPE_CHECKING

from PySide6.QtCore import QElapsedTimer, QObject, QTimer, Signal, Slot
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QSystemTrayIcon

from tray_app.core.face import STARTING_FACE, Face
from tray_app.core.icon_look import IconChoice, IconLook, icon_look
from tray_app.ui.colour_scheme import ColourScheme
from tray_app.ui.icons import IconSet
from tray_app.ui.tray_host import Protocol, TrayHost

if TYPE_CHECKING:
    from tray_app.core.view import TrayView
    from tray_app.ui.menu import TrayMenu

QUIET_MS = 1050
"""The least time between two changes of icon or tooltip: panels that are told more often flicker or fall behind."""


class TrayIcon(QObject):
    """QSystemTrayIcon with a menu whose structure stays while it is open.

    The menu follows each view at once. Icon and tooltip change at most once in `QUIET_MS`: the first change goes
    through, later ones are held back and only the last of them is shown; nothing is sent when nothing differs.

    A left click asks for the window, a middle click is only told of, a right click shows the menu. All that the
    window offers is in the menu too, since many panels show the menu on any click.

    Without a `view` nothing is known yet. `choice` is how the icon is coloured. With AUTOMATIC it follows the desktop's
    colour scheme.
    """

    cancel_current_requested = Signal(int)  # this and the following with the number of a server
    cancel_all_requested = Signal(int)
    cancel_people_requested = Signal(int, object)  # a CancelRequest
    open_requested = Signal(int)
    retry_requested = Signal(int)  # or EVERY_SERVER
    settings_requested = Signal()
    quit_requested = Signal()
    recent_clicked = Signal(str)
    menu_opened = Signal()
    window_requested = Signal()
    middle_clicked = Signal()
    message_clicked = Signal()
    host_missing = Signal()
    host_appeared = Signal()

    def __init__(
        self,
        view: "TrayView | None" = None,
        parent: QObject | None = None,
        *,
        host: TrayHost | None = None,
        choice: IconChoice = IconChoice.AUTOMATIC,
    ) -> None:
        super().__init__(parent)
        self._icons = IconSet()
        self._choice = choice
        self._scheme = ColourScheme(self)
        self._scheme.changed.connect(self._settle)
        self._shown_look = self._look
        self._view = view  # the newest
        self._shown = self.face  # what icon and tooltip say
        self._since = QElapsedTimer()
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.timeout.connect(self._show_newest)
        self._host = host or TrayHost(self)
        self._host.watcher_appeared.connect(self._remake)
        self._host.watcher_replaced.connect(self._make_anew)
        self._host.missing.connect(self.host_missing)
        self._host.appeared.connect(self.host_appeared)
        self._tray: QSystemTrayIcon | None = None
        self._protocol: Protocol | None = None

    @cached_property
    def menu(self) -> "TrayMenu":
        """The menu, loaded and made when it is first asked for: the icon does not wait for it."""
        from tray_app.core.view import STARTING
        from tray_app.ui.menu import TrayMenu

        menu = TrayMenu(self)
        menu.cancel_current_requested.connect(self.cancel_current_requested)
        menu.cancel_all_requested.connect(self.cancel_all_requested)
        menu.cancel_people_requested.connect(self.cancel_people_requested)
        menu.open_requested.connect(self.open_requested)
        menu.retry_requested.connect(self.retry_requested)
        menu.settings_requested.connect(self.settings_requested)
        menu.quit_requested.connect(self.quit_requested)
        menu.recent_clicked.connect(self.recent_clicked)
        menu.opened.connect(self.menu_opened)
        menu.render(self._view or STARTING)
        return menu

    @property
    def host(self) -> TrayHost:
        """What is known of the panel that shows the icon."""
        return self._host

    def show(self) -> None:
        """Put the icon into the tray, or wait for a tray to come; once is enough."""
        if self._tray is None:
            self._host.start()
            self._follow_scheme()
            self._make()

    def set_icon_choice(self, choice: IconChoice) -> None:
        """Colour the icon as the user chose, at once."""
        self._choice = choice
        if self._tray is not None:
            self._follow_scheme()
            self._settle()

    def hide(self) -> None:
        """Take the icon away, for good: the program is about to end."""
        self._later.stop()
        if self._tray is not None:
            self._tray.hide()

    @Slot(object)
    def render(self, view: "TrayView") -> None:
        """Show another view; only what differs from the last one is touched."""
        if view == self._view:
            return
        self._view = view
        self.menu.render(view)
        self._settle()

    def show_message(self, title: str, body: str, *, critical: bool = False) -> None:
        """A balloon of Qt's own, for where nothing better can notify. A click is told by `message_clicked`."""
        if self._tray is not None:
            icon = QSystemTrayIcon.MessageIcon.Critical if critical else QSystemTrayIcon.MessageIcon.Information
            self._tray.showMessage(title, body, icon)

    @property
    def face(self) -> Face:
        """What icon and tooltip say, within `QUIET_MS`."""
        return self._view.face if self._view else STARTING_FACE

    @property
    def _look(self) -> IconLook:
        return icon_look(self._choice, dark_scheme=self._scheme.dark)

    def _follow_scheme(self) -> None:
        if self._choice is IconChoice.AUTOMATIC:
            self._scheme.start()

    @Slot()
    def _settle(self) -> None:
        """Bring icon and tooltip up to date: now, or when enough time has passed since their last change."""
        if self.face == self._shown and self._look is self._shown_look:
            self._later.stop()
            return
        wait = QUIET_MS - self._since.elapsed() if self._since.isValid() else 0
        if wait <= 0:
            self._show_newest()
        elif not self._later.isActive():
            self._later.start(wait)

    @Slot()
    def _show_newest(self) -> None:
        old, new = self._shown, self.face
        old_look, self._shown_look = self._shown_look, self._look
        self._shown = new
        if self._tray is None:
            return
        self._since.start()
        if old[:3] != new[:3] or old_look is not self._shown_look:
            self._tray.setIcon(self._icon())
        if old.tooltip != new.tooltip:
            self._tray.setToolTip(new.tooltip)

    def _icon(self) -> QIcon:
        face = self._shown
        return self._icons.icon(face.state, face.badge, stale=face.stale, look=self._shown_look)

    def _make(self) -> None:
        """Make the tray icon, complete before Qt's loop goes on: panels read it once and keep what they got.

        It is on its way to the panel while its menu is made; whatever a panel asks is answered by that loop.
        """
        self._protocol = self._host.protocol
        self._shown = self.face
        self._shown_look = self._look
        self._later.stop()
        tray = QSystemTrayIcon(self._icon(), self)
        tray.setToolTip(self._shown.tooltip)
        tray.activated.connect(self._activated)
        tray.messageClicked.connect(self.message_clicked)
        tray.show()
        self.menu.set_drawn_by_panel(self._protocol is Protocol.STATUS_NOTIFIER)
        tray.setContextMenu(self.menu.menu)
        self._since.start()
        self._tray = tray

    @Slot()
    def _remake(self) -> None:
        """Qt chooses the protocol once, when an icon is made: one made before its first watcher never reaches it.

        One that was registered with an earlier watcher registers with the next by itself and is left alone.
        """
        if self._protocol is not self._host.protocol:
            self._make_anew()

    @Slot()
    def _make_anew(self) -> None:
        if self._tray is not None:
            self._tray.hide()
            self._tray.deleteLater()
            self._make()

    @Slot(QSystemTrayIcon.ActivationReason)
    def _activated(self, reason: QSystemTrayIcon.ActivationReason) -> None:
        if reason == QSystemTrayIcon.ActivationReason.Trigger:
            self.window_requested.emit()
        elif reason == QSystemTrayIcon.ActivationReason.MiddleClick:
            self.middle_clicked.emit()
