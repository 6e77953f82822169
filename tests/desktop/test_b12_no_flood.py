"""B12: floods, duplicates and ghosts of the past."""

import pytest

from tests.desktop.rig.desktop import Desktop
from tests.desktop.rig.notification_double import NotificationDouble
from tests.desktop.rig.program import TrayProcess, configure
from tests.desktop.rig.tray_host import TrayHostDouble
from tests.desktop.rig.waiting import until
from tray_app.simulator.server import SimulatedSwarmUI


def _start(desktop: Desktop, server: SimulatedSwarmUI, host: TrayHostDouble) -> TrayProcess:
    """A tray that looks often and tells of everything."""
    configure(desktop, server.url, polling__busy=0.2, polling__idle=0.5, notifications__longer_than=0)
    start = len(host.registrations)
    tray = TrayProcess(desktop)
    item = host.wait_for_item(start=start)
    until("it has looked", lambda: not item.tooltip.startswith("Connecting"), 15)
    return tray


def test_b12_a_hundred_jobs_in_ten_seconds_give_one_live_notification(
    desktop: Desktop, server: SimulatedSwarmUI, host: TrayHostDouble
) -> None:
    daemon = NotificationDouble(desktop.bus)
    _start(desktop, server, host)
    # In bursts with a pause in which the work counts as finished, so that it is told more than once.
    for burst in range(3):
        last = [server.generate(images=1, seconds=0.04, steps=1) for _ in range(33 + burst // 2)][-1]
        last.wait(20)
        daemon.calls.wait("the end of the burst is told", seconds=8, start=burst)
    told = daemon.calls.since(0)
    assert {each.summary for each in told} == {"Work finished (home)"}
    assert len({each.id for each in told}) == 1, "each must replace the one before"
    assert len(told) == 3


@pytest.mark.timeout(60)
def test_b12_thirty_flaps_of_the_server_give_two_notifications_at_most(
    desktop: Desktop, server: SimulatedSwarmUI, host: TrayHostDouble
) -> None:
    daemon = NotificationDouble(desktop.bus)
    _start(desktop, server, host)
    for _ in range(30):
        server.stop(abrupt=True)
        daemon.calls.quiet(lambda _: True, 0.3)
        server.start()
        daemon.calls.quiet(lambda _: True, 0.3)
    daemon.calls.quiet(lambda _: True, 2)
    assert len(daemon.calls) <= 2


def test_b12_a_start_tells_nothing_of_the_past_and_nothing_twice(
    desktop: Desktop, server: SimulatedSwarmUI, host: TrayHostDouble
) -> None:
    daemon = NotificationDouble(desktop.bus)
    tray = _start(desktop, server, host)
    server.generate(images=2, seconds=1).wait(20)
    daemon.calls.wait("the work is told")
    assert tray.quit() == 0
    server.generate(images=1, seconds=0.5).wait(20)  # while nobody looks
    _start(desktop, server, host)
    assert daemon.calls.quiet(lambda _: True, 5) == []
    assert len(daemon.calls) == 1


def test_b12_work_that_is_seen_by_two_lives_of_the_tray_is_told_once(
    desktop: Desktop, server: SimulatedSwarmUI, host: TrayHostDouble
) -> None:
    daemon = NotificationDouble(desktop.bus)
    tray = _start(desktop, server, host)
    work = server.generate(images=1, seconds=5)
    item = host.items()[0]
    until("it says generating", lambda: item.tooltip.startswith("Generating"))
    assert tray.quit() == 0
    _start(desktop, server, host)
    work.wait(20)
    daemon.calls.wait("the work is told")
    daemon.calls.quiet(lambda _: True, 3)
    assert len(daemon.calls) == 1
