"""A terminal with a person at it: runs a command on a pseudo-terminal and types what is asked for."""

import os
import pty
import re
import select
import subprocess
import time
from collections.abc import Sequence

import pytest

from tests.integration.cli.conftest import CommandLine
from tests.integration.unmeasured import unmeasured


class Terminal:
    """One command that believes it is on a terminal. stdout is kept apart where `results` says so.

    `endless`: it is to be ended by Ctrl-C.
    """

    def __init__(
        self,
        cli: CommandLine,
        arguments: Sequence[str],
        *,
        results: bool = False,
        endless: bool = False,
        **environment: str,
    ) -> None:
        try:
            self._main, other = pty.openpty()
        except OSError as error:  # a bare root that was entered without mounting devpts on /dev/pts
            pytest.skip(f"There are no pseudo-terminals here ({error}).")
        self.shown = ""
        self.process = subprocess.Popen(
            cli.command(*arguments),
            stdin=other,
            stdout=subprocess.PIPE if results else other,
            stderr=other,
            text=True,
            cwd=cli.home,
            env=(unmeasured(cli.environment) if endless else cli.environment) | {"TERM": "xterm"} | environment,
            start_new_session=True,
        )
        os.close(other)

    def until(self, pattern: str, timeout: float = 30.0) -> str:
        """Read until the pattern has been shown; gives all that was shown."""
        deadline = time.monotonic() + timeout
        while not re.search(pattern, self.shown):
            ready, _, _ = select.select([self._main], [], [], max(0.0, deadline - time.monotonic()))
            assert ready, f"{pattern!r} was not shown, but {self.shown!r}"
            try:
                self.shown += os.read(self._main, 65536).decode()
            except OSError:  # the other side has closed
                break
        assert re.search(pattern, self.shown), self.shown
        return self.shown

    def type(self, text: str) -> None:
        """Type something."""
        os.write(self._main, text.encode())

    def end(self, timeout: float = 30.0) -> tuple[int, str]:
        """Wait for the end; gives the code, and stdout where it is kept apart."""
        out, _ = self.process.communicate(timeout=timeout)
        os.close(self._main)
        return self.process.returncode, out or ""
