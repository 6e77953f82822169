"""Which events deserve a notification, and how it reads."""

from typing import assert_never

from tray_app.core.model import Event, EventKind, Outcome
from tray_app.core.settings import Settings
from tray_app.core.view import Notice, Urgency
from tray_app.core.words import headline, sentence

_LOUD = {EventKind.FAILED, EventKind.LOST, EventKind.KEY_REFUSED}

_WORK = {EventKind.FINISHED, EventKind.CANCEL, EventKind.RETURNED}


def decide(event: Event, settings: Settings, url: str) -> Notice | None:
    """The notification for an event of the server at `url`, or None where the user wants none."""
    if not _wanted(event, settings):
        return None
    subject = "work" if event.kind in _WORK else "failure" if event.kind is EventKind.FAILED else "connection"
    return Notice(
        subject=f"{event.server}/{subject}",
        title=f"{headline(event)} ({event.server})",
        body=sentence(event),
        urgency=Urgency.CRITICAL if event.kind in _LOUD else Urgency.NORMAL,
        target=target(event, url),
        picture=event.picture,
    )


def target(event: Event, url: str) -> str:
    """The address that a click on the event opens: its picture, else SwarmUI."""
    return f"{url.rstrip('/')}/{event.output.url.lstrip('/')}" if event.output is not None else url


def _wanted(event: Event, settings: Settings) -> bool:
    notify = settings.notify
    match event.kind:
        case EventKind.FINISHED:
            # Work that ran before we looked has no known length: rather tell too much than let it pass.
            return notify.finished and (event.seconds is None or event.seconds >= notify.longer_than)
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
