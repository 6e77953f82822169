"""The tray as its user has it: a real process against the simulated server, seen and clicked over D-Bus."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.desktop.conftest import StartTray
from tests.desktop.rig.desktop import Desktop
from tests.desktop.rig.dunst import Dunst
from tests.desktop.rig.program import run_command
from tests.desktop.rig.tray_host import TrayHostDouble
from tests.desktop.rig.waiting import until
from tray_app.simulator.server import SimulatedSwarmUI


def test_icon_tooltip_and_menu_follow_the_server(
    start_tray: StartTray, server: SimulatedSwarmUI, host: TrayHostDouble
) -> None:
    start_tray("--url", server.url)
    item = host.wait_for_item()
    until("it says idle", lambda: item.tooltip.startswith("Idle"))
    assert item.get("Id") == "swarmui-tray"
    idle = item.icon_bytes()
    assert "Cancel all (nothing runs)" in item.menu.texts()

    server.generate(images=4, seconds=60, steps=300)
    until("it says generating", lambda: item.tooltip.startswith("Generating, 1 running, 3 queued"), 15)
    assert item.icon_bytes() != idle
    assert any(text.endswith("Generating, 1 running, 3 queued") for text in item.menu.texts())
    assert item.menu.find("Cancel all").enabled


def test_cancel_all_in_the_menu_stops_the_servers_work(
    start_tray: StartTray, server: SimulatedSwarmUI, host: TrayHostDouble, dunst: Dunst, desktop: Desktop
) -> None:
    handle = server.generate(images=4, seconds=60, steps=300)
    start_tray("--url", server.url)
    item = host.wait_for_item()
    until("it says generating", lambda: item.tooltip.startswith("Generating"))
    working = item.icon_bytes()

    item.menu.click("Cancel all: 4 jobs")
    handle.wait(10)
    until("nothing waits or runs", lambda: server.counters().waiting_gens == 0 and server.comfy_queue() == ([], []))
    until("it says idle", lambda: item.tooltip.startswith("Idle"))
    until("the icon changed", lambda: item.icon_bytes() != working)
    dunst.wait_until_shown()
    (shown,) = dunst.close_all()
    assert shown.app == "SwarmUI Tray"
    assert shown.summary.startswith("Cancelled")
    assert "4 jobs" in shown.body
    log = run_command(desktop, "--url", server.url, "log", "--json").stdout
    assert '"outcome": "stopped"' in log


def test_cancel_current_in_the_menu_stops_the_running_prompt_only(
    start_tray: StartTray, server: SimulatedSwarmUI, host: TrayHostDouble, dunst: Dunst
) -> None:
    mine = server.generate(images=1, seconds=60, steps=300)
    server.wait_until(lambda: bool(server.comfy_queue()[0]))
    other = server.generate(images=1, seconds=60, steps=300, session=server.new_session())
    (running,), _ = server.comfy_queue()
    start_tray("--url", server.url)
    item = host.wait_for_item()
    until("it says generating", lambda: item.tooltip.startswith("Generating"))

    item.menu.click("Cancel current")
    server.wait_until(lambda: running not in server.comfy_queue()[0])
    mine.wait(10)
    assert not other.done
    server.wait_until(lambda: server.counters().live_gens == 1)
    dunst.wait_until_shown()
    (shown,) = dunst.close_all()
    assert shown.summary.startswith("Cancelled")


def test_finished_work_is_announced_and_a_click_opens_the_picture(
    start_tray: StartTray, server: SimulatedSwarmUI, host: TrayHostDouble, dunst: Dunst, browser: Path
) -> None:
    work = server.generate(images=2, seconds=4)
    start_tray("--url", server.url)  # what already ran at the start has no known length and is announced
    host.wait_for_item()
    work.wait(20)
    dunst.wait_until_shown()
    dunst.press_default()
    until("a browser is started", browser.exists)
    opened = browser.read_text().strip()
    assert opened.startswith(f"{server.url}/View/local/")
    (shown,) = dunst.close_all()
    assert shown.summary.startswith("Work finished")
    assert "2 jobs done" in shown.body


def test_a_failed_job_is_announced_with_its_reason(
    start_tray: StartTray, server: SimulatedSwarmUI, host: TrayHostDouble, dunst: Dunst
) -> None:
    start_tray("--url", server.url)
    item = host.wait_for_item()
    until("it says idle", lambda: item.tooltip.startswith("Idle"))
    first = server.generate(images=1, seconds=4)
    item.menu.open()  # looks at the server at once
    until("it says generating", lambda: item.tooltip.startswith("Generating"))
    assert not first.done
    server.fail_next("simulated CUDA out of memory")
    server.generate(images=1)
    dunst.wait_until_shown(seconds=15)
    (shown,) = dunst.close_all()
    assert shown.summary.startswith("A job failed")
    assert "simulated CUDA out of memory" in shown.body


def test_a_lost_server_is_shown_at_once_and_told_when_it_is_back(
    start_tray: StartTray, server: SimulatedSwarmUI, host: TrayHostDouble, dunst: Dunst
) -> None:
    start_tray("--url", server.url)
    item = host.wait_for_item()
    until("it says idle", lambda: item.tooltip.startswith("Idle"))
    server.stop(abrupt=True)
    until("it says so", lambda: item.tooltip.startswith("Not reachable"), 15)
    dunst.wait_until_shown(seconds=20)  # announced after 10 s
    server.start()
    item.menu.click("Try again now")
    until("it is back", lambda: item.tooltip.startswith("Idle"))
    until("that is told", lambda: "SwarmUI is back" in {each.summary.split(" (")[0] for each in dunst.close_all()})


@pytest.fixture
def hung(server: SimulatedSwarmUI, start_tray: StartTray, host: TrayHostDouble) -> Iterator[object]:
    """A tray whose request the server does not answer."""
    tray = start_tray("--url", server.url)
    item = host.wait_for_item()
    until("it says idle", lambda: item.tooltip.startswith("Idle"))
    server.slow(120)
    asked = len(server.requests)
    item.menu.open()  # looks at the server at once
    server.wait_until(lambda: len(server.requests) > asked)
    yield tray
    server.answer_truly()


@pytest.mark.parametrize("way", ["menu", signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_it_quits_within_two_seconds_while_a_request_hangs(
    hung: object, host: TrayHostDouble, way: str | signal.Signals
) -> None:
    from tests.desktop.rig.program import TrayProcess

    assert isinstance(hung, TrayProcess)
    if isinstance(way, signal.Signals):
        hung.send(way)
    else:
        host.items()[0].menu.click("Quit")
    assert hung.wait(2.0) == 0, hung.output
    until("the icon is gone", lambda: not host.items())
    assert "Traceback" not in hung.output
    assert not any(Path(f"/proc/{pid}").exists() for pid in hung.session() if pid != os.getpid())
