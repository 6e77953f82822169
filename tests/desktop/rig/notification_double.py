"""A double of a notification daemon: lacks what it is told to lack, hangs or refuses on demand, and remembers."""

import itertools
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any

from dbus_fast import Message, MessageType

from tests.desktop.rig.bus import Bus, plain
from tests.desktop.rig.waiting import Journal

NAME = "org.freedesktop.Notifications"
PATH = "/org/freedesktop/Notifications"

ALL_CAPABILITIES = ("body", "body-markup", "actions", "icon-static", "persistence")


class Manner(Enum):
    """How the daemon treats its callers."""

    ANSWERS = auto()
    HANGS = auto()
    REFUSES = auto()


@dataclass(frozen=True, slots=True)
class Notify:
    """One call of Notify; `id` is what was answered."""

    id: int
    sender: str
    app: str
    replaces: int
    summary: str
    body: str
    actions: dict[str, str]
    hints: dict[str, Any] = field(repr=False)  # may hold a picture


class NotificationDouble:
    """Owns org.freedesktop.Notifications. `calls` holds every Notify, `members` the names of all methods called."""

    def __init__(
        self, bus: Bus, capabilities: tuple[str, ...] = ALL_CAPABILITIES, manner: Manner = Manner.ANSWERS
    ) -> None:
        self.capabilities = capabilities
        self.manner = manner
        self.calls: Journal[Notify] = Journal()
        self.members: Journal[str] = Journal()
        self._ids = itertools.count(1)
        self._connection = bus.connect()
        self._connection.listen(self._handle)
        self._connection.own(NAME)

    def vanish(self) -> None:
        """Be gone, as a daemon that was killed."""
        self._connection.close()

    def invoke(self, number: int, action: str) -> None:
        """A button was pressed."""
        self._connection.emit(PATH, NAME, "ActionInvoked", "us", number, action)

    def closed(self, number: int, reason: int = 2) -> None:
        """It was taken away: 1 by time, 2 by the user, 3 by a call."""
        self._connection.emit(PATH, NAME, "NotificationClosed", "uu", number, reason)

    def _handle(self, message: Message) -> Message | bool | None:
        if message.message_type is not MessageType.METHOD_CALL or message.path != PATH:
            return None
        self.members.add(message.member or "")
        if message.member == "Notify":
            number = message.body[1] or next(self._ids)
            self._note(number, message)
        else:
            number = 0
        if self.manner is Manner.HANGS:
            return True
        if self.manner is Manner.REFUSES:
            return Message.new_error(message, "org.freedesktop.DBus.Error.Failed", "not today")
        match message.member:
            case "Notify":
                return Message.new_method_return(message, "u", [number])
            case "GetCapabilities":
                return Message.new_method_return(message, "as", [list(self.capabilities)])
            case "GetServerInformation":
                return Message.new_method_return(message, "ssss", ["double", "tests", "1", "1.2"])
            case "CloseNotification":
                self.closed(message.body[0], 3)
                return Message.new_method_return(message)
        return None

    def _note(self, number: int, message: Message) -> None:
        app, replaces, _, summary, body, actions, hints, _ = plain(message.body)
        pairs = dict(zip(actions[::2], actions[1::2], strict=True))
        self.calls.add(Notify(number, message.sender or "", app, replaces, summary, body, pairs, hints))
