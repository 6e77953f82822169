"""A tray menu as a panel sees it (com.canonical.dbusmenu)."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from dbus_fast import Variant

from tests.desktop.rig.bus import BusError, Connection

INTERFACE = "com.canonical.dbusmenu"


@dataclass(frozen=True, slots=True)
class MenuEntry:
    """One entry. `label` is as the protocol carries it, `text` as a panel shows it."""

    id: int
    label: str
    enabled: bool
    visible: bool
    separator: bool
    children: tuple["MenuEntry", ...]

    @property
    def text(self) -> str:
        """The label by the rule of the protocol: `__` is an underscore, the first single `_` marks a mnemonic."""
        return shown(self.label)

    def walk(self) -> Iterator["MenuEntry"]:
        """All entries below this one, depth first."""
        for child in self.children:
            yield child
            yield from child.walk()


def shown(label: str) -> str:
    """What a person reads of a dbusmenu label."""
    text, marked, position = "", False, 0
    while position < len(label):
        if label[position] != "_":
            text += label[position]
        elif label[position : position + 2] == "__":
            text += "_"
            position += 1
        elif marked:
            text += "_"
        else:
            marked = True
        position += 1
    return text


def shown_by_gtk(label: str) -> str:
    """What GTK makes of it: every single `_` marks a mnemonic, not only the first."""
    return label.replace("__", "\0").replace("_", "").replace("\0", "_")


class Menu:
    """The menu of one tray item."""

    def __init__(self, connection: Connection, service: str, path: str) -> None:
        self._connection = connection
        self._service = service
        self._path = path

    def _call(self, member: str, signature: str, *body: Any) -> list[Any]:
        return self._connection.call(self._service, self._path, INTERFACE, member, signature, *body)

    def layout(self) -> MenuEntry:
        """The whole menu as it is, without asking for an update first."""
        _, node = self._call("GetLayout", "iias", 0, -1, [])
        return _entry(node)

    def open(self, entry: int = 0) -> MenuEntry:
        """Open it as a panel does: tell, ask whether it must be read anew, read it."""
        with suppress(BusError):
            self._call("AboutToShow", "i", entry)
        self._event(entry, "opened")
        return self.layout()

    def close(self, entry: int = 0) -> None:
        """Close it again."""
        self._event(entry, "closed")

    def texts(self) -> list[str]:
        """The visible top-level entries, as a person reads them."""
        return [each.text for each in self.layout().children if each.visible and not each.separator]

    def find(self, beginning: str) -> MenuEntry:
        """The visible entry whose text begins like that; in a submenu, too."""
        entries = list(self.layout().walk())
        for entry in entries:
            if entry.visible and entry.text.startswith(beginning):
                return entry
        raise AssertionError(f"No menu entry begins with {beginning!r}: {[each.text for each in entries]}")

    def click(self, beginning: str) -> MenuEntry:
        """Click the entry whose text begins like that; it must be enabled."""
        entry = self.find(beginning)
        assert entry.enabled, f"{entry.text!r} is disabled"
        self._event(entry.id, "clicked")
        return entry

    def click_id(self, entry: int) -> None:
        """Click an entry by its number, without looking at the menu before."""
        self._event(entry, "clicked")

    def _event(self, entry: int, kind: str) -> None:
        self._call("Event", "isvu", entry, kind, Variant("s", ""), 0)


def _entry(node: list[Any]) -> MenuEntry:
    number, properties, children = node
    return MenuEntry(
        id=number,
        label=properties.get("label", ""),
        enabled=properties.get("enabled", True),
        visible=properties.get("visible", True),
        separator=properties.get("type") == "separator",
        children=tuple(_entry(child) for child in children),
    )
