"""B14: no notification daemon, an old one, or one that hangs. The tray answers all the time and loses nothing."""

import json

import pytest

from tests.desktop.rig.desktop import Desktop
from tests.desktop.rig.heartbeat import Heartbeat
from tests.desktop.rig.notification_double import Manner, NotificationDouble
from tests.desktop.rig.program import BARE_TRAY, TrayProcess, configure, run_command
from tests.desktop.rig.tray_host import TrayHostDouble
from tests.desktop.rig.tray_item import TrayItem
from tests.desktop.rig.waiting import until
from tray_app.simulator.server import SimulatedSwarmUI

LONGEST_GAP = 100.0


@pytest.mark.parametrize("manner", ["none", *Manner], ids=lambda each: getattr(each, "name", each).lower())
def test_b14_the_main_thread_never_waits_for_the_daemon(
    desktop: Desktop, server: SimulatedSwarmUI, host: TrayHostDouble, manner: Manner | str
) -> None:
    daemon = NotificationDouble(desktop.bus, manner=manner) if isinstance(manner, Manner) else None
    configure(desktop, server.url, polling__busy=0.2, polling__idle=0.5, notifications__longer_than=0)
    tray = TrayProcess(desktop)
    item = host.wait_for_item()
    until("it says idle", lambda: item.tooltip.startswith("Idle"))
    TrayProcess(desktop, program=BARE_TRAY, name="idle")
    idle_item = host.wait_for_item(start=1)
    work = server.generate(images=1, seconds=1.5)
    until("it says generating", lambda: item.tooltip.startswith("Generating"))
    # What holds up an idle tray beside it as well is the machine's doing, or the test's.
    with Heartbeat(desktop.bus, idle_item) as idle, Heartbeat(desktop.bus, item) as busy:
        work.wait(20)
        if daemon is not None:
            daemon.members.wait("the daemon is asked")
        until("it is among the recent events", lambda: any("finished" in e.text for e in item.menu.layout().walk()))
        desktop.bus.owners.quiet(lambda _: True, 6)  # longer than the daemon is given
    _expect_missed(item, desktop, missed=manner is not Manner.ANSWERS)
    assert busy.worst <= LONGEST_GAP + idle.worst, f"{busy.worst:.0f} ms, idle {idle.worst:.0f} ms"
    print(f"{busy.worst:.0f} ms, idle {idle.worst:.0f} ms")  # shown with -rP
    assert tray.alive
    assert "Traceback" not in tray.output


def _expect_missed(item: TrayItem, desktop: Desktop, *, missed: bool) -> None:
    """What nobody could be shown is counted in the menu's head, marked among the recent events and in the log."""
    head = item.menu.layout().children[0]
    assert head.text.endswith("(1 missed)") is missed, head.text
    recent = [each.text for each in item.menu.layout().walk() if "finished" in each.text]
    assert ["Missed: " in each for each in recent] == [missed], recent
    (entry,) = (json.loads(line) for line in run_command(desktop, "log", "--json").stdout.splitlines())
    assert (entry["event"], entry["missed"]) == ("finished", missed)
    item.menu.open()
    item.menu.close()
    until("the head no longer counts what was seen", lambda: "missed" not in item.menu.layout().children[0].text)


def test_b14_a_daemon_without_body_and_actions_gets_neither(
    desktop: Desktop, server: SimulatedSwarmUI, host: TrayHostDouble
) -> None:
    daemon = NotificationDouble(desktop.bus, capabilities=())
    configure(desktop, server.url, polling__busy=0.2, polling__idle=0.5, notifications__longer_than=0)
    TrayProcess(desktop)
    item = host.wait_for_item()
    until("it says idle", lambda: item.tooltip.startswith("Idle"))
    server.generate(images=1, seconds=1.5).wait(20)
    told = daemon.calls.wait("the work is told")
    assert told.actions == {}
    assert told.body == ""
    assert told.summary.startswith("Work finished")
