"""`wait`: until a server is idle, busy or reachable."""

import time
from typing import TYPE_CHECKING

from tray_app.cli.connection import Onlooker, opened
from tray_app.cli.exit_codes import ExitCode, for_state
from tray_app.cli.json_forms import status_object
from tray_app.core.model import ServerStatus, State

if TYPE_CHECKING:
    from tray_app.cli.context import Context

SETTLED = 2.0
"""Seconds without work after which a server is idle: Generate Forever falls to 0 between two requests."""

LONGEST_PAUSE = 1.0
"""Seconds between two looks at most, whatever the settings say."""


def wait(context: "Context") -> int:
    """Look until it is so; print the last status in any case."""
    target, args = context.target, context.options.args
    timeout: float | None = args.timeout
    with opened(context, target, at_most=timeout) as server:
        onlooker = Onlooker(server, target.name)
        watcher = Waiting(args.until, time.monotonic(), timeout)
        while True:
            status = onlooker.look_twice(min(context.settings.poll_busy, LONGEST_PAUSE))
            now = time.monotonic()
            code = watcher.judge(status, now)
            if code is not None:
                context.output.json(status_object([status]))
                _explain(context, status, code, args.until)
                return code
            time.sleep(watcher.pause(min(context.settings.poll_busy, LONGEST_PAUSE), now))


class Waiting:
    """Decides, from one status to the next, whether the wait is over. Times are seconds of a steady clock."""

    def __init__(self, until: str, started: float, timeout: float | None) -> None:
        self._until = until
        self._deadline = None if timeout is None else started + timeout
        self._quiet_since: float | None = None
        self._met = False

    def judge(self, status: ServerStatus, now: float) -> ExitCode | None:
        """The exit code, or None to go on waiting."""
        code = self._judge(status, now)
        if code is None and self._deadline is not None and now >= self._deadline:
            return ExitCode.NOT_IN_TIME
        return code

    def pause(self, longest: float, now: float) -> float:
        """Seconds until the next look: not beyond the moment at which something is decided."""
        ends = [self._deadline] if self._deadline is not None else []
        if self._quiet_since is not None:
            ends.append(self._quiet_since + SETTLED)
        return max(0.0, min([longest, *(end - now for end in ends)]))

    def _judge(self, status: ServerStatus, now: float) -> ExitCode | None:
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
            return ExitCode.KEY
        if self._until == "busy":
            return ExitCode.DONE if busy else None
        if busy or status.state is State.LOADING:
            self._quiet_since = None
            return None
        if self._quiet_since is None:
            self._quiet_since = now
        return ExitCode.DONE if now - self._quiet_since >= SETTLED else None


def has_work(status: ServerStatus) -> bool | None:
    """Whether anything runs, waits or loads for a job; None where this key cannot know."""
    jobs = status.jobs
    if jobs.total or jobs.loading or status.state is State.GENERATING:
        return True
    return None if jobs.total is None else False


def _explain(context: "Context", status: ServerStatus, code: ExitCode, until: str) -> None:
    if code is ExitCode.DONE:
        return
    if code is ExitCode.NOT_IN_TIME:
        context.output.error(f"{status.name} was not {until} in time.", "Its last state is on stdout.")
    elif status.problem is not None:
        context.output.error(status.problem.message, status.problem.advice)
    else:
        context.output.error(f"With this key it cannot be known whether {status.name} works.")
