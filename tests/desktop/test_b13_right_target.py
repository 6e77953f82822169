"""B13: a click or button that acts on the wrong notification, or harms a foreign one."""

from pathlib import Path

from tests.desktop.rig.desktop import Desktop
from tests.desktop.rig.notification_double import NAME, PATH, NotificationDouble, Notify
from tests.desktop.rig.program import TrayProcess, configure
from tests.desktop.rig.tray_host import TrayHostDouble
from tests.desktop.rig.waiting import until
from tray_app.simulator.server import SimulatedSwarmUI


def _work_and_failure(
    desktop: Desktop, server: SimulatedSwarmUI, host: TrayHostDouble, daemon: NotificationDouble
) -> tuple[Notify, Notify]:
    """Let something finish, then something fail; both notifications are live."""
    configure(desktop, server.url, polling__busy=0.2, polling__idle=0.5, notifications__longer_than=0)
    TrayProcess(desktop)
    item = host.wait_for_item()
    until("it says idle", lambda: item.tooltip.startswith("Idle"))
    server.generate(images=1, seconds=1.5).wait(20)
    work = daemon.calls.wait("the work is told", lambda each: each.summary.startswith("Work finished"))
    first = server.generate(images=1, seconds=2)
    until("it says generating", lambda: item.tooltip.startswith("Generating"))
    assert not first.done
    server.fail_next("no more memory")
    server.generate(images=1)
    failure = daemon.calls.wait("the failure is told", lambda each: each.summary.startswith("A job failed"), 15)
    return work, failure


def test_b13_a_click_opens_the_target_of_the_notification_that_was_clicked(
    desktop: Desktop, server: SimulatedSwarmUI, host: TrayHostDouble, browser: Path
) -> None:
    daemon = NotificationDouble(desktop.bus)
    work, failure = _work_and_failure(desktop, server, host, daemon)
    assert work.id != failure.id
    daemon.invoke(failure.id + 1000, "default")  # nobody's
    latest = [each for each in daemon.calls.since(0) if each.id == work.id][-1]
    daemon.invoke(latest.id, "default")
    until("a browser is started", browser.exists)
    assert len(browser.read_text().split()) == 1
    assert browser.read_text().startswith(f"{server.url}/View/")
    daemon.invoke(failure.id, "default")
    until("another one is started", lambda: browser.read_text().count("\n") > 1)
    host.signals.quiet(lambda _: True, 1)
    assert len(browser.read_text().split()) == 2, browser.read_text()
    assert browser.read_text().split()[1].rstrip("/") == server.url


def test_b13_a_daemon_that_restarts_gets_no_number_of_the_old_one(
    desktop: Desktop, server: SimulatedSwarmUI, host: TrayHostDouble
) -> None:
    old = NotificationDouble(desktop.bus)
    _work_and_failure(desktop, server, host, old)
    old.vanish()
    new = NotificationDouble(desktop.bus)
    # Another program's notification gets the number that the work's had before.
    arguments = ["other", 0, "", "foreign", "text", [], {}, -1]
    (foreign,) = desktop.bus.client.call(NAME, PATH, NAME, "Notify", "susssasa{sv}i", *arguments)
    server.generate(images=1, seconds=1.5).wait(20)
    told = new.calls.wait("the next work is told", lambda each: each.summary.startswith("Work"))
    assert told.replaces == 0
    assert told.id != foreign
    assert "CloseNotification" not in [entry.what for entry in new.members]
