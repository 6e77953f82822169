"""`run` without a display: it says so, and shows the same live in the terminal."""

import signal
import socket
from pathlib import Path

import pytest

from tests.integration.cli.conftest import CommandLine
from tests.integration.cli.terminal import Terminal
from tray_app.cli.run import why_no_display
from tray_app.simulator.server import SimulatedSwarmUI


def finish(terminal: Terminal) -> int:
    terminal.process.send_signal(signal.SIGINT)
    return terminal.end()[0]


def test_it_says_that_there_is_no_display_and_follows_the_server(cli: CommandLine, swarm: SimulatedSwarmUI) -> None:
    cli("config", "set", "server", swarm.url, "--server", "home")
    cli("config", "set", "polling.idle", "0.5")
    terminal = Terminal(cli, ["run"], endless=True)
    terminal.until("There is no display.*terminal")
    terminal.until("Idle")
    swarm.generate(images=3, seconds=60)
    terminal.until("Generating, 1 running, 2 queued")
    swarm.stop()
    terminal.until("Not reachable")
    swarm.start()
    terminal.until("Not reachable(.|\n)*Idle")
    assert "\x1b[" in terminal.shown
    assert finish(terminal) == 130


def test_what_happens_stays_on_the_screen_and_in_the_log(cli: CommandLine, swarm: SimulatedSwarmUI) -> None:
    cli("config", "set", "server", swarm.url, "--server", "home")
    cli("config", "set", "polling.idle", "0.5")
    swarm.generate(seconds=3)
    terminal = Terminal(cli, [], endless=True)  # without a verb it runs
    terminal.until("Generating")
    terminal.until("home: Work finished")
    assert finish(terminal) == 130
    assert [each["event"] for each in cli("log", "--json").objects] == ["finished"]


def test_without_a_terminal_it_prints_each_change_and_no_control_characters(
    cli: CommandLine, swarm: SimulatedSwarmUI
) -> None:
    running = cli.start("run", "--url", swarm.url)
    assert running.stdout is not None
    lines = []
    while "Idle\n" not in lines:
        lines.append(running.stdout.readline())
        assert lines[-1]
    running.send_signal(signal.SIGINT)
    out, _ = running.communicate(timeout=10)
    assert running.returncode == 130
    assert "\x1b" not in "".join(lines) + out


def test_a_display_that_does_not_answer_is_none(cli: CommandLine, swarm: SimulatedSwarmUI) -> None:
    running = cli.start("run", "--url", swarm.url, DISPLAY=":987")
    assert running.stderr is not None
    assert "The display :987 does not answer." in running.stderr.readline()
    running.send_signal(signal.SIGINT)
    running.communicate(timeout=10)


def test_in_the_demo_it_says_so(cli: CommandLine) -> None:
    terminal = Terminal(cli, ["run", "--demo"], endless=True)
    terminal.until("This is the demo")
    terminal.until("demo: SwarmUI")
    assert finish(terminal) == 130
    assert not cli.state.exists()


def test_displays_are_recognised(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    assert why_no_display() == "There is no display."
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen:size=1x1")
    assert why_no_display() is None
    monkeypatch.setenv("QT_QPA_PLATFORM", "xcb")
    assert why_no_display() == "There is no display."
    monkeypatch.delenv("QT_QPA_PLATFORM")
    monkeypatch.setenv("DISPLAY", "elsewhere:0")
    assert why_no_display() is None
    monkeypatch.setenv("DISPLAY", "odd")
    assert why_no_display() is None
    monkeypatch.delenv("DISPLAY")
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-9")
    assert why_no_display() == "The display wayland-9 does not answer."
    with socket.socket(socket.AF_UNIX) as compositor:
        compositor.bind(str(tmp_path / "wayland-9"))
        compositor.listen()
        assert why_no_display() is None
        monkeypatch.setenv("WAYLAND_DISPLAY", str(tmp_path / "wayland-9"))
        assert why_no_display() is None


def test_a_reader_that_goes_away_ends_it(cli: CommandLine, swarm: SimulatedSwarmUI) -> None:
    running = cli.start("run", "--url", swarm.url)
    assert running.stdout is not None
    assert running.stderr is not None
    while running.stdout.readline() != "Idle\n":
        pass
    running.stdout.close()
    swarm.generate(seconds=60)
    assert running.wait(30) == 141
    assert "Traceback" not in running.stderr.read()
    running.stderr.close()
