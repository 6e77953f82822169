"""`cancel`: stop the running job, or everything of one user or of all, and say what came of it."""

import sys
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tray_app.cli.connection import opened
from tray_app.cli.exit_codes import ExitCode, for_cancel, for_error
from tray_app.cli.json_forms import cancel_object
from tray_app.core.cancel.run import CancelRun
from tray_app.core.errors import ServerError, TrayError, UsageError
from tray_app.core.events import Event, EventKind
from tray_app.core.model import CancelRequest, CancelResult, Outcome

if TYPE_CHECKING:
    from collections.abc import Callable

    from tray_app.cli.context import Context, Target
    from tray_app.core.ports import Server


@dataclass(frozen=True, slots=True)
class _Done:
    """What came of a cancel on one server: the result and for whom it was, or the error that kept it from being tried.

    `request` is the one that was carried out: an answer on the terminal makes another of it.
    """

    request: CancelRequest
    result: CancelResult | None = None
    user: str | None = None
    error: TrayError | None = None

    @property
    def code(self) -> ExitCode:
        """The exit code of this one."""
        if self.result is None:
            return for_error(self.error) if self.error else ExitCode.DONE
        return for_cancel(self.result)


def cancel(context: "Context") -> int:
    """Run the cancels, ask on a terminal where something is to be decided, print the results and note them.

    Several servers are cancelled at the same time, and each result is printed when it is there; the code is that of
    the first server that is not fine.
    """
    targets, request = context.chosen, _request(context)
    if len(targets) == 1:
        return _finish(context, targets[0], _try(context, targets[0], request)).code
    from tray_app.cli.at_once import Threads

    def work(target: "Target", tell: "Callable[[_Done], None]") -> None:
        try:
            tell(_try(context, target, request))
        except TrayError as error:
            tell(_Done(request, error=error))

    done: dict[int, _Done] = {}
    for position, each in Threads(context, targets, work).told():
        done[position] = each
        if each.error is not None:
            context.output.error(f"{targets[position].name}: {each.error.title}", each.error.advice)
        elif each.result is not None and not each.result.choices:
            _finish(context, targets[position], each)
        if len(done) == len(targets):
            break
    for position, each in sorted(done.items()):
        if each.result is not None and each.result.choices:
            done[position] = _finish(context, targets[position], each)
    return next((each.code for _, each in sorted(done.items()) if each.code), ExitCode.DONE)


def _request(context: "Context") -> CancelRequest:
    args = context.options.args
    given = {"--all": args.all, "--everyone": args.everyone, "--user": args.user, "--backend": args.backend}
    ways = [name for name, value in given.items() if value is not None and value is not False]
    if len(ways) > 1:
        raise UsageError(f"{ways[0]} and {ways[1]} exclude each other.", "Give one of them.")
    return CancelRequest(
        everything=args.all,
        backend=args.backend,
        confirmed=args.yes,
        dry_run=args.dry_run,
        reason=args.reason,
        timeout=args.timeout,
        user=args.user,
        everyone=args.everyone,
    )


def _try(context: "Context", target: "Target", request: CancelRequest) -> _Done:
    with opened(context, target) as server:
        try:
            result = _carry_out(request, target, server)
        except ServerError as error:
            # As the tray notes one that could not be carried through: it may have been sent.
            if not request.dry_run:
                _note(context, _event(request, target.name, str(error), Outcome.REFUSED, _user(server)))
            raise
        return _Done(request, result, _user(server))


def _user(server: "Server") -> str | None:
    identity = server.rights.identity
    return identity.user if identity else None


def _finish(context: "Context", target: "Target", done: _Done) -> _Done:
    """Ask as long as something is to be decided and somebody decides it; then print and note what came of it."""
    result = done.result
    while result is not None and result.choices and (chosen := _ask(context, result)) is not None:
        done = _try(context, target, chosen)
        result = done.result
    if result is None:
        raise RuntimeError("a cancel ended without a result")
    if result.choices:
        result = replace(result, message=f"{result.message} {_way_on(result)}")
    context.output.json(cancel_object(result))
    if not done.request.dry_run and result.outcome is not Outcome.NEEDS_CONFIRMATION:
        event = _event(done.request, result.server, result.message, result.outcome, done.user)
        _note(context, replace(event, jobs=result.cancelled))
    return done


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
    show(result.message if len(context.targets) == 1 else f"{result.server}: {result.message}")
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


def _event(request: CancelRequest, server: str, text: str, outcome: Outcome | None, user: str | None) -> Event:
    word = outcome.value if outcome else None
    return Event(EventKind.CANCEL, server, time.time(), text=text, user=user, outcome=word, reason=request.reason)


def _note(context: "Context", event: Event) -> None:
    """Write the cancel into the activity log; a log that cannot be written does not undo the cancel."""
    if context.options.demo:
        return
    try:
        context.activity_log.add(event)
    except OSError as error:
        context.output.message(f"This could not be written to the activity log: {error.strerror or error}.")
