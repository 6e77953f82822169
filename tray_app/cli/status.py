"""`status`: the state of the servers now, as JSON."""

from typing import TYPE_CHECKING

from tray_app.cli.connection import Onlooker, opened, without_key
from tray_app.cli.exit_codes import ExitCode, for_state
from tray_app.cli.json_forms import status_object
from tray_app.core.errors import SecretsError

if TYPE_CHECKING:
    from tray_app.cli.context import Context, Target
    from tray_app.core.model import ServerStatus

BETWEEN_READINGS = 0.5
"""Seconds between the two readings that it takes to call ComfyUI's queues empty."""


def status(context: "Context") -> int:
    """Print one object about all the servers; the code is that of the first that is not fine."""
    targets = context.targets
    if len(targets) == 1:
        statuses = [_look(context, targets[0])]
    else:
        from concurrent.futures import ThreadPoolExecutor

        with ThreadPoolExecutor(min(len(targets), 32)) as pool:
            statuses = list(pool.map(lambda target: _look(context, target), targets))
    context.output.json(status_object(statuses))
    return next((code for each in statuses if (code := for_state(each.state))), ExitCode.DONE)


def _look(context: "Context", target: "Target") -> "ServerStatus":
    try:
        with opened(context, target) as server:
            return Onlooker(server, target.name).look_twice(BETWEEN_READINGS)
    except SecretsError as error:
        return without_key(target, error)
