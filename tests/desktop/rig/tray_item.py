"""A tray item as a panel sees it (org.kde.StatusNotifierItem)."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.desktop.rig.bus import PROPERTIES, Connection, plain
from tests.desktop.rig.dbusmenu import Menu

if TYPE_CHECKING:
    from PySide6.QtGui import QImage

ITEM = "org.kde.StatusNotifierItem"
WATCHER = "org.kde.StatusNotifierWatcher"
WATCHER_PATH = "/StatusNotifierWatcher"


@dataclass(frozen=True, slots=True)
class TrayItem:
    """An item, by the bus name and the path under which it registered."""

    connection: Connection
    service: str
    path: str

    def properties(self) -> dict[str, Any]:
        """All properties, as plain values."""
        found: dict[str, Any] = self.connection.call(self.service, self.path, PROPERTIES, "GetAll", "s", ITEM)[0]
        return found

    def get(self, name: str) -> Any:
        """One property."""
        return plain(self.connection.get(self.service, self.path, ITEM, name))

    @property
    def tooltip(self) -> str:
        """What a person reads when the pointer rests on the icon: title and text."""
        _, _, title, text = self.get("ToolTip")
        return "\n".join(part for part in (title, text) if part)

    def icons(self) -> dict[int, "QImage"]:
        """The offered pictures by their width in pixels."""
        return {width: decode(width, height, bytes(data)) for width, height, data in self.get("IconPixmap")}

    def icon_bytes(self) -> bytes:
        """All offered pictures as they came, to tell whether anything changed."""
        return b"".join(bytes(data) for _, _, data in self.get("IconPixmap"))

    @property
    def menu(self) -> Menu:
        """Its menu."""
        return Menu(self.connection, self.service, self.get("Menu"))

    def activate(self) -> None:
        """A left click."""
        self.connection.call(self.service, self.path, ITEM, "Activate", "ii", 0, 0)

    def secondary_activate(self) -> None:
        """A middle click."""
        self.connection.call(self.service, self.path, ITEM, "SecondaryActivate", "ii", 0, 0)

    def scroll(self, delta: int, orientation: str = "vertical") -> None:
        """Turn the wheel over it."""
        self.connection.call(self.service, self.path, ITEM, "Scroll", "is", delta, orientation)


def decode(width: int, height: int, data: bytes) -> "QImage":
    """A picture of IconPixmap: ARGB32, not premultiplied, big endian."""
    from PySide6.QtGui import QImage  # here: the benchmark measures programs that share Qt's pages with nobody

    swapped = bytearray(data)
    swapped[0::4], swapped[1::4], swapped[2::4], swapped[3::4] = data[3::4], data[2::4], data[1::4], data[0::4]
    return QImage(bytes(swapped), width, height, width * 4, QImage.Format.Format_ARGB32).copy()


def registered(connection: Connection) -> list[TrayItem]:
    """The items that the watcher on this bus knows, whichever watcher it is."""
    items = []
    for full in connection.get(WATCHER, WATCHER_PATH, WATCHER, "RegisteredStatusNotifierItems"):
        service, slash, path = full.partition("/")
        items.append(TrayItem(connection, service, f"/{path}" if slash else "/StatusNotifierItem"))
    return items
