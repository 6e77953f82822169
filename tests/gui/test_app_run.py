"""`run` as a process without a screen: it watches, ends at a signal, and says what keeps it from starting."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.gui.program import Home
from tests.integration.hostile import HostileServer, hang
from tests.private_desktop import until
from tray_app.simulator.server import SimulatedSwarmUI

pytestmark = pytest.mark.punctual

ROOT = Path(__file__).parents[2]
Run = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def run(home: Home) -> Run:
    """Starts the program in an empty home."""
    del home

    def begin(*arguments: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "tray_app", *arguments]
        # Qt's offscreen platform lacks a signal that Qt's own tray icon connects to, and says so.
        environment = os.environ | {"QT_LOGGING_RULES": "qt.core.qobject.connect=false"}
        return subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT, env=environment
        )

    return begin


@pytest.mark.skipif(sys.platform == "win32", reason="sends POSIX signals")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_ends_it_in_order(run: Run, number: signal.Signals) -> None:
    with SimulatedSwarmUI() as swarm, run("--url", swarm.url) as process:
        swarm.wait_until(lambda: any(each.path.endswith("GetGlobalStatus") for each in swarm.requests), 30)
        began = time.monotonic()
        process.send_signal(number)
        out, errors = process.communicate(timeout=10)
        assert time.monotonic() - began < 2
    assert (process.returncode, out, _own(errors)) == (0, "", "")


@pytest.mark.skipif(sys.platform == "win32", reason="sends POSIX signals")
def test_a_hanging_server_does_not_hold_up_the_end(run: Run) -> None:
    with HostileServer(hang) as server, run("--url", server.url, "--request-timeout", "60") as process:
        until(lambda: server.requests, 30)
        began = time.monotonic()
        process.terminate()
        _, errors = process.communicate(timeout=10)
        assert time.monotonic() - began < 2
    assert (process.returncode, _own(errors)) == (0, "")


def _own(errors: str) -> str:
    """What a program said, without Qt's words on what a screen that is none cannot do: its window came up."""
    return "".join(each for each in errors.splitlines(True) if not each.startswith("This plugin does not support "))


def test_what_keeps_it_from_starting_is_told_and_ends_it(run: Run, tmp_path: Path) -> None:
    with run("--config", str(tmp_path / "none.toml")) as process:
        _, errors = process.communicate(timeout=30)
    assert process.returncode == 2
    assert "There is no settings file" in errors
    assert "Check --config" in errors
