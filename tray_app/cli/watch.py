"""`watch`: the state of the servers as JSON, at the start and whenever it differs."""

import queue
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from tray_app.cli.connection import Onlooker, opened, without_key
from tray_app.cli.json_forms import status_object
from tray_app.core.errors import SecretsError, TrayError

if TYPE_CHECKING:
    from tray_app.cli.context import Context, Target
    from tray_app.core.model import ServerStatus

Found = tuple[int, "ServerStatus | Exception"]


def watch(context: "Context") -> int:
    """Print until Ctrl-C. Each server is looked at by a thread of its own, so that none waits for another."""
    return follow(context, lambda statuses: context.output.json(status_object(statuses)))


def follow(context: "Context", show: Callable[["list[ServerStatus]"], None]) -> int:
    """Call `show` with the status of all servers once all are known, and at each change; ends by an exception."""
    found: queue.SimpleQueue[Found] = queue.SimpleQueue()
    for position, target in enumerate(context.targets):
        threading.Thread(target=_observe, args=(context, target, position, found), daemon=True).start()
    statuses: dict[int, ServerStatus] = {}
    while True:
        position, status = found.get()
        if isinstance(status, Exception):
            raise status
        statuses[position] = status
        if len(statuses) == len(context.targets):
            show([statuses[each] for each in sorted(statuses)])


def _observe(context: "Context", target: "Target", position: int, found: "queue.SimpleQueue[Found]") -> None:
    """Put the status whenever it differs from the last one; an error of our own ends the command."""
    pause = threading.Event()  # never set: waits like sleep, and leaves the process free to end
    try:
        with opened(context, target) as server:
            onlooker = Onlooker(server, target.name)
            last: ServerStatus | None = None
            while True:
                now = onlooker.look_twice(context.settings.poll_busy)
                if now != last:
                    found.put((position, now))
                    last = now
                pause.wait(context.settings.poll_busy if now.state.working else context.settings.poll_idle)
    except SecretsError as error:
        found.put((position, without_key(target, error)))
    except TrayError as error:
        found.put((position, error))
    except Exception as error:
        found.put((position, error))
