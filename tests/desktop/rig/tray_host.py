"""A double of a panel's tray: owns org.kde.StatusNotifierWatcher, records, and can vanish and return."""

import threading
from dataclasses import dataclass
from typing import Any

from dbus_fast import Message, MessageType, Variant

from tests.desktop.rig import dbusmenu
from tests.desktop.rig.bus import DBUS, INTROSPECTABLE, PROPERTIES, Bus, Connection, plain
from tests.desktop.rig.tray_item import ITEM, WATCHER, WATCHER_PATH, TrayItem
from tests.desktop.rig.waiting import Journal

_INTROSPECTION = f"""<node>
<interface name="{WATCHER}">
 <method name="RegisterStatusNotifierItem"><arg direction="in" type="s"/></method>
 <method name="RegisterStatusNotifierHost"><arg direction="in" type="s"/></method>
 <property name="RegisteredStatusNotifierItems" type="as" access="read"/>
 <property name="IsStatusNotifierHostRegistered" type="b" access="read"/>
 <property name="ProtocolVersion" type="i" access="read"/>
 <signal name="StatusNotifierItemRegistered"><arg type="s"/></signal>
 <signal name="StatusNotifierItemUnregistered"><arg type="s"/></signal>
 <signal name="StatusNotifierHostRegistered"/>
</interface>
</node>"""


@dataclass(frozen=True, slots=True)
class Signal:
    """A signal of an item or of its menu."""

    sender: str
    name: str
    body: tuple[Any, ...]


class TrayHostDouble:
    """A StatusNotifier watcher and host without pixels.

    `registrations` holds an item for every call of RegisterStatusNotifierItem, over all lives of the host;
    `signals` every signal that items and menus sent.
    """

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._connection: Connection | None = None
        self._lock = threading.Lock()
        self._items: list[TrayItem] = []
        self.registrations: Journal[TrayItem] = Journal()
        self.signals: Journal[Signal] = Journal()

    def appear(self, *, queue: bool = False) -> None:
        """Own the watcher's name, as a panel that has just started; knows no items yet. Or wait for it with `queue`."""
        assert self._connection is None, "it is there already"
        connection = self._bus.connect()
        with self._lock:
            self._items.clear()
        self._connection = connection
        rules = [f"type='signal',interface='{name}'" for name in (ITEM, dbusmenu.INTERFACE)]
        rules.append(f"type='signal',sender='{DBUS}',member='NameOwnerChanged'")
        connection.listen(self._handle, *rules)
        connection.own(WATCHER, queue=queue)

    def vanish(self) -> None:
        """Be gone, as a panel that was killed."""
        assert self._connection is not None, "it is not there"
        self._connection.close()
        self._connection = None

    def items(self) -> list[TrayItem]:
        """The items that are registered now."""
        with self._lock:
            return list(self._items)

    def wait_for_item(self, seconds: float = 15.0, start: int = 0) -> TrayItem:
        """The first item that registered after the first `start` registrations."""
        return self.registrations.wait("a tray icon registers", seconds=seconds, start=start)

    def _handle(self, message: Message) -> Message | bool | None:
        if message.message_type is MessageType.SIGNAL:
            self._note_signal(message)
            return None
        if message.message_type is not MessageType.METHOD_CALL or message.path != WATCHER_PATH:
            return None
        match message.interface, message.member:
            case (interface, "Introspect") if interface == INTROSPECTABLE:
                return Message.new_method_return(message, "s", [_INTROSPECTION])
            case (interface, "Get") if interface == PROPERTIES:
                return Message.new_method_return(message, "v", [self._properties()[message.body[1]]])
            case (interface, "GetAll") if interface == PROPERTIES:
                return Message.new_method_return(message, "a{sv}", [self._properties()])
            case (_, "RegisterStatusNotifierItem"):
                self._register(message)
                return Message.new_method_return(message)
            case (_, "RegisterStatusNotifierHost"):
                return Message.new_method_return(message)
        return None

    def _properties(self) -> dict[str, Variant]:
        return {
            "RegisteredStatusNotifierItems": Variant("as", [f"{each.service}{each.path}" for each in self.items()]),
            "IsStatusNotifierHostRegistered": Variant("b", True),
            "ProtocolVersion": Variant("i", 0),
        }

    def _register(self, message: Message) -> None:
        named = message.body[0]
        assert self._connection is not None
        assert message.sender is not None
        service, path = (message.sender, named) if named.startswith("/") else (named, "/StatusNotifierItem")
        item = TrayItem(self._bus.client, service, path)
        with self._lock:
            if item not in self._items:
                self._items.append(item)
        self.registrations.add(item)
        self._connection.emit(WATCHER_PATH, WATCHER, "StatusNotifierItemRegistered", "s", service + path)

    def _note_signal(self, message: Message) -> None:
        if message.member == "NameOwnerChanged":
            name, _, new = message.body
            if not new:
                with self._lock:
                    self._items = [each for each in self._items if each.service != name]
        elif message.interface in {ITEM, dbusmenu.INTERFACE}:
            self.signals.add(Signal(message.sender or "", message.member or "", tuple(plain(message.body))))
