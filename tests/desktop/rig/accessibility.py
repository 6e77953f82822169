"""Windows as a screen reader reads and operates them (AT-SPI)."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from dbus_fast import Message

from tests.desktop.rig.bus import BusError, Connection
from tests.desktop.rig.desktop import Desktop, program
from tests.desktop.rig.waiting import Journal, until

ACCESSIBLE = "org.a11y.atspi.Accessible"
ACTION = "org.a11y.atspi.Action"
TEXT = "org.a11y.atspi.Text"
REGISTRY = "org.a11y.atspi.Registry"
ROOT = "/org/a11y/atspi/accessible/root"

_CHECKED, _ENABLED, _FOCUSED, _SHOWING = 4, 8, 12, 25  # numbers of AtspiStateType


@dataclass(frozen=True, slots=True)
class Accessible:
    """One object of the tree."""

    connection: Connection
    service: str
    path: str

    def _call(self, interface: str, member: str, signature: str = "", *body: Any) -> list[Any]:
        return self.connection.call(self.service, self.path, interface, member, signature, *body)

    @property
    def name(self) -> str:
        """What is read out."""
        return str(self.connection.get(self.service, self.path, ACCESSIBLE, "Name"))

    @property
    def role(self) -> str:
        """Such as "push button" or "label"."""
        return str(self._call(ACCESSIBLE, "GetRoleName")[0])

    @property
    def text(self) -> str:
        """The text in it, where it holds any; else its name."""
        with suppress(BusError):
            return str(self._call(TEXT, "GetText", "ii", 0, -1)[0])
        return self.name

    def has_state(self, number: int) -> bool:
        """Whether a state is set."""
        low, high = self._call(ACCESSIBLE, "GetState")[0]
        return bool((low | high << 32) >> number & 1)

    @property
    def enabled(self) -> bool:
        """Whether it can be operated."""
        return self.has_state(_ENABLED)

    @property
    def checked(self) -> bool:
        """Whether a box is ticked."""
        return self.has_state(_CHECKED)

    @property
    def focused(self) -> bool:
        """Whether the keyboard is its."""
        return self.has_state(_FOCUSED)

    @property
    def showing(self) -> bool:
        """Whether it is on the screen."""
        return self.has_state(_SHOWING)

    def children(self) -> list["Accessible"]:
        """Its children."""
        return [Accessible(self.connection, *each) for each in self._call(ACCESSIBLE, "GetChildren")[0]]

    @property
    def parent(self) -> "Accessible":
        """What it is in."""
        service, path = self.connection.get(self.service, self.path, ACCESSIBLE, "Parent")
        return Accessible(self.connection, service, path)

    def walk(self) -> Iterator["Accessible"]:
        """Everything below it, depth first; what goes away meanwhile is left out."""
        with suppress(BusError):
            for child in self.children():
                yield child
                yield from child.walk()

    def press(self) -> None:
        """Do its first action: press a button."""
        self._call(ACTION, "DoAction", "i", 0)


class ScreenReader:
    """The accessibility bus with its registry. Programs that start afterwards are on it."""

    def __init__(self, desktop: Desktop) -> None:
        desktop.start(program("/usr/libexec/at-spi-bus-launcher"), "--launch-immediately")
        desktop.bus.wait_for_owner("org.a11y.Bus")
        address = desktop.bus.client.call("org.a11y.Bus", "/org/a11y/bus", "org.a11y.Bus", "GetAddress", seconds=15)[0]
        desktop.env["QT_LINUX_ACCESSIBILITY_ALWAYS_ON"] = "1"
        self._connection = Connection(address)
        self._focused: Journal[Accessible] = Journal()
        self._connection.listen(self._note, "type='signal',interface='org.a11y.atspi.Event.Object'")
        self._connection.call(REGISTRY, "/org/a11y/atspi/registry", REGISTRY, "RegisterEvent", "s", "object:")
        desktop.ending.callback(self._connection.close)

    def windows(self) -> list[Accessible]:
        """The top-level windows of all programs."""
        desktop = Accessible(self._connection, REGISTRY, ROOT)
        return [window for application in desktop.children() for window in application.children()]

    def window(self, title: str, seconds: float = 10.0) -> Accessible:
        """The window of that title; waits for it."""

        def look() -> Accessible | None:
            with suppress(BusError):
                return next((each for each in self.windows() if title in each.name and each.showing), None)
            return None

        found = until(f"a window {title!r} that a screen reader sees", look, seconds)
        assert found is not None
        return found

    def button(self, window: Accessible, beginning: str) -> Accessible:
        """The visible button whose name begins like that."""
        buttons = [each for each in window.walk() if each.role in {"push button", "button"}]
        for each in buttons:
            if each.name.startswith(beginning):
                return each
        raise AssertionError(f"No button begins with {beginning!r}: {[each.name for each in buttons]}")

    def find(self, window: Accessible, role: str, beginning: str = "", seconds: float = 10.0) -> Accessible:
        """The visible object of a role whose name begins like that; waits for it."""

        def look() -> Accessible | None:
            with suppress(BusError):
                found = (each for each in window.walk() if each.role == role and each.showing)
                return next((each for each in found if each.name.startswith(beginning)), None)
            return None

        there = until(f"a {role} {beginning!r}", look, seconds)
        assert there is not None
        return there

    def texts(self, window: Accessible) -> list[str]:
        """All texts that are not buttons, in reading order."""
        return [each.text for each in window.walk() if each.role in {"label", "text", "static"} and each.showing]

    def menu_of_focus(self) -> list[str]:
        """The entries of the menu in which the keyboard is; menus have no place in the tree of windows."""
        if not len(self._focused):
            return []
        with suppress(BusError):
            entry = self._focused.since(0)[-1]
            return [each.name for each in entry.parent.children()]
        return []

    def _note(self, message: Message) -> None:
        if message.member == "StateChanged" and message.body[:2] == ["focused", 1]:
            self._focused.add(Accessible(self._connection, message.sender or "", message.path or ""))
