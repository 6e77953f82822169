"""B10: labels mangled, `_` and `&` eaten as mnemonics. What was written is what is read, whoever draws the menu.

One case is left, and no label avoids it (`tray_app.ui.labels.dbus_menu_text` says why): an `_` that comes after an `&`
with no `_` before it is not drawn by GTK panels while their menu is used with the mouse.
"""

import pytest

from tests.desktop.rig.accessibility import ScreenReader
from tests.desktop.rig.dbusmenu import shown, shown_by_gtk
from tests.desktop.rig.desktop import Desktop
from tests.desktop.rig.panels import start_trayer
from tests.desktop.rig.program import TrayProcess, configure
from tests.desktop.rig.tray_host import TrayHostDouble
from tests.desktop.rig.waiting import until
from tray_app.simulator.server import SimulatedSwarmUI

NAMES = (
    "sd_xl_base_1.0",
    "R&D",
    "__a__",
    "&&",
    "a&_b",
    "_&",
    "&",
    "אבג_1",
    "🙂_&_🙂",
    "100 % <b>&amp;</b>",
)


@pytest.mark.parametrize("name", NAMES)
def test_b10_a_panel_reads_the_name_as_it_was_written(
    desktop: Desktop, server: SimulatedSwarmUI, host: TrayHostDouble, name: str
) -> None:
    configure(desktop, server.url, server_name=name)
    TrayProcess(desktop)
    item = host.wait_for_item()
    until("it says idle", lambda: item.tooltip.startswith("Idle"))
    label = item.menu.layout().children[0].label
    assert (shown(label), shown_by_gtk(label)) == (f"{name}: Idle", f"{name}: Idle")


def test_b10_the_menu_that_qt_draws_in_an_xembed_tray_reads_so_too(screen: Desktop, server: SimulatedSwarmUI) -> None:
    reader = ScreenReader(screen)
    configure(screen, server.url, server_name="sd_xl R&D __a__ אבג 🙂")
    start_trayer(screen)
    TrayProcess(screen)
    trayer = screen.display.wait_for_window(wm_class="trayer")
    until("it has looked at the server", lambda: server.requests)
    middle = (trayer.x + trayer.width // 2, trayer.y + trayer.height // 2)
    screen.display.click(*middle, button=3)
    until("the menu is open", lambda: [each for each in screen.display.windows() if each.height > 100])
    screen.display.key("Down")
    until("the menu is read out", reader.menu_of_focus)
    assert reader.menu_of_focus()[0] == "sd_xl R&D __a__ אבג 🙂: Idle"
