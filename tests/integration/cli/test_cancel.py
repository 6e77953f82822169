"""`cancel`: every outcome with its code, what was sent to the server for it, and what is noted."""

import json
from collections.abc import Callable

import pytest

from tests.integration.cli.conftest import CommandLine
from tests.integration.cli.terminal import Terminal
from tray_app.simulator.server import SimulatedSwarmUI

Servers = Callable[..., SimulatedSwarmUI]


def sent(swarm: SimulatedSwarmUI) -> list[str]:
    """The calls that change something on the server."""
    return [each.path for each in swarm.requests if "nterrupt" in each.path]


def busy(swarm: SimulatedSwarmUI, live: int = 1) -> None:
    swarm.wait_until(lambda: swarm.counters().live_gens >= live and bool(swarm.comfy_queue()[0]))


def test_all_is_stopped_counted_and_noted(cli: CommandLine, swarm: SimulatedSwarmUI) -> None:
    swarm.generate(images=4, seconds=60, steps=60)
    busy(swarm)
    done = cli("cancel", "--all", "--url", swarm.url, "--reason", "the wrong model")
    message = done.object["message"]
    assert (done.code, done.err) == (0, "")
    assert done.object == {
        "schema": 1,
        "server": swarm.url.removeprefix("http://"),
        "asked": "all",
        "outcome": "stopped",
        "cancelled": 4,
        "remaining": {"running": 0, "queued": 0},
        "message": message,
    }
    assert message
    assert sent(swarm) == ["/API/InterruptAll"]
    (noted,) = [json.loads(line) for line in (cli.state / "activity.jsonl").read_text().splitlines()]
    assert (noted["event"], noted["outcome"], noted["reason"], noted["user"], noted["text"]) == (
        "cancel",
        "stopped",
        "the wrong model",
        "local",
        message,
    )


def test_the_current_job_alone_is_stopped(cli: CommandLine, swarm: SimulatedSwarmUI) -> None:
    for _ in range(3):
        swarm.generate(seconds=60, steps=60)
    busy(swarm)
    running = swarm.comfy_queue()[0]
    done = cli("cancel", "--url", swarm.url)
    assert (done.code, done.object["asked"], done.object["outcome"]) == (0, "current", "stopped")
    assert (done.object["cancelled"], done.object["remaining"]) == (1, {"running": 1, "queued": 1})
    assert sent(swarm) == ["/ComfyBackendDirect/interrupt"]
    assert running[0] not in [*swarm.comfy_queue()[0], *swarm.comfy_queue()[1]]


@pytest.mark.parametrize("arguments", [[], ["--all"]])
def test_nothing_runs_and_nothing_is_sent(cli: CommandLine, swarm: SimulatedSwarmUI, arguments: list[str]) -> None:
    done = cli("cancel", "--url", swarm.url, *arguments)
    assert (done.code, done.object["outcome"], done.object["cancelled"]) == (0, "nothing_running", 0)
    assert sent(swarm) == []


@pytest.mark.parametrize("arguments", [[], ["--all"]])
def test_a_dry_run_says_what_it_would_send_and_sends_nothing(
    cli: CommandLine, swarm: SimulatedSwarmUI, arguments: list[str]
) -> None:
    dry_run = ["cancel", "--dry-run", "--url", swarm.url, *arguments]
    assert cli(*dry_run).object["outcome"] == "nothing_running"
    swarm.generate(seconds=60, steps=60)
    busy(swarm)
    done = cli(*dry_run)
    assert (done.code, done.object["outcome"], done.object["cancelled"]) == (0, None, 0)
    assert "Nothing was sent" in done.object["message"]
    assert sent(swarm) == []
    assert not (cli.state / "activity.jsonl").exists()


def test_several_busy_backends_ask_for_one(cli: CommandLine, servers: Servers) -> None:
    swarm = servers(backends=2)
    swarm.generate(images=4, seconds=60, steps=60)
    swarm.wait_until(lambda: bool(swarm.comfy_queue(0)[0]) and bool(swarm.comfy_queue(1)[0]))
    done = cli("cancel", "--url", swarm.url)
    assert (done.code, done.object["outcome"]) == (2, "needs_confirmation")
    assert done.object["message"].endswith("Name one with --backend ID, or all of them with --backend all.")
    assert sent(swarm) == []
    running = swarm.comfy_queue(1)[0]
    done = cli("cancel", "--url", swarm.url, "--backend", "1")
    assert (done.code, done.object["outcome"]) == (0, "stopped")
    assert running[0] not in [*swarm.comfy_queue(1)[0], *swarm.comfy_queue(1)[1]]
    assert len(sent(swarm)) == 1
    done = cli("cancel", "--url", swarm.url, "--backend", "all")
    assert (done.code, done.object["outcome"]) == (0, "stopped")


def test_on_a_terminal_the_choice_is_asked_for(cli: CommandLine, servers: Servers) -> None:
    swarm = servers(backends=2)
    swarm.generate(images=4, seconds=60, steps=60)
    swarm.wait_until(lambda: bool(swarm.comfy_queue(0)[0]) and bool(swarm.comfy_queue(1)[0]))
    first, second = swarm.comfy_queue(0)[0], swarm.comfy_queue(1)[0]
    terminal = Terminal(cli, ["cancel", "--url", swarm.url], results=True)
    shown = terminal.until("Leave it running")
    assert "1  " in shown
    terminal.type("2\n")
    code, out = terminal.end()
    assert (code, json.loads(out)["outcome"]) == (0, "stopped")
    assert second[0] not in [*swarm.comfy_queue(1)[0], *swarm.comfy_queue(1)[1]]
    assert swarm.comfy_queue(0)[0] == first


def test_on_a_terminal_enter_leaves_it_running(cli: CommandLine, servers: Servers) -> None:
    swarm = servers(accounts=True)
    token = swarm.add_user("anna", "admin")
    swarm.add_user("bert", "user")
    swarm.generate("bert", seconds=60, steps=60)
    busy(swarm)
    terminal = Terminal(cli, ["cancel", "--url", swarm.url], results=True, SWARMUI_TOKEN=token)
    terminal.until("Leave it running")
    terminal.type("\n")
    code, out = terminal.end()
    assert (code, json.loads(out)["outcome"]) == (2, "needs_confirmation")
    assert sent(swarm) == []


def test_another_users_job_needs_a_yes(cli: CommandLine, servers: Servers) -> None:
    swarm = servers(accounts=True)
    token = swarm.add_user("anna", "admin")
    swarm.add_user("bert", "user")
    swarm.generate("bert", seconds=60, steps=60)
    busy(swarm)
    done = cli("cancel", "--url", swarm.url, SWARMUI_TOKEN=token)
    assert (done.code, done.object["outcome"]) == (2, "needs_confirmation")
    assert done.object["message"] == "The running job belongs to bert. Confirm with --yes."
    assert sent(swarm) == []
    done = cli("cancel", "--yes", "--url", swarm.url, SWARMUI_TOKEN=token)
    assert (done.code, done.object["outcome"], done.object["cancelled"]) == (0, "stopped", 1)


def test_all_leaves_other_peoples_work_alone(cli: CommandLine, servers: Servers) -> None:
    swarm = servers(accounts=True)
    token = swarm.add_user("anna", "admin")
    swarm.add_user("bert", "user")
    swarm.generate("bert", seconds=60, steps=60)
    busy(swarm)
    done = cli("cancel", "--all", "--url", swarm.url, SWARMUI_TOKEN=token)
    assert (done.code, done.object["outcome"]) == (0, "nothing_running")
    assert "bert" in done.object["message"]
    assert sent(swarm) == []


def test_a_key_that_cannot_see_the_end_is_told_so(cli: CommandLine, servers: Servers) -> None:
    swarm = servers(accounts=True)
    token = swarm.add_user("plain", "user")
    swarm.generate("plain", seconds=60, steps=60)
    busy(swarm)
    done = cli("cancel", "--all", "--url", swarm.url, SWARMUI_TOKEN=token)
    assert (done.code, done.object["outcome"], done.object["cancelled"]) == (0, "asked", None)
    assert done.object["remaining"] == {"running": None, "queued": None}
    swarm.wait_until(lambda: not swarm.comfy_queue()[0])


@pytest.mark.parametrize(("role", "arguments"), [("guest", ["--all"]), ("user", [])])
def test_a_missing_permission_has_its_own_code(
    cli: CommandLine, servers: Servers, role: str, arguments: list[str]
) -> None:
    swarm = servers(accounts=True)
    token = swarm.add_user("small", role)
    done = cli("cancel", "--url", swarm.url, *arguments, SWARMUI_TOKEN=token)
    assert (done.code, done.object["outcome"]) == (4, "refused")
    assert "permission" in done.object["message"]
    assert sent(swarm) == []


def test_a_comfyui_that_cannot_stop_by_id_is_left_alone(cli: CommandLine, servers: Servers) -> None:
    swarm = servers(comfy_version="0.3.50")
    swarm.generate(seconds=60, steps=60)
    busy(swarm)
    done = cli("cancel", "--url", swarm.url)
    assert (done.code, done.object["outcome"]) == (5, "not_possible")
    assert sent(swarm) == []


@pytest.mark.parametrize("arguments", [[], ["--all"]])
def test_what_does_not_stop_is_said_after_the_timeout(
    cli: CommandLine, swarm: SimulatedSwarmUI, arguments: list[str]
) -> None:
    swarm.generate(seconds=1)
    busy(swarm)
    swarm.hang()
    done = cli("cancel", "--url", swarm.url, "--timeout", "1.5", *arguments)
    assert (done.code, done.object["outcome"]) == (6, "still_running")
    assert len(sent(swarm)) == 1


def test_a_backend_that_does_not_exist_is_a_wrong_call(cli: CommandLine, swarm: SimulatedSwarmUI) -> None:
    done = cli("cancel", "--backend", "9", "--url", swarm.url)
    assert (done.code, done.out) == (2, "")
    assert "backend 9" in done.err
    assert cli("cancel", "--backend", "x", "--url", swarm.url).code == 2
    assert cli("cancel", "--all", "--backend", "0", "--url", swarm.url).code == 2


def test_a_server_that_is_gone_or_refuses_the_key(cli: CommandLine, swarm: SimulatedSwarmUI, servers: Servers) -> None:
    url = swarm.url
    swarm.stop()
    assert cli("cancel", "--all", "--url", url, "--dry-run").code == 3
    done = cli("cancel", "--all", "--url", url, "--reason", "too long")
    assert (done.code, done.out) == (3, "")
    assert url in done.err
    [noted] = cli("log", "--json").objects
    assert (noted["outcome"], noted["reason"]) == ("refused", "too long")
    assert noted["text"].startswith(f"Nothing answers at {url}.")
    done = cli("cancel", "--all", "--url", servers(accounts=True).url)
    assert (done.code, done.out) == (4, "")


def test_a_failed_note_does_not_undo_the_cancel(cli: CommandLine, swarm: SimulatedSwarmUI) -> None:
    swarm.generate(seconds=60, steps=60)
    busy(swarm)
    cli.state.mkdir(parents=True)
    (cli.state / "activity.jsonl").mkdir()
    done = cli("cancel", "--all", "--url", swarm.url)
    assert (done.code, done.object["outcome"]) == (0, "stopped")
    assert "activity log" in done.err


def test_the_log_shows_it_for_people_and_for_scripts(cli: CommandLine, swarm: SimulatedSwarmUI) -> None:
    empty = cli("log")
    assert (empty.code, empty.out, empty.err) == (0, "", "Nothing has been noted yet.\n")
    for reason in ("first", "second"):
        cli("cancel", "--all", "--url", swarm.url, "--reason", reason)
    entries = cli("log", "--json").objects
    assert [set(each) for each in entries] == [
        {"schema", "time", "server", "event", "text", "reason", "outcome", "user", "missed"}
    ] * 2
    assert [each["reason"] for each in entries] == ["first", "second"]
    assert [each["reason"] for each in cli("log", "--json", "-n", "1").objects] == ["second"]
    assert cli("log", "--json", "--server", "elsewhere", "-q").out == ""
    people = cli("log").out.splitlines()
    assert len(people) == 2
    assert people[0].endswith("Reason: first")
    (cli.state / "activity.jsonl").unlink()
    (cli.state / "activity.jsonl").mkdir()
    assert cli("log").code == 2
