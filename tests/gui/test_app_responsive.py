"""The composed tray: whatever a server does, the main thread is never held up for long, and the end comes at once."""

import gc
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QTimer
from pytestqt.qtbot import QtBot

from tests.gui.program import QUICK, Program, servers
from tests.integration import hostile_table
from tests.integration.hostile import HostileServer, by_route, hang, http
from tests.integration.hostile_table import ROWS, WHEN_POLLED
from tray_app.core.events import Event, EventKind
from tray_app.simulator.server import SimulatedSwarmUI
from tray_app.watcher import Update

pytestmark = pytest.mark.punctual

Start = Callable[..., Program]
ROOT = Path(__file__).parents[2]
LONGEST_GAP = 0.1
ROUNDS, SECONDS = 3, 1.5
"""The server is asked ten times a second and given up after 1 s, so what holds the tray up does it in each round.

One good round is enough: what another program on this machine costs is not in all of them.
"""

CONTROL = """
import select, sys, time
longest, before = 0.0, time.monotonic()
while not select.select([sys.stdin], [], [], 0.005)[0]:
    now = time.monotonic()
    longest, before = max(longest, now - before), now
print(longest)
"""


@contextmanager
def another(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    """A Python process that ends when its stdin is closed."""
    command = [sys.executable, *arguments]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    with process:
        yield process


class Heartbeat:
    """Beats every 5 ms on the main thread; `longest` is the longest time between two beats, in seconds."""

    def __init__(self) -> None:
        self.longest = 0.0
        self._before = time.monotonic()
        self._timer = QTimer()
        self._timer.timeout.connect(self._beat)
        self._timer.start(5)

    def _beat(self) -> None:
        now = time.monotonic()
        self.longest = max(self.longest, now - self._before)
        self._before = now

    def stop(self) -> float:
        """The longest gap."""
        self._timer.stop()
        self._beat()
        return self.longest


@pytest.fixture
def only_the_trays_objects() -> Iterator[None]:
    """Keep Python's collector from going through all that the tests have loaded: the tray alone has far less."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.mark.usefixtures("only_the_trays_objects")
@pytest.mark.parametrize("name", [*(row.name for row in ROWS), *WHEN_POLLED])
def test_the_main_thread_is_not_held_up_by_a_server_that_is(
    start: Start, qtbot: QtBot, tmp_path: Path, name: str
) -> None:
    # In a process of its own: what it costs to be hostile must not be taken for the tray's.
    with another("-m", hostile_table.__name__, name, str(tmp_path)) as hostile, another("-c", CONTROL) as control:
        assert hostile.stdout is not None
        url = hostile.stdout.readline().strip()
        settings = replace(QUICK, poll_busy=0.2, poll_idle=0.5, request_timeout=1.0, servers=servers(home=url))
        program = start(settings=settings)
        program.open_window()
        qtbot.wait(200)  # what the start itself costs is measured elsewhere
        impatient = QTimer()
        impatient.timeout.connect(program.menu.opened)
        impatient.start(100)
        gaps: list[float] = []
        while len(gaps) < ROUNDS and not (gaps and gaps[-1] <= LONGEST_GAP):
            heartbeat = Heartbeat()
            qtbot.wait(int(SECONDS * 1000))
            gaps.append(heartbeat.stop())
        impatient.stop()
        out, _ = control.communicate("")
        hostile.communicate("")
        assert min(gaps) <= LONGEST_GAP + float(out), gaps


class TestTheEnd:
    """Taking everything down."""

    @pytest.mark.parametrize("script", [hang, by_route({}, http({}))], ids=["hangs", "answers"])
    def test_it_does_not_wait_for_a_server(self, start: Start, script: Callable[..., None]) -> None:
        with HostileServer(script) as server:
            settings = replace(QUICK, request_timeout=60.0, servers=servers(one=server.url, two=server.url + "/x"))
            program = start(settings=settings)
            program.wait(lambda: len(server.requests) >= 2)
            began = time.monotonic()
            program.tray.shut_down()
            assert time.monotonic() - began < 1.0

    def test_it_does_not_wait_for_a_cancel(self, start: Start) -> None:
        with SimulatedSwarmUI() as swarm:
            program = start(settings=replace(QUICK, servers=servers(home=swarm.url)))
            swarm.generate(seconds=60)
            program.wait_head("Generating")
            swarm.hang()
            program.choose(program.menu.rows.cancel_all)
            program.wait_head("Cancelling…")
            began = time.monotonic()
            program.tray.shut_down()
            assert time.monotonic() - began < 1.0

    def test_what_comes_afterwards_is_let_go(self, start: Start, qtbot: QtBot) -> None:
        with SimulatedSwarmUI() as swarm:
            program = start(settings=replace(QUICK, servers=servers(home=swarm.url)))
            program.wait_head("Idle")
            tray = program.tray
            server = tray._servers[0]
            called: list[str] = []
            lost = Update(server.state, (Event(EventKind.LOST, "home", time.time()),))
            sender = threading.Thread(target=tray._bridge.updated.emit, args=(server, lost))
            sender.start()
            sender.join()  # it waits in Qt's queue now
            tray.shut_down()
            tray._bridge.answered.emit(lambda: called.append("late"))
            tray._bridge.updated.emit(server, Update(server.state, (Event(EventKind.BACK, "home", time.time()),)))
            QCoreApplication.sendPostedEvents()  # all that is queued is delivered now
            tray.shut_down()
        assert program.recent == []
        assert called == []
        assert not program.icon._tray or not program.icon._tray.isVisible()

    def test_what_a_server_says_after_it_was_taken_out_is_let_go(self, start: Start, qtbot: QtBot) -> None:
        with SimulatedSwarmUI() as old, SimulatedSwarmUI() as new:
            program = start(settings=replace(QUICK, servers=servers(old=old.url)))
            program.wait_head("old: Idle")
            gone = program.tray._servers[0]
            program.tray._apply(replace(QUICK, servers=servers(new=new.url)))
            program.tray._bridge.updated.emit(gone, Update(gone.state, (Event(EventKind.LOST, "old", time.time()),)))
            program.wait_head("new: Idle")
            assert program.recent == []
