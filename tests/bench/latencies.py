"""How long a click takes to reach the wire, and a change of the server to reach the icon."""

import http.client
import json
import statistics
import time
from collections.abc import Callable
from functools import partial

from tests.bench.stage import Stage, settle
from tests.desktop.rig.waiting import until


def click_to_wire(stage: Stage, rounds: int) -> float:
    """Median milliseconds from the click on "Cancel all" to the request in the server."""
    process, _ = stage.start(stage.tray)
    item = stage.host.items()[0]
    taken = []
    for _ in range(rounds):
        work = stage.server.generate("ann", seconds=600, steps=2000)
        item.menu.open()  # looks at the server at once
        until("it can be cancelled", lambda: item.menu.find("Cancel all").enabled, 15)
        known = len(stage.server.requests)
        now = stage.server.world.now()
        item.menu.click("Cancel all")
        until("the request arrives", partial(_interrupts, stage, known))
        taken.append((_interrupts(stage, known)[0] - now) * 1000)
        work.wait(20)
        until("it says idle", lambda: item.tooltip.startswith("Idle"), 20)
    stage.end(process)
    return statistics.median(taken)


def change_to_icon(stage: Stage, rounds: int) -> dict[str, float]:
    """Median seconds from the start, and from the end, of work to a new icon, at moments spread over a poll."""
    process, _ = stage.start(stage.tray)
    item = stage.host.items()[0]
    until("it says idle", lambda: item.tooltip.startswith("Idle"), 20)
    taken: dict[str, list[float]] = {"started": [], "ended": []}
    for turn in range(rounds):
        settle(2 + turn * 0.73 % 1)  # past the last change, and at another moment between two polls each time
        taken["started"].append(_icon_after(stage, lambda: stage.server.generate("ann", seconds=600, steps=2000)))
        settle(2 + turn * 0.37 % 1)
        taken["ended"].append(_icon_after(stage, lambda: _interrupt(stage)))
    stage.end(process)
    return {name: statistics.median(each) for name, each in taken.items()}


def _icon_after(stage: Stage, change: Callable[[], object]) -> float:
    known, now = len(stage.host.signals), time.monotonic()
    change()
    entry = stage.host.signals.wait_entry("a new icon", lambda each: each.name == "NewIcon", 20, known)
    return entry.time - now


def _interrupt(stage: Stage) -> None:
    """End all work as a browser tab of the same user does."""
    connection = http.client.HTTPConnection("127.0.0.1", stage.server.port)
    body = json.dumps({"session_id": stage.session, "other_sessions": True})
    headers = {"Content-Type": "application/json", "Cookie": f"swarm_token={stage.cookie}"}
    connection.request("POST", "/API/InterruptAll", body, headers)
    assert connection.getresponse().status == 200
    connection.close()


def _interrupts(stage: Stage, start: int) -> list[float]:
    return [each.time for each in stage.server.requests[start:] if each.route == "InterruptAll"]
