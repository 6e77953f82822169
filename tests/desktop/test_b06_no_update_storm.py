"""B06: a storm of icon and tooltip updates drives panels to full load. At most one of each a second, none when idle."""

import itertools
import threading

import pytest

from tests.desktop.rig.desktop import Desktop
from tests.desktop.rig.program import TrayProcess, configure
from tests.desktop.rig.tray_host import TrayHostDouble
from tests.desktop.rig.waiting import until
from tray_app.simulator.server import SimulatedSwarmUI

SHORT_AND_LONG = [8, pytest.param(60, marks=pytest.mark.slow)]


@pytest.mark.parametrize("seconds", SHORT_AND_LONG)
def test_b06_twenty_changes_a_second_give_one_update_a_second(
    desktop: Desktop, server: SimulatedSwarmUI, host: TrayHostDouble, seconds: int
) -> None:
    configure(desktop, server.url, polling__busy=0.2, polling__idle=0.5)
    TrayProcess(desktop)
    item = host.wait_for_item()
    until("it says idle", lambda: item.tooltip.startswith("Idle"))
    over = threading.Event()

    def change() -> None:
        sessions = [server.new_session() for _ in range(3)]
        turn = 0
        while not over.wait(0.05):
            server.generate(images=1 + turn % 3, seconds=0.2, steps=4, session=sessions[turn % 3])
            turn += 1

    worker = threading.Thread(target=change)
    worker.start()
    start = len(host.signals)
    host.signals.quiet(lambda _: True, seconds)
    over.set()
    worker.join()
    entries = list(host.signals)[start:]
    for name in ("NewIcon", "NewToolTip"):
        times = [entry.time for entry in entries if entry.what.name == name]
        gaps = [later - earlier for earlier, later in itertools.pairwise(times)]
        assert all(gap >= 0.95 for gap in gaps), f"{name}: {min(gaps):.2f} s apart"
    assert any(entry.what.name == "NewToolTip" for entry in entries), "nothing was shown at all"


@pytest.mark.parametrize("seconds", [6, pytest.param(300, marks=[pytest.mark.slow, pytest.mark.timeout(400)])])
def test_b06_nothing_is_sent_while_nothing_changes(
    desktop: Desktop, server: SimulatedSwarmUI, host: TrayHostDouble, seconds: int
) -> None:
    configure(desktop, server.url, polling__idle=0.5)
    TrayProcess(desktop)
    item = host.wait_for_item()
    until("it says idle", lambda: item.tooltip.startswith("Idle"))
    host.signals.quiet(lambda _: True, 1.5)
    asked = len(server.requests)
    assert host.signals.quiet(lambda _: True, seconds) == []
    assert len(server.requests) > asked + seconds, "it did not look meanwhile"
