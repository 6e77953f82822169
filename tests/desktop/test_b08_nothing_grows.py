"""B08: memory and handles that grow with every update."""

from pathlib import Path

import pytest

from tests.desktop.conftest import StartTray
from tests.desktop.rig.process import Process
from tests.desktop.rig.tray_host import TrayHostDouble
from tests.desktop.rig.tray_item import TrayItem
from tests.desktop.rig.waiting import until
from tray_app.simulator.server import SimulatedSwarmUI


@pytest.mark.parametrize("changes", [400, pytest.param(20_000, marks=[pytest.mark.slow, pytest.mark.timeout(1800)])])
def test_b08_state_changes_leave_memory_handles_and_threads_alone(
    start_tray: StartTray, server: SimulatedSwarmUI, host: TrayHostDouble, changes: int
) -> None:
    tray = start_tray("--url", server.url)
    item = host.wait_for_item()
    until("it says idle", lambda: item.tooltip.startswith("Idle"))
    _change(server, item, 150)  # caches, Python's own pools
    before = _weigh(tray)
    _change(server, item, changes)
    after = _weigh(tray)
    assert after["threads"] == before["threads"]
    assert abs(after["descriptors"] - before["descriptors"]) <= 1  # an idle connection may be closed just now
    grown = after["rss_kb"] - before["rss_kb"]
    assert grown <= max(changes / 100, 256), f"{grown} KiB in {changes} changes"


def _change(server: SimulatedSwarmUI, item: TrayItem, times: int) -> None:
    """Make the server say something else, and the tray look, so many times."""
    session = server.new_session()
    menu = item.menu
    look_again = menu.find("Look again now").id
    for turn in range(times):
        asked = len(server.requests)
        if turn % 2:
            server.world.interrupt([server.world.sessions.find(session)])  # type: ignore[list-item]
        else:
            server.generate(images=1 + turn % 7, seconds=60, steps=2000, session=session)
        menu.click_id(look_again)
        server.wait_until(lambda asked=asked: len(server.requests) > asked)  # type: ignore[misc]


def _weigh(tray: Process) -> dict[str, int]:
    proc = Path(f"/proc/{tray.pid}")
    status = dict(line.split(":", 1) for line in (proc / "status").read_text().splitlines())
    return {
        "rss_kb": int(status["VmRSS"].split()[0]),
        "threads": int(status["Threads"]),
        "descriptors": len(list((proc / "fd").iterdir())),
    }
