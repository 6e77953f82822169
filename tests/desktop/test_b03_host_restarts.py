"""B03: the host restarts, or the whole bus goes. The icon must come back, once; without a bus nothing may run wild."""

import signal

from tests.bench.stage import settle
from tests.bench.usage import span, usage
from tests.desktop.conftest import StartTray
from tests.desktop.rig.bus import Bus
from tests.desktop.rig.desktop import Desktop
from tests.desktop.rig.panels import XfcePanel
from tests.desktop.rig.program import TrayProcess
from tests.desktop.rig.tray_host import TrayHostDouble
from tests.desktop.rig.tray_item import WATCHER, registered
from tests.desktop.rig.waiting import until
from tray_app.simulator.server import SimulatedSwarmUI


def test_b03_five_restarts_of_the_host_give_one_registration_each(
    start_tray: StartTray, server: SimulatedSwarmUI, host: TrayHostDouble
) -> None:
    start_tray("--url", server.url)
    item = host.wait_for_item()
    until("it says idle", lambda: item.tooltip.startswith("Idle"))
    icon = item.icon_bytes()
    for life in range(1, 6):
        host.vanish()
        host.appear()
        item = host.wait_for_item(3, start=life)
        assert item.icon_bytes() == icon
        assert item.menu.texts()[-1] == "Quit"
    assert host.registrations.quiet(lambda _: True, 1) == []
    assert len(host.registrations) == 6


def test_b03_two_hosts_that_race_for_the_name_leave_one_icon(
    start_tray: StartTray, server: SimulatedSwarmUI, host: TrayHostDouble, desktop: Desktop
) -> None:
    start_tray("--url", server.url)
    host.wait_for_item()
    host.vanish()
    second = TrayHostDouble(desktop.bus)
    second.appear()
    second.vanish()
    host.appear()
    host.wait_for_item(3, start=1)
    host.registrations.quiet(lambda _: True, 1)
    assert len(host.items()) == 1
    assert host.items()[0].menu.texts()[-1] == "Quit"
    # One for each of the three; what was meant for the second may have reached the first, by their common name.
    assert len(host.registrations) + len(second.registrations) <= 3


def test_b03_a_host_that_takes_over_from_another_without_a_pause_gets_the_icon(
    start_tray: StartTray, server: SimulatedSwarmUI, host: TrayHostDouble, desktop: Desktop
) -> None:
    start_tray("--url", server.url)
    host.wait_for_item()
    following = TrayHostDouble(desktop.bus)
    following.appear(queue=True)
    host.vanish()
    item = following.wait_for_item(3)
    assert following.registrations.quiet(lambda _: True, 1) == []
    assert following.items() == [item]
    assert item.menu.texts()[-1] == "Quit"


def test_b03_a_panel_killed_hard_gets_the_icon_back(screen: Desktop, server: SimulatedSwarmUI) -> None:
    panel = XfcePanel(screen)
    tray = TrayProcess(screen, "--url", server.url)
    until("the icon registers", lambda: registered(screen.bus.client))
    for _ in range(2):
        panel.process.send(signal.SIGKILL)
        screen.bus.wait_for_no_owner(WATCHER)
        panel.process.end()
        panel.start()
        until("the icon registers again", lambda: registered(screen.bus.client), 3)
        panel.icon_spot()
    assert len(registered(screen.bus.client)) == 1
    assert tray.alive


def test_b03_without_the_bus_it_neither_runs_wild_nor_hangs(screen: Desktop, server: SimulatedSwarmUI) -> None:
    bus = Bus(screen.runtime, screen.env, "doomed")
    host = TrayHostDouble(bus)
    host.appear()
    tray = TrayProcess(screen, "--url", server.url, env={"DBUS_SESSION_BUS_ADDRESS": bus.address})
    item = host.wait_for_item()
    until("it says idle", lambda: item.tooltip.startswith("Idle"))
    bus.end()
    asked = len(server.requests)
    server.wait_until(lambda: len(server.requests) > asked, 10)  # goes on watching
    before = usage([tray.pid])
    settle(3)
    used = span(before, usage([tray.pid]))
    assert used.cpu_ms < 300
    assert used.wakeups < 30
    assert tray.quit() == 0, tray.output
    assert "Traceback" not in tray.output
