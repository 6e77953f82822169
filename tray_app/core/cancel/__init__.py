"""How work is cancelled, as procedures without input, output or clock.

A procedure is a generator: it yields what it wants done (`asks.Ask`), is sent an `asks.Answer`, and returns a
`CancelResult`. An error of the server is thrown into it where it was asked. The command line and the watcher drive
the same procedures, each with its own way of waiting.

Rules, each with its reason:
- Nothing is sent before a reading that was taken after the call.
- One job is stopped by prompt id, never without: an empty id stops whatever runs (ComfyUI server.py:744-764).
- Model-load prompts stay: SwarmUI takes a cut-off load for a finished one (ComfyUIAPIAbstractBackend.cs:1097).
- ComfyUI's queue is never edited: SwarmUI would wait for the lost prompt for days (same file, 360).
- SwarmUI's counters prove nothing after a cancel, they fall within milliseconds; ComfyUI's queues do.
"""

from tray_app.core.cancel.asks import Procedure, read_server
from tray_app.core.cancel.case import Case
from tray_app.core.cancel.current import cancel_current
from tray_app.core.cancel.everything import cancel_everything
from tray_app.core.cancel.people import cancel_people
from tray_app.core.errors import NotPermitted, Refused
from tray_app.core.model import CancelRequest, Outcome


def cancel(request: CancelRequest, name: str, url: str) -> Procedure:
    """The procedure for a request on the server called `name`, known at `url`.

    Raises UsageError where the request names a backend that does not exist; a ServerError that says nothing about
    the cancel itself (unreachable, key refused) goes through.
    """
    reading, now = yield from read_server()
    case = Case(request, name, url, reading, started=now)
    try:
        return (yield from _procedure(case))
    except NotPermitted as error:
        return case.decline(Outcome.REFUSED, str(error), permission_missing=True)
    except Refused as error:
        return case.decline(Outcome.REFUSED, f"SwarmUI refused: {error}")


def _procedure(case: Case) -> Procedure:
    if case.request.everyone or case.request.user is not None:
        return cancel_people(case)
    return cancel_everything(case) if case.request.everything else cancel_current(case)
