"""`watch`: the state of the servers as JSON, at the start and whenever it differs."""

import threading
from typing import TYPE_CHECKING

from tray_app.cli.at_once import Threads, too_late
from tray_app.cli.connection import Onlooker, opened, without_key
from tray_app.cli.json_forms import status_object
from tray_app.core.errors import SecretsError

if TYPE_CHECKING:
    from collections.abc import Callable

    from tray_app.cli.context import Context, Target
    from tray_app.core.model import ServerStatus


def watch(context: "Context") -> int:
    """Print until Ctrl-C: once all are known or the time of one request is over, then at each change."""

    def observe(target: "Target", tell: "Callable[[ServerStatus], None]") -> None:
        _observe(context, target, tell)

    targets, seconds = context.targets, context.request_timeout
    threads = Threads(context, targets, observe)
    known: dict[int, ServerStatus] = {}

    def show() -> None:
        statuses = [known.get(position) or too_late(each, seconds) for position, each in enumerate(targets)]
        context.output.json(status_object(statuses))

    if len(targets) > 1:  # one server alone may need several requests, each with its own time
        for position, status in threads.told(seconds):
            known[position] = status
            if len(known) == len(targets):
                break
        show()
    for position, status in threads.told():
        known[position] = status
        show()
    raise RuntimeError("what never ends has ended")


def _observe(context: "Context", target: "Target", tell: "Callable[[ServerStatus], None]") -> None:
    """Tell the status whenever it differs from the last one; an error of our own ends the command."""
    pause = threading.Event()  # never set: waits like sleep, and leaves the process free to end
    try:
        with opened(context, target) as server:
            onlooker = Onlooker(server, target.name)
            last: ServerStatus | None = None
            while True:
                now = onlooker.look_twice(context.settings.poll_busy)
                if now != last:
                    tell(now)
                    last = now
                pause.wait(context.settings.poll_busy if now.state.working else context.settings.poll_idle)
    except SecretsError as error:
        tell(without_key(target, error))
