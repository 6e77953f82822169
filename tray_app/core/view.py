"""What the views render: frozen values with final texts. Made by `present` and `notices`, read by `ui` and `cli`."""

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from tray_app.core.face import STARTING_FACE, Face
from tray_app.core.state import State

if TYPE_CHECKING:
    from tray_app.core.model import CancelRequest


@dataclass(frozen=True, slots=True)
class Entry:
    """One menu row or button: its text as it shall be read (no mnemonics, no markup) and whether it can be used."""

    text: str
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class RecentEntry:
    """One row of "Recent events"; `target` is the address a click opens, if any."""

    text: str
    target: str | None = None


@dataclass(frozen=True, slots=True)
class SnoozeRows:
    """What changes in the submenu "Snooze notifications": its title, and the row that ends one, if any."""

    title: Entry = Entry("Snooze notifications")
    wake: Entry = Entry("")


@dataclass(frozen=True, slots=True)
class PersonRow:
    """One row about a user's work, `name` says whose. `request` cancels it, or is None where that cannot be asked."""

    name: str
    entry: Entry
    request: "CancelRequest | None" = None


@dataclass(frozen=True, slots=True)
class PeopleRows:
    """The submenu "Other people": a title ("" where there is nothing to say), one row each, and everybody's work."""

    title: Entry = Entry("")
    rows: tuple[PersonRow, ...] = ()
    everybody: PersonRow | None = None


PEOPLE_ROWS = 10
"""How many rows about people there are at most; the last one sums up where there are more people."""

EVERY_SERVER = 0
"""In the place of a server's number: all that are watched."""


@dataclass(frozen=True, slots=True)
class TrayView:
    """Everything that the tray icon, its menu and the small window show, of one server or of several together.

    `badge` is drawn over the icon ("" for none, else "1" to "9" or a digit with "+": more), `tooltip` is at most 127
    UTF-16 units with the most important fact first, `recent` is newest first. `lines` are the same facts for the
    window, most important first. `stale` says that the figures are of the past.

    `server` is the number by which what is clicked names its server, for as long as that is watched and whatever
    happens to names and order. With several servers `servers` has a view of each, in the user's order, and this one
    says what they come to together: it names the worst (`foremost` is its number) and offers no cancel.
    """

    state: State
    badge: str
    tooltip: str
    head: Entry
    detail: Entry
    cancel_current: Entry
    cancel_all: Entry
    retry: Entry
    open_web: Entry
    recent: tuple[RecentEntry, ...]
    lines: tuple[str, ...]
    stale: bool = False
    snooze: SnoozeRows = SnoozeRows()
    people: PeopleRows = PeopleRows()
    server: int = EVERY_SERVER
    name: str = ""
    servers: "tuple[TrayView, ...]" = ()
    foremost: int = EVERY_SERVER

    @property
    def face(self) -> Face:
        """What the icon itself shows of it."""
        return Face(self.state, self.badge, self.stale, self.tooltip)


RECENT_ROWS = 10
"""How many rows "Recent events" has; the menu is built with that many once and never grows."""


STARTING = TrayView(
    **STARTING_FACE._asdict(),
    head=Entry(STARTING_FACE.tooltip, enabled=False),
    detail=Entry("", enabled=False),
    cancel_current=Entry("Cancel current job (not connected)", enabled=False),
    cancel_all=Entry("Cancel all (not connected)", enabled=False),
    retry=Entry("Look again now", enabled=False),
    open_web=Entry("Open SwarmUI", enabled=False),
    recent=(),
    lines=(STARTING_FACE.tooltip,),
)
"""What the menu says before settings and servers are known."""


class Urgency(StrEnum):
    """The three urgencies of the desktop notification specification."""

    LOW = "low"
    NORMAL = "normal"
    CRITICAL = "critical"


class NoticeButton(StrEnum):
    """What the buttons of notifications do."""

    IMAGE = "image"
    FOLDER = "folder"
    VIEW = "view"
    CANCEL = "cancel"
    SNOOZE = "snooze"


@dataclass(frozen=True, slots=True)
class Notice:
    """One notification, as plain text: the notifier escapes what its daemon would take for markup.

    `subject` identifies what it is about: a newer notice of the same subject replaces the older one. A click opens
    `target`, an address. `picture` is an encoded image (PNG, JPEG or WebP) or None. `buttons` are (id, label) pairs,
    the ids are those of `NoticeButton`.
    """

    subject: str
    title: str
    body: str
    urgency: Urgency = Urgency.NORMAL
    target: str | None = None
    picture: bytes | None = None
    buttons: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Question:
    """A decision that only the user can take: a text, and per button its label and the request it stands for.

    The caller adds a button that does nothing ("Keep running").
    """

    title: str
    text: str
    choices: "tuple[tuple[str, CancelRequest], ...]"
