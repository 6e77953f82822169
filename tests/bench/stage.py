"""The desktop on which everything is measured: a tray host, an unlocked keyring with a key, a server that wants it."""

import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.desktop.rig.desktop import Desktop
from tests.desktop.rig.keyring import Keyring
from tests.desktop.rig.process import Process
from tests.desktop.rig.program import BARE_TRAY, TrayProcess, command, configure, run_command
from tests.desktop.rig.tray_host import TrayHostDouble
from tests.desktop.rig.waiting import until
from tray_app.simulator.server import SimulatedSwarmUI


@dataclass(frozen=True, slots=True)
class Stage:
    """What a measurement works with."""

    desktop: Desktop
    host: TrayHostDouble
    server: SimulatedSwarmUI
    cookie: str
    session: str

    def start(self, program: Sequence[str]) -> tuple[Process, float]:
        """Start a tray program; how many milliseconds passed until its icon was registered."""
        registrations = len(self.host.registrations)
        process = TrayProcess(self.desktop, program=program, name="measured")
        entry = self.host.registrations.wait_entry("an icon registers", seconds=30, start=registrations)
        return process, (entry.time - process.started) * 1000

    def end(self, process: Process) -> None:
        """End a tray program and wait until the host has forgotten it."""
        process.end()
        until("the icon is gone", lambda: not self.host.items())

    def raw_poll(self, every: float) -> tuple[str, ...]:
        """The command line of the raw poll thread."""
        file = str(Path(__file__).with_name("raw_poll.py"))
        return (BARE_TRAY[0], file, str(self.server.port), self.session, self.cookie, str(every))

    @property
    def bare(self) -> tuple[str, ...]:
        """The command line of the smallest tray."""
        return BARE_TRAY

    @property
    def tray(self) -> tuple[str, ...]:
        """The command line of the program; without the fault handler that tests switch on."""
        return tuple(part for part in command("run") if part not in {"-X", "faulthandler"})


@contextmanager
def stage(*, idle: float = 5.0, busy: float = 1.0) -> Iterator[Stage]:
    """Put everything up, with a key in the keyring, and take it down again."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        desktop = Desktop(Path(folder) / "desktop")
        # Set, each start would compile the whole program again.
        desktop.env.pop("PYTHONDONTWRITEBYTECODE", None)
        try:
            desktop.start_display()
            Keyring(desktop)
            host = TrayHostDouble(desktop.bus)
            host.appear()
            with SimulatedSwarmUI(accounts=True) as server:
                cookie = server.add_user("ann", "owner")
                configure(desktop, server.url, polling__idle=idle, polling__busy=busy)
                stored = run_command(desktop, "key", "set", feed=f"{cookie}\n")
                assert stored.returncode == 0, stored.stderr
                yield Stage(desktop, host, server, cookie, server.new_session("ann"))
        finally:
            desktop.end()


def settle(seconds: float) -> None:
    """Let time pass: the thing that is measured."""
    time.sleep(seconds)
