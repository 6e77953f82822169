"""xfce4-notifyd: a real notification daemon that draws its buttons."""

from tests.desktop.rig.desktop import Desktop, program
from tests.desktop.rig.dunst import NOTIFICATIONS
from tests.desktop.rig.process import Process


def start_xfce4_notifyd(desktop: Desktop) -> Process:
    """Start it and wait until it answers."""
    process = desktop.start(program("/usr/lib/*/xfce4/notifyd/xfce4-notifyd"))
    desktop.bus.wait_for_owner(NOTIFICATIONS)
    return process
