"""The page of the settings window that is about servers: which there are, in which order, and one of them to edit."""

from collections.abc import Sequence

from PySide6.QtCore import QSignalBlocker, Qt, Signal, Slot
from PySide6.QtGui import QBrush
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QListWidget, QPushButton, QVBoxLayout, QWidget

from tray_app.core.settings import ServerSettings
from tray_app.ui.labels import one_line
from tray_app.ui.settings_draft import ServerDraft
from tray_app.ui.settings_field import Field, error_colour, hint_label
from tray_app.ui.settings_rows import EMPTY, Row, draft_of, follow
from tray_app.ui.settings_server import ServerForm

_ROWS = 3
_ORDER = "The tray lists them in this order."
_KEY_GOES = "“{name}” is removed when you save, and its stored key and session with it."
_SERVER_GOES = "“{name}” is removed when you save."


class ServersPage(QWidget):
    """Edits a list of servers, one at a time. `stored` are the origins that have a key in the keyring.

    `proposed` are shown where the file has no servers.
    """

    corrected = Signal()

    def __init__(
        self, servers: Sequence[ServerSettings], stored: frozenset[str], proposed: Sequence[ServerSettings] = ()
    ) -> None:
        super().__init__()
        self._stored = stored
        self._file = tuple(servers)
        self._rows = [Row(draft_of(server), server) for server in servers or proposed] or [Row()]
        self._removed: list[ServerSettings] = []
        self._loaded = frozenset(row.origin for row in self._rows)
        self._current = 0
        self.list = QListWidget()
        self.list.setAccessibleName("Servers")
        self.list.setUniformItemSizes(True)
        self.list.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.add = _button("A&dd", "Add a server")
        self.remove = _button("&Remove", "Remove this server")
        self.up = _button("&Up", "Move this server up")
        self.down = _button("Do&wn", "Move this server down")
        self.note = hint_label(_ORDER)
        self.form = ServerForm(stored)
        self._lay_out()
        self._fill()
        self._load()
        self.list.currentRowChanged.connect(self._choose)
        self.add.clicked.connect(self._add)
        self.remove.clicked.connect(self._remove)
        self.up.clicked.connect(lambda: self._move(-1))
        self.down.clicked.connect(lambda: self._move(1))
        self.form.edited.connect(self._rename)

    # ------------------------------------------------------------------------------------------------------ values

    def drafts(self) -> list[ServerDraft]:
        """All servers as they are edited; entries that are wholly empty are left out."""
        self._keep()
        return [row.draft for row in self._rows if not row.empty]

    def abandoned(self) -> frozenset[str]:
        """Origins with a stored key that no server has any more: it was removed here, or its address changed."""
        return (self._stored & self._loaded) - {row.draft.origin for row in self._rows}

    def follow(self, servers: Sequence[ServerSettings], stored: frozenset[str]) -> list[str]:
        """Take over servers of the file that were changed meanwhile; sentences about what was changed here as well."""
        self._stored = stored
        self.form.set_stored(stored)
        if tuple(servers) == self._file:
            return []
        self._keep()
        current, shown = self._rows[self._current], self._rows[self._current].draft
        followed = follow(self._rows, self._removed, self._file, servers)
        self._rows, self._removed = followed.rows or [Row()], followed.removed
        self._file = tuple(servers)
        self._loaded = frozenset(draft_of(server).origin for server in servers)
        stays = current in self._rows
        self._current = self._rows.index(current) if stays else min(self._current, len(self._rows) - 1)
        self._fill()
        if stays and current.draft == shown:
            self._allow()
        else:
            self._load()
        return followed.told

    def check(self) -> Field | None:
        """Mark every server with which something is wrong and show the first; its first bad field, or None."""
        self._keep()
        names: set[str] = set()
        for row in self._rows:
            row.problems = {} if row.empty and len(self._rows) > 1 else row.draft.problems()
            name = row.draft.shown_name
            if not row.empty and name in names:
                row.problems["name"] = f"Two servers are called {name}. Give each a name of its own."
            names.add(name)
        self._fill()
        wrong = next((place for place, row in enumerate(self._rows) if row.problems), None)
        if wrong is None:
            return None
        self._show(wrong)
        return self.form.mark(self._rows[wrong].problems)

    @property
    def marked(self) -> list[str]:
        """The names of the servers that the last check found something wrong with."""
        return [row.draft.shown_name for row in self._rows if row.problems]

    # ------------------------------------------------------------------------------------------------------ the list

    def _keep(self) -> None:
        """Take what stands in the form over into its draft."""
        self._rows[self._current].draft = self.form.draft()

    def _load(self) -> None:
        """Show the current draft in the form."""
        row = self._rows[self._current]
        with QSignalBlocker(self.form):  # nobody has edited anything
            self.form.load(row.draft, row.origin)
        self.form.mark(row.problems)
        self._allow()

    def _allow(self) -> None:
        """What the buttons can do with the current row."""
        self.remove.setEnabled(len(self._rows) > 1 or not self._rows[self._current].empty)
        self.up.setEnabled(self._current > 0)
        self.down.setEnabled(self._current < len(self._rows) - 1)

    def _fill(self) -> None:
        """Write the rows anew."""
        self.list.blockSignals(True)
        self.list.clear()
        for place, row in enumerate(self._rows):
            self.list.addItem("")
            self._write(place, row.draft)
        self.list.setCurrentRow(self._current)
        self.list.blockSignals(False)

    def _write(self, place: int, draft: ServerDraft) -> None:
        wrong = bool(self._rows[place].problems)
        item = self.list.item(place)
        item.setText(one_line(draft.shown_name) + (" (to be corrected)" if wrong else ""))
        item.setForeground(QBrush(error_colour(self.palette())) if wrong else QBrush())

    def _show(self, place: int) -> None:
        self._current = place
        self.list.blockSignals(True)
        self.list.setCurrentRow(place)
        self.list.blockSignals(False)
        self._load()

    @Slot()
    def _rename(self) -> None:
        """The row follows what is typed."""
        draft, row = self.form.draft(), self._rows[self._current]
        if row.problems and not draft.problems():
            row.problems = {}
            self.corrected.emit()
        self._write(self._current, draft)
        self.remove.setEnabled(len(self._rows) > 1 or draft != EMPTY)

    @Slot(int)
    def _choose(self, place: int) -> None:
        if place >= 0:
            self._keep()
            self._show(place)

    @Slot()
    def _add(self) -> None:
        self._keep()
        self._rows.append(Row())
        self._current = len(self._rows) - 1
        self._fill()
        self._load()
        self.form.name.edit.setFocus()

    @Slot()
    def _remove(self) -> None:
        self._keep()
        row = self._rows.pop(self._current)
        gone = row.draft
        if row.stored is not None:
            self._removed.append(row.stored)
        self._rows = self._rows or [Row()]
        self._current = min(self._current, len(self._rows) - 1)
        text = _KEY_GOES if gone.origin in self.abandoned() else _SERVER_GOES
        self.note.setText(text.format(name=one_line(gone.shown_name)) if gone != EMPTY else _ORDER)
        self._fill()
        self._load()

    def _move(self, by: int) -> None:
        self._keep()
        here, there = self._current, self._current + by
        self._rows[here], self._rows[there] = self._rows[there], self._rows[here]
        self._current = there
        self._fill()
        self._load()

    def _lay_out(self) -> None:
        buttons = QGridLayout()
        for place, button in enumerate((self.add, self.up, self.remove, self.down)):
            buttons.addWidget(button, place // 2, place % 2)
        rows = self.list.fontMetrics().height() + 6
        self.list.setFixedHeight(_ROWS * rows + 2 * self.list.frameWidth() + 4)
        top = QHBoxLayout()
        top.addWidget(self.list, 1)
        top.addLayout(buttons)
        top.setAlignment(self.list, Qt.AlignmentFlag.AlignTop)
        top.setAlignment(buttons, Qt.AlignmentFlag.AlignTop)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(6)
        layout.addLayout(top)
        layout.addWidget(self.note)
        layout.addSpacing(6)
        layout.addWidget(self.form)
        layout.addStretch(1)


def _button(text: str, accessible: str) -> QPushButton:
    button = QPushButton(text)
    button.setAccessibleName(accessible)
    return button
