"""Joins the watchers and the views: what a watcher publishes is shown, what the user asks becomes an order."""

import os
import threading
import time
from collections.abc import Callable
from itertools import count
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Slot

from tray_app.app.autostart import repair_later
from tray_app.app.cancels import Cancels
from tray_app.app.live_settings import LiveSettings, fault_of, faults
from tray_app.app.notifications import Notifications
from tray_app.app.overview import Overview
from tray_app.app.servers import WatchedServer, kept
from tray_app.app.surroundings import Surroundings, Target
from tray_app.core.model import CancelRequest
from tray_app.core.observations import Woke
from tray_app.core.settings import Settings
from tray_app.core.view import EVERY_SERVER
from tray_app.ui.bridge import Bridge
from tray_app.ui.sleep import SleepSignals
from tray_app.ui.tray import TrayIcon
from tray_app.watcher import PollNow, Update

if TYPE_CHECKING:
    from tray_app.adapters.keyring.secrets import Secrets
    from tray_app.app.settings import SettingsEditor
    from tray_app.core.events import Event
    from tray_app.ui.status_window import StatusWindow

PATIENCE_AT_QUIT = 0.5
"""Seconds that the watchers get to end their requests; the process ends in any case."""

GATHER_MS = 50
"""With several servers, how long their news are gathered before they are shown: many may speak at the same moment."""


class Tray(QObject):
    """Joins the watchers and the views."""

    def __init__(self, surroundings: Surroundings, leave: Callable[[], None], icon: TrayIcon | None = None) -> None:
        super().__init__()
        self._with = surroundings
        self._leave = leave
        self._settings = surroundings.settings
        self._bridge = Bridge()
        # Emitted on other threads, so Qt queues them for this one; naming `Qt` to say so costs 50 ms of start.
        self._bridge.updated.connect(self._updated)
        self._bridge.answered.connect(self._call)
        self._numbers = count(EVERY_SERVER + 1)
        self._servers = [self._watched(each) for each in surroundings.targets]
        self._notifications = Notifications(surroundings, self._bridge, self)
        self._overview = Overview(self._notifications, demo=surroundings.demo)
        self._overview.fault = fault_of(faults(surroundings.settings_problems))
        self._cancels = Cancels(self)
        self._icon = icon or TrayIcon(self._overview.view(self._servers), self)
        self._window: StatusWindow | None = None
        self._editor: SettingsEditor | None = None
        self._secrets: Secrets | None = None
        self._over = False
        self._gathered = QTimer(self)
        self._gathered.setSingleShot(True)
        self._gathered.setInterval(GATHER_MS)
        self._gathered.timeout.connect(self._render)
        self._sleep = SleepSignals(self)
        self._connect_views()

    def start(self) -> None:
        """Show the icon, then begin to watch."""
        self._icon.set_icon_choice(self._settings.icon)
        self._icon.show()
        self._render()
        self._sleep.woke.connect(self._woke)
        self._sleep.start()
        for each in self._servers:
            each.start(self._keyring, self._changed)
        repair_later(self._with.profile, self._bridge, self)
        if self._with.reads_file:
            live = LiveSettings(self._with.settings_file, lambda: self._settings, self._bridge, self)
            live.changed.connect(self._apply)
            live.told.connect(self._notifications.announce)
            live.fault.connect(self._settings_fault)

    @Slot()
    def _woke(self) -> None:
        for each in self._servers:
            each.watcher.submit(Woke())

    @Slot()
    def shut_down(self) -> None:
        """Take the icon away and stop the watchers; never waits long. What still comes from them is let go."""
        self._over = True
        self._bridge.close()
        self._gathered.stop()
        self._icon.hide()
        self._notifications.shut_down()
        for each in self._servers:
            each.watcher.stop()
        if self._secrets is not None:
            self._secrets.close()
        end = time.monotonic() + PATIENCE_AT_QUIT
        for each in self._servers:
            each.watcher.stop(max(0.0, end - time.monotonic()))

    # ----------------------------------------------------------------------------------------------------- the views

    def _connect_views(self) -> None:
        icon = self._icon
        self._connect_buttons(icon)
        icon.menu_opened.connect(self._refresh)
        icon.window_requested.connect(self.open_window)
        icon.host_missing.connect(self.open_window)
        icon.host_appeared.connect(self._tell_of_host)
        notifications = self._notifications
        notifications.use(icon)
        notifications.changed.connect(self._changed)
        notifications.open_requested.connect(self._open_address)
        notifications.cancel_requested.connect(self._cancel_all_on)
        notifications.folder_requested.connect(self._open_folder)

    def _connect_buttons(self, view: "TrayIcon | StatusWindow") -> None:
        view.cancel_current_requested.connect(self._cancel_current)
        view.cancel_all_requested.connect(self._cancel_all)
        view.cancel_people_requested.connect(self._request)
        view.open_requested.connect(self._open_web)
        view.retry_requested.connect(self._retry)
        view.settings_requested.connect(self.open_settings)
        view.quit_requested.connect(self._leave)
        view.recent_clicked.connect(self._open_address)

    @Slot(str)
    def _settings_fault(self, fault: str) -> None:
        self._overview.fault = fault
        self._changed()

    @Slot()
    def _changed(self) -> None:
        """Show the news: at once, or with those of the other servers."""
        if len(self._servers) == 1:
            self._render()
        elif not self._gathered.isActive() and not self._over:
            self._gathered.start()

    @Slot()
    def _render(self) -> None:
        view = self._overview.view(self._servers)
        self._icon.render(view)
        if self._window is not None and self._window.isVisible():
            self._window.render_view(view)

    @Slot(object, object)
    def _updated(self, server: WatchedServer, update: Update) -> None:
        if self._over or server not in self._servers:
            return  # it was on its way when the program ended, or when the server was taken out of the settings
        server.take(update)
        for event in update.events:
            self._notifications.tell(server, event)
        self._changed()
        self._cancels.updated(server, update)

    @Slot(object)
    def _call(self, function: Callable[[], None]) -> None:
        if not self._over:
            function()

    @Slot()
    def open_window(self) -> None:
        """Show the small window."""
        if self._window is None:
            from tray_app.ui.status_window import StatusWindow

            self._window = StatusWindow(self._overview.view(self._servers))
            self._connect_buttons(self._window)
        self._window.render_view(self._overview.view(self._servers))
        self._tell_of_host()
        self._window.open()
        self._refresh()

    @Slot()
    def _tell_of_host(self) -> None:
        """Where nothing shows the icon, say in the window how to get a tray."""
        if self._window is None:
            return
        from tray_app.core.tray_hint import tray_hint

        there = self._icon.host.there
        self._window.show_hint("" if there else tray_hint(os.environ.get("XDG_CURRENT_DESKTOP", "")))

    # -------------------------------------------------------------------------------------------------- the settings

    def _watched(self, target: Target) -> WatchedServer:
        return WatchedServer(next(self._numbers), target, self._with, self._settings, self._bridge)

    def _keyring(self) -> "Secrets":
        if self._secrets is None:
            from tray_app.adapters.keyring.secrets import Secrets

            self._secrets = Secrets()
        return self._secrets

    @Slot()
    def open_settings(self) -> None:
        """Show the settings window."""
        if self._editor is None:
            from tray_app.app.settings import SettingsEditor

            self._editor = SettingsEditor(self._with, self._bridge, self._keyring, self._open_address, self)
            self._editor.saved.connect(self._apply)
        self._editor.open()

    @Slot(object)
    def _apply(self, settings: Settings) -> None:
        """Let new settings hold at once: servers that stay are kept with what is known of them."""
        self._settings = settings
        self._icon.set_icon_choice(settings.icon)
        targets = self._with.targets if self._with.fixed else self._with.targets_of(settings) or self._with.targets
        before, self._servers = self._servers, []
        for target, server in zip(targets, kept(targets, before), strict=True):
            if server is None:
                server = self._watched(target)  # noqa: PLW2901 - what stands for this target from now on
                server.start(self._keyring, self._changed)
            else:
                server.apply(target, settings, self._keyring, self._changed)
            self._servers.append(server)
        for gone in before:
            if gone not in self._servers:
                gone.watcher.stop()
                self._cancels.gone(gone)
        self._notifications.apply(settings)
        self._render()

    # --------------------------------------------------------------------------------------------- what the user asks

    def _meant(self, number: int) -> list[WatchedServer]:
        """The server that a view calls so, or all of them; none where it was taken out of the settings meanwhile."""
        return [each for each in self._servers if number in {each.number, EVERY_SERVER}]

    @Slot()
    def _refresh(self) -> None:
        for each in self._servers:
            each.watcher.submit(PollNow())

    @Slot(int)
    def _retry(self, number: int) -> None:
        """Look again at once; a keyring that gave no key is asked again."""
        for each in self._meant(number):
            if each.keyring_note:
                each.open(self._keyring, self._changed, ask_again=True)
            each.watcher.submit(PollNow())

    @Slot(int, object)
    def _request(self, number: int, request: CancelRequest) -> None:
        for each in self._servers:
            if each.number == number:
                each.watcher.submit(request)

    @Slot(int)
    def _cancel_current(self, number: int) -> None:
        self._request(number, CancelRequest(everything=False))

    @Slot(int)
    def _cancel_all(self, number: int) -> None:
        for each in self._servers:
            if each.number == number:
                self._cancels.everything(each, self._settings)

    @Slot(object)
    def _cancel_all_on(self, server: WatchedServer) -> None:
        # It may have been taken out of the settings while its notification was on the screen.
        self._cancel_all(server.number)

    @Slot(object, object)
    def _open_folder(self, server: WatchedServer, event: "Event") -> None:
        """Have the server show the picture's folder; where it cannot, show its page."""
        if event.output is not None:
            server.open_folder(event.output, lambda: self._open_address(server.target.address.url))

    @Slot(int)
    def _open_web(self, number: int) -> None:
        for each in self._servers:
            if each.number == number:
                self._open_address(each.target.address.url)

    @Slot(str)
    def _open_address(self, address: str) -> None:
        from tray_app.adapters.browser import show

        # Finding a browser can take seconds; Qt's own call waits for the desktop's portal on the main thread.
        threading.Thread(target=show, args=(address,), name="browser", daemon=True).start()
