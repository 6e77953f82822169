"""What the buttons of real notifications do, what is held back, and what becomes of what nobody was shown."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.desktop.rig.desktop import Desktop
from tests.desktop.rig.display import Window
from tests.desktop.rig.dunst import Dunst
from tests.desktop.rig.notifyd import start_xfce4_notifyd
from tests.desktop.rig.program import TrayProcess, configure, run_command
from tests.desktop.rig.tray_host import TrayHostDouble
from tests.desktop.rig.tray_item import TrayItem
from tests.desktop.rig.waiting import until
from tray_app.simulator.server import SimulatedSwarmUI


@pytest.fixture
def other() -> Iterator[SimulatedSwarmUI]:
    """A second server."""
    with SimulatedSwarmUI() as simulated:
        yield simulated


def start(
    desktop: Desktop, host: TrayHostDouble, server: SimulatedSwarmUI, other: SimulatedSwarmUI | None = None
) -> TrayItem:
    """A tray that looks often and tells of everything, at one server or two."""
    file = configure(desktop, server.url, polling__busy=0.2, polling__idle=0.5, notifications__longer_than=0)
    if other is not None:
        file.write_text(f'{file.read_text()}\n[[servers]]\nname = "other"\naddress = {json.dumps(other.url)}\n')
    begun = len(host.registrations)
    TrayProcess(desktop)
    item = host.wait_for_item(start=begun)
    until("it has looked", lambda: item.tooltip.startswith(("Idle", "Generating")))
    return item


def fail_with_a_rest(server: SimulatedSwarmUI) -> None:
    """One job fails while four more wait."""
    first = server.generate(images=1, seconds=2.5)
    server.wait_until(lambda: server.counters().live_gens == 1)
    before = len(server.requests)
    server.wait_until(lambda: len(server.requests) > before + 8)  # the tray has seen it
    assert not first.done
    server.fail_next("no more memory")
    server.generate(images=1)
    server.generate(images=4, seconds=60, session=server.new_session())


def has(item: TrayItem, beginning: str) -> bool:
    """Whether the menu shows an entry that begins like that."""
    return any(each.startswith(beginning) for each in item.menu.texts())


def settled(screen: Desktop) -> Window:
    """xfce4-notifyd's notification once it has its size and place: it is mapped before its buttons are laid out."""
    last = screen.display.wait_for_window(wm_class="otifyd", seconds=20)

    def same() -> bool:
        nonlocal last
        before, last = last, screen.display.wait_for_window(wm_class="otifyd")
        return before == last and last.height > 90

    until("it stays where it is", same)
    return last


def notes(desktop: Desktop) -> list[tuple[str, bool]]:
    """Event and mark of all entries of the activity log."""
    lines = run_command(desktop, "log", "--json").stdout.splitlines()
    return [(entry["event"], entry["missed"]) for entry in map(json.loads, lines)]


def test_cancel_the_rest_stops_the_jobs_of_the_server_that_it_is_about(
    desktop: Desktop, server: SimulatedSwarmUI, other: SimulatedSwarmUI, host: TrayHostDouble, dunst: Dunst
) -> None:
    mine = server.generate(images=3, seconds=60)
    start(desktop, host, server, other)
    fail_with_a_rest(other)
    dunst.wait_until_shown(seconds=15)
    dunst.press("Cancel the rest")
    other.wait_until(lambda: other.counters().waiting_gens == 0)
    assert not mine.done
    assert server.counters().waiting_gens == 3
    assert "InterruptAll" not in [each.route for each in server.requests]


def test_xfce4_notifyd_draws_the_buttons_and_snooze_is_pressed(screen: Desktop, server: SimulatedSwarmUI) -> None:
    start_xfce4_notifyd(screen)
    host = TrayHostDouble(screen.bus)
    host.appear()
    item = start(screen, host, server)
    server.generate(images=1, seconds=1.5).wait(20)
    window = settled(screen)
    # The buttons fill the row at the bottom; the last one ends where the text does.
    screen.display.click(window.x + window.width - 60, window.y + window.height - 35)
    until("it is snoozed", lambda: has(item, "Snooze notifications (until"))


def test_cancel_the_rest_is_pressed_in_xfce4_notifyd(screen: Desktop, server: SimulatedSwarmUI) -> None:
    start_xfce4_notifyd(screen)
    host = TrayHostDouble(screen.bus)
    host.appear()
    start(screen, host, server)
    fail_with_a_rest(server)
    window = settled(screen)
    # The second of three buttons of one width.
    screen.display.click(window.x + window.width // 2, window.y + window.height - 35)
    server.wait_until(lambda: server.counters().waiting_gens == 0)
    assert "InterruptAll" in [each.route for each in server.requests]


def test_open_folder_asks_the_server_and_open_image_the_browser(
    desktop: Desktop, server: SimulatedSwarmUI, host: TrayHostDouble, dunst: Dunst, browser: Path
) -> None:
    start(desktop, host, server)
    server.generate(images=1, seconds=1.5).wait(20)
    dunst.wait_until_shown(seconds=15)
    dunst.press("Open folder")
    server.wait_until(lambda: "OpenImageFolder" in [each.route for each in server.requests])
    until("the notification is closed", lambda: dunst.shown() == 0)
    assert not browser.exists()
    server.generate(images=1, seconds=1.5).wait(20)
    dunst.wait_until_shown(seconds=15)
    dunst.press("Open image")
    until("a browser is started", browser.exists)
    assert browser.read_text().startswith(f"{server.url}/View/local/")


def test_a_snooze_holds_back_marks_as_missed_and_survives_a_restart(
    desktop: Desktop, server: SimulatedSwarmUI, host: TrayHostDouble, dunst: Dunst
) -> None:
    item = start(desktop, host, server)
    item.menu.click("For 1 hour")
    until("the menu says so", lambda: has(item, "Snooze notifications (until"))
    server.generate(images=1, seconds=1.5).wait(20)
    until("the head counts it", lambda: item.menu.texts()[0].endswith("(1 missed)"))
    assert any(" Missed: Work finished" in each.text for each in item.menu.layout().walk())
    until("the log has it", lambda: notes(desktop) == [("finished", True)])
    item.menu.open()
    assert item.menu.texts()[0].endswith("(1 missed)")
    item.menu.close()
    until("it has been read", lambda: "missed" not in item.menu.texts()[0])

    item.menu.click("Quit")
    until("the icon is gone", lambda: not host.items())
    item = start(desktop, host, server)
    until("it is still snoozed", lambda: has(item, "Snooze notifications (until"))
    server.generate(images=1, seconds=1.5).wait(20)
    until("the head counts it", lambda: item.menu.texts()[0].endswith("(1 missed)"))
    assert dunst.history() == []
    assert dunst.shown() == 0

    (wake,) = (each for each in item.menu.layout().walk() if each.text.endswith(": wake up now"))
    item.menu.click_id(wake.id)
    until("it is awake", lambda: "Snooze notifications" in item.menu.texts())
    server.generate(images=1, seconds=1.5).wait(20)
    dunst.wait_until_shown(seconds=15)
    assert notes(desktop) == [("finished", True), ("finished", True), ("finished", False)]


def test_without_a_daemon_what_happened_is_missed(
    desktop: Desktop, server: SimulatedSwarmUI, host: TrayHostDouble
) -> None:
    item = start(desktop, host, server)
    server.generate(images=1, seconds=1.5).wait(20)
    until("the head counts it", lambda: item.menu.texts()[0].endswith("(1 missed)"), 20)
    until("the log has it", lambda: notes(desktop) == [("finished", True)])


def test_quiet_hours_hold_back_what_happens(
    desktop: Desktop, server: SimulatedSwarmUI, host: TrayHostDouble, dunst: Dunst
) -> None:
    configure(desktop, server.url, polling__busy=0.2, polling__idle=0.5)
    configured = run_command(desktop, "config", "set", "notifications.quiet_hours", "0:00-24:00")
    assert configured.returncode == 0
    refused = run_command(desktop, "config", "set", "notifications.quiet_hours", "moon 0:00-24:00")
    assert refused.returncode == 2
    assert "“moon” in “moon 0:00-24:00” is no weekday" in refused.stderr
    TrayProcess(desktop)
    item = host.wait_for_item()
    until("the menu says so", lambda: has(item, "Snooze notifications (quiet hours until"))
    work = server.generate(images=1, seconds=2)
    until("it says generating", lambda: item.tooltip.startswith("Generating"))
    server.fail_next("no more memory")
    server.generate(images=1)
    work.wait(20)
    until("the head counts it", lambda: "missed)" in item.menu.texts()[0], 20)
    assert dunst.shown() == 0
