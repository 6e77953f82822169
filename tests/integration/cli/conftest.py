"""A real `python -m tray_app` with a home of its own, and simulated servers for it to speak to."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.integration.unmeasured import unmeasured
from tray_app.simulator.server import SimulatedSwarmUI

ROOT = Path(__file__).parents[3]
NOT_PASSED_ON = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM", "DBUS_SESSION_BUS_ADDRESS", "NO_COLOR")


@dataclass(frozen=True)
class Done:
    """A command that has ended."""

    code: int
    out: str
    err: str

    @property
    def objects(self) -> list[dict[str, Any]]:
        """The JSON objects on stdout, which must hold nothing else."""
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def object(self) -> dict[str, Any]:
        """The one JSON object on stdout."""
        (only,) = self.objects
        return only

    @property
    def server(self) -> dict[str, Any]:
        """The one server of a status object."""
        (only,) = self.object["servers"]
        return dict(only)


class CommandLine:
    """Runs commands in an own home; `environment` is added to what they see."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.environment = {
            name: value
            for name, value in os.environ.items()
            if name not in NOT_PASSED_ON and not name.upper().endswith("_PROXY") and not name.startswith("SWARMUI_")
        }
        runtime = home / "run"
        runtime.mkdir(mode=0o700)
        self.environment |= {
            "HOME": str(home),
            "XDG_CONFIG_HOME": str(home / "config"),
            "XDG_STATE_HOME": str(home / "state"),
            "XDG_RUNTIME_DIR": str(runtime),
            "XDG_DATA_HOME": str(home / "data"),
            "PYTHONPATH": str(ROOT),
            "PYTHONUTF8": "1",
        }

    @property
    def config(self) -> Path:
        """The folder of the settings."""
        return self.home / "config" / "swarmui-tray"

    @property
    def state(self) -> Path:
        """The folder of state and logs."""
        return self.home / "state" / "swarmui-tray"

    def __call__(self, *arguments: str, stdin: str = "", timeout: float = 60.0, **environment: str) -> Done:
        """Run a command to its end."""
        done = subprocess.run(
            self.command(*arguments),
            input=stdin,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
            cwd=self.home,
            env=self.environment | environment,
        )
        assert "Traceback" not in done.stderr, done.stderr
        return Done(done.returncode, done.stdout, done.stderr)

    def start(self, *arguments: str, **environment: str) -> "subprocess.Popen[str]":
        """Start a command and leave it running, to be ended by Ctrl-C."""
        return subprocess.Popen(
            self.command(*arguments),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=self.home,
            env=unmeasured(self.environment) | environment,
        )

    def command(self, *arguments: str) -> list[str]:
        """The words that start it."""
        return [sys.executable, "-W", "error", "-m", "tray_app", *arguments]


@pytest.fixture
def cli(tmp_path: Path) -> CommandLine:
    """The command line with an empty home."""
    return CommandLine(tmp_path)


@pytest.fixture
def servers() -> Iterator[Callable[..., SimulatedSwarmUI]]:
    """Starts simulated servers that end with the test."""
    with ExitStack() as stack:
        yield lambda *args, **options: stack.enter_context(SimulatedSwarmUI(*args, **options))


@pytest.fixture
def swarm(servers: Callable[..., SimulatedSwarmUI]) -> SimulatedSwarmUI:
    """A simulated server without accounts, idle, with one ComfyUI backend."""
    return servers()
