"""`cancel --user` and `cancel --everyone`: who may, what is asked first, what is sent, and what is noted."""

import json
from collections.abc import Callable

import pytest

from tests.integration.cli.conftest import CommandLine
from tests.integration.cli.terminal import Terminal
from tray_app.simulator.server import SimulatedSwarmUI

Servers = Callable[..., SimulatedSwarmUI]


@pytest.fixture
def shared(servers: Servers) -> SimulatedSwarmUI:
    """A server with accounts on which bert has two jobs and cora one."""
    swarm = servers(accounts=True)
    for name in ("bert", "cora"):
        swarm.add_user(name, "user")
    swarm.generate("bert", images=2, seconds=60, steps=60)
    swarm.generate("cora", seconds=60, steps=60)
    swarm.wait_until(lambda: swarm.counters("cora").waiting_gens == 1 and bool(swarm.comfy_queue()[0]))
    return swarm


def asked_for(swarm: SimulatedSwarmUI) -> list[str]:
    """The users whose work the server was asked to stop."""
    return [str(each.body["name"]) for each in swarm.requests if each.path == "/API/AdminInterruptUser"]


def test_a_named_users_work_is_stopped_and_noted_with_the_reason(cli: CommandLine, shared: SimulatedSwarmUI) -> None:
    token = shared.add_user("anna", "admin")
    arguments = ["cancel", "--user", "bert", "--url", shared.url, "--reason", "the lab closes"]
    done = cli(*arguments, SWARMUI_TOKEN=token)
    assert (done.code, done.object["outcome"], asked_for(shared)) == (2, "needs_confirmation", [])
    assert "2 jobs of bert" in done.object["message"]
    done = cli(*arguments, "--yes", SWARMUI_TOKEN=token)
    assert (done.code, done.object["asked"], done.object["cancelled"]) == (0, "user", 2)
    assert asked_for(shared) == ["bert"]
    assert shared.counters("cora").waiting_gens == 1
    (noted,) = cli("log", "--json").objects
    assert (noted["event"], noted["user"], noted["reason"]) == ("cancel", "anna", "the lab closes")
    assert noted["outcome"] == done.object["outcome"]
    assert "2 jobs of bert" in noted["text"]


def test_everybodys_work_is_stopped(cli: CommandLine, shared: SimulatedSwarmUI) -> None:
    token = shared.add_user("anna", "admin")
    done = cli("cancel", "--everyone", "--yes", "--url", shared.url, SWARMUI_TOKEN=token)
    assert (done.code, done.err, set(done.object)) == (
        0,
        "",
        {"schema", "server", "asked", "outcome", "cancelled", "remaining", "message"},
    )
    assert (done.object["asked"], done.object["outcome"], done.object["cancelled"]) == ("everyone", "stopped", 3)
    assert sorted(asked_for(shared)) == ["bert", "cora"]
    assert shared.comfy_queue() == ([], [])


def test_on_a_terminal_it_is_asked_whose_work_and_how_much(cli: CommandLine, shared: SimulatedSwarmUI) -> None:
    token = shared.add_user("anna", "admin")
    terminal = Terminal(cli, ["cancel", "--everyone", "--url", shared.url], results=True, SWARMUI_TOKEN=token)
    shown = terminal.until("Leave it running")
    assert "2 jobs of bert and 1 job of cora" in shown
    terminal.type("1\n")
    code, out = terminal.end()
    assert (code, json.loads(out)["outcome"]) == (0, "stopped")


@pytest.mark.parametrize("role", ["user", "poweruser"])
@pytest.mark.parametrize("arguments", [["--user", "bert"], ["--everyone"]])
def test_without_the_permission_it_is_never_sent(
    cli: CommandLine, shared: SimulatedSwarmUI, role: str, arguments: list[str]
) -> None:
    token = shared.add_user("anna", role)
    done = cli("cancel", *arguments, "--yes", "--url", shared.url, SWARMUI_TOKEN=token)
    assert (done.code, done.object["outcome"], asked_for(shared)) == (4, "refused", [])
    assert "interrupt_others" in done.object["message"]


def test_an_old_server_cannot_do_it(cli: CommandLine, servers: Servers) -> None:
    swarm = servers("0.9.7.0")
    done = cli("cancel", "--everyone", "--yes", "--url", swarm.url)
    assert (done.code, done.object["outcome"], asked_for(swarm)) == (5, "not_possible", [])


def test_one_users_refusal_is_reported_beside_the_rest(cli: CommandLine, shared: SimulatedSwarmUI) -> None:
    token = shared.add_user("anna", "admin")
    shared.answer_with("/API/AdminInterruptUser", b'{"error": "Not today."}')
    done = cli("cancel", "--everyone", "--yes", "--url", shared.url, SWARMUI_TOKEN=token)
    assert (done.code, done.object["outcome"]) == (1, "refused")
    for name in ("bert", "cora"):
        assert f"{name}: SwarmUI says: Not today." in done.object["message"]


@pytest.mark.parametrize("other", [["--all"], ["--backend", "0"], ["--everyone"]])
def test_the_ways_exclude_each_other(cli: CommandLine, other: list[str]) -> None:
    done = cli("cancel", "--user", "bert", *other, "--url", "http://127.0.0.1:1")
    assert (done.code, done.out) == (2, "")
    assert "exclude each other" in done.err
