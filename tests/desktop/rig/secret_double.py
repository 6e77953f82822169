"""A double of the Secret Service for what a real one cannot be told to do: to be silent, or to prompt for ever."""

from enum import Enum, auto

from dbus_fast import Message, MessageType, Variant

from tests.desktop.rig.bus import PROPERTIES, Bus
from tests.desktop.rig.keyring import SECRETS
from tests.desktop.rig.waiting import Journal

SERVICE = "org.freedesktop.Secret.Service"
COLLECTION = "org.freedesktop.Secret.Collection"
PROMPT = "org.freedesktop.Secret.Prompt"
ROOT = "/org/freedesktop/secrets"
DEFAULT = f"{ROOT}/aliases/default"
LOGIN = f"{ROOT}/collection/login"
PROMPT_PATH = f"{ROOT}/prompt/p1"


class Mode(Enum):
    """What happens to whoever asks."""

    SILENT = auto()  # no call is ever answered
    LOCKED = auto()  # unlocking prompts, and nobody ever answers the prompt
    DISMISSED = auto()  # unlocking prompts, and the prompt is dismissed at once
    REFUSES = auto()  # every call is answered with an error


class SecretServiceDouble:
    """Owns org.freedesktop.secrets. `calls` holds the names of all methods called, in order."""

    def __init__(self, bus: Bus, mode: Mode) -> None:
        self.mode = mode
        self.calls: Journal[str] = Journal()
        self._connection = bus.connect()
        self._connection.listen(self._handle)
        self._connection.own(SECRETS)

    @property
    def prompts(self) -> int:
        """How often a password prompt was asked for."""
        return len(self.calls.since(0, lambda member: member == "Prompt"))

    def _handle(self, message: Message) -> Message | bool | None:  # noqa: C901 - a table
        if message.message_type is not MessageType.METHOD_CALL or not (message.path or "").startswith(ROOT):
            return None
        self.calls.add(message.member or "")
        if self.mode is Mode.SILENT:
            return True
        if self.mode is Mode.REFUSES:
            return Message.new_error(message, "org.freedesktop.DBus.Error.AccessDenied", "not today")
        if message.interface == PROPERTIES:
            return self._answer_properties(message)
        match message.member:
            case "OpenSession":
                if message.body[0] != "plain":
                    return Message.new_error(message, "org.freedesktop.DBus.Error.NotSupported", "plain only")
                return Message.new_method_return(message, "vo", [Variant("s", ""), f"{ROOT}/session/s1"])
            case "ReadAlias":
                return Message.new_method_return(message, "o", [LOGIN])
            case "SearchItems":
                lists = 2 if message.path == ROOT else 1  # the service tells unlocked and locked ones apart
                return Message.new_method_return(message, "ao" * lists, [[]] * lists)
            case "Unlock":
                return Message.new_method_return(message, "aoo", [[], PROMPT_PATH])
            case "Prompt":
                if self.mode is Mode.DISMISSED:
                    self._dismiss(message)
                return Message.new_method_return(message)
            case "Dismiss":
                return Message.new_method_return(message)
        return Message.new_error(message, "org.freedesktop.DBus.Error.UnknownMethod", str(message.member))

    def _dismiss(self, message: Message) -> None:
        nothing = Variant("ao", [])
        self._connection.emit(PROMPT_PATH, PROMPT, "Completed", "bv", True, nothing, to=message.sender)

    def _answer_properties(self, message: Message) -> Message:
        if message.member == "Get":
            return Message.new_method_return(message, "v", [self._properties()[message.body[1]]])
        return Message.new_method_return(message, "a{sv}", [self._properties()])

    def _properties(self) -> dict[str, Variant]:
        return {
            "Collections": Variant("ao", [LOGIN]),
            "Items": Variant("ao", []),
            "Label": Variant("s", "Login"),
            "Locked": Variant("b", True),
            "Created": Variant("t", 0),
            "Modified": Variant("t", 0),
        }
