"""`cancel`: stop the running job, or everything of one user or of all, and say what came of it."""

import sys
import time
from dataclasses import replace
from typing import TYPE_CHECKING

from tray_app.cli.connection import opened
from tray_app.cli.exit_codes import for_cancel
from tray_app.cli.json_forms import cancel_object
from tray_app.core.cancel.run import CancelRun
from tray_app.core.errors import UsageError
from tray_app.core.model import CancelRequest, CancelResult, Event, EventKind, Outcome

if TYPE_CHECKING:
    from tray_app.cli.context import Context, Target
    from tray_app.core.ports import Server


def cancel(context: "Context") -> int:
    """Run one cancel, ask on a terminal where something is to be decided, print the result and note it."""
    target, args = context.target, context.options.args
    given = {"--all": args.all, "--everyone": args.everyone, "--user": args.user, "--backend": args.backend}
    ways = [name for name, value in given.items() if value is not None and value is not False]
    if len(ways) > 1:
        raise UsageError(f"{ways[0]} and {ways[1]} exclude each other.", "Give one of them.")
    request = CancelRequest(
        everything=args.all,
        backend=args.backend,
        confirmed=args.yes,
        dry_run=args.dry_run,
        reason=args.reason,
        timeout=args.timeout,
        user=args.user,
        everyone=args.everyone,
    )
    with opened(context, target) as server:
        result = _carry_out(request, target, server)
        while result.choices and (chosen := _ask(context, result)) is not None:
            request = chosen
            result = _carry_out(request, target, server)
        identity = server.rights.identity
    if result.choices:
        result = replace(result, message=f"{result.message} {_way_on(result)}")
    context.output.json(cancel_object(result))
    if result.outcome not in {None, Outcome.NEEDS_CONFIRMATION} and not context.options.demo:
        _note(context, request, result, identity.user if identity else None)
    return for_cancel(result)


def _carry_out(request: CancelRequest, target: "Target", server: "Server") -> CancelResult:
    run = CancelRun(request, target.name, server, time.monotonic)
    while not isinstance(step := run.step(), CancelResult):
        time.sleep(step)
    return step


def _ask(context: "Context", result: CancelResult) -> CancelRequest | None:
    """The way on that its user chooses on the terminal; None where there is none to ask on, or for "leave it"."""
    if sys.stdin is None or not sys.stdin.isatty() or not context.output.stderr.isatty():
        return None
    show = context.output.question
    show(result.message)
    for number, (label, _) in enumerate(result.choices, 1):
        show(f"  {number}  {label}")
    show("  Enter  Leave it running")
    answer = sys.stdin.readline().strip()
    if answer.isascii() and answer.isdigit() and len(answer) < 4 and 1 <= int(answer) <= len(result.choices):
        return result.choices[int(answer) - 1][1]
    return None


def _way_on(result: CancelResult) -> str:
    """How the question is answered by an option."""
    if len(result.choices) > 1:
        return "Name one with --backend ID, or all of them with --backend all."
    return "Confirm with --yes."


def _note(context: "Context", request: CancelRequest, result: CancelResult, user: str | None) -> None:
    """Write the cancel into the activity log; a log that cannot be written does not undo the cancel."""
    outcome = result.outcome.value if result.outcome else None
    event = Event(
        EventKind.CANCEL,
        result.server,
        time.time(),
        text=result.message,
        jobs=result.cancelled,
        user=user,
        outcome=outcome,
        reason=request.reason,
    )
    try:
        context.activity_log.add(event)
    except OSError as error:
        context.output.message(f"This could not be written to the activity log: {error.strerror or error}.")
