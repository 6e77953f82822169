"""The command line: verbs, options and their help texts. Global options may stand before or after the verb."""

import argparse
import re
from typing import TYPE_CHECKING, Any, NoReturn

from tray_app import __version__
from tray_app.core.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from _typeshed import SupportsWrite

MAX_SECONDS = 10 * 365 * 24 * 3600


class _Parser(argparse.ArgumentParser):
    """Raises UsageError instead of printing and leaving, so that every error is told in one way."""

    def error(self, message: str) -> NoReturn:
        # A key that was given as an argument by mistake is not repeated: where errors go, others may read.
        message = re.sub(r"[^\s'\"=]{20,}", "…", message)
        raise UsageError(f"{message[:1].upper()}{message[1:]}.", f"See `{self.prog} --help`.")

    def _print_message(self, message: str, file: "SupportsWrite[str] | None" = None) -> None:
        """Print help or version; unlike the original, let a closed pipe be known."""
        print(message, end="", file=file)


class _Collect(argparse.Action):
    """Gathers what an option is given, also where it stands both before and after the verb."""

    def __init__(self, *args: Any, **keywords: Any) -> None:
        super().__init__(*args, **keywords)
        self._given: list[str] = []  # argparse starts anew after the verb; this object serves both sides

    def __call__(
        self, _parser: argparse.ArgumentParser, namespace: argparse.Namespace, values: Any, _option: str | None = None
    ) -> None:
        """Add a value."""
        self._given.append(str(values))
        setattr(namespace, self.dest, tuple(self._given))


def build_parser(words: "Iterable[str] | None" = None) -> argparse.ArgumentParser:
    """The command line. Options that were not given are not in the result: `Options` has their defaults.

    With the `words` that are to be parsed only the verbs among them get their options: all of them take 20 ms.
    """
    common = _global_options()
    parser = _Parser(
        prog="swarmui-tray",
        description="The state of a SwarmUI server in the system tray and on the command line, and a way to cancel.",
        epilog="Without a verb the tray is started. Keys are never given as arguments: see `key set`, or use the "
        "environment variables SWARMUI_TOKEN and SWARMUI_AUTHORIZATION.",
        parents=[common],
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"swarmui-tray {__version__}")
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", parser_class=_Parser)
    wanted = None if words is None else set(words)
    for name, (text, fill) in _verbs().items():
        if wanted is None or name in wanted:
            fill(verbs.add_parser(name, help=text, description=text, parents=[common], allow_abbrev=False), common)
        else:
            verbs.add_parser(name, help=text, add_help=False)
    return parser


def _verbs() -> "dict[str, tuple[str, Callable[[argparse.ArgumentParser, _Parser], None]]]":
    """Each verb with its text and what adds its options, in the order of --help."""
    return {
        "run": ("Start the tray; without a display, show the same live in the terminal.", _run),
        "status": ("Print the state of the servers as JSON.", _nothing),
        "watch": ("Print the state as JSON now and whenever it changes.", _nothing),
        "wait": ("Wait until a server is idle, busy or reachable, then print its state as JSON.", _wait),
        "cancel": ("Stop the running job, or all of your jobs, and say as JSON what came of it.", _cancel),
        "log": ("Show what happened and what was cancelled, oldest first.", _log),
        "demo": ("Serve a simulated SwarmUI on this computer and print its address.", _demo),
        "setup": ("Set a server up by questions on the terminal: look for it, ask for its key, test, store.", _setup),
        "doctor": ("Test this computer and the connection to each server, step by step.", _doctor),
        "servers": ("List the servers in the settings, or change the list.", _servers),
        "config": ("Show or change the settings.", _config),
        "key": ("Store, remove or test the key of a server in the system's keyring; or have one made.", _key),
        "completion": ("Print a script with which a shell completes commands and options.", _completion),
        "manual": ("Print the manual page in troff, for `man -l -`.", _nothing),
    }


def _global_options() -> _Parser:
    common = _Parser(add_help=False, argument_default=argparse.SUPPRESS)
    group = common.add_argument_group("global options")
    group.add_argument("--url", metavar="URL", help="the server's address; no settings are needed then")
    group.add_argument(
        "--server", metavar="NAME", action=_Collect, help="which of the servers in the settings; may be given again"
    )
    group.add_argument("--all-servers", action="store_true", help="all servers in the settings")
    group.add_argument("--config", metavar="FILE", help="use this settings file")
    group.add_argument("--profile", metavar="NAME", help="use separate settings, memory and logs")
    group.add_argument("--request-timeout", type=_seconds, metavar="S", help="seconds that one request may take (10)")
    group.add_argument("-q", "--quiet", action="store_true", help="only errors and the results asked for")
    group.add_argument("-v", "--verbose", action="store_true", help="show each request and answer, without secrets")
    group.add_argument("--demo", action="store_true", help="use a simulated SwarmUI inside this command")
    return common


def _nothing(_parser: argparse.ArgumentParser, _common: _Parser) -> None:
    """The verb has the global options only."""


def _run(parser: argparse.ArgumentParser, _common: _Parser) -> None:
    parser.add_argument(
        "--or-demo", action="store_true", help="where no server is set up or found, start the demo instead of asking"
    )


def _log(parser: argparse.ArgumentParser, _common: _Parser) -> None:
    parser.add_argument("--json", action="store_true", help="one JSON object per line")
    parser.add_argument("-n", "--lines", type=_count, default=50, metavar="N", help="at most the last N (%(default)s)")


def _demo(parser: argparse.ArgumentParser, _common: _Parser) -> None:
    parser.add_argument("--port", type=_port, default=0, metavar="N", help="the port; a free one is chosen by itself")


def _setup(parser: argparse.ArgumentParser, _common: _Parser) -> None:
    parser.add_argument("--folder", metavar="DIR", help="where SwarmUI is installed on this computer; tells its port")


def _doctor(parser: argparse.ArgumentParser, _common: _Parser) -> None:
    parser.add_argument("--json", action="store_true", help="as one JSON object")
    parser.add_argument(
        "--bundle", metavar="FILE", help="also write a zip file for a report of a fault, without secrets"
    )


def _completion(parser: argparse.ArgumentParser, _common: _Parser) -> None:
    parser.add_argument("shell", choices=("bash", "zsh", "fish"), metavar="SHELL", help="bash, zsh or fish")


def _wait(parser: argparse.ArgumentParser, _common: _Parser) -> None:
    parser.add_argument(
        "--until",
        choices=("idle", "busy", "reachable"),
        default="idle",
        help="what to wait for (%(default)s); idle means 2 seconds without work",
    )
    parser.add_argument("--timeout", type=_seconds, metavar="S", help="give up after S seconds; never by itself")


def _cancel(parser: argparse.ArgumentParser, _common: _Parser) -> None:
    parser.add_argument("--all", action="store_true", help="all jobs of this key's user, not only the running one")
    parser.add_argument("--backend", type=_backend, metavar="ID|all", help="the running job of this backend")
    parser.add_argument("--user", metavar="NAME", help="all jobs of this user; asks first, and is for admins")
    parser.add_argument("--everyone", action="store_true", help="all jobs of all users; asks first, and is for admins")
    parser.add_argument("--yes", action="store_true", help="also when the job may be, or is, somebody else's")
    parser.add_argument("--reason", metavar="TEXT", help="kept in the activity log")
    parser.add_argument("--dry-run", action="store_true", help="say what would be sent, and send nothing")
    parser.add_argument("--timeout", type=_seconds, default=30.0, metavar="S", help="seconds to wait (%(default)g)")


def _servers(parser: argparse.ArgumentParser, common: _Parser) -> None:
    actions = parser.add_subparsers(dest="action", metavar="ACTION", parser_class=_Parser)

    def action(name: str, text: str) -> argparse.ArgumentParser:
        return actions.add_parser(name, help=text, description=text, parents=[common], allow_abbrev=False)

    listed = action("list", "List the servers with their addresses; the same as without an action.")
    form = listed.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="as a JSON object")
    form.add_argument("--names", action="store_true", help="only the names, one a line")
    add = action("add", "Add a server at the end of the list.")
    add.add_argument("name", metavar="NAME", help="the name it shall have")
    add.add_argument("address", metavar="ADDRESS", help="its address, as people paste it")
    remove = action("remove", "Remove a server, and its key from the keyring.")
    remove.add_argument("name", metavar="SERVER", help="its name")
    remove.add_argument("--keep-key", action="store_true", help="leave its key in the keyring")
    rename = action("rename", "Give a server another name.")
    rename.add_argument("name", metavar="SERVER", help="its name")
    rename.add_argument("new_name", metavar="NEW", help="the name it shall have")
    move = action("move", "Put a server in another place of the list.")
    move.add_argument("name", metavar="SERVER", help="its name")
    move.add_argument("place", metavar="N", type=_count, help="its place from now on; 1 is the first")


def _config(parser: argparse.ArgumentParser, common: _Parser) -> None:
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True, parser_class=_Parser)

    def action(name: str, text: str) -> argparse.ArgumentParser:
        return actions.add_parser(name, help=text, description=text, parents=[common], allow_abbrev=False)

    action("path", "Print where the settings file lies.")
    action("show", "Print the settings in force as JSON, and on stderr what in the file cannot be used.")
    change = action("set", "Change one setting.")
    change.add_argument(
        "option",
        help="as in `config show`, such as polling.busy; or server, for an address; or server-certificate, for the "
        "fingerprint of the one certificate that is trusted there (empty: as the system says)",
    )
    change.add_argument("value", help="the new value")
    away = action("export", "Write the settings with their comments for another computer, without any key.")
    away.add_argument("file", metavar="FILE", help="the file to write; - is stdout")
    back = action("import", "Put exported settings in force, and say which keys are still to be stored.")
    back.add_argument("file", metavar="FILE", help="the file to read; - is stdin")


def _key(parser: argparse.ArgumentParser, common: _Parser) -> None:
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True, parser_class=_Parser)

    def action(name: str, text: str) -> argparse.ArgumentParser:
        return actions.add_parser(name, help=text, description=text, parents=[common], allow_abbrev=False)

    store = action("set", "Store a key; it is asked for without echo, or read from stdin.")
    store.add_argument(
        "--authorization",
        action="store_true",
        help="the value of the server-wide Authorization header instead of an account token",
    )
    enter = action(
        "sign-in", "Sign in once, have the server make an account token, and store that; the password is forgotten."
    )
    enter.add_argument(
        "--user", metavar="NAME", help="the account's name; the password is asked for, or read from stdin"
    )
    action("clear", "Remove the keys of a server, and the session made with them.")
    action("test", "Say whether the server accepts the key, and what the key may do.")


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 < seconds <= MAX_SECONDS:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds above 0")
    return seconds


def _count(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number")
    return int(text)


def _port(text: str) -> int:
    port = _count(text)
    if port > 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port")
    return port


def _backend(text: str) -> int | str:
    return text if text == "all" else _count(text)
