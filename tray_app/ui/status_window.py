"""The small window: what the tray shows, as text and buttons, for a left click and for desktops without a tray."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QCloseEvent, QKeyEvent
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QMenu,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from tray_app.core.view import EVERY_SERVER, Entry, TrayView
from tray_app.ui.icons import IconSet, application_icon
from tray_app.ui.labels import button_text, one_line
from tray_app.ui.menu_texts import MenuTexts
from tray_app.ui.people_menu import PeopleMenu
from tray_app.ui.placement import place_window
from tray_app.ui.server_chooser import ServerChooser

if TYPE_CHECKING:
    from tray_app.core.view import RecentEntry

_ICON_SIDE = 48
_LEAST_WIDTH = 340


class StatusWindow(QWidget):
    """Shows the newest `TrayView`. Closing it, or Escape, hides it; the program goes on.

    With several servers it is about one of them, which is chosen at the top: at first the one that the icon is about.
    Every button acts on the server whose texts are shown, and what is shown never becomes another by itself.

    Texts are plain: nothing in a prompt or a server's answer is taken for markup. They can be selected with the mouse
    and with the keyboard, and are in the order of the tab key before the buttons.
    """

    cancel_current_requested = Signal(int)  # this and the following with the number of a server
    cancel_all_requested = Signal(int)
    cancel_people_requested = Signal(int, object)  # a CancelRequest
    open_requested = Signal(int)
    retry_requested = Signal(int)
    settings_requested = Signal()
    quit_requested = Signal()
    recent_clicked = Signal(str)
    opened = Signal()
    closed = Signal()

    def __init__(self, view: TrayView, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self.setWindowTitle("SwarmUI Tray")
        self.setWindowIcon(application_icon())
        self.setAttribute(Qt.WidgetAttribute.WA_QuitOnClose, False)
        self._icons = IconSet()
        self._view = view  # the newest, of all servers
        self._shown: TrayView | None = None  # that of the chosen one
        self._chosen = EVERY_SERVER

        self.chooser = ServerChooser()
        self.together = _text_label("All servers together")
        self.picture = QLabel()
        self.picture.setFixedSize(_ICON_SIDE, _ICON_SIDE)
        self.headline = _text_label("What SwarmUI is doing")
        font = self.headline.font()
        font.setPointSizeF(font.pointSizeF() * 1.3)
        font.setBold(True)
        self.headline.setFont(font)
        self.facts = _text_label("Details")
        self.hint = _text_label("Hint")
        self.hint.hide()
        self.recent = QListWidget()
        self.recent.setAccessibleName("Recent events")
        self.recent.setUniformItemSizes(True)
        self.recent.setSizeAdjustPolicy(QListWidget.SizeAdjustPolicy.AdjustToContents)
        self.recent.setMinimumHeight(3 * self.recent.fontMetrics().height())
        self.recent.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.recent.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.cancel_current = _button(Entry("Cancel current"))
        self.cancel_all = _button(Entry("Cancel all"))
        self.people_button = _button(Entry("Other people"))
        self.people = PeopleMenu(MenuTexts(), QMenu(self), self)
        self.people_button.setMenu(self.people.menu)
        self.open_web = _button(Entry("Open SwarmUI"))
        self.retry = _button(Entry("Try again now"))
        self.settings = _button(Entry("Settings…"))
        self.quit = _button(Entry("Quit"))

        self._lay_out()
        self._connect()
        self.render_view(view)

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.addWidget(self.picture, alignment=Qt.AlignmentFlag.AlignTop)
        top.addSpacing(6)
        texts = QVBoxLayout()
        texts.addWidget(self.headline)
        texts.addWidget(self.facts)
        texts.addStretch()
        top.addLayout(texts, 1)
        buttons = QGridLayout()
        buttons.addWidget(self.cancel_current, 0, 0)
        buttons.addWidget(self.cancel_all, 0, 1)
        buttons.addWidget(self.people_button, 1, 0, 1, 2)
        buttons.addWidget(self.open_web, 2, 0)
        buttons.addWidget(self.retry, 2, 1)
        buttons.addWidget(self.settings, 3, 0)
        buttons.addWidget(self.quit, 3, 1)
        layout = QVBoxLayout(self)
        layout.addStrut(_LEAST_WIDTH)  # not a least width of the window: that would keep it from growing with its texts
        layout.addWidget(self.chooser)
        layout.addWidget(self.together)
        layout.addLayout(top)
        layout.addWidget(self.hint)
        layout.addWidget(self.recent, 1)
        layout.addLayout(buttons)

    @Slot(object)
    def render_view(self, view: TrayView) -> None:
        """Show another view; only what differs from the last one is touched."""
        self._view = view
        several = bool(view.servers)
        self.chooser.setVisible(several)
        self.together.setVisible(several)
        if not several:
            self._chosen = view.server
            self._show(view)
            return
        self.together.setText(view.lines[-1])
        self.chooser.offer(view.servers, self._chosen)
        chosen = next((each for each in view.servers if each.server == self._chosen), None)
        if chosen is None and self._shown is not None and self._chosen != EVERY_SERVER:
            from tray_app.core.several import gone_view

            chosen = gone_view(self._shown)
        self._show(chosen or view.servers[0])

    def show_hint(self, text: str) -> None:
        """Say this as well, about the desktop and not about a server; an empty text takes it away."""
        self.hint.setText(text)
        self.hint.setVisible(bool(text))

    @Slot(int)
    def choose(self, server: int) -> None:
        """Be about this server from now on."""
        self._chosen = server
        self.render_view(self._view)

    def _show(self, view: TrayView) -> None:
        """Show the one server that the window is about."""
        old = self._shown
        if view == old:
            return
        self._shown = view
        if old is None or (old.state, old.badge, old.stale) != (view.state, view.badge, view.stale):
            icon = self._icons.icon(view.state, view.badge, stale=view.stale)
            side = round(_ICON_SIDE * self.devicePixelRatioF())
            pixmap = icon.pixmap(QSize(side, side), 1.0)
            pixmap.setDevicePixelRatio(self.devicePixelRatioF())
            self.picture.setPixmap(pixmap)
            self.picture.setAccessibleName(view.state.value.replace("_", " "))
        headline, *facts = view.lines or (view.head.text,)
        self.headline.setText(headline)
        self.facts.setText("\n".join(facts))
        self.facts.setVisible(bool(facts))
        if old is None or old.recent != view.recent:
            self._render_recent(view.recent)
        for button, entry in (
            (self.cancel_current, view.cancel_current),
            (self.cancel_all, view.cancel_all),
            (self.open_web, view.open_web),
            (self.retry, view.retry),
        ):
            _set_button(button, entry)
        self._show_people()
        if old is not None and len(old.lines) != len(view.lines):
            self.adjustSize()

    @Slot()
    def _show_people(self) -> None:
        if self._shown is not None:
            people = self._shown.people
            self.people.render(self._shown.server, people, held=self.people.menu.isVisible())
            _set_button(self.people_button, people.title)
            self.people_button.setVisible(bool(people.title.text))

    @Slot()
    def open(self) -> None:
        """Show the window in front of the others, on the screen with the pointer."""
        if not self.isVisible():
            self.choose(self._view.foremost)
        place_window(self)
        self.show()
        first = next((button for button in self._buttons() if button.isEnabled()), None)
        if first is not None and not self.headline.selectedText():
            first.setFocus()
        self.raise_()
        self.activateWindow()
        self.opened.emit()

    def closeEvent(self, event: QCloseEvent) -> None:
        # Accepted, which only hides it: a window that refuses to close would hold up quitting and logging out.
        event.accept()
        self.closed.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close()
        else:
            super().keyPressEvent(event)

    def _buttons(self) -> tuple[QPushButton, ...]:
        people = (self.people_button,) if not self.people_button.isHidden() else ()
        return (self.cancel_current, self.cancel_all, *people, self.open_web, self.retry, self.settings, self.quit)

    def _connect(self) -> None:
        self.chooser.chosen.connect(self.choose)
        self.cancel_current.clicked.connect(self._cancel_current)
        self.cancel_all.clicked.connect(self._cancel_all)
        self.open_web.clicked.connect(self._open_web)
        self.retry.clicked.connect(self._retry)
        self.people.chosen.connect(self.cancel_people_requested)
        self.people.menu.aboutToShow.connect(self._show_people)
        self.settings.clicked.connect(self.settings_requested)
        self.quit.clicked.connect(self.quit_requested)
        self.recent.itemActivated.connect(self._recent_activated)

    # Each button acts on the server that is shown.

    @Slot()
    def _cancel_current(self) -> None:
        self.cancel_current_requested.emit(self._number)

    @Slot()
    def _cancel_all(self) -> None:
        self.cancel_all_requested.emit(self._number)

    @Slot()
    def _open_web(self) -> None:
        self.open_requested.emit(self._number)

    @Slot()
    def _retry(self) -> None:
        self.retry_requested.emit(self._number)

    @property
    def _number(self) -> int:
        return self._shown.server if self._shown is not None else EVERY_SERVER

    def _render_recent(self, events: "tuple[RecentEntry, ...]") -> None:
        chosen = self.recent.currentRow()
        self.recent.clear()
        for event in events:
            self.recent.addItem(one_line(event.text))
        self.recent.setCurrentRow(min(chosen, len(events) - 1))
        self.recent.setVisible(bool(events))

    @Slot(QListWidgetItem)
    def _recent_activated(self, item: QListWidgetItem) -> None:
        place = self.recent.row(item)
        target = self._shown.recent[place].target if self._shown and place < len(self._shown.recent) else None
        if target is not None:
            self.recent_clicked.emit(target)


def _text_label(description: str) -> QLabel:
    label = QLabel()
    label.setAccessibleDescription(description)  # not its name: that is what a screen reader reads as its text
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    label.setTextInteractionFlags(
        Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
    )
    label.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    return label


def _button(entry: Entry) -> QPushButton:
    button = QPushButton()
    button.setAutoDefault(True)
    _set_button(button, entry)
    return button


def _set_button(button: QPushButton, entry: Entry) -> None:
    """A change of one button; its accessible name is the text without Qt's escapes."""
    button.setText(button_text(entry.text))
    button.setAccessibleName(entry.text)
    button.setEnabled(entry.enabled)
