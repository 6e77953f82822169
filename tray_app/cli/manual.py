"""`manual`: the manual page in troff (man(7)), made from the same source as --help."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from tray_app import __version__
from tray_app.cli.arguments import build_parser
from tray_app.cli.exit_codes import ExitCode
from tray_app.cli.grammar import Command, Option, grammar
from tray_app.cli.options import HEADER_VARIABLE, TOKEN_VARIABLE

if TYPE_CHECKING:
    from tray_app.cli.context import Context

EXIT_STATUS = {
    ExitCode.DONE: "Done; also: nothing to cancel, state unknown.",
    ExitCode.REFUSED: "Refused or failed by the server.",
    ExitCode.USAGE: "Wrong call; a choice or a confirmation is needed and there is no terminal to ask on.",
    ExitCode.UNREACHABLE: "Unreachable.",
    ExitCode.KEY: "Key or permission missing.",
    ExitCode.NOT_POSSIBLE: "Not possible on this server; or no SwarmUI that can be read.",
    ExitCode.NOT_IN_TIME: "Not stopped, or not reached, in time.",
    ExitCode.INTERRUPTED: "Ctrl-C.",
    ExitCode.BROKEN_PIPE: "The reader of the output has gone.",
}

ENVIRONMENT = {
    TOKEN_VARIABLE: "An account token, for one command and one server.",
    HEADER_VARIABLE: "The value of the server-wide Authorization header, likewise.",
    "NO_COLOR": "Where set, errors are not coloured.",
    "HTTP_PROXY, HTTPS_PROXY, ALL_PROXY, NO_PROXY": "Which proxies lead to a server that is not on this computer.",
    "SSL_CERT_FILE, SSL_CERT_DIR": "Certificates that are trusted beside or instead of the system's.",
}


def manual(context: "Context") -> int:
    """Print the page."""
    parser = build_parser()
    for line in page(grammar(parser), parser.epilog or "").splitlines():
        context.output.stdout.write(line + "\n")
    return ExitCode.DONE


def page(program: Command, epilog: str) -> str:
    """The whole page."""
    common = [each for each in program.options if each.common or each.names[0] in {"-h", "--version"}]
    lines = [
        f'.TH SWARMUI-TRAY 1 "" "swarmui-tray {__version__}" "User Commands"',
        ".SH NAME",
        r"swarmui-tray \- SwarmUI in the system tray and on the command line",
        ".SH SYNOPSIS",
        ".B swarmui\\-tray",
        r"[\fIglobal options\fR] [\fICOMMAND\fR] [\fIoptions\fR]",
        ".SH DESCRIPTION",
        _plain(f"{program.text} {epilog}"),
        ".SH GLOBAL OPTIONS",
        "They may stand before or after the command.",
        *_options(common),
        ".SH COMMANDS",
    ]
    for each in program.all():
        if each.path:
            lines += _command(each)
    lines += [".SH EXIT STATUS"]
    for code, text in EXIT_STATUS.items():
        lines += [".TP", f".B {int(code)}", _plain(text)]
    lines += [".SH ENVIRONMENT"]
    for name, text in ENVIRONMENT.items():
        lines += [".TP", f".B {_plain(name)}", _plain(text)]
    return "\n".join(lines) + "\n"


def _command(command: Command) -> Iterable[str]:
    arguments = " ".join(rf"\fI{_plain(each.metavar)}\fR" for each in command.arguments)
    yield f".SS {_plain(' '.join(command.path))} {arguments}".rstrip()
    yield _plain(command.text)
    for each in command.arguments:
        yield from (".TP", f".I {_plain(each.metavar)}", _plain(each.text))
    yield from _options(each for each in command.options if not each.common and each.names[0] != "-h")


def _options(options: Iterable[Option]) -> Iterable[str]:
    for each in options:
        value = "" if each.metavar is None else rf" \fI{_plain(each.metavar)}\fR"
        yield from (".TP", ", ".join(rf"\fB{_plain(name)}\fR{value}" for name in each.names), _plain(each.text))


def _plain(text: str) -> str:
    """A text in which troff sees no commands."""
    escaped = text.replace("\\", r"\e").replace("-", r"\-").replace("`", r"\(ga").replace("'", r"\(aq")
    return rf"\&{escaped}" if escaped.startswith(".") else escaped
