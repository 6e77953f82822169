"""`wait`: until idle, busy or reachable, and when it gives up."""

import subprocess
import time
from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.integration.cli.conftest import CommandLine
from tray_app.cli.wait import Waiting
from tray_app.core.model import Backend, Jobs, ServerStatus, State
from tray_app.simulator.server import SimulatedSwarmUI

Servers = Callable[..., SimulatedSwarmUI]


def test_idle_means_two_seconds_without_work(cli: CommandLine, swarm: SimulatedSwarmUI) -> None:
    swarm.generate(seconds=2)
    waiting = cli.start("wait", "--url", swarm.url, "--timeout", "60")
    swarm.wait_until(lambda: swarm.counters().waiting_gens == 0)
    ended = time.monotonic()
    out, err = waiting.communicate(timeout=30)
    took = time.monotonic() - ended
    assert (waiting.returncode, err) == (0, "")
    assert '"state": "idle"' in out
    assert took >= 1.9


def test_work_that_returns_within_two_seconds_goes_on(cli: CommandLine, swarm: SimulatedSwarmUI) -> None:
    swarm.generate_forever(seconds=1.0)
    done = cli("wait", "--url", swarm.url, "--timeout", "6")
    assert done.code == 6
    assert done.server["name"] in done.err


def test_busy(cli: CommandLine, swarm: SimulatedSwarmUI) -> None:
    waiting = cli.start("wait", "--until", "busy", "--url", swarm.url, "--timeout", "60")
    swarm.wait_until(lambda: any("GetGlobalStatus" in each.path for each in swarm.requests))
    swarm.generate(seconds=30)
    out, _ = waiting.communicate(timeout=30)
    assert waiting.returncode == 0
    assert '"state": "generating"' in out


def test_not_in_time(cli: CommandLine, swarm: SimulatedSwarmUI) -> None:
    swarm.generate(seconds=300)
    done = cli("wait", "--url", swarm.url, "--timeout", "2")
    assert (done.code, done.server["state"]) == (6, "generating")
    assert "not idle in time" in done.err


def test_what_cannot_be_known_is_said_at_once(cli: CommandLine, servers: Servers) -> None:
    swarm = servers(accounts=True)
    token = swarm.add_user("plain", "user")
    done = cli("wait", "--url", swarm.url, SWARMUI_TOKEN=token)
    assert (done.code, done.server["state"]) == (4, "unknown")
    assert "read_server_info_panels" in done.err


def test_work_that_is_not_seen_for_a_moment_is_waited_out() -> None:
    """A ComfyUI that does not answer one poll hides its queue from a key that has nothing else to go by."""
    waiting, unknown = Waiting("idle"), ServerStatus("home", "u", State.UNKNOWN)
    busy = replace(unknown, state=State.GENERATING, jobs=Jobs(2, at_least=True))
    idle = replace(unknown, state=State.IDLE, jobs=Jobs(0, 0, 0))
    assert [waiting.judge(each, float(at)) for at, each in enumerate((busy, unknown, idle, unknown, idle, idle))] == (
        [None] * 6
    )
    assert waiting.judge(idle, 6.0) == 0


def test_backends_that_start_are_waited_for_by_a_key_that_will_see_their_queues() -> None:
    loading = ServerStatus("home", "u", State.LOADING, backends=(Backend(0, "", "comfyui_api", "loading", True, None),))
    assert Waiting("idle").judge(loading, 0.0) is None
    assert Waiting("idle").judge(replace(loading, backends=None), 0.0) == 4
    assert Waiting("idle").judge(replace(loading, state=State.UNKNOWN), 0.0) == 4


def test_an_answer_that_does_not_come_in_time_is_no_quiet(cli: CommandLine, swarm: SimulatedSwarmUI) -> None:
    waiting = cli.start("wait", "--url", swarm.url, "--timeout", "60", "--request-timeout", "2")
    swarm.wait_until(lambda: any("ListConnectedUsers" in each.path for each in swarm.requests))
    swarm.slow(30.0)
    swarm.generate(seconds=2)
    with pytest.raises(subprocess.TimeoutExpired):
        waiting.wait(3.5)
    swarm.answer_truly()
    out, _ = waiting.communicate(timeout=30)
    assert waiting.returncode == 0
    assert '"state": "idle"' in out


def test_unreachable_at_first_contact(cli: CommandLine, swarm: SimulatedSwarmUI) -> None:
    url = swarm.url
    swarm.stop()
    done = cli("wait", "--url", url)
    assert (done.code, done.server["state"]) == (3, "unreachable")


def test_reachable_waits_for_a_server_that_is_not_there_yet(cli: CommandLine, swarm: SimulatedSwarmUI) -> None:
    url = swarm.url
    swarm.stop()
    waiting = cli.start("wait", "--until", "reachable", "--url", url, "--timeout", "60")
    with pytest.raises(subprocess.TimeoutExpired):
        waiting.wait(2)
    swarm.start()
    out, _ = waiting.communicate(timeout=30)
    assert waiting.returncode == 0
    assert '"state": "idle"' in out


def test_a_loss_on_the_way_is_waited_out(cli: CommandLine, swarm: SimulatedSwarmUI) -> None:
    swarm.generate(seconds=300)
    waiting = cli.start("wait", "--url", swarm.url, "--timeout", "60")
    swarm.wait_until(lambda: sum("GetGlobalStatus" in each.path for each in swarm.requests) >= 2)
    swarm.stop(abrupt=True)
    with pytest.raises(subprocess.TimeoutExpired):
        waiting.wait(2.5)
    swarm.start()
    out, _ = waiting.communicate(timeout=30)
    assert waiting.returncode == 0
    assert '"state": "idle"' in out


def test_one_server_must_be_meant(cli: CommandLine, swarm: SimulatedSwarmUI) -> None:
    for name in ("one", "two"):
        cli("config", "set", "server", swarm.url, "--server", name)
    done = cli("wait")
    assert (done.code, done.out) == (2, "")
    assert "--server" in done.err
    assert cli("wait", "--server", "two").code == 0


def test_a_refused_key_ends_it(cli: CommandLine, servers: Servers) -> None:
    swarm = servers(accounts=True)
    assert cli("wait", "--url", swarm.url).code == 4
    assert cli("wait", "--until", "reachable", "--url", swarm.url).code == 4
