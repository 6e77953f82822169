"""B20: two instances, and locks that outlive their owner."""

import signal
import time

from tests.desktop.rig.desktop import ROOT, Desktop
from tests.desktop.rig.process import Process
from tests.desktop.rig.program import TrayProcess, command, configure
from tests.desktop.rig.tray_host import TrayHostDouble
from tests.desktop.rig.waiting import until
from tray_app.simulator.server import SimulatedSwarmUI


def test_b20_a_second_start_leaves_at_once_and_the_first_stays(
    desktop: Desktop, server: SimulatedSwarmUI, host: TrayHostDouble
) -> None:
    configure(desktop, server.url)
    first = TrayProcess(desktop)
    host.wait_for_item()
    second = TrayProcess(desktop, name="tray-second")
    started = time.monotonic()
    assert second.wait(5) == 0, second.output
    assert time.monotonic() - started < 1
    assert first.alive
    assert len(host.items()) == 1
    assert host.registrations.quiet(lambda _: True, 1) == []


def test_b20_after_a_kill_the_next_start_works(
    desktop: Desktop, server: SimulatedSwarmUI, host: TrayHostDouble
) -> None:
    configure(desktop, server.url)
    first = TrayProcess(desktop)
    host.wait_for_item()
    first.send(signal.SIGKILL)
    first.wait(5)
    until("the icon is gone", lambda: not host.items())
    second = TrayProcess(desktop, name="tray-second")
    host.wait_for_item(start=1)
    assert second.alive


def test_b20_two_profiles_run_beside_each_other(
    desktop: Desktop, server: SimulatedSwarmUI, host: TrayHostDouble
) -> None:
    TrayProcess(desktop, "--url", server.url)
    TrayProcess(desktop, "--profile", "second", "--url", server.url, name="tray-second")
    host.wait_for_item(start=1)
    until("both icons are there", lambda: len(host.items()) == 2)


def test_b20_ten_starts_at_once_leave_one(desktop: Desktop, server: SimulatedSwarmUI, host: TrayHostDouble) -> None:
    configure(desktop, server.url)
    trays = [
        Process(command("run"), desktop.env, desktop.logs / f"tray-{number}.log", cwd=ROOT) for number in range(10)
    ]
    try:
        until("one is left", lambda: sum(tray.alive for tray in trays) == 1, 25)
        assert [tray.wait(1) for tray in trays if not tray.alive] == [0] * 9
        host.wait_for_item()
        until("one icon is there", lambda: len(host.items()) == 1)
    finally:
        for tray in trays:
            tray.end()


def test_b20_without_a_usable_runtime_folder_it_starts_all_the_same(
    desktop: Desktop, server: SimulatedSwarmUI, host: TrayHostDouble
) -> None:
    tray = TrayProcess(desktop, "--url", server.url, env={"XDG_RUNTIME_DIR": "/nonexistent"})
    host.wait_for_item()
    assert tray.alive
