"""The settings file is changed in an editor while the tray runs."""

from pathlib import Path

from tests.desktop.rig.desktop import Desktop
from tests.desktop.rig.dunst import Dunst
from tests.desktop.rig.program import TrayProcess, configure
from tests.desktop.rig.tray_host import TrayHostDouble
from tests.desktop.rig.waiting import until
from tray_app.simulator.server import SimulatedSwarmUI


def edit(file: Path, text: str) -> None:
    """Save as an editor does: a new file takes the old one's name."""
    new = file.with_name("settings.toml~")
    new.write_text(text)
    new.replace(file)


def test_a_server_added_by_hand_is_watched_and_a_fault_is_named_and_changes_nothing(
    desktop: Desktop, server: SimulatedSwarmUI, host: TrayHostDouble, dunst: Dunst
) -> None:
    file = configure(desktop, server.url, polling__idle=0.5)
    before = file.read_text()
    TrayProcess(desktop)
    item = host.wait_for_item()
    until("it has looked", lambda: item.tooltip.startswith("Idle"))
    with SimulatedSwarmUI() as other:
        added = before + f'[[servers]]\nname = "other"\naddress = "{other.url}"\n'
        edit(file, added)
        other.wait_until(lambda: sum(each.path.endswith("GetGlobalStatus") for each in other.requests) > 0)
        edit(file, added.replace(f'"{other.url}"', '"ftp://x"').replace("0.5", "'soon'"))
        dunst.wait_until_shown()
        notice = dunst.close_all()[0]
        assert notice.summary == "The settings file has a fault"
        assert "servers[1].address: SwarmUI is reached by http or https" in notice.body
        assert "polling.idle: 'soon' is not a number from 0.5 to 600." in notice.body
        seen = len(other.requests)
        other.generate(images=1, seconds=0.1)
        other.wait_until(lambda: len(other.requests) > seen)
        edit(file, added + "[polling\n")
        dunst.wait_until_shown()
        assert "is no valid TOML" in dunst.close_all()[0].body
        edit(file, before)
        dunst.wait_until_shown()
        assert dunst.close_all()[0].summary == "The settings hold again"
