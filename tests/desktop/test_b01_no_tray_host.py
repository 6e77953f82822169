"""B01: no tray host at all. The program must neither exit nor be out of reach, and says how to get a tray."""

import json

from tests.desktop.rig.accessibility import ScreenReader
from tests.desktop.rig.desktop import Desktop
from tests.desktop.rig.dunst import Dunst
from tests.desktop.rig.program import TrayProcess, configure, run_command
from tests.desktop.rig.tray_host import TrayHostDouble
from tests.desktop.rig.waiting import until
from tray_app.simulator.server import SimulatedSwarmUI


def test_b01_a_window_appears_and_notifications_and_commands_work(screen: Desktop, server: SimulatedSwarmUI) -> None:
    dunst = Dunst(screen)
    reader = ScreenReader(screen)
    configure(screen, server.url, polling__idle=0.5, polling__busy=0.5, notifications__longer_than=0)
    tray = TrayProcess(screen, env={"XDG_CURRENT_DESKTOP": "XFCE"})
    screen.display.wait_for_window(title="SwarmUI Tray", seconds=5)
    window = reader.window("SwarmUI Tray")
    hint = "Nothing on this desktop shows tray icons. Add “Status Tray Plugin” to a panel of Xfce."
    until("it says how to get a tray", lambda: hint in reader.texts(window))

    status = run_command(screen, "status")
    assert status.returncode == 0
    assert json.loads(status.stdout)["servers"][0]["state"] == "idle"

    server.generate(images=2, seconds=2).wait(20)
    dunst.wait_until_shown()
    (shown,) = dunst.close_all()
    assert shown.summary.startswith("Work finished")
    assert tray.alive
    TrayHostDouble(screen.bus).appear()
    until("nothing is left to be said of it", lambda: hint not in reader.texts(window))
    assert tray.quit() == 0
