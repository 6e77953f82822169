"""`watch`: one object at the start and one whenever something differs."""

import json
import queue
import signal
import subprocess
import threading
from collections.abc import Callable
from typing import Any

from tests.integration.cli.conftest import CommandLine
from tray_app.simulator.server import SimulatedSwarmUI

Servers = Callable[..., SimulatedSwarmUI]


class Lines:
    """The objects that a running command prints, as they come."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process
        self._lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        threading.Thread(target=self._read, daemon=True).start()

    def next(self, timeout: float = 30.0) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self._lines.get(timeout=timeout))
        return found

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._lines.put(line)


def interrupt(process: "subprocess.Popen[str]") -> int:
    process.send_signal(signal.SIGINT)
    code = process.wait(10)
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    assert process.stderr.read() == ""
    process.stderr.close()
    return code


def test_each_change_is_printed_once(cli: CommandLine, swarm: SimulatedSwarmUI) -> None:
    cli("config", "set", "server", swarm.url)
    cli("config", "set", "polling.idle", "0.5")
    cli("config", "set", "polling.busy", "0.2")
    watching = cli.start("watch")
    lines = Lines(watching)
    assert lines.next()["servers"][0]["state"] == "idle"
    calls = len(swarm.requests)
    swarm.wait_until(lambda: len(swarm.requests) > calls + 3)
    handle = swarm.generate(seconds=60)
    seen = lines.next()["servers"][0]
    assert (seen["state"], seen["jobs"]["total"]) == ("generating", 1)
    assert not handle.done
    swarm.stop()
    while (seen := lines.next()["servers"][0])["state"] == "generating":
        pass
    assert seen["state"] == "unreachable"
    swarm.start()
    assert lines.next()["servers"][0]["state"] == "idle"
    assert interrupt(watching) == 130


def test_a_slow_server_does_not_delay_another(cli: CommandLine, servers: Servers) -> None:
    one, two = servers(), servers()
    cli("config", "set", "server", one.url, "--server", "one")
    cli("config", "set", "server", two.url, "--server", "two")
    cli("config", "set", "polling.idle", "0.5")
    watching = cli.start("watch")
    lines = Lines(watching)
    assert [each["state"] for each in lines.next()["servers"]] == ["idle", "idle"]
    one.slow(60)
    two.generate(seconds=60)
    assert [each["state"] for each in lines.next(8)["servers"]] == ["idle", "generating"]
    assert interrupt(watching) == 130


def test_a_reader_that_goes_away_ends_it_quietly(cli: CommandLine, swarm: SimulatedSwarmUI) -> None:
    cli("config", "set", "server", swarm.url)
    cli("config", "set", "polling.idle", "0.5")
    watching = cli.start("watch")
    assert watching.stdout is not None
    assert watching.stdout.readline()
    watching.stdout.close()
    swarm.generate(seconds=60)
    assert watching.wait(20) == 141
    assert watching.stderr is not None
    assert watching.stderr.read() == ""
    watching.stderr.close()


def test_a_refused_key_is_not_sent_again_and_again(cli: CommandLine, servers: Servers) -> None:
    swarm = servers(accounts=True)
    cli("config", "set", "server", swarm.url)
    cli("config", "set", "polling.idle", "0.5")
    watching = cli.start("watch")
    lines = Lines(watching)
    assert lines.next()["servers"][0]["state"] == "key_refused"
    calls = len(swarm.requests)
    try:
        watching.wait(2.5)
    except subprocess.TimeoutExpired:
        assert len(swarm.requests) - calls <= 1
    assert interrupt(watching) == 130
