"""A process that a test starts, and that is gone when the test is over."""

import os
import select
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from tests.desktop.rig.waiting import until

_WITH_US = ("setpriv", "--pdeathsig", "KILL")
"""Becomes the command that follows, which the kernel then ends when we end, even if we are killed ourselves."""


class Process:
    """One part of the desktop, or the program under test, in a session of its own.

    Its output goes to `log`. `announce` is called with a file descriptor's number and gives the arguments that make
    the program write there once it is ready; what it wrote is `announced`.
    """

    def __init__(
        self,
        command: Sequence[str],
        env: Mapping[str, str],
        log: Path,
        *,
        cwd: Path | None = None,
        feed: bytes | None = None,
        announce: Callable[[int], Sequence[str]] | None = None,
    ) -> None:
        self.name = Path(command[0]).name
        self.log = log
        reading, writing = os.pipe() if announce else (-1, -1)
        extra = announce(writing) if announce else ()
        with log.open("ab") as output:
            self.started = time.monotonic()
            self._process = subprocess.Popen(
                [*_WITH_US, *command, *extra],
                env=dict(env),
                cwd=cwd,
                stdin=subprocess.DEVNULL if feed is None else subprocess.PIPE,
                stdout=output,
                stderr=output,
                pass_fds=(writing,) if announce else (),
                start_new_session=True,
            )
        self.pid = self._process.pid
        self._pidfd = os.pidfd_open(self.pid)
        if feed is not None:
            assert self._process.stdin is not None
            self._process.stdin.write(feed)
            self._process.stdin.close()
        self.announced = ""
        if announce:
            os.close(writing)
            self.announced = self._read_line(reading)

    @property
    def alive(self) -> bool:
        """Whether it still runs."""
        return self._process.poll() is None

    @property
    def output(self) -> str:
        """What it wrote to stdout and stderr so far."""
        return self.log.read_text(errors="replace")

    def send(self, number: signal.Signals) -> None:
        """Send it a signal."""
        self._process.send_signal(number)

    def wait(self, seconds: float) -> int:
        """Its exit code, negative for a signal. Fails when it does not end by itself in that time."""
        if not self._ended_within(seconds):
            raise AssertionError(f"{self.name} ({self.pid}) still runs after {seconds:g} s:\n{self.output[-3000:]}")
        return self._process.wait()

    def end(self, seconds: float = 3.0) -> None:
        """End it and every process of its session, by pid: asked first, then killed."""
        if self._pidfd < 0:
            return
        with suppress(ProcessLookupError):
            self._process.send_signal(signal.SIGCONT)
            self._process.terminate()
        if not self._ended_within(seconds):
            self._process.kill()
        self._process.wait(10)
        for pid in self.session():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        until("its children are gone", lambda: not self.session())
        os.close(self._pidfd)
        self._pidfd = -1

    def session(self) -> list[int]:
        """The living processes of its session: itself and its children, however they were started."""
        found = []
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                with suppress(OSError, IndexError):
                    fields = (entry / "stat").read_text().rsplit(")", 1)[1].split()
                    if int(fields[3]) == self.pid and fields[0] != "Z":
                        found.append(int(entry.name))
        return found

    def _ended_within(self, seconds: float) -> bool:
        poll = select.poll()
        poll.register(self._pidfd, select.POLLIN)
        return bool(poll.poll(max(0, seconds) * 1000))

    def _read_line(self, reading: int, seconds: float = 20.0) -> str:
        deadline = time.monotonic() + seconds
        text = b""
        poll = select.poll()
        poll.register(reading, select.POLLIN)
        while not text.endswith(b"\n"):
            part = os.read(reading, 4096) if poll.poll(max(0, deadline - time.monotonic()) * 1000) else b""
            if not part:
                os.close(reading)
                self.end()
                raise AssertionError(f"{self.name} was not ready within {seconds:g} s:\n{self.output[-2000:]}")
            text += part
        os.close(reading)
        return text.decode().strip()
