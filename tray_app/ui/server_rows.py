"""The rows about one server, in the menu itself where it is the only one, or in a submenu of its own."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QMenu

from tray_app.core.view import EVERY_SERVER, Entry, PeopleRows, TrayView

if TYPE_CHECKING:
    from tray_app.ui.menu_texts import MenuTexts
    from tray_app.ui.people_menu import PeopleMenu


class ServerRows(QObject):
    """Head, detail, the two cancels, other people, Open SwarmUI, Try again now.

    `server` is the number of the server that they are about: it goes with every signal, so that a click acts on the
    server whose rows were clicked and on no other.
    """

    cancel_current_requested = Signal(int)
    cancel_all_requested = Signal(int)
    cancel_people_requested = Signal(int, object)  # a CancelRequest
    open_requested = Signal(int)
    retry_requested = Signal(int)

    def __init__(self, texts: "MenuTexts", menu: QMenu, parent: QObject) -> None:
        super().__init__(parent)
        self.menu = menu
        self.server = EVERY_SERVER
        self.people: PeopleMenu | None = None
        self._texts = texts
        self._name = ""
        self.head = texts.add(menu)
        self.detail = texts.add(menu)
        menu.addSeparator()
        self.cancel_current = texts.add(menu)
        self.cancel_all = texts.add(menu)
        self.line = menu.addSeparator()
        self.open_web = texts.add(menu)
        self.retry = texts.add(menu)
        self.cancel_current.triggered.connect(self._cancel_current)
        self.cancel_all.triggered.connect(self._cancel_all)
        self.open_web.triggered.connect(self._open)
        self.retry.triggered.connect(self._retry)

    def render(self, view: TrayView, *, held: bool) -> None:
        """Bring the rows up to date. `held`: the menu is open, so its structure stays as it is."""
        self.server, self._name = view.server, view.name
        for action, entry in (
            (self.head, Entry(view.head.text, enabled=False)),
            (self.detail, Entry(view.detail.text, enabled=False)),
            (self.cancel_current, view.cancel_current),
            (self.cancel_all, view.cancel_all),
            (self.open_web, view.open_web),
            (self.retry, view.retry),
        ):
            self._texts.set(action, entry)
        self._render_people(view.people, held=held)

    def gone(self) -> None:
        """Say that the server is no longer watched; nothing can be asked of it any more."""
        from tray_app.core.words import label

        text = label(f"{self._name}: no longer in the settings")
        self._texts.set(self.head, Entry(text, enabled=False))
        self._texts.set(self.detail, Entry(self._texts.get(self.detail).text, enabled=False))
        for action in (self.cancel_current, self.cancel_all, self.open_web, self.retry):
            self._texts.disable(action)
        if self.people is not None:
            self.people.gone()

    def _render_people(self, people: PeopleRows, *, held: bool) -> None:
        if self.people is None:
            if held or not people.title.text:
                return
            from tray_app.ui.people_menu import PeopleMenu

            menu = QMenu(self.menu)
            self.people = PeopleMenu(self._texts, menu, self)
            self.people.chosen.connect(self.cancel_people_requested)
            self._texts.set(menu.menuAction(), people.title)
            self.menu.insertMenu(self.line, menu)
        self.people.render(self.server, people, held=held)

    # Methods, no lambdas: those would make rings of references that Python may end in another thread, and Qt with them.

    @Slot()
    def _cancel_current(self) -> None:
        self.cancel_current_requested.emit(self.server)

    @Slot()
    def _cancel_all(self) -> None:
        self.cancel_all_requested.emit(self.server)

    @Slot()
    def _open(self) -> None:
        self.open_requested.emit(self.server)

    @Slot()
    def _retry(self) -> None:
        self.retry_requested.emit(self.server)
