"""The menu "Other people": who is busy with how much and, for those who may, rows that cancel their work."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu

from tray_app.core.view import EVERY_SERVER, PEOPLE_ROWS, Entry, PeopleRows
from tray_app.ui.menu_texts import EMPTY, MenuTexts

if TYPE_CHECKING:
    from tray_app.core.view import PersonRow


class PeopleMenu(QObject):
    """A fixed number of rows; `chosen` carries a server's number and the request of the row.

    While the menu is held open every row stays about the person it was about: somebody without work any more is said
    to have none, somebody new gets a row when the menu has closed.
    """

    chosen = Signal(int, object)

    def __init__(self, texts: MenuTexts, menu: QMenu, parent: QObject) -> None:
        super().__init__(parent)
        self.menu = menu
        self._texts = texts
        self._server = EVERY_SERVER
        self._about: dict[QAction, PersonRow] = {}
        self.rows = tuple(texts.add(menu) for _ in range(PEOPLE_ROWS))
        menu.addSeparator()
        self.everybody = texts.add(menu)
        menu.triggered.connect(self._triggered)

    def render(self, server: int, people: PeopleRows, *, held: bool) -> None:
        """Show who has work on a server. A menu that is held is always about the server that it was about."""
        self._texts.set(self.menu.menuAction(), self._title(people, held=held))
        if held:
            self._render_held(people)
            return
        self._server = server
        rows: list[PersonRow | None] = [*people.rows[:PEOPLE_ROWS]]
        rows += [None] * (PEOPLE_ROWS - len(rows))
        for action, row in zip((*self.rows, self.everybody), (*rows, people.everybody), strict=True):
            self._put(action, row)

    def gone(self) -> None:
        """Nothing here can be asked for any more."""
        for action in (*self.rows, self.everybody):
            self._texts.disable(action)
        self._about.clear()

    def _title(self, people: PeopleRows, *, held: bool) -> Entry:
        if held and not people.title.text and self._texts.get(self.menu.menuAction()).text:
            return Entry("Other people: nothing any more")
        return people.title if not held or self._texts.get(self.menu.menuAction()).text else EMPTY

    def _render_held(self, people: PeopleRows) -> None:
        there = {each.name: each for each in people.rows}
        for action in self.rows:
            if (old := self._about.get(action)) is None:
                continue
            if old.name in there:
                self._put(action, there[old.name])
            elif old.name:
                self._texts.set(action, Entry(f"{old.name}: nothing any more", enabled=False))
        if self.everybody in self._about and people.everybody is not None:
            self._put(self.everybody, people.everybody)
        else:
            self._texts.disable(self.everybody)

    def _put(self, action: QAction, row: "PersonRow | None") -> None:
        if row is None:
            self._about.pop(action, None)
        else:
            self._about[action] = row
        self._texts.set(action, row.entry if row else EMPTY)

    @Slot(QAction)
    def _triggered(self, action: QAction) -> None:
        row = self._about.get(action)
        if row is not None and row.request is not None:
            self.chosen.emit(self._server, row.request)
