"""The menu of the tray icon: built once, complete, and while it is open only texts and switches change."""

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu

from tray_app.core.snooze import SnoozeChoice
from tray_app.core.view import EVERY_SERVER, RECENT_ROWS, Entry, PeopleRows, RecentEntry, SnoozeRows
from tray_app.ui.menu_texts import EMPTY, MenuTexts
from tray_app.ui.server_rows import ServerRows

if TYPE_CHECKING:
    from tray_app.core.view import TrayView

NO_EVENTS = Entry("Nothing yet", enabled=False)
NO_ENTRY = RecentEntry("")

LATE_CLICK_MS = 500
"""How long a closed menu keeps its structure: Qt and GTK panels tell of the closing before they tell of the click."""


class TrayMenu(QObject):
    """Head, detail, the two cancels, Open SwarmUI, Recent events, Snooze notifications, Try again now, Settings, Quit.

    With several servers each has a submenu with such rows of its own, and the menu's own rows are about them together.

    A panel that holds the menu open gets property changes only, never a new layout, so that nothing moves under the
    pointer on its way to "Cancel": what came or went meanwhile is put in order when the menu has closed, or, with a
    panel that does not tell of that, when it opens again.
    """

    cancel_current_requested = Signal(int)  # this and the following with the number of a server
    cancel_all_requested = Signal(int)
    cancel_people_requested = Signal(int, object)  # a CancelRequest
    open_requested = Signal(int)
    retry_requested = Signal(int)  # or EVERY_SERVER
    settings_requested = Signal()
    quit_requested = Signal()
    recent_clicked = Signal(str)
    snooze_requested = Signal(object)  # a SnoozeChoice
    wake_requested = Signal()
    opened = Signal()
    closed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.menu = QMenu()
        self._texts = MenuTexts()
        self._view: TrayView | None = None
        self._held = False
        self._release = QTimer(self)
        self._release.setSingleShot(True)
        self._release.setInterval(LATE_CLICK_MS)
        self._release.timeout.connect(self._released)
        self._recent: tuple[RecentEntry, ...] = ()
        self.servers: dict[int, ServerRows] = {}
        self.rows = self._rows_in(self.menu)
        self.recent_menu = self.menu.addMenu("")
        self._texts.set(self.recent_menu.menuAction(), Entry("Recent events"))
        self.recent = tuple(self._texts.add(self.recent_menu) for _ in range(RECENT_ROWS))
        self.no_events = self._texts.add(self.recent_menu, NO_EVENTS)
        self.snooze_menu = self.menu.addMenu("")
        self._texts.set(self.snooze_menu.menuAction(), SnoozeRows().title)
        self.snoozes = tuple(self._texts.add(self.snooze_menu, Entry(each.value)) for each in SnoozeChoice)
        self.wake = self._texts.add(self.snooze_menu)
        self.menu.addAction(self.rows.retry)  # moves it here
        self.settings = self._texts.add(self.menu, Entry("Settings…"))
        self.menu.addSeparator()
        self.quit = self._texts.add(self.menu, Entry("Quit"))

        self.menu.aboutToShow.connect(self._opening)
        self.menu.aboutToHide.connect(self._closing)
        self.settings.triggered.connect(self.settings_requested)
        self.quit.triggered.connect(self.quit_requested)
        self.recent_menu.triggered.connect(self._recent_triggered)
        self.wake.triggered.connect(self.wake_requested)
        self.snooze_menu.triggered.connect(self._snooze_triggered)

    def set_drawn_by_panel(self, drawn_by_panel: bool) -> None:
        """Say who draws the menu: the panel over D-Bus, or Qt. The two mark mnemonics differently."""
        self._texts.set_drawn_by_panel(drawn_by_panel)

    def render(self, view: "TrayView") -> None:
        """Bring the rows up to date; a row that says the same already is not touched."""
        self._view = view
        if not self._held:
            self._arrange(tuple(each.server for each in view.servers))
        views = {each.server: each for each in view.servers or (view,)}
        if self.servers:
            self.rows.render(_without_its_own(view), held=self._held)
        elif not self._held or (self.rows.server == EVERY_SERVER and not view.servers):
            self.rows.render(view, held=self._held)
        elif self.rows.server in views:
            self.rows.render(views[self.rows.server], held=True)
        elif self.rows.server != EVERY_SERVER:
            self.rows.gone()
        for number, rows in self.servers.items():
            if number in views:
                rows.render(views[number], held=self._held)
            else:
                rows.gone()
            self._texts.set(rows.menu.menuAction(), Entry(self._texts.get(rows.head).text))
        self._texts.set(self.snooze_menu.menuAction(), view.snooze.title)
        self._texts.set(self.wake, view.snooze.wake)
        self._render_recent(view.recent[:RECENT_ROWS])

    def _render_recent(self, recent: tuple[RecentEntry, ...]) -> None:
        if recent == self._recent:
            return
        self._recent = recent
        for action, event in zip(self.recent, (*recent, *[NO_ENTRY] * (RECENT_ROWS - len(recent))), strict=True):
            self._texts.set(action, Entry(event.text, enabled=event.target is not None))
        self._texts.set(self.no_events, EMPTY if recent else NO_EVENTS)

    # ----------------------------------------------------------------------------------------------------- structure

    def _rows_in(self, menu: QMenu) -> ServerRows:
        rows = ServerRows(self._texts, menu, self)
        rows.cancel_current_requested.connect(self.cancel_current_requested)
        rows.cancel_all_requested.connect(self.cancel_all_requested)
        rows.cancel_people_requested.connect(self.cancel_people_requested)
        rows.open_requested.connect(self.open_requested)
        rows.retry_requested.connect(self.retry_requested)
        return rows

    def _arrange(self, numbers: tuple[int, ...]) -> None:
        """Give each of several servers its submenu, in this order; those that stay keep theirs, and its rows' ids."""
        if numbers == tuple(self.servers):
            return
        kept = {number: self.servers.pop(number) for number in numbers if number in self.servers}
        for gone in self.servers.values():
            self.menu.removeAction(gone.menu.menuAction())
            self._texts.forget(gone.menu)
            gone.menu.deleteLater()
            gone.deleteLater()
        self.servers = {}
        for number in numbers:
            rows = kept.get(number)
            if rows is None:
                rows = self._rows_in(QMenu(self.menu))
            self.servers[number] = rows
        place = self.rows.line
        for rows in reversed(self.servers.values()):
            action = rows.menu.menuAction()
            there = self.menu.actions()
            at = there.index(place)
            if at == 0 or there[at - 1] != action:
                self.menu.insertMenu(place, rows.menu)
            place = action

    @Slot()
    def _opening(self) -> None:
        self._released()
        self._held = True
        self.opened.emit()

    @Slot()
    def _closing(self) -> None:
        self._release.start()
        self.closed.emit()

    @Slot()
    def _released(self) -> None:
        self._release.stop()
        self._held = False
        if self._view is not None:
            self.render(self._view)

    # -------------------------------------------------------------------------------------------------------- clicks

    @Slot(QAction)
    def _recent_triggered(self, action: QAction) -> None:
        place = self.recent.index(action)
        if place < len(self._recent) and (target := self._recent[place].target) is not None:
            self.recent_clicked.emit(target)

    @Slot(QAction)
    def _snooze_triggered(self, action: QAction) -> None:
        if action in self.snoozes:
            self.snooze_requested.emit(tuple(SnoozeChoice)[self.snoozes.index(action)])


def _without_its_own(view: "TrayView") -> "TrayView":
    """The view for the menu's own rows where each server has a submenu: nothing there acts on one server."""
    if view.servers:
        return view
    return replace(
        view, cancel_current=EMPTY, cancel_all=EMPTY, open_web=EMPTY, people=PeopleRows(), server=EVERY_SERVER
    )
