"""The menu of the tray icon: built once, complete, and from then on only texts and switches change."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu

from tray_app.core.view import RECENT_ROWS, Entry, RecentEntry, SnoozeChoice, SnoozeRows
from tray_app.ui.labels import button_text, dbus_menu_text

if TYPE_CHECKING:
    from tray_app.core.view import TrayView

NO_EVENTS = Entry("Nothing yet", enabled=False)
NO_ENTRY = RecentEntry("")


class TrayMenu(QObject):
    """Head, detail, the two cancels, Open SwarmUI, Recent events, Snooze notifications, Try again now, Settings, Quit.

    A panel that holds the menu open gets property changes only, never a new layout, so that nothing moves under the
    pointer on its way to "Cancel". Rows without a text are invisible, not absent.
    """

    cancel_current_requested = Signal()
    cancel_all_requested = Signal()
    open_requested = Signal()
    retry_requested = Signal()
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
        self._escape = button_text
        self._entries: dict[QAction, Entry] = {}
        self._recent: tuple[RecentEntry, ...] = ()
        self.head = self._row(self.menu)
        self.detail = self._row(self.menu)
        self.menu.addSeparator()
        self.cancel_current = self._row(self.menu)
        self.cancel_all = self._row(self.menu)
        self.menu.addSeparator()
        self.open_web = self._row(self.menu)
        self.recent_menu = self.menu.addMenu("")
        self._set(self.recent_menu.menuAction(), Entry("Recent events"))
        self.recent = tuple(self._row(self.recent_menu) for _ in range(RECENT_ROWS))
        self.no_events = self._row(self.recent_menu, NO_EVENTS)
        self.snooze_menu = self.menu.addMenu("")
        self._set(self.snooze_menu.menuAction(), SnoozeRows().title)
        self.snoozes = tuple(self._row(self.snooze_menu, Entry(each.value)) for each in SnoozeChoice)
        self.wake = self._row(self.snooze_menu)
        self.retry = self._row(self.menu)
        self.settings = self._row(self.menu, Entry("Settings…"))
        self.menu.addSeparator()
        self.quit = self._row(self.menu, Entry("Quit"))

        self.menu.aboutToShow.connect(self.opened)
        self.menu.aboutToHide.connect(self.closed)
        self.cancel_current.triggered.connect(self.cancel_current_requested)
        self.cancel_all.triggered.connect(self.cancel_all_requested)
        self.open_web.triggered.connect(self.open_requested)
        self.retry.triggered.connect(self.retry_requested)
        self.settings.triggered.connect(self.settings_requested)
        self.quit.triggered.connect(self.quit_requested)
        self.recent_menu.triggered.connect(self._recent_triggered)
        self.wake.triggered.connect(self.wake_requested)
        self.snooze_menu.triggered.connect(self._snooze_triggered)

    def set_drawn_by_panel(self, drawn_by_panel: bool) -> None:
        """Say who draws the menu: the panel over D-Bus, or Qt. The two mark mnemonics differently."""
        escape = dbus_menu_text if drawn_by_panel else button_text
        if escape is self._escape:
            return
        self._escape = escape
        for action, entry in self._entries.items():
            action.setText(escape(entry.text))

    def render(self, view: "TrayView") -> None:
        """Bring the rows up to date; a row that says the same already is not touched."""
        self._set(self.head, Entry(view.head.text, enabled=False))
        self._set(self.detail, Entry(view.detail.text, enabled=False))
        self._set(self.cancel_current, view.cancel_current)
        self._set(self.cancel_all, view.cancel_all)
        self._set(self.open_web, view.open_web)
        self._set(self.retry, view.retry)
        self._set(self.snooze_menu.menuAction(), view.snooze.title)
        self._set(self.wake, view.snooze.wake)
        if view.recent == self._recent:
            return
        self._recent = view.recent[:RECENT_ROWS]
        missing = RECENT_ROWS - len(self._recent)
        for action, event in zip(self.recent, (*self._recent, *[NO_ENTRY] * missing), strict=True):
            self._set(action, Entry(event.text, enabled=event.target is not None))
        self._set(self.no_events, Entry("", enabled=False) if self._recent else NO_EVENTS)

    def _row(self, menu: QMenu, entry: Entry = Entry("", enabled=False)) -> QAction:  # noqa: B008 frozen
        action = menu.addAction(self._escape(entry.text))
        action.setEnabled(entry.enabled)
        action.setVisible(bool(entry.text))
        self._entries[action] = entry
        return action

    def _set(self, action: QAction, entry: Entry) -> None:
        old = self._entries.get(action)
        if entry == old:
            return
        self._entries[action] = entry
        if old is None or entry.text != old.text:
            action.setText(self._escape(entry.text))
            action.setVisible(bool(entry.text))
        action.setEnabled(entry.enabled)

    @Slot(QAction)
    def _recent_triggered(self, action: QAction) -> None:
        place = self.recent.index(action)
        if place < len(self._recent) and (target := self._recent[place].target) is not None:
            self.recent_clicked.emit(target)

    @Slot(QAction)
    def _snooze_triggered(self, action: QAction) -> None:
        if action in self.snoozes:
            self.snooze_requested.emit(tuple(SnoozeChoice)[self.snoozes.index(action)])
