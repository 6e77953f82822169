"""B23: crashes at exit. Started and ended at random moments, against a server that hangs, it leaves nothing behind."""

import random
import signal

import pytest

from tests.desktop.rig.desktop import Desktop
from tests.desktop.rig.program import TrayProcess, configure
from tests.desktop.rig.tray_host import TrayHostDouble
from tests.desktop.rig.waiting import until
from tray_app.simulator.server import SimulatedSwarmUI

LONG = [pytest.mark.slow, pytest.mark.timeout(1800)]
WAYS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, None)


@pytest.mark.parametrize("cycles", [12, pytest.param(300, marks=LONG)])
def test_b23_cycles_of_start_and_quit_are_clean(
    desktop: Desktop, server: SimulatedSwarmUI, host: TrayHostDouble, cycles: int
) -> None:
    configure(desktop, server.url, polling__busy=0.2, polling__idle=0.5)
    dice = random.Random(23)
    for cycle in range(cycles):
        if cycle % 3 == 0:
            server.answer_truly()
        elif cycle % 3 == 1:
            server.slow(60)
        registered = len(host.registrations)
        tray = TrayProcess(desktop, name=f"tray-{cycle}", env={"PYTHONDEVMODE": "1", "PYTHONFAULTHANDLER": "1"})
        item = host.wait_for_item(start=registered)
        host.signals.quiet(lambda _: True, dice.uniform(0, 0.8))
        way = WAYS[cycle % len(WAYS)]
        if way is None:
            item.menu.click("Quit")
        else:
            tray.send(way)
        assert tray.wait(2.5) == 0, tray.output
        assert tray.output == "", f"cycle {cycle}, {way}"
        until("the icon is gone", lambda: not host.items())
        tray.end()
