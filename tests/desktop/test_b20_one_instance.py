"""B20: two instances, and locks that outlive their owner."""

import shutil
import signal
import time

import pytest

from tests.desktop.rig.desktop import ROOT, Desktop
from tests.desktop.rig.process import Process
from tests.desktop.rig.program import TrayProcess, command, configure
from tests.desktop.rig.tray_host import TrayHostDouble
from tests.desktop.rig.waiting import until
from tray_app.simulator.server import SimulatedSwarmUI


def test_b20_a_second_start_leaves_at_once_and_the_first_shows_its_window(
    screen: Desktop, server: SimulatedSwarmUI
) -> None:
    host = TrayHostDouble(screen.bus)
    host.appear()
    configure(screen, server.url)
    first = TrayProcess(screen)
    item = host.wait_for_item()
    until("it says idle", lambda: item.tooltip.startswith("Idle"))
    assert screen.display.windows() == []
    second = TrayProcess(screen, name="tray-second")
    assert second.wait(5) == 0, second.output
    assert time.monotonic() - second.started < 1
    screen.display.wait_for_window(title="SwarmUI Tray", seconds=2)
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


@pytest.mark.parametrize("option", ["--profile", "--config"])
def test_b20_two_profiles_or_settings_files_run_beside_each_other(
    desktop: Desktop, server: SimulatedSwarmUI, host: TrayHostDouble, option: str
) -> None:
    file = desktop.home / "second.toml"
    shutil.copy(configure(desktop, server.url), file)
    TrayProcess(desktop)
    other = (option, str(file) if option == "--config" else "second", "--url", server.url)
    TrayProcess(desktop, *other, name="tray-second")
    host.wait_for_item(start=1)
    until("both icons are there", lambda: len(host.items()) == 2)
    assert TrayProcess(desktop, *other, name="tray-second-again").wait(5) == 0


def test_b20_the_demo_runs_beside_the_tray_of_the_same_user(
    desktop: Desktop, server: SimulatedSwarmUI, host: TrayHostDouble
) -> None:
    configure(desktop, server.url)
    tray, demo = TrayProcess(desktop), TrayProcess(desktop, "--demo", name="tray-demo")
    host.wait_for_item(start=1)

    def heads() -> list[str]:
        return sorted(item.menu.texts()[0].partition(":")[0] for item in host.items())

    until("both are there and know their servers", lambda: heads() == ["demo", "home"])
    assert TrayProcess(desktop, "--demo", name="tray-demo-again").wait(5) == 0
    assert demo.quit() == 0
    until("the tray's own icon is left", lambda: heads() == ["home"])
    assert tray.alive


def test_b20_two_users_have_a_tray_each(desktop: Desktop, server: SimulatedSwarmUI, host: TrayHostDouble) -> None:
    """By their folders only: a test has no second account. That sockets are closed to others is tested elsewhere."""
    places = {}
    for name in ("HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_RUNTIME_DIR"):
        place = desktop.runtime / "other" / name.lower()
        place.mkdir(parents=True, mode=0o700)
        places[name] = str(place)
    TrayProcess(desktop, "--url", server.url)
    TrayProcess(desktop, "--url", server.url, name="tray-other", env=places)
    host.wait_for_item(start=1)
    until("both icons are there", lambda: len(host.items()) == 2)


@pytest.mark.parametrize("way", ["menu", "signal"])
def test_b20_a_start_while_the_old_one_is_still_going_away_gets_a_tray_of_its_own(
    desktop: Desktop, server: SimulatedSwarmUI, host: TrayHostDouble, way: str
) -> None:
    configure(desktop, server.url)
    server.slow(60)  # it goes slowly with a request under way
    tray = TrayProcess(desktop, name="tray-0")
    for number, after in enumerate((0.0, 0.02, 0.1), 1):
        item = host.wait_for_item(start=number - 1)
        server.wait_until(lambda number=number: len(server.requests) >= number)  # type: ignore[misc]
        if way == "menu":
            item.menu.click("Quit")
        else:
            tray.send(signal.SIGTERM)
        host.signals.quiet(lambda _: True, after)
        following = TrayProcess(desktop, name=f"tray-{number}")
        assert tray.wait(2) == 0
        host.wait_for_item(start=number)
        until("one icon is there", lambda: len(host.items()) == 1)
        assert following.alive, following.output
        tray = following


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
