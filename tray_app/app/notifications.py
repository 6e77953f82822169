"""Notifications as a whole: what is shown or held back, what was missed, and what their buttons lead to.

The decisions are the core's (`notices`, `silence`); here are the clock, the timer, the files and the daemon.
"""

import logging
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from tray_app.app.background import in_background
from tray_app.core.notices import decide, target
from tray_app.core.silence import Silence, held_from, hold_back, look, next_look, snooze_rows
from tray_app.core.snooze import Moment, SnoozeChoice, snooze
from tray_app.core.view import NoticeButton, SnoozeRows, Urgency
from tray_app.ui.tray_host import Protocol

if TYPE_CHECKING:
    from tray_app.app.servers import WatchedServer
    from tray_app.app.surroundings import Surroundings
    from tray_app.core.events import Event
    from tray_app.core.settings import Settings
    from tray_app.core.view import Notice
    from tray_app.ui.bridge import Bridge
    from tray_app.ui.notifier import Notifier
    from tray_app.ui.tray import TrayIcon

log = logging.getLogger(__name__)

LOOK_EVERY_MS = 60_000
"""How often the clock is looked at while something is silenced: Qt's timers stand still while the machine sleeps."""

MISSED_KEPT = 200


def now() -> Moment:
    """The present, by this computer's clock and zone."""
    unix = time.time()
    return Moment(unix, datetime.fromtimestamp(unix))  # noqa: DTZ006 - what a clock on the wall shows


@dataclass(slots=True)
class _Told:
    """A notice that was handed to the notifier: which server's it is, what it is about, and whether it was shown."""

    notice: "Notice"
    server: "WatchedServer | None"
    event: "Event | None"
    shown: bool = False


class Notifications(QObject):
    """Made and used on the main thread."""

    changed = Signal()  # what the menu says
    open_requested = Signal(str)
    cancel_requested = Signal(object)  # a WatchedServer
    folder_requested = Signal(object, object)  # a WatchedServer, an Event with an output

    def __init__(
        self,
        surroundings: "Surroundings",
        bridge: "Bridge",
        parent: QObject,
        *,
        clock: Callable[[], Moment] = now,
    ) -> None:
        super().__init__(parent)
        self._with = surroundings
        self._bridge = bridge
        self._icon: TrayIcon | None = None
        self._clock = clock
        self._settings = surroundings.settings
        self._silence = Silence(surroundings.state_file.snooze(), held_from(surroundings.state_file.held()))
        self._notifier: Notifier | None = None
        self._told: dict[str, list[_Told]] = {}  # by subject: the last one shown, and those of which nothing is known
        self._to_mark: list[Event] = []
        self._marking = False
        self._in_head = 0
        self.missed: deque[Event] = deque(maxlen=MISSED_KEPT)
        self.unseen = 0
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._look)
        self._timer.start(0)  # what it may show needs the icon

    def use(self, icon: "TrayIcon") -> None:
        """Join the menu, and let Qt's balloons stand in for a daemon."""
        self._icon = icon
        icon.menu.opened.connect(self._menu_opened)
        icon.menu.closed.connect(self._menu_closed)
        icon.menu.snooze_requested.connect(self.snooze)
        icon.menu.wake_requested.connect(self.wake)

    @property
    def rows(self) -> SnoozeRows:
        """What the menu says about silence."""
        return snooze_rows(self._silence, self._settings.notify, self._clock())

    def tell(self, server: "WatchedServer", event: "Event") -> None:
        """Show the event's notification if the user wants one, now or at all."""
        status = server.state.status
        notice = decide(event, self._settings, status, here=server.target.address.is_loopback)
        if notice is None:
            return
        self._look()
        silence, held_back = hold_back(self._silence, event, self._settings.notify, self._clock())
        if held_back:
            self._put(silence)
            self._miss([(server, event)])
            self._wind()
        else:
            self._show(_Told(notice, server, event))

    def announce(self, notice: "Notice") -> None:
        """Show what is about no server: the answer to what somebody has just done, so no silence holds it back."""
        self._show(_Told(notice, None, None))

    def apply(self, settings: "Settings") -> None:
        """Let new settings hold."""
        self._settings = settings
        self._look()

    @Slot(object)
    def snooze(self, choice: SnoozeChoice) -> None:
        """Show nothing for a while."""
        self._put(replace(self._silence, snooze=snooze(choice, self._clock())))
        self._look()

    @Slot()
    def wake(self) -> None:
        """End a snooze."""
        self._put(replace(self._silence, snooze=None))
        self._look()

    def shut_down(self) -> None:
        """Leave the daemon alone from now on; what is shown stays."""
        self._timer.stop()
        if self._notifier is not None:
            self._notifier.shut_down()

    # --------------------------------------------------------------------------------------------------- the silence

    def _put(self, silence: Silence) -> None:
        """Remember it, over the end of the program too."""
        before, self._silence = self._silence, silence
        if silence.snooze != before.snooze:
            in_background(self._bridge, "keep snooze", self._keep_snooze, lambda _: None)
            self.changed.emit()
        if silence.held != before.held:
            in_background(self._bridge, "keep held", self._keep_held, lambda _: None)

    def _keep_snooze(self) -> None:
        try:
            self._with.state_file.keep_snooze(lambda: self._silence.snooze)
        except OSError as error:
            log.warning("the snooze cannot be kept: %s", error)

    def _keep_held(self) -> None:
        try:
            self._with.state_file.keep_held(lambda: {kind.value: number for kind, number in self._silence.held})
        except OSError as error:
            log.warning("what quiet hours hold back cannot be kept: %s", error)

    @Slot()
    def _look(self) -> None:
        """See whether a silence has ended."""
        silence, summary = look(self._silence, self._settings.notify, self._clock())
        self._put(silence)
        if summary is not None:
            self._show(_Told(summary, None, None))
        self._wind()

    def _wind(self) -> None:
        wait = next_look(self._silence, self._settings.notify, self._clock())
        if wait is None:
            self._timer.stop()
        else:
            self._timer.start(min(LOOK_EVERY_MS, int(wait.total_seconds() * 1000) + 1))

    # -------------------------------------------------------------------------------------------------- the notifier

    def _show(self, told: _Told) -> None:
        if self._notifier is None:
            from tray_app.ui.icons import resource
            from tray_app.ui.notifier import Notifier

            self._notifier = Notifier(self._balloon, icon=str(resource("swarmui-tray.svg")), parent=self)
            self._notifier.clicked.connect(self.open_requested)
            self._notifier.button.connect(self._pressed)
            self._notifier.delivered.connect(self._delivered)
            self._notifier.undeliverable.connect(self._undeliverable)
            if self._icon is not None:
                self._icon.message_clicked.connect(self._notifier.fallback_clicked)
        self._told.setdefault(told.notice.subject, []).append(told)
        self._notifier.show(told.notice)

    def _balloon(self, notice: "Notice") -> bool:
        """Let Qt show it, where that does not go to the daemon that has just failed."""
        if self._icon is None or not self._icon.host.there:
            return False
        if self._icon.host.protocol is Protocol.STATUS_NOTIFIER:
            return False
        self._icon.show_message(notice.title, notice.body, critical=notice.urgency is Urgency.CRITICAL)
        return True

    def _until(self, notice: "Notice") -> tuple[list[_Told], list[_Told]]:
        """What was told of a notice's subject up to this one, and what came later."""
        told = self._told.get(notice.subject, [])
        place = next((number for number, each in enumerate(told, 1) if each.notice is notice), 0)
        return told[:place], told[place:]

    @Slot(object)
    def _delivered(self, notice: "Notice") -> None:
        told, later = self._until(notice)
        if told:
            told[-1].shown = True
            self._told[notice.subject] = [told[-1], *later]

    @Slot(object)
    def _undeliverable(self, notice: "Notice") -> None:
        """Nobody saw it, nor what it was to replace before that was shown."""
        told, later = self._until(notice)
        self._told[notice.subject] = [*(each for each in told if each.shown), *later]
        self._miss([(each.server, each.event) for each in told if not each.shown and each.event is not None])

    @Slot(object, str)
    def _pressed(self, notice: "Notice", button: str) -> None:
        """A button acts on what its own notice was about, whatever has been told since."""
        told, _ = self._until(notice)
        server, event = (told[-1].server, told[-1].event) if told else (None, None)
        if server is None or event is None:
            return
        url = server.target.address.url
        match button:
            case NoticeButton.IMAGE:
                self.open_requested.emit(target(event, url))
            case NoticeButton.VIEW:
                self.open_requested.emit(url)
            case NoticeButton.FOLDER:
                self.folder_requested.emit(server, event)
            case NoticeButton.CANCEL:
                self.cancel_requested.emit(server)
            case NoticeButton.SNOOZE:
                self.snooze(SnoozeChoice.HOUR)

    # ---------------------------------------------------------------------------------------------- what was missed

    def _miss(self, events: "list[tuple[WatchedServer | None, Event]]") -> None:
        if not events:
            return
        self.missed.extend(replace(each, picture=None) for _, each in events)
        self.unseen += len(events)
        self._to_mark += [each for server, each in events if server is None or server.target.noted]
        self._mark()
        self.changed.emit()

    def _mark(self) -> None:
        """Have the activity log say so: one thread at a time, however many are missed at once."""
        activity, events = self._with.activity_log, self._to_mark
        if activity is None or self._marking or not events:
            return
        self._marking, self._to_mark = True, []

        def work() -> None:
            try:
                activity.mark_missed(events)
            except OSError as error:
                log.warning("the activity log cannot be written: %s", error)

        def done(_: None) -> None:
            self._marking = False
            self._mark()

        in_background(self._bridge, "mark missed", work, done)

    @Slot()
    def _menu_opened(self) -> None:
        """The head says how many were missed while the menu is open, and no longer afterwards."""
        self._menu_closed()  # some panels never tell
        self._in_head = self.unseen
        self._look()
        self.changed.emit()

    @Slot()
    def _menu_closed(self) -> None:
        if self._in_head:
            self.unseen -= self._in_head
            self._in_head = 0
            self.changed.emit()
