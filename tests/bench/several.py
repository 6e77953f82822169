"""What fifty servers in one tray cost, beside one server in the same tray: memory for each, and CPU."""

import statistics
import time
from dataclasses import dataclass

from tests.bench.stage import Stage, settle
from tests.bench.usage import pss_mb, span, usage
from tests.desktop.rig.program import add_server, configure
from tests.desktop.rig.waiting import until
from tray_app.simulator.server import SimulatedSwarmUI

MANY = 50
POLL = 1.0
"""Seconds between two polls, more often than by default, so that there is something to measure."""


@dataclass(frozen=True, slots=True)
class Cost:
    """A tray with some servers: PSS in MB, CPU in milliseconds a second, and polls a second in that time."""

    pss_mb: float
    cpu_ms: float
    polls: float


def costs(stage: Stage, rounds: int, window: float) -> dict[int, Cost]:
    """The medians with one server and with many, in turn."""
    found: dict[int, list[Cost]] = {1: [], MANY: []}
    with SimulatedSwarmUI(host="0.0.0.0") as server:  # every address that begins with 127 is this computer
        for _ in range(rounds):
            for number, costs in found.items():
                costs.append(_cost(stage, server, number, window))
    return {
        number: Cost(*(statistics.median(getattr(each, name) for each in costs) for name in Cost.__slots__))
        for number, costs in found.items()
    }


def _cost(stage: Stage, server: SimulatedSwarmUI, number: int, window: float) -> Cost:
    addresses = [f"http://127.0.0.{place}:{server.port}" for place in range(2, number + 2)]
    file = configure(stage.desktop, addresses[0], server_name="server 1", polling__idle=POLL, polling__busy=POLL)
    for place, address in enumerate(addresses[1:], 2):
        add_server(file, f"server {place}", address)
    process, _ = stage.start(stage.tray)
    item = stage.host.items()[0]
    said = "Idle - server 1" + (f"\n{number - 1} others: {number - 1} idle" if number > 1 else "")
    until("all are known", lambda: item.tooltip.startswith(said), 60)
    settle(3)
    asked, before, start = len(server.requests), usage(process.session()), time.monotonic()
    settle(window)
    used, seconds = span(before, usage(process.session())), time.monotonic() - start
    cost = Cost(pss_mb(process.session()), used.cpu_ms / seconds, (len(server.requests) - asked) / seconds)
    stage.end(process)
    return cost
