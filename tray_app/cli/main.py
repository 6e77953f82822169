"""The way in: reads the command line, runs one verb, and tells every error in one way.

Verbs are imported when they are run, so that `status` costs no more than it must and only `run` loads a user
interface.
"""

import sys
from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import TYPE_CHECKING

from tray_app.cli.exit_codes import ExitCode, for_error
from tray_app.cli.options import Options
from tray_app.cli.output import Output, standard_output
from tray_app.core.errors import TrayError

if TYPE_CHECKING:
    from tray_app.cli.context import Context


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    if arguments[:1] == ["--keyring-child"]:  # a frozen program has no other Python to start
        from tray_app.adapters.keyring.keyring_child import main as keyring_child

        return int(keyring_child() or 0)
    output = standard_output()
    try:
        code = _command(arguments, output)
        output.close()
    except BrokenPipeError:
        output.abandon()
        return ExitCode.BROKEN_PIPE
    except KeyboardInterrupt:
        return ExitCode.INTERRUPTED
    return code


def run() -> int:
    """The windowed program: the tray, whatever the desktop passes along."""
    return main(["run", *sys.argv[1:]])


def _command(arguments: Sequence[str], output: Output) -> int:
    try:
        options = _parse(arguments)
    except TrayError as error:
        output.error(error.title, error.advice)
        return for_error(error)
    except SystemExit:  # --help and --version: argparse has printed them
        return ExitCode.DONE
    output.quiet = options.quiet
    if options.verb == "run":
        return _run(options, output)
    from tray_app.cli.context import Context

    with Context(options, output) as context:
        try:
            return _verb(options.verb)(context)
        except TrayError as error:
            output.error(context.redactor(error.title), context.redactor(error.advice))
            return for_error(error)
        except BrokenPipeError:
            raise
        # The last resort: a sentence and an entry in the debug log, instead of a traceback with values in it.
        except Exception as error:
            return _unexpected(context, error)


def _parse(arguments: Sequence[str]) -> Options:
    """The command line as options. Raises UsageError, and SystemExit once --help or --version is printed."""
    if arguments in ([], ["run"]):  # how the tray is started nearly always: its icon does not wait for argparse
        return Options(SimpleNamespace())
    from tray_app.cli.arguments import build_parser

    return Options(build_parser(arguments).parse_args(arguments))


def _run(options: Options, output: Output) -> int:
    """The tray makes its context itself, after the icon is on the screen."""
    from tray_app.cli.run import run as show

    try:
        return show(options, output)
    except TrayError as error:
        output.error(error.title, error.advice)
        return for_error(error)
    except BrokenPipeError:
        raise
    # The last resort, as for the other verbs.
    except Exception as error:
        from tray_app.cli.context import Context

        return _unexpected(Context(options, output), error)


def _verb(name: str) -> "Callable[[Context], int]":  # noqa: C901, PLR0912 - a table
    """The function that runs a verb; only its own module is imported."""
    match name:
        case "status":
            from tray_app.cli.status import status as verb
        case "watch":
            from tray_app.cli.watch import watch as verb
        case "wait":
            from tray_app.cli.wait import wait as verb
        case "cancel":
            from tray_app.cli.cancel import cancel as verb
        case "log":
            from tray_app.cli.log import log as verb
        case "demo":
            from tray_app.cli.demo import demo as verb
        case "completion":
            from tray_app.cli.completion import completion as verb
        case "manual":
            from tray_app.cli.manual import manual as verb
        case "setup":
            from tray_app.cli.setup import setup as verb
        case "doctor":
            from tray_app.cli.doctor import doctor as verb
        case "servers":
            from tray_app.cli.servers import servers as verb
        case "config":
            from tray_app.cli.config import config as verb
        case "key":
            from tray_app.cli.key import key as verb
        case _:
            raise ValueError(name)
    return verb


def _unexpected(context: "Context", error: Exception) -> int:
    """Tell of a fault of our own; its traceback goes to the debug log, without secrets."""
    from tray_app.adapters.logs import log_crash

    title = f"Something unexpected went wrong ({type(error).__name__})."
    try:
        path = context.folders.debug_log
    except TrayError:
        context.output.error(title, "Please report it.")
        return ExitCode.REFUSED
    written = log_crash(path, context.redactor, error)
    where = f"The details are in {path}." if written else f"The details could not be written to {path}."
    context.output.error(title, f"{where} Please report it.")
    return ExitCode.REFUSED
