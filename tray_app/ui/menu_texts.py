"""The texts and switches of menu rows: written for whoever draws the menu, and touched only where they differ."""

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu

from tray_app.core.view import Entry
from tray_app.ui.labels import button_text, dbus_menu_text

EMPTY = Entry("", enabled=False)


class MenuTexts:
    """All rows of one menu and its submenus. Rows without a text are invisible, not absent."""

    def __init__(self) -> None:
        self._escape = button_text
        self._entries: dict[QAction, Entry] = {}

    def add(self, menu: QMenu, entry: Entry = EMPTY) -> QAction:
        """A new row at the end of a menu."""
        action = menu.addAction(self._escape(entry.text))
        action.setEnabled(entry.enabled)
        action.setVisible(bool(entry.text))
        self._entries[action] = entry
        return action

    def set(self, action: QAction, entry: Entry) -> None:
        """Let a row say this."""
        old = self._entries.get(action)
        if entry == old:
            return
        self._entries[action] = entry
        if old is None or entry.text != old.text:
            action.setText(self._escape(entry.text))
            action.setVisible(bool(entry.text))
        action.setEnabled(entry.enabled)

    def get(self, action: QAction) -> Entry:
        """What a row says."""
        return self._entries[action]

    def disable(self, action: QAction) -> None:
        """Let a row say the same, but do nothing."""
        self.set(action, Entry(self._entries[action].text, enabled=False))

    def forget(self, menu: QMenu) -> None:
        """Let go of a submenu's rows, and of those below it."""
        for action in menu.actions():
            below = action.menu()
            if isinstance(below, QMenu):
                self.forget(below)
            self._entries.pop(action, None)
        self._entries.pop(menu.menuAction(), None)

    def set_drawn_by_panel(self, drawn_by_panel: bool) -> None:
        """Say who draws the menu: the panel over D-Bus, or Qt. The two mark mnemonics differently."""
        escape = dbus_menu_text if drawn_by_panel else button_text
        if escape is self._escape:
            return
        self._escape = escape
        for action, entry in self._entries.items():
            action.setText(escape(entry.text))
