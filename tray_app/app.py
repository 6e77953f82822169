"""The composition root of the tray: makes adapters, watchers and views, connects them, takes them down again.

Threads: Qt's main thread, one watcher per server, and short-lived ones for the keyring and for files. Nothing that
can wait is done on the main thread.
"""

import logging
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QApplication

from tray_app.core.address import Address
from tray_app.core.credentials import Credentials
from tray_app.core.model import CancelRequest, CancelResult, Event
from tray_app.core.notices import decide
from tray_app.core.ports import SessionStore
from tray_app.core.present import confirmation, tray_view
from tray_app.core.settings import Settings
from tray_app.core.view import RECENT_ROWS, Question, TrayView
from tray_app.core.watch import WatchState, begin
from tray_app.ui.bridge import Bridge
from tray_app.ui.exit_signals import ExitSignals
from tray_app.ui.tray import TrayIcon
from tray_app.watcher import Connect, Order, Pace, PollNow, Update, Watcher

if TYPE_CHECKING:
    from tray_app.adapters.activity_log import ActivityLog
    from tray_app.adapters.logs import Redactor
    from tray_app.adapters.secrets import Secrets
    from tray_app.core.secret import KeyAnswer
    from tray_app.core.view import Notice
    from tray_app.ui.notifier import Notifier
    from tray_app.ui.question import QuestionBox
    from tray_app.ui.status_window import StatusWindow

log = logging.getLogger(__name__)

PATIENCE_AT_QUIT = 0.5
"""Seconds that a watcher gets to end its request; the process ends in any case."""


@dataclass(frozen=True, slots=True)
class Target:
    """A server to watch. `key` gives its key and the place of its session, or None if they lie in the keyring."""

    name: str
    address: Address
    key: Callable[[], tuple[Credentials, SessionStore] | None]


@dataclass(slots=True)
class Surroundings:
    """What the tray is started with."""

    targets: tuple[Target, ...]
    settings: Settings
    request_timeout: float
    redactor: "Redactor"
    activity_log: "ActivityLog | None" = None
    demo: bool = False


@dataclass(slots=True)
class _Watched:
    """One server as the tray has it."""

    target: Target
    watcher: Watcher
    state: WatchState
    recent: deque[Event] = field(default_factory=lambda: deque(maxlen=RECENT_ROWS))
    keyring_note: str = ""


def run(surroundings: Surroundings) -> int:
    """Show the tray until the user quits; returns the exit code."""
    application = QApplication(sys.argv[:1])
    application.setApplicationName("swarmui-tray")
    application.setApplicationDisplayName("SwarmUI Tray")
    application.setDesktopFileName("swarmui-tray")
    application.setQuitOnLastWindowClosed(False)
    tray = Tray(surroundings, application.quit)
    application.aboutToQuit.connect(tray.shut_down)
    tray.start()
    return application.exec()


class Tray(QObject):
    """Joins the watchers and the views."""

    def __init__(self, surroundings: Surroundings, leave: Callable[[], None]) -> None:
        super().__init__()
        self._with = surroundings
        self._leave = leave
        self._settings = surroundings.settings
        self._bridge = Bridge()
        # Emitted on other threads, so Qt queues them for this one; naming `Qt` to say so costs 50 ms of start.
        self._bridge.updated.connect(self._updated)
        self._bridge.answered.connect(self._call)
        self._signals = ExitSignals(leave, self)
        self._servers = [self._watched(position, each) for position, each in enumerate(surroundings.targets)]
        self._icon = TrayIcon(self._view(), self)
        self._window: StatusWindow | None = None
        self._question: QuestionBox | None = None
        self._notifier: Notifier | None = None
        self._secrets: Secrets | None = None
        self._connect_views()

    def start(self) -> None:
        """Show the icon, then begin to watch."""
        self._icon.show()
        for each in self._servers:
            each.watcher.start()
            self._open(each)

    @Slot()
    def shut_down(self) -> None:
        """Take the icon away and stop the watchers; never waits long."""
        self._icon.hide()
        if self._notifier is not None:
            self._notifier.shut_down()
        for each in self._servers:
            each.watcher.stop()
        if self._secrets is not None:
            self._secrets.close()
        end = time.monotonic() + PATIENCE_AT_QUIT
        for each in self._servers:
            each.watcher.stop(max(0.0, end - time.monotonic()))
        self._signals.close()

    # --------------------------------------------------------------------------------------------------- the servers

    def _watched(self, position: int, target: Target) -> _Watched:
        settings = self._settings

        def publish(update: Update) -> None:
            self._note(update.events)
            self._bridge.updated.emit(position, update)

        pace = Pace(settings.poll_busy, settings.poll_idle, settings.notify.everybody)
        watcher = Watcher(target.name, target.address.url, publish, pace=pace)
        return _Watched(target, watcher, begin(target.name, target.address.url))

    def _open(self, server: _Watched, *, ask_again: bool = False) -> None:
        """Give the watcher its server: at once, or when the keyring has answered or has been silent for too long."""
        key = server.target.key()
        if key is not None:
            self._connect(server, *key)
            return
        from tray_app.adapters.secrets import Secrets
        from tray_app.core.secret import SecretKind

        self._secrets = self._secrets or Secrets()

        def on_answer(answer: "KeyAnswer") -> None:
            self._bridge.answered.emit(lambda: self._keyring_answered(server, answer))

        origin = server.target.address.origin
        self._secrets.fetch_later(origin, list(SecretKind), on_answer, ask_again=ask_again)

    def _keyring_answered(self, server: _Watched, answer: "KeyAnswer") -> None:
        from tray_app.adapters.session_stores import KeyringSessions, MemorySessions
        from tray_app.core.secret import Secret, SecretKind

        if answer.error is not None or self._secrets is None:
            server.keyring_note = str(answer.error)
            self._connect(server, Credentials(), MemorySessions())
        else:
            server.keyring_note = ""
            token, header = (
                answer.secrets.get(kind, Secret("")).reveal() for kind in (SecretKind.TOKEN, SecretKind.AUTHORIZATION)
            )
            self._with.redactor.add(token, header)
            found = answer.secrets.get(SecretKind.SESSION)
            sessions = KeyringSessions(self._secrets, answer.origin, server.target.address.url, found)
            self._connect(server, Credentials(token, header), sessions)
        self._render()

    def _connect(self, server: _Watched, credentials: Credentials, sessions: SessionStore) -> None:
        from tray_app.adapters.swarm import SwarmServer

        gateway = SwarmServer(
            server.target.address, credentials=credentials, sessions=sessions, deadline=self._with.request_timeout
        )
        server.watcher.submit(Connect(gateway))

    def _note(self, events: tuple[Event, ...]) -> None:
        """Write events into the activity log, on the watcher's thread."""
        if self._with.activity_log is None:
            return
        try:
            for event in events:
                self._with.activity_log.add(event)
        except OSError as error:
            log.warning("the activity log cannot be written: %s", error)

    # ----------------------------------------------------------------------------------------------------- the views

    def _connect_views(self) -> None:
        icon = self._icon
        self._connect_buttons(icon)
        icon.menu_opened.connect(self._refresh)
        icon.window_requested.connect(self._open_window)
        icon.host_missing.connect(self._open_window)

    def _connect_buttons(self, view: "TrayIcon | StatusWindow") -> None:
        view.cancel_current_requested.connect(self._cancel_current)
        view.cancel_all_requested.connect(self._cancel_all)
        view.open_requested.connect(self._open_web)
        view.retry_requested.connect(self._retry)
        view.quit_requested.connect(self._leave)
        view.recent_clicked.connect(self._open_address)

    @property
    def _shown(self) -> _Watched:
        """The server that icon and menu are about."""
        return self._servers[0]

    def _view(self) -> TrayView:
        server = self._shown
        return tray_view(
            server.state, tuple(server.recent), time.time(), _clock, demo=self._with.demo, note=server.keyring_note
        )

    def _render(self) -> None:
        view = self._view()
        self._icon.render(view)
        if self._window is not None and self._window.isVisible():
            self._window.render_view(view)

    @Slot(int, object)
    def _updated(self, position: int, update: Update) -> None:
        server = self._servers[position]
        server.state = update.state
        for event in update.events:
            server.recent.appendleft(event)
            notice = decide(event, self._settings, server.target.address.url)
            if notice is not None:
                self._notify(notice)
        self._render()
        if update.result is not None and update.result.choices:
            self._ask(update.result)

    @Slot(object)
    def _call(self, function: Callable[[], None]) -> None:
        function()

    def _notify(self, notice: "Notice") -> None:
        if self._notifier is None:
            from tray_app.ui.notifier import Notifier

            self._notifier = Notifier(self._balloon, parent=self)
            self._notifier.clicked.connect(self._open_address)
            self._icon.message_clicked.connect(self._notifier.fallback_clicked)
        self._notifier.show(notice)

    def _balloon(self, notice: "Notice") -> bool:
        from tray_app.core.view import Urgency

        if not self._icon.host.there:
            return False
        self._icon.show_message(notice.title, notice.body, critical=notice.urgency is Urgency.CRITICAL)
        return True

    @Slot()
    def _open_window(self) -> None:
        if self._window is None:
            from tray_app.ui.status_window import StatusWindow

            self._window = StatusWindow(self._view())
            self._connect_buttons(self._window)
        self._window.render_view(self._view())
        self._window.open()
        self._refresh()

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
            self._open(self._shown, ask_again=True)
        self._refresh()

    @Slot()
    def _cancel_current(self) -> None:
        self._submit(CancelRequest(everything=False))

    @Slot()
    def _cancel_all(self) -> None:
        question = confirmation(self._shown.state, self._settings.confirm_cancel_after_minutes, time.time())
        if question is None:
            self._submit(CancelRequest(everything=True))
        else:
            self._put(question)

    def _ask(self, result: CancelResult) -> None:
        self._put(Question(f"Cancel on {result.server}", result.message, result.choices))

    def _put(self, question: Question) -> None:
        if self._question is None:
            from tray_app.ui.question import QuestionBox

            self._question = QuestionBox(self)
            self._question.chosen.connect(self._submit_chosen)
        self._question.ask(question)

    @Slot(object)
    def _submit_chosen(self, request: CancelRequest) -> None:
        self._submit(request)

    @Slot()
    def _open_web(self) -> None:
        self._open_address(self._shown.target.address.url)

    @Slot(str)
    def _open_address(self, address: str) -> None:
        import webbrowser

        # Finding a browser can take seconds; Qt's own call waits for the desktop's portal on the main thread.
        threading.Thread(target=webbrowser.open, args=(address,), name="browser", daemon=True).start()


def _clock(moment: float) -> str:
    return time.strftime("%H:%M", time.localtime(moment))
