"""Results on stdout, messages on stderr; nothing that a server says reaches a terminal as a control sequence."""

import os
import sys
from collections.abc import Mapping
from typing import Any, TextIO

PROGRAM = "swarmui-tray"


def printable(text: str) -> str:
    """The text as one line that a terminal only shows: control and other unprintable characters become `�`."""
    return "".join(each if each.isprintable() else " " if each in "\n\t" else "�" for each in text)


class Output:
    """The two streams of a command. `quiet` leaves out everything but errors and the results asked for."""

    def __init__(self, stdout: TextIO, stderr: TextIO, *, quiet: bool = False) -> None:
        self.stdout = stdout
        self.stderr = stderr
        self.quiet = quiet

    def json(self, value: Mapping[str, Any]) -> None:
        """Print a result as one JSON object on one line."""
        import json  # the tray prints none, and its icon waits for what is loaded here

        utf8 = (self.stdout.encoding or "").lower().replace("-", "") == "utf8"
        self._write(self.stdout, json.dumps(value, ensure_ascii=not utf8))

    def line(self, text: str) -> None:
        """Print a result for people, as one line."""
        self._write(self.stdout, printable(text))

    def message(self, text: str) -> None:
        """Say something beside the result."""
        if not self.quiet:
            self._write(self.stderr, printable(text))

    def error(self, title: str, advice: str = "") -> None:
        """Say what went wrong and what to do about it."""
        name = f"{PROGRAM}:"
        if self.colour(self.stderr):
            name = f"\x1b[31m{name}\x1b[0m"
        self._write(self.stderr, f"{name} {printable(f'{title} {advice}'.strip())}")

    def question(self, text: str) -> None:
        """Show a line of a question on the terminal, also with `quiet`."""
        self._write(self.stderr, printable(text))

    def colour(self, stream: TextIO) -> bool:
        """Whether to colour what goes to a stream: a terminal whose user did not decline (no-color.org)."""
        return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"

    def close(self) -> None:
        """Flush both streams. Raises BrokenPipeError when the reader has gone."""
        self.stdout.flush()
        self.stderr.flush()

    def abandon(self) -> None:
        """Forget what nobody reads any more, so that the interpreter does not complain about it at its end."""
        nowhere = os.open(os.devnull, os.O_WRONLY)
        for stream in (self.stdout, self.stderr):
            try:
                stream.flush()
            except OSError:
                os.dup2(nowhere, stream.fileno())
        os.close(nowhere)

    def _write(self, stream: TextIO, text: str) -> None:
        stream.write(text + "\n")
        stream.flush()


def standard_output(*, quiet: bool = False) -> Output:
    """The process' own streams. A windowed process has none: what it says goes nowhere."""
    streams = []
    for stream in (sys.stdout, sys.stderr):
        if stream is None:
            stream = open(os.devnull, "w", encoding="utf-8")  # noqa: PLW2901, PTH123, SIM115 - lives as long as we
        # A name in letters that the terminal lacks must not end the command.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
        streams.append(stream)
    return Output(*streams, quiet=quiet)
