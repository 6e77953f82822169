"""`status`: the state of the servers now, as JSON."""

from typing import TYPE_CHECKING

from tray_app.cli.connection import Onlooker, opened, without_key
from tray_app.cli.exit_codes import ExitCode, for_state
from tray_app.cli.json_forms import status_object
from tray_app.core.errors import SecretsError

if TYPE_CHECKING:
    from collections.abc import Callable

    from tray_app.cli.context import Context, Target
    from tray_app.core.model import ServerStatus

BETWEEN_READINGS = 0.5
"""Seconds between the two readings that it takes to call ComfyUI's queues empty."""


def status(context: "Context") -> int:
    """Print one object about all the servers; the code is that of the first that is not fine."""
    targets = context.targets
    statuses = [_look(context, targets[0])] if len(targets) == 1 else _look_at_all(context)
    context.output.json(status_object(statuses))
    return next((code for each in statuses if (code := for_state(each.state))), ExitCode.DONE)


def _look_at_all(context: "Context") -> "list[ServerStatus]":
    """All at the same time, within the seconds that one request may take: none waits for another."""
    from tray_app.cli.at_once import Threads, too_late

    def look(target: "Target", tell: "Callable[[ServerStatus], None]") -> None:
        tell(_look(context, target))

    seconds = context.request_timeout
    found: dict[int, ServerStatus] = {}
    for position, seen in Threads(context, context.targets, look).told(seconds):
        found[position] = seen
        if len(found) == len(context.targets):
            break
    return [found.get(position) or too_late(each, seconds) for position, each in enumerate(context.targets)]


def _look(context: "Context", target: "Target") -> "ServerStatus":
    try:
        with opened(context, target) as server:
            return Onlooker(server, target.name).look_twice(BETWEEN_READINGS)
    except SecretsError as error:
        return without_key(target, error)
