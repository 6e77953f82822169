"""Several servers at once: none waits for another, each is told of, and nothing happens to one that was not named."""

import json
import signal
import time
from collections.abc import Callable

import pytest

from tests.integration.cli.conftest import CommandLine
from tests.integration.cli.terminal import Terminal
from tests.integration.hostile import HostileServer, hang
from tray_app.simulator.server import SimulatedSwarmUI

Servers = Callable[..., SimulatedSwarmUI]


def add(cli: CommandLine, **addresses: str) -> None:
    """Put servers into the settings file, as by hand."""
    cli.config.mkdir(parents=True, exist_ok=True)
    with (cli.config / "settings.toml").open("a") as file:
        for name, url in addresses.items():
            file.write(f'[[servers]]\nname = "{name}"\naddress = "{url}"\n')


@pytest.fixture
def pair(cli: CommandLine, servers: Servers) -> tuple[SimulatedSwarmUI, SimulatedSwarmUI]:
    """Two servers, named one and two."""
    one, two = servers(), servers()
    add(cli, one=one.url, two=two.url)
    return one, two


def names(status: dict[str, object]) -> list[tuple[str, str]]:
    """Name and state of each server of a status object."""
    listed = status["servers"]
    assert isinstance(listed, list)
    return [(each["name"], each["state"]) for each in listed]


def test_fifty_servers_are_told_of_within_one_deadline_whatever_one_does(cli: CommandLine, servers: Servers) -> None:
    swarm = servers(host="0.0.0.0")  # every address that begins with 127 is this computer
    with HostileServer(hang) as slow:
        add(cli, slow=slow.url)
        add(cli, **{f"n{number}": f"http://127.0.0.{number}:{swarm.port}" for number in range(2, 50)})
        add(cli, gone="http://127.0.0.1:1")
        started = time.monotonic()
        done = cli("status", "--request-timeout", "8")
        took = time.monotonic() - started
    expected = [("slow", "unreachable"), *((f"n{number}", "idle") for number in range(2, 50)), ("gone", "unreachable")]
    assert names(done.object) == expected
    assert done.object["servers"][0]["problem"]["code"] == "timed_out"
    assert done.code == 3
    assert took < 8 + 4, "the deadline is that of one request"


def test_a_name_may_be_given_more_than_once_on_both_sides_of_the_verb(
    cli: CommandLine, pair: tuple[SimulatedSwarmUI, SimulatedSwarmUI]
) -> None:
    add(cli, three="http://127.0.0.1:1")
    done = cli("--server", "two", "status", "--server", "one", "--server", "two")
    assert (done.code, names(done.object)) == (0, [("two", "idle"), ("one", "idle")])
    assert cli("status", "--all-servers").code == 3
    done = cli("status", "--server", "one", "--server", "nobody")
    assert (done.code, done.out) == (2, "")
    assert "nobody" in done.err


@pytest.mark.parametrize("other", [["--server", "one"], ["--url", "http://a:1"], ["--demo"]])
def test_all_servers_is_no_answer_beside_another(cli: CommandLine, other: list[str]) -> None:
    assert cli("status", "--all-servers", *other).code == 2


def test_watch_begins_without_the_slow_one(cli: CommandLine, servers: Servers) -> None:
    quick = servers()
    with HostileServer(hang) as slow:
        add(cli, slow=slow.url, quick=quick.url)
        watching = cli.start("watch", "--request-timeout", "3")
        assert watching.stdout is not None
        first = json.loads(watching.stdout.readline())
        assert names(first) == [("slow", "unreachable"), ("quick", "idle")]
        quick.generate(seconds=60)
        states = names(first)
        while ("quick", "generating") not in states:
            states = names(json.loads(watching.stdout.readline()))
        watching.send_signal(signal.SIGINT)
        _, err = watching.communicate(timeout=10)
    assert (watching.returncode, err) == (130, "")


# ------------------------------------------------------------------------------------------------------------- waiting


def test_wait_is_over_when_all_are_idle(cli: CommandLine, pair: tuple[SimulatedSwarmUI, SimulatedSwarmUI]) -> None:
    job = pair[1].generate(seconds=5)
    started = time.monotonic()
    waiting = cli.start("wait", "--all-servers", "--timeout", "60")
    out, err = waiting.communicate(timeout=60)
    assert (waiting.returncode, err) == (0, "")
    assert names(json.loads(out)) == [("one", "idle"), ("two", "idle")]
    assert job.done
    assert time.monotonic() - started > 5


def test_wait_for_work_is_over_when_one_has_some(
    cli: CommandLine, pair: tuple[SimulatedSwarmUI, SimulatedSwarmUI]
) -> None:
    waiting = cli.start("wait", "--all-servers", "--until", "busy", "--timeout", "60")
    pair[0].wait_until(lambda: any("GetGlobalStatus" in each.path for each in pair[0].requests))
    pair[1].generate(seconds=60)
    out, _ = waiting.communicate(timeout=30)
    assert waiting.returncode == 0
    assert names(json.loads(out)) == [("one", "idle"), ("two", "generating")]


def test_wait_says_which_one_it_gave_up_on(cli: CommandLine, pair: tuple[SimulatedSwarmUI, SimulatedSwarmUI]) -> None:
    pair[0].generate(seconds=300)
    done = cli("wait", "--server", "one", "--server", "two", "--timeout", "6")
    assert (done.code, done.err) == (6, "swarmui-tray: one was not idle in time. Its last state is on stdout.\n")
    pair[1].stop()
    done = cli("wait", "--all-servers", "--timeout", "60")
    assert done.code == 3
    assert pair[1].url in done.err


def test_wait_ends_in_time_whatever_a_request_does(cli: CommandLine, swarm: SimulatedSwarmUI) -> None:
    with HostileServer(hang) as slow:
        add(cli, quick=swarm.url, slow=slow.url)
        started = time.monotonic()
        done = cli("wait", "--all-servers", "--timeout", "3", "--request-timeout", "60")
        assert time.monotonic() - started < 3 + 4
    assert done.code == 3
    assert names(done.object)[1] == ("slow", "unreachable")
    swarm.generate(seconds=300)
    before = len(swarm.requests)
    waiting = cli.start("wait", "--server", "quick", "--timeout", "6", "--request-timeout", "60")
    started = time.monotonic()
    swarm.wait_until(lambda: sum("GetGlobalStatus" in each.path for each in swarm.requests[before:]) >= 2)
    swarm.slow(60)
    out, err = waiting.communicate(timeout=30)
    assert time.monotonic() - started < 6 + 4
    assert (waiting.returncode, names(json.loads(out))) == (6, [("quick", "generating")])
    assert "not idle in time" in err


# ---------------------------------------------------------------------------------------------------------- cancelling


def test_cancel_wants_to_know_which(cli: CommandLine, pair: tuple[SimulatedSwarmUI, SimulatedSwarmUI]) -> None:
    done = cli("cancel", "--all")
    assert (done.code, done.out) == (2, "")
    assert "--all-servers" in done.err
    assert not any("nterrupt" in each.path for swarm in pair for each in swarm.requests)


def test_cancel_reaches_all_that_were_named_and_no_other(
    cli: CommandLine, pair: tuple[SimulatedSwarmUI, SimulatedSwarmUI], servers: Servers
) -> None:
    spared = servers()
    add(cli, gone="http://127.0.0.1:1", spared=spared.url)
    for swarm in (*pair, spared):
        swarm.generate(images=2, seconds=60, steps=60)
        swarm.wait_until(lambda swarm=swarm: bool(swarm.comfy_queue()[0]))  # type: ignore[misc]
    named = [word for name in ("two", "gone", "one") for word in ("--server", name)]
    done = cli("cancel", "--all", *named, "--reason", "closing time")
    assert done.code == 3, "that of the one that is gone"
    assert sorted((each["server"], each["outcome"], each["cancelled"]) for each in done.objects) == [
        ("one", "stopped", 2),
        ("two", "stopped", 2),
    ]
    assert done.err.startswith("swarmui-tray: gone: ")
    assert spared.counters().waiting_gens == 2
    assert sorted((each["server"], each["reason"]) for each in cli("log", "--json").objects) == [
        ("gone", "closing time"),
        ("one", "closing time"),
        ("two", "closing time"),
    ]
    assert len(cli("log", "--json", "--server", "one").objects) == 1


def test_a_question_about_one_of_them_names_it(cli: CommandLine, servers: Servers, swarm: SimulatedSwarmUI) -> None:
    twin = servers(backends=2)
    add(cli, plain=swarm.url, twin=twin.url)
    twin.generate(images=4, seconds=60, steps=60)
    twin.wait_until(lambda: bool(twin.comfy_queue(0)[0]) and bool(twin.comfy_queue(1)[0]))
    done = cli("cancel", "--all-servers")
    assert done.code == 2
    assert {each["server"]: each["outcome"] for each in done.objects} == {
        "plain": "nothing_running",
        "twin": "needs_confirmation",
    }
    terminal = Terminal(cli, ["cancel", "--all-servers"], results=True)
    assert "twin: 2 backends are busy" in terminal.until("Leave it running")
    terminal.type("3\n")
    code, out = terminal.end()
    assert code == 0
    assert json.loads(out.splitlines()[-1])["outcome"] == "stopped"
