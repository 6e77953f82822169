"""openbox: gives windows a frame and the keyboard's focus. Trays, menus and notifications do without."""

from tests.desktop.rig.desktop import Desktop, program
from tests.desktop.rig.process import Process
from tests.desktop.rig.waiting import until


def start_openbox(desktop: Desktop) -> Process:
    """Start it and wait until it manages windows."""
    process = desktop.start(program("openbox"), "--sm-disable")
    question = ("xprop", "-root", "_NET_SUPPORTING_WM_CHECK")
    until("a window manager manages", lambda: "window id" in desktop.display.run(*question))
    return process
