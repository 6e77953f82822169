"""Every example of the quick reference is run as it stands there, and every verb and option has its place in it."""

import argparse
import os
import re
import shlex
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.integration.cli.conftest import ROOT, CommandLine
from tests.private_desktop import Desktop
from tray_app.cli.arguments import build_parser
from tray_app.cli.exit_codes import ExitCode
from tray_app.simulator.server import SimulatedSwarmUI

TEXT = (ROOT / "docs" / "quick-reference.md").read_text("utf-8")
EXAMPLES = re.findall(r"\| `(swarmui-tray [^`]*)` \|", TEXT)
ENDLESS = {"run", "watch", "demo"}
ASKING = {"setup"}  # what it asks and does is in test_setup.py
SHORT = {"--help", "--quiet", "--verbose", "--lines"}  # these stand there in their short forms, or above
LOCAL = "http://127.0.0.1:7801"


@pytest.fixture
def prepared(
    cli: CommandLine, swarm: SimulatedSwarmUI, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[CommandLine]:
    """A home in which `home` is the simulated server, with a keyring and work that runs."""
    with pytest.MonkeyPatch.context() as patch:
        desktop = Desktop(tmp_path_factory.mktemp("desktop"), patch)
        try:
            desktop.keyring()
            cli.environment["DBUS_SESSION_BUS_ADDRESS"] = os.environ["DBUS_SESSION_BUS_ADDRESS"]
            assert cli("config", "set", "server", swarm.url, "--server", "home").code == 0
            (cli.home / "settings.toml").write_text("")
            yield cli
        finally:
            desktop.end()


def words(example: str) -> list[str]:
    return shlex.split(example)[1:]


def test_there_are_examples() -> None:
    assert len(EXAMPLES) > 20


@pytest.mark.desktop
@pytest.mark.parametrize("example", [each for each in EXAMPLES if not (ENDLESS | ASKING) & set(words(each))])
def test_an_example_does_what_it_says(
    prepared: CommandLine, swarm: SimulatedSwarmUI, servers: Callable[..., SimulatedSwarmUI], example: str
) -> None:
    if "key sign-in" in example:
        strict = servers(accounts=True)
        strict.add_user("anna", "user", "616e6e61.some.token")
        assert prepared("config", "set", "server", strict.url).code == 0
    if "--until busy" in example or words(example)[0] == "cancel":
        swarm.generate(images=2, seconds=60, steps=60)
        swarm.wait_until(lambda: bool(swarm.comfy_queue()[0]))
    arguments = [swarm.url if each == LOCAL else each for each in words(example)]
    done = prepared(*arguments, stdin="616e6e61.some.token")
    assert done.code == 0, done.err
    if words(example)[0] == "cancel" and "--dry-run" not in example:
        assert done.object["outcome"] == "stopped"


@pytest.mark.parametrize("example", [each for each in EXAMPLES if ENDLESS & set(words(each))])
def test_an_example_that_goes_on_ends_with_ctrl_c(cli: CommandLine, swarm: SimulatedSwarmUI, example: str) -> None:
    cli("config", "set", "server", swarm.url)
    running = cli.start(*["0" if each == "7899" else each for each in words(example)])  # that port may be taken
    assert running.stdout is not None
    assert running.stdout.readline()
    running.send_signal(signal.SIGINT)
    running.communicate(timeout=10)
    assert running.returncode == 130


@pytest.mark.parametrize("example", [each for each in EXAMPLES if ASKING & set(words(each))])
def test_an_example_that_asks_wants_a_terminal(cli: CommandLine, example: str) -> None:
    done = cli(*words(example))
    assert done.code == 2
    assert "terminal" in done.err


def test_every_verb_and_option_is_mentioned() -> None:
    assert [each for each in _vocabulary(build_parser()) if not re.search(rf"{re.escape(each)}\b", TEXT)] == []


def _vocabulary(parser: argparse.ArgumentParser) -> Iterator[str]:
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for name, verb in action.choices.items():
                yield f"swarmui-tray {name}" if parser.prog == "swarmui-tray" else f"{parser.prog} {name}"
                yield from _vocabulary(verb)
        elif action.option_strings and not SHORT & set(action.option_strings):
            yield action.option_strings[-1]


def test_every_exit_code_is_explained() -> None:
    assert {int(each) for each in re.findall(r"^\| (\d+) \|", TEXT, re.MULTILINE)} == {int(each) for each in ExitCode}


def test_no_link_of_it_is_dead() -> None:
    assert [each for each in re.findall(r"\]\(([^)#]+)", TEXT) if not (Path(ROOT) / "docs" / each).exists()] == []
