"""Which events deserve a notification, how it reads and which buttons it has."""

from collections.abc import Iterator
from typing import assert_never

from tray_app.core.events import Event, EventKind
from tray_app.core.model import Outcome, ServerStatus
from tray_app.core.offers import jobs_left
from tray_app.core.settings import Settings
from tray_app.core.view import Notice, NoticeButton, Urgency
from tray_app.core.words import headline, sentence, unbroken

TROUBLE = {EventKind.FAILED, EventKind.LOST, EventKind.KEY_REFUSED}

_WORK = {EventKind.FINISHED, EventKind.CANCEL, EventKind.RETURNED, EventKind.OUTPUTS}


def decide(event: Event, settings: Settings, status: ServerStatus, *, here: bool = False) -> Notice | None:
    """The notification for an event of that server, or None where the user wants none.

    `here`: the server is on this computer. Trouble is of normal urgency unless the user chose otherwise: a desktop may
    keep what is critical on the screen until somebody clicks it away, over full-screen programs too.
    """
    if not _wanted(event, settings):
        return None
    subject = "work" if event.kind in _WORK else "failure" if event.kind is EventKind.FAILED else "connection"
    critical = settings.notify.trouble_stays and event.kind in TROUBLE
    return Notice(
        subject=f"{event.server}/{subject}",
        title=f"{headline(event)} ({event.server})",
        body=unbroken(sentence(event)),
        urgency=Urgency.CRITICAL if critical else Urgency.NORMAL,
        target=target(event, status.url),
        picture=event.picture,
        buttons=tuple((each.value, label) for each, label in _buttons(event, status, here=here)),
    )


def _buttons(event: Event, status: ServerStatus, *, here: bool) -> Iterator[tuple[NoticeButton, str]]:
    """At most four; a click beside them opens `target`."""
    if event.output is not None:
        yield NoticeButton.IMAGE, "Open image"
        if here and status.can.open_folder is True:
            yield NoticeButton.FOLDER, "Open folder"
    if event.output is None or not (here and status.can.open_folder is True):
        yield NoticeButton.VIEW, "Open view"
    if event.kind not in {EventKind.LOST, EventKind.KEY_REFUSED} and jobs_left(status):
        yield NoticeButton.CANCEL, "Cancel the rest"
    yield NoticeButton.SNOOZE, "Snooze 1 h"


def target(event: Event, url: str) -> str:
    """The address that a click on the event opens: its picture, else SwarmUI."""
    return f"{url.rstrip('/')}/{event.output.url.lstrip('/')}" if event.output is not None else url


def _wanted(event: Event, settings: Settings) -> bool:
    notify = settings.notify
    match event.kind:
        case EventKind.FINISHED:
            # Work that ran before we looked has no known length: rather tell too much than let it pass.
            return notify.finished and (event.seconds is None or event.seconds >= notify.longer_than)
        case EventKind.OUTPUTS:
            return notify.finished
        case EventKind.FAILED:
            return notify.failed
        case EventKind.LOST | EventKind.KEY_REFUSED:
            return notify.lost
        case EventKind.BACK:
            return notify.back
        case EventKind.CANCEL:
            # A question is asked in a window of its own.
            return notify.cancel and event.outcome != Outcome.NEEDS_CONFIRMATION
        case EventKind.RETURNED:
            return notify.cancel
        case never:
            assert_never(never)
