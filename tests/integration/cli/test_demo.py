"""`demo` and `--demo`: a server to try everything out with, that says that it is one."""

import http.client
import signal
import subprocess
from pathlib import Path

import pytest

from tests.integration.cli.conftest import CommandLine
from tray_app.simulator.server import SimulatedSwarmUI


def test_demo_prints_its_address_first_and_serves_until_ctrl_c(cli: CommandLine) -> None:
    demo = cli.start("demo")
    assert demo.stdout is not None
    url = demo.stdout.readline().strip()
    assert url.startswith("http://127.0.0.1:")
    connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=10)
    connection.request("GET", "/")
    assert connection.getresponse().getheader("Location") == "Text2Image"
    connection.close()
    assert cli("status", "--url", url).code == 0
    demo.send_signal(signal.SIGINT)
    out, err = demo.communicate(timeout=10)
    assert (demo.returncode, out) == (130, "")
    assert "simulated" in err


def test_the_port_can_be_chosen_and_a_taken_one_is_told(cli: CommandLine, swarm: SimulatedSwarmUI) -> None:
    done = cli("demo", "--port", str(swarm.port))
    assert (done.code, done.out) == (2, "")
    assert str(swarm.port) in done.err
    swarm.stop()
    demo = cli.start("demo", "--port", str(swarm.port))
    assert demo.stdout is not None
    assert demo.stdout.readline().strip() == swarm.url
    demo.kill()
    demo.communicate()


@pytest.mark.parametrize("arguments", [["status"], ["cancel", "--all", "--dry-run"], ["key", "test"]])
def test_a_command_brings_its_own_demo(cli: CommandLine, arguments: list[str]) -> None:
    done = cli(*arguments, "--demo")
    assert done.code == 0
    assert "This is the demo" in done.err
    assert [each for each in cli.home.rglob("*") if each.is_file()] == []


def test_the_status_is_named_demo(cli: CommandLine) -> None:
    assert cli("status", "--demo", "-q").server["name"] == "demo"


def test_the_keys_of_the_environment_stay_away_from_it(cli: CommandLine) -> None:
    done = cli("status", "--demo", "-v", SWARMUI_TOKEN="canary.token")
    assert done.code == 0
    assert "canary" not in done.err


def test_without_its_libraries_it_says_how_to_get_them(cli: CommandLine, tmp_path: Path) -> None:
    blocked = tmp_path / "blocked"
    blocked.mkdir()
    (blocked / "sitecustomize.py").write_text("import sys\nsys.modules['aiohttp'] = None\n")
    path = cli.environment["PYTHONPATH"]
    done = subprocess.run(
        cli.command("demo"),
        capture_output=True,
        text=True,
        env=cli.environment | {"PYTHONPATH": f"{blocked}:{path}"},
        timeout=30,
        check=False,
    )
    assert done.returncode == 2
    assert "[demo]" in done.stderr
