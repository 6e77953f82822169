"""The first run of all: an empty home, and a window that asks which SwarmUI is meant."""

import tomllib

from tests.desktop.rig.accessibility import ScreenReader
from tests.desktop.rig.desktop import Desktop
from tests.desktop.rig.keyring import Keyring
from tests.desktop.rig.program import TrayProcess, command
from tests.desktop.rig.tray_host import TrayHostDouble
from tests.desktop.rig.waiting import until
from tests.desktop.rig.window_manager import start_openbox
from tray_app.simulator.server import SimulatedSwarmUI

TITLE = "Set up SwarmUI Tray"


def test_a_server_of_this_computer_is_found_and_set_up_with_its_key_by_keyboard_alone(screen: Desktop) -> None:
    start_openbox(screen)
    Keyring(screen)
    host = TrayHostDouble(screen.bus)
    host.appear()
    with SimulatedSwarmUI(accounts=True) as server:
        token = server.add_user("ann", "owner")
        folder = screen.home / "SwarmUI/Data"
        folder.mkdir(parents=True)
        (folder / "Settings.fds").write_text(f"Network:\n\tPort: {server.port}\n")
        reader = ScreenReader(screen)
        TrayProcess(screen)
        item = host.wait_for_item()
        window = reader.window(TITLE)
        until("the icon says so too", lambda: item.tooltip.startswith("No server is set up"))
        address = reader.find(window, "text", "Address")
        until("the server that was found is proposed", lambda: address.text == server.url)
        assert [each.path for each in server.requests] == ["/"]
        until("it can be typed into", lambda: address.focused)
        screen.display.key("Return")
        field = reader.find(window, "text", "Token")
        until("the key is asked for", lambda: field.focused)
        screen.display.run("xdotool", "type", "--delay", "5", f"swarm_token={token}")
        screen.display.key("Return")
        until("it watches", lambda: item.tooltip.startswith("Idle"))
        assert reader.window("SwarmUI Tray").name == "SwarmUI Tray"
        assert TITLE not in [each.name for each in reader.windows() if each.showing]
        settings = screen.home / ".config/swarmui-tray/settings.toml"
        (entry,) = tomllib.loads(settings.read_text())["servers"]
        assert entry["address"] == server.url
        files = [each for each in screen.folder.rglob("*") if each.is_file()]
        assert [each for each in files if token.encode() in each.read_bytes()] == []


def test_where_it_is_asked_for_the_demo_starts_without_a_question(desktop: Desktop, host: TrayHostDouble) -> None:
    reader = ScreenReader(desktop)
    tray = TrayProcess(desktop, program=command("run", "--or-demo"))
    item = host.wait_for_item()
    until("the demo is watched", lambda: "demo" in item.tooltip)
    assert TITLE not in [each.name for each in reader.windows()]
    assert tray.quit() == 0


def test_the_demo_is_one_click_away_and_sets_nothing_up(desktop: Desktop, host: TrayHostDouble) -> None:
    reader = ScreenReader(desktop)
    tray = TrayProcess(desktop)
    window = reader.window(TITLE)
    until("it has looked", lambda: any(each.startswith("No SwarmUI answers") for each in reader.texts(window)), 20)
    reader.button(window, "Try the demo").press()
    item = host.wait_for_item()
    until("the demo is watched", lambda: "demo" in item.tooltip and not item.tooltip.startswith("No server"))
    assert not (desktop.home / ".config/swarmui-tray/settings.toml").exists()
    assert tray.quit() == 0
