"""What happened on a server and is worth telling. Frozen values, as in `model`."""

from dataclasses import dataclass, field
from enum import StrEnum

from tray_app.core.model import Output


class EventKind(StrEnum):
    """The kinds of events; the same words stand in the activity log."""

    FINISHED = "finished"
    FAILED = "failed"
    LOST = "lost"
    BACK = "back"
    CANCEL = "cancel"
    RETURNED = "returned"  # work came back after a cancel: a tab in Generate Forever
    KEY_REFUSED = "key_refused"
    OUTPUTS = "outputs"  # new files, where nothing else tells of work


@dataclass(frozen=True, slots=True)
class Event:
    """Something worth telling, by one server, at `time` (Unix seconds).

    `jobs` ended jobs (`at_least` when some may have been missed between two polls), `seconds` how long it took or
    lasted, `text` a whole sentence from the server or from us, `output` the newest picture with a small encoded
    `picture` of it, `outcome` and `reason` belong to a cancel.
    """

    kind: EventKind
    server: str
    time: float
    text: str = ""
    jobs: int | None = None
    at_least: bool = False
    seconds: float | None = None
    user: str | None = None
    outcome: str | None = None
    reason: str | None = None
    output: Output | None = None
    picture: bytes | None = field(default=None, repr=False)
