"""What the commands answer to the shell."""

from enum import IntEnum
from typing import TYPE_CHECKING

from tray_app.core import errors

if TYPE_CHECKING:
    from tray_app.core.model import CancelResult
    from tray_app.core.state import State


class ExitCode(IntEnum):
    """The exit codes; scripts rely on them."""

    DONE = 0  # also: nothing to cancel, state unknown
    REFUSED = 1  # refused or failed by the server
    USAGE = 2  # also: a choice or a confirmation is needed and there is no terminal to ask on
    UNREACHABLE = 3
    KEY = 4  # key or permission missing
    NOT_POSSIBLE = 5  # not possible on this server; incompatible
    NOT_IN_TIME = 6  # not stopped, or not reached, in time
    INTERRUPTED = 130  # Ctrl-C: 128 + SIGINT
    BROKEN_PIPE = 141  # the reader of our output has gone: 128 + SIGPIPE


_BY_ERROR: tuple[tuple[type[errors.TrayError], ExitCode], ...] = (
    (errors.UsageError, ExitCode.USAGE),
    (errors.SecretsError, ExitCode.KEY),
    (errors.Unreachable, ExitCode.UNREACHABLE),
    (errors.Incompatible, ExitCode.NOT_POSSIBLE),
    (errors.NoSuchRoute, ExitCode.NOT_POSSIBLE),
    (errors.KeyRefused, ExitCode.KEY),
    (errors.NotPermitted, ExitCode.KEY),
    (errors.TrayError, ExitCode.REFUSED),
)

# By the words of `State` and `Outcome`, which are texts: `run` needs the codes before it loads those.
_BY_STATE: dict[str, ExitCode] = {
    "unreachable": ExitCode.UNREACHABLE,
    "key_refused": ExitCode.KEY,
    "incompatible": ExitCode.NOT_POSSIBLE,
}

_BY_OUTCOME: dict[str | None, ExitCode] = {
    None: ExitCode.DONE,  # a dry run
    "stopped": ExitCode.DONE,
    "asked": ExitCode.DONE,
    "nothing_running": ExitCode.DONE,
    "needs_confirmation": ExitCode.USAGE,
    "not_possible": ExitCode.NOT_POSSIBLE,
    "refused": ExitCode.REFUSED,
    "still_running": ExitCode.NOT_IN_TIME,
}


def for_error(error: errors.TrayError) -> ExitCode:
    """The code of a command that ended with this error."""
    return next(code for kind, code in _BY_ERROR if isinstance(error, kind))


def for_state(state: "State") -> ExitCode:
    """The code of `status` for one server."""
    return _BY_STATE.get(state, ExitCode.DONE)


def for_cancel(result: "CancelResult") -> ExitCode:
    """The code of `cancel`."""
    if result.outcome == "refused" and result.permission_missing:
        return ExitCode.KEY
    return _BY_OUTCOME[result.outcome]
