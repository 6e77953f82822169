"""weston without a screen: a Wayland session."""

from tests.desktop.rig.desktop import Desktop, program
from tests.desktop.rig.process import Process
from tests.desktop.rig.waiting import until

_SOCKET = "wayland-test"


def start_weston(desktop: Desktop) -> Process:
    """Start it; programs of this desktop find it by WAYLAND_DISPLAY, and no X display."""
    process = desktop.start(
        program("weston"),
        "--backend=headless-backend.so",
        f"--socket={_SOCKET}",
        "--width=1280",
        "--height=800",
        "--idle-time=0",
    )
    until("weston listens", (desktop.runtime / _SOCKET).is_socket)
    desktop.env.pop("DISPLAY", None)
    desktop.env["WAYLAND_DISPLAY"] = _SOCKET
    return process
