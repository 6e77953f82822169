"""`log`: what happened on the servers and what was cancelled."""

from collections import deque
from datetime import datetime
from typing import TYPE_CHECKING, Any

from tray_app.cli.exit_codes import ExitCode
from tray_app.core.errors import UsageError

if TYPE_CHECKING:
    from tray_app.cli.context import Context


def log(context: "Context") -> int:
    """Print the last entries, oldest first; with --server only those of that server."""
    args, servers = context.options.args, context.options.servers
    try:
        wanted = (each for each in context.activity_log.entries() if not servers or each["server"] in servers)
        entries = deque(wanted, maxlen=args.lines)
    except OSError as error:
        raise UsageError(
            f"The activity log {context.activity_log.path} cannot be read: {error.strerror or error}.",
            "Check the permissions of the file and its folder.",
        ) from error
    for entry in entries:
        if getattr(args, "json", False):
            context.output.json(entry)
        else:
            context.output.line(_sentence(entry))
    if not entries:
        context.output.message("Nothing has been noted yet.")
    return ExitCode.DONE


def _sentence(entry: dict[str, Any]) -> str:
    try:
        when = datetime.fromisoformat(entry["time"]).astimezone().strftime("%Y-%m-%d %H:%M:%S")
    except (ValueError, OverflowError):
        when = entry["time"]
    missed = "missed: " if entry["missed"] else ""
    text = f"{when}  {entry['server']}  {entry['event']}  {missed}{entry['text']}"
    reason = entry.get("reason")
    return f"{text} Reason: {reason}" if isinstance(reason, str) and reason else text
