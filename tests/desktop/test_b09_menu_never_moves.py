"""B09: a menu that is rebuilt while it is open, or empty the first time."""

from tests.desktop.rig.desktop import Desktop
from tests.desktop.rig.program import TrayProcess, configure
from tests.desktop.rig.tray_host import TrayHostDouble
from tests.desktop.rig.waiting import until
from tray_app.simulator.server import SimulatedSwarmUI


def test_b09_the_menu_is_complete_at_its_first_layout(
    desktop: Desktop, server: SimulatedSwarmUI, host: TrayHostDouble
) -> None:
    TrayProcess(desktop, "--url", server.url)
    layout = host.wait_for_item().menu.layout()  # no AboutToShow before it
    texts = [each.text for each in layout.children if each.visible and not each.separator]
    assert "Open SwarmUI" in texts
    assert any(text.startswith("Cancel current job") for text in texts)
    assert texts[-2:] == ["Settings…", "Quit"]


def test_b09_thirty_polls_change_properties_only_while_it_is_open(
    desktop: Desktop, server: SimulatedSwarmUI, host: TrayHostDouble
) -> None:
    configure(desktop, server.url, polling__busy=0.2, polling__idle=0.5)
    TrayProcess(desktop)
    item = host.wait_for_item()
    until("it says idle", lambda: item.tooltip.startswith("Idle"))
    before = item.menu.open()
    start = len(host.signals)
    for turn in range(10):
        asked = len(server.requests)
        server.generate(images=1 + turn, seconds=60, steps=2000)
        server.wait_until(lambda asked=asked: len(server.requests) >= asked + 6)  # type: ignore[misc]  # three polls
    after = item.menu.layout()
    names = {signal.name for signal in host.signals.since(start)}
    assert "LayoutUpdated" not in names
    assert "ItemsPropertiesUpdated" in names
    assert [each.id for each in after.walk()] == [each.id for each in before.walk()]


def test_b09_a_closed_menu_is_silent_while_nothing_changes(
    desktop: Desktop, server: SimulatedSwarmUI, host: TrayHostDouble
) -> None:
    configure(desktop, server.url, polling__idle=0.5)
    TrayProcess(desktop)
    item = host.wait_for_item()
    until("it says idle", lambda: item.tooltip.startswith("Idle"))
    item.menu.open()
    item.menu.close()
    host.signals.quiet(lambda _: True, 1.5)
    assert host.signals.quiet(lambda _: True, 4) == []
