"""What each command loads: Qt only for `run`, the keyring in no process of ours but its child, and that only for a key.

Every command is run for real, against a simulated server, and tells at its end what it has loaded and started.
"""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.integration.unmeasured import unmeasured
from tray_app.simulator.server import SimulatedSwarmUI

ROOT = Path(__file__).parents[2]

# Runs the command line as `swarmui-tray` does; before it ends it writes what was loaded and which programs it started.
TELLING = """
import atexit, json, sys
started = []
def watch(event, values):
    if event == "subprocess.Popen":
        started.append([str(part) for part in values[1]])
sys.addaudithook(watch)
target = sys.argv.pop(1)
def tell():
    with open(target, "w", encoding="utf-8") as file:
        json.dump({"modules": sorted(sys.modules), "started": started}, file)
atexit.register(tell)
from tray_app.cli.main import main
sys.exit(main())
"""


@dataclass(frozen=True)
class Loaded:
    """What one run has loaded and started, and how it ended."""

    code: int
    output: str
    packages: frozenset[str]
    started: list[list[str]]


@dataclass(frozen=True)
class Commands:
    """The command line in a home of its own, with no keyring to be found."""

    home: Path

    def run(self, *arguments: str, interrupt: bool = False) -> Loaded:
        """Run to the end; with `interrupt` until the first line of output, then Ctrl-C."""
        target = self.home / "loaded.json"
        with subprocess.Popen(
            [sys.executable, "-c", TELLING, str(target), *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env=self.environment(),
        ) as process:
            # A command that says nothing must not hold up the tests for ever.
            deadline = threading.Timer(60, process.kill)
            deadline.start()
            try:
                assert process.stdin is not None
                assert process.stdout is not None
                first = ""
                if interrupt:
                    first = process.stdout.readline()
                    process.send_signal(signal.SIGINT)
                rest, _ = process.communicate("aa.bb.cc\n")
            finally:
                deadline.cancel()
        told = json.loads(target.read_text("utf-8"))
        packages = frozenset(name.partition(".")[0] for name in told["modules"])
        return Loaded(process.returncode, first + rest, packages, told["started"])

    def environment(self) -> dict[str, str]:
        """This process' own, with a home that is empty, no display and a session bus that is not there."""
        dropped = ("XDG_", "SWARMUI_", "QT_", "DISPLAY", "WAYLAND_DISPLAY")
        kept = {name: value for name, value in unmeasured(os.environ).items() if not name.startswith(dropped)}
        return kept | {"HOME": str(self.home), "DBUS_SESSION_BUS_ADDRESS": f"unix:path={self.home}/no-bus"}


@pytest.fixture
def commands(tmp_path: Path) -> Commands:
    return Commands(tmp_path)


@pytest.fixture(scope="module")
def server() -> Iterator[SimulatedSwarmUI]:
    with SimulatedSwarmUI() as simulated:
        yield simulated


AGAINST_A_SERVER = [
    ("status", 0),
    ("wait --timeout 20", 0),
    ("cancel --yes", 0),
    ("cancel --all --yes", 0),
    ("cancel --dry-run", 0),
    ("key test", 0),
    ("doctor", 0),
    ("key set", 4),
    ("key clear", 4),
]


@pytest.mark.parametrize(("command", "code"), AGAINST_A_SERVER)
def test_a_command_against_a_server_loads_neither_qt_nor_keyring(
    commands: Commands, server: SimulatedSwarmUI, command: str, code: int
) -> None:
    loaded = commands.run(*command.split(), "--url", server.url)

    assert loaded.code == code
    assert "tray_app" in loaded.packages
    assert not loaded.packages & {"PySide6", "keyring"}


@pytest.mark.parametrize(
    "arguments",
    [
        ("--version",),
        ("--help",),
        ("log",),
        ("log", "--json"),
        ("config", "path"),
        ("config", "show"),
        ("servers",),
        ("config", "set", "server", "http://127.0.0.1:7801"),
        ("no-such-verb",),
    ],
    ids=" ".join,
)
def test_a_command_without_a_server_loads_neither_qt_nor_keyring_nor_http(
    commands: Commands, arguments: tuple[str, ...]
) -> None:
    assert not commands.run(*arguments).packages & {"PySide6", "keyring", "httpx", "httpcore", "aiohttp"}


def test_watch_loads_neither_qt_nor_keyring(commands: Commands, server: SimulatedSwarmUI) -> None:
    loaded = commands.run("watch", "--url", server.url, interrupt=True)

    assert json.loads(loaded.output.splitlines()[0])["schema"] == 1
    assert not loaded.packages & {"PySide6", "keyring"}


def test_demo_loads_the_simulated_server_but_neither_qt_nor_keyring(commands: Commands) -> None:
    loaded = commands.run("demo", interrupt=True)

    assert loaded.output.startswith("http://127.0.0.1:")
    assert "aiohttp" in loaded.packages
    assert not loaded.packages & {"PySide6", "keyring"}


def test_run_without_a_display_shows_the_same_live_without_qt(commands: Commands, server: SimulatedSwarmUI) -> None:
    loaded = commands.run("run", "--url", server.url, interrupt=True)

    assert loaded.output
    assert not loaded.packages & {"PySide6", "keyring"}


def test_status_without_a_stored_key_starts_no_other_program(commands: Commands, server: SimulatedSwarmUI) -> None:
    loaded = commands.run("status", "--url", server.url)

    assert (loaded.code, loaded.started) == (0, [])


def test_storing_a_key_asks_the_keyring_in_a_program_of_its_own(commands: Commands, server: SimulatedSwarmUI) -> None:
    commands.run("config", "set", "server", server.url)
    stored = commands.run("key", "set")

    assert [Path(program[-1]).name for program in stored.started] == ["keyring_child.py"]


def test_importing_the_command_line_loads_nothing_heavy() -> None:
    code = "import sys, tray_app.cli.main; print(*{name.partition('.')[0] for name in sys.modules})"

    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)

    assert not set(result.stdout.split()) & {"PySide6", "keyring", "httpx", "httpcore", "aiohttp", "tomlkit", "jeepney"}
