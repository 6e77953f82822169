"""Joins the watchers and the views: what a watcher publishes is shown, what the user asks becomes an order."""

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot

from tray_app.app.autostart import repair_later
from tray_app.app.live_settings import LiveSettings
from tray_app.app.notifications import Notifications
from tray_app.app.servers import WatchedServer
from tray_app.app.surroundings import Surroundings
from tray_app.core.model import CancelRequest, Jobs
from tray_app.core.observations import Woke
from tray_app.core.offers import confirmation
from tray_app.core.present import tray_view
from tray_app.core.settings import Settings
from tray_app.core.view import Question, TrayView
from tray_app.ui.bridge import Bridge
from tray_app.ui.sleep import SleepSignals
from tray_app.ui.tray import TrayIcon
from tray_app.watcher import Order, PollNow, Update

if TYPE_CHECKING:
    from tray_app.adapters.keyring.secrets import Secrets
    from tray_app.app.settings import SettingsEditor
    from tray_app.core.events import Event
    from tray_app.ui.question import QuestionBox
    from tray_app.ui.status_window import StatusWindow

PATIENCE_AT_QUIT = 0.5
"""Seconds that the watchers get to end their requests; the process ends in any case."""


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
        self._servers = [
            WatchedServer(each, surroundings, self._settings, self._bridge) for each in surroundings.targets
        ]
        self._notifications = Notifications(surroundings, self._bridge, self)
        self._icon = icon or TrayIcon(self._view(), self)
        self._window: StatusWindow | None = None
        self._question: QuestionBox | None = None
        self._editor: SettingsEditor | None = None
        self._secrets: Secrets | None = None
        self._asked: WatchedServer | None = None
        self._over = False
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
            each.start(self._keyring, self._render)
        repair_later(self._with.profile, self._bridge, self)
        if self._with.reads_file:
            live = LiveSettings(self._with.settings_file, lambda: self._settings, self._bridge, self)
            live.changed.connect(self._apply)
            live.told.connect(self._notifications.announce)

    @Slot()
    def _woke(self) -> None:
        for each in self._servers:
            each.watcher.submit(Woke())

    @Slot()
    def shut_down(self) -> None:
        """Take the icon away and stop the watchers; never waits long. What still comes from them is let go."""
        self._over = True
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
        notifications = self._notifications
        notifications.use(icon)
        notifications.changed.connect(self._render)
        notifications.open_requested.connect(self._open_address)
        notifications.cancel_requested.connect(self._cancel_all_on)
        notifications.folder_requested.connect(self._open_folder)

    def _connect_buttons(self, view: "TrayIcon | StatusWindow") -> None:
        view.cancel_current_requested.connect(self._cancel_current)
        view.cancel_all_requested.connect(self._cancel_all)
        view.open_requested.connect(self._open_web)
        view.retry_requested.connect(self._retry)
        view.settings_requested.connect(self._open_settings)
        view.quit_requested.connect(self._leave)
        view.recent_clicked.connect(self._open_address)

    @property
    def _shown(self) -> WatchedServer:
        """The server that icon and menu are about."""
        return self._servers[0]

    def _view(self) -> TrayView:
        server = self._shown
        notifications = self._notifications
        return tray_view(
            server.state,
            tuple(server.recent),
            time.time(),
            _clock,
            demo=self._with.demo,
            note=server.keyring_note,
            missed=notifications.missed,
            unseen=notifications.unseen,
            snooze=notifications.rows,
        )

    @Slot()
    def _render(self) -> None:
        view = self._view()
        self._icon.render(view)
        if self._window is not None and self._window.isVisible():
            self._window.render_view(view)

    @Slot(object, object)
    def _updated(self, server: WatchedServer, update: Update) -> None:
        if self._over or server not in self._servers:
            return  # it was on its way when the program ended, or when the server was taken out of the settings
        server.state = update.state
        for event in update.events:
            server.recent.appendleft(replace(event, picture=None))
            self._notifications.tell(server, event)
        self._render()
        if update.result is not None and update.result.choices:
            result = update.result
            self._put(Question(f"Cancel on {result.server}", result.message, result.choices), server)
        elif server is self._asked and self._question is not None and _nothing_left(update.state.status.jobs):
            self._question.withdraw()

    @Slot(object)
    def _call(self, function: Callable[[], None]) -> None:
        if not self._over:
            function()

    @Slot()
    def open_window(self) -> None:
        """Show the small window."""
        if self._window is None:
            from tray_app.ui.status_window import StatusWindow

            self._window = StatusWindow(self._view())
            self._connect_buttons(self._window)
        self._window.render_view(self._view())
        self._window.open()
        self._refresh()

    # -------------------------------------------------------------------------------------------------- the settings

    def _keyring(self) -> "Secrets":
        if self._secrets is None:
            from tray_app.adapters.keyring.secrets import Secrets

            self._secrets = Secrets()
        return self._secrets

    @Slot()
    def _open_settings(self) -> None:
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
        kept = {(each.target.name, each.target.address): each for each in self._servers}
        servers = []
        for target in targets:
            server = kept.pop((target.name, target.address), None)
            if server is None:
                server = WatchedServer(target, self._with, settings, self._bridge)
                server.start(self._keyring, self._render)
            else:
                server.apply(settings, self._keyring, self._render)
            servers.append(server)
        for gone in kept.values():
            gone.watcher.stop()
        self._servers = servers
        self._notifications.apply(settings)
        self._render()

    # --------------------------------------------------------------------------------------------- what the user asks

    def _submit(self, order: Order) -> None:
        self._shown.watcher.submit(order)

    @Slot()
    def _refresh(self) -> None:
        self._submit(PollNow())

    @Slot()
    def _retry(self) -> None:
        """Look again at once; a keyring that gave no key is asked again."""
        if self._shown.keyring_note:
            self._shown.open(self._keyring, self._render, ask_again=True)
        self._refresh()

    @Slot()
    def _cancel_current(self) -> None:
        self._submit(CancelRequest(everything=False))

    @Slot()
    def _cancel_all(self) -> None:
        self._cancel_all_on(self._shown)

    @Slot(object)
    def _cancel_all_on(self, server: WatchedServer) -> None:
        if server not in self._servers:
            return  # it was taken out of the settings while its notification was on the screen
        question = confirmation(server.state, self._settings.confirm_cancel_after_minutes, time.time())
        if question is None:
            server.watcher.submit(CancelRequest(everything=True))
        else:
            self._put(question, server)

    def _put(self, question: Question, server: WatchedServer) -> None:
        if self._question is None:
            from tray_app.ui.question import QuestionBox

            self._question = QuestionBox(self)
            self._question.chosen.connect(self._submit_chosen)
        self._question.ask(question)
        self._asked = server

    @Slot(object)
    def _submit_chosen(self, request: CancelRequest) -> None:
        if self._asked is not None and self._asked in self._servers:
            self._asked.watcher.submit(request)

    @Slot(object, object)
    def _open_folder(self, server: WatchedServer, event: "Event") -> None:
        """Have the server show the picture's folder; where it cannot, show its page."""
        if event.output is not None:
            server.open_folder(event.output, lambda: self._open_address(server.target.address.url))

    @Slot()
    def _open_web(self) -> None:
        self._open_address(self._shown.target.address.url)

    @Slot(str)
    def _open_address(self, address: str) -> None:
        from tray_app.adapters.browser import show

        # Finding a browser can take seconds; Qt's own call waits for the desktop's portal on the main thread.
        threading.Thread(target=show, args=(address,), name="browser", daemon=True).start()


def _nothing_left(jobs: Jobs) -> bool:
    return jobs.total == 0 and not jobs.loading


def _clock(moment: float) -> str:
    return time.strftime("%H:%M", time.localtime(moment))
