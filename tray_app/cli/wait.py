"""`wait`: until servers are idle, busy or reachable."""

import threading
import time
from typing import TYPE_CHECKING

from tray_app.cli.at_once import Threads, too_late
from tray_app.cli.connection import Onlooker, opened, without_key
from tray_app.cli.exit_codes import ExitCode, for_state
from tray_app.cli.json_forms import status_object
from tray_app.core.errors import SecretsError
from tray_app.core.model import ServerStatus, State

if TYPE_CHECKING:
    from collections.abc import Callable

    from tray_app.cli.context import Context, Target

SETTLED = 2.0
"""Seconds without work after which a server is idle: Generate Forever falls to 0 between two requests."""

LONGEST_PAUSE = 1.0
"""Seconds between two looks at most, whatever the settings say."""

Judged = tuple[ServerStatus, ExitCode | None]


def wait(context: "Context") -> int:
    """Look until it is so; print the last status in any case.

    Several servers: until all are idle at the same time, or all reachable, or one is busy. The first that cannot be
    waited for ends it.
    """
    targets, until, timeout = context.chosen, context.options.args.until, context.options.args.timeout

    def look(target: "Target", tell: "Callable[[Judged], None]") -> None:
        _look(context, target, tell)

    known: dict[int, ServerStatus] = {}
    codes: dict[int, ExitCode | None] = {}
    code: ExitCode | None = None
    for position, (status, judged) in Threads(context, targets, look).told(timeout):
        known[position], codes[position] = status, judged
        code = _together([codes.get(each) for each in range(len(targets))], until)
        if code is not None:
            break
    if code is None:  # what has told nothing yet is judged as one that was asked and did not answer
        missing = len(known) < len(targets) and until != "reachable"
        code = ExitCode.UNREACHABLE if missing else ExitCode.NOT_IN_TIME
    statuses = [known.get(at) or too_late(target, timeout) for at, target in enumerate(targets)]
    context.output.json(status_object(statuses))
    _explain(context, statuses, codes, code)
    return code


def _together(codes: "list[ExitCode | None]", until: str) -> "ExitCode | None":
    """The code of the wait, from those of the servers; None to go on."""
    failed = next((each for each in codes if each), None)
    if failed is not None:
        return failed
    done = [each is ExitCode.DONE for each in codes]
    return ExitCode.DONE if (any(done) if until == "busy" else all(done)) else None


def _look(context: "Context", target: "Target", tell: "Callable[[Judged], None]") -> None:
    """Look at one server for ever, and tell each time what is there and what that means for the wait."""
    pause = threading.Event()  # never set: waits like sleep, and leaves the process free to end
    between = min(context.settings.poll_busy, LONGEST_PAUSE)
    watcher = Waiting(context.options.args.until)
    try:
        with opened(context, target) as server:
            onlooker = Onlooker(server, target.name)
            while True:
                status = onlooker.look_twice(between)
                now = time.monotonic()
                # An older status shows no quiet: work may have begun, and be what makes the server slow.
                old = onlooker.late and status.state is not State.UNREACHABLE
                tell((status, None if old else watcher.judge(status, now)))
                pause.wait(watcher.pause(between, now))
    except SecretsError as error:
        tell((without_key(target, error), ExitCode.KEY))


class Waiting:
    """Decides, from one status of a server to the next, whether the wait for it is over. `now` is of a steady clock."""

    def __init__(self, until: str) -> None:
        self._until = until
        self._quiet_since: float | None = None
        self._met = False
        self._knew = False

    def judge(self, status: ServerStatus, now: float) -> ExitCode | None:
        """The exit code, or None to go on waiting."""
        if status.state is State.UNREACHABLE:
            self._quiet_since = None
            return None if self._met or self._until == "reachable" else ExitCode.UNREACHABLE
        self._met = True
        refused = for_state(status.state)
        if refused:
            return refused
        if self._until == "reachable":
            return ExitCode.DONE
        busy = has_work(status)
        if busy is None:
            self._quiet_since = None
            return None if self._knew or will_know(status) else ExitCode.KEY
        self._knew = True
        if self._until == "busy":
            return ExitCode.DONE if busy else None
        if busy or status.state is State.LOADING:
            self._quiet_since = None
            return None
        if self._quiet_since is None:
            self._quiet_since = now
        return ExitCode.DONE if now - self._quiet_since >= SETTLED else None

    def pause(self, longest: float, now: float) -> float:
        """Seconds until the next look: not beyond the moment at which it is decided."""
        settled = now if self._quiet_since is None else self._quiet_since + SETTLED
        return min(longest, settled - now) if settled > now else longest


def will_know(status: ServerStatus) -> bool:
    """Whether work will show once the backends are up: in their queues, which this key sees as it sees them."""
    return status.state is State.LOADING and status.backends is not None


def has_work(status: ServerStatus) -> bool | None:
    """Whether anything runs, waits or loads for a job; None where this key cannot know."""
    jobs = status.jobs
    if jobs.total or jobs.loading or status.state is State.GENERATING:
        return True
    return None if jobs.total is None else False


def _explain(
    context: "Context", statuses: list[ServerStatus], codes: "dict[int, ExitCode | None]", code: ExitCode
) -> None:
    """Say about each server what kept the wait from its end."""
    if code is ExitCode.DONE:
        return
    until = context.options.args.until
    for position, status in enumerate(statuses):
        judged = codes.get(position)
        if judged is ExitCode.DONE or (judged is None and code is not ExitCode.NOT_IN_TIME and status.state.connected):
            continue
        if judged is None and code is ExitCode.NOT_IN_TIME:
            context.output.error(f"{status.name} was not {until} in time.", "Its last state is on stdout.")
        elif status.problem is not None:
            context.output.error(status.problem.message, status.problem.advice)
        else:
            context.output.error(f"With this key it cannot be known whether {status.name} works.")
