"""`status`: the state of the servers now, as JSON."""

from typing import TYPE_CHECKING

from tray_app.cli.connection import Onlooker, opened, without_key
from tray_app.cli.exit_codes import ExitCode, for_state
from tray_app.cli.json_forms import status_object
from tray_app.core.errors import SecretsError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tray_app.cli.context import Context, Target
    from tray_app.core.model import ServerStatus

BETWEEN_READINGS = 0.5
"""Seconds between the two readings that it takes to call ComfyUI's queues empty."""


def status(context: "Context") -> int:
    """Print one object about all the servers; the code is that of the first that is not fine."""
    statuses = _look_at_all(context, context.targets)
    context.output.json(status_object(statuses))
    return next((code for each in statuses if (code := for_state(each.state))), ExitCode.DONE)


def _look_at_all(context: "Context", targets: "Sequence[Target]") -> "list[ServerStatus]":
    """All at once, each in a thread that does not keep the process alive: Ctrl-C waits for none of them."""
    if len(targets) == 1:
        return [_look(context, targets[0])]
    import threading

    found: list[ServerStatus | Exception | None] = [None] * len(targets)

    def look(position: int) -> None:
        try:
            found[position] = _look(context, targets[position])
        except Exception as error:
            found[position] = error

    threads = [threading.Thread(target=look, args=(position,), daemon=True) for position in range(len(targets))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [_unwrapped(each) for each in found]


def _unwrapped(found: "ServerStatus | Exception | None") -> "ServerStatus":
    if found is None:
        raise RuntimeError("a thread ended without a result")
    if isinstance(found, Exception):
        raise found
    return found


def _look(context: "Context", target: "Target") -> "ServerStatus":
    try:
        with opened(context, target) as server:
            return Onlooker(server, target.name).look_twice(BETWEEN_READINGS)
    except SecretsError as error:
        return without_key(target, error)
