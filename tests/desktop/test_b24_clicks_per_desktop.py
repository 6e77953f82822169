"""B24: clicks mean something else on each desktop. Each does what docs/desktop.md says, and all is in the menu."""

from tests.desktop.rig.accessibility import Accessible, ScreenReader
from tests.desktop.rig.desktop import Desktop
from tests.desktop.rig.panels import XfcePanel, start_trayer
from tests.desktop.rig.program import TrayProcess, configure
from tests.desktop.rig.tray_host import TrayHostDouble
from tests.desktop.rig.tray_item import ITEM, registered
from tests.desktop.rig.waiting import until
from tests.desktop.rig.window_manager import start_openbox
from tray_app.simulator.server import SimulatedSwarmUI

TITLE = "SwarmUI Tray"
OPERATED = {"push button", "button", "text", "list", "check box", "combo box", "spin button", "page tab"}
LEFT, MIDDLE, RIGHT, UP, DOWN = 1, 2, 3, 4, 5


def _expect(desktop: Desktop, spot: tuple[int, int]) -> None:
    """Middle and wheel: nothing. Left: the window. Right: the menu."""
    before = _windows(desktop)
    for button in (MIDDLE, UP, DOWN):
        desktop.display.click(*spot, button=button)
    desktop.display.click(*spot, button=LEFT)  # had the others shown a menu, it would take this click
    shown = until("something is shown", lambda: _windows(desktop) - before)
    assert [title for _, title in shown] == [TITLE], "it is not the window alone"
    with_window = _windows(desktop)
    desktop.display.click(*spot, button=RIGHT)
    until("the menu is open", lambda: _windows(desktop) - with_window)


def _windows(desktop: Desktop) -> set[tuple[str, str]]:
    """Number and title of all that is larger than a tooltip, a panel or an icon, which has its program's title too."""
    return {(each.id, each.title) for each in desktop.display.windows() if each.height > 100}


def test_b24_xfce_left_shows_the_window_right_the_menu(screen: Desktop, server: SimulatedSwarmUI) -> None:
    panel = XfcePanel(screen)
    tray = TrayProcess(screen, "--url", server.url)
    until("the icon registers", lambda: registered(screen.bus.client))
    item = registered(screen.bus.client)[0]
    until("it says idle", lambda: item.tooltip.startswith("Idle"))
    _expect(screen, panel.icon_spot())
    assert tray.alive


def test_b24_xembed_left_shows_the_window_right_the_menu(screen: Desktop, server: SimulatedSwarmUI) -> None:
    start_trayer(screen)
    tray = TrayProcess(screen, "--url", server.url)
    trayer = screen.display.wait_for_window(wm_class="trayer")
    until("it has looked at the server", lambda: server.requests)
    _expect(screen, (trayer.x + trayer.width // 2, trayer.y + trayer.height // 2))
    assert tray.alive


def test_b24_any_host_is_answered_as_documented(screen: Desktop, server: SimulatedSwarmUI) -> None:
    """What a host sends for each click; and as some show the menu on every click, all of the window is in the menu."""
    start_openbox(screen)
    reader = ScreenReader(screen)
    host = TrayHostDouble(screen.bus)
    host.appear()
    TrayProcess(screen, "--url", server.url)
    item = host.wait_for_item()
    until("it says idle", lambda: item.tooltip.startswith("Idle"))
    assert item.get("ItemIsMenu") is False
    item.secondary_activate()
    item.scroll(120)
    item.scroll(-120, "horizontal")
    item.connection.call(item.service, item.path, ITEM, "ContextMenu", "ii", 5, 5)
    assert not any(each.title == TITLE for each in screen.display.windows())
    item.activate()
    window = reader.window(TITLE)
    _expect_names(window, OPERATED | {"label"})
    buttons = {each.name for each in window.walk() if each.role in {"push button", "button"}}
    entries = {each.text for each in item.menu.layout().walk() if each.visible}
    assert len(buttons) >= 6
    assert buttons <= entries


def test_b24_without_a_tray_the_window_opens_and_every_part_is_reached_by_keyboard(
    screen: Desktop, server: SimulatedSwarmUI
) -> None:
    start_openbox(screen)
    reader = ScreenReader(screen)
    server.generate(images=3, seconds=60, steps=300)
    tray = TrayProcess(screen, "--url", server.url)
    window = reader.window(TITLE)
    until("it shows the figures", lambda: reader.button(window, "Cancel all").enabled)
    wanted = {each.name for each in window.walk() if each.role in {"push button", "button"} and each.enabled}
    reached: list[str] = []
    for _ in range(len(wanted) + 8):
        focused = until("something has the keyboard", lambda: [each for each in window.walk() if each.focused])[0]
        reached.append(focused.name)
        screen.display.key("Tab")
        until("the keyboard went on", lambda focused=focused: not focused.focused)  # type: ignore[misc]
        if wanted <= set(reached):
            break
    assert wanted <= set(reached), f"not reached: {wanted - set(reached)}"
    assert tray.alive


def test_b24_every_part_of_the_settings_has_a_name_for_a_screen_reader(
    screen: Desktop, server: SimulatedSwarmUI
) -> None:
    start_openbox(screen)
    reader = ScreenReader(screen)
    host = TrayHostDouble(screen.bus)
    host.appear()
    configure(screen, server.url)
    TrayProcess(screen)
    host.wait_for_item().menu.click("Settings…")
    window = reader.window("Settings")
    tabs = [each for each in window.walk() if each.role == "page tab"]
    assert len(tabs) >= 3
    for tab in tabs:
        tab.press()
        _expect_names(window, OPERATED)


def _expect_names(window: Accessible, roles: set[str]) -> None:
    """Whatever can be operated, and each picture, has a name that a screen reader can say."""
    for each in window.walk():
        if each.showing and each.role in roles:
            assert each.name or (each.role == "label" and each.text), f"a {each.role} {each.text!r} without a name"
