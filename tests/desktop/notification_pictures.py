"""Pictures of one notification of each kind in two real daemons."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from tests.desktop.rig.desktop import Desktop
from tests.desktop.rig.display import HEIGHT, WIDTH
from tests.desktop.rig.dunst import Dunst
from tests.desktop.rig.notifyd import start_xfce4_notifyd
from tests.desktop.rig.program import TrayProcess, configure
from tests.desktop.rig.tray_host import TrayHostDouble
from tests.desktop.rig.tray_item import TrayItem
from tests.desktop.rig.waiting import until
from tests.desktop.window_pictures import desktop_of, keep
from tray_app.simulator.server import SimulatedSwarmUI

_DAEMONS: dict[str, tuple[Callable[[Desktop], object], str]] = {
    "dunst": (Dunst, "unst"),
    "xfce4-notifyd": (start_xfce4_notifyd, "otifyd"),
}


def notifications(folder: Path) -> None:
    """notification-KIND-DAEMON.png; each on a desktop of its own, on which nothing else is told."""
    for daemon, (start, wm_class) in _DAEMONS.items():
        for kind, happen in _KINDS.items():
            with desktop_of((WIDTH, HEIGHT)) as desktop, SimulatedSwarmUI() as server:
                start(desktop)
                item = _tray(desktop, server)
                happen(server, item)
                kept = partial(keep, desktop, wm_class=wm_class, times=10)
                lost = kept(folder / f"notification-{kind}-{daemon}.png")
                if kind == "lost":
                    server.start()
                    item.menu.click("Try again now")
                    kept(folder / f"notification-back-{daemon}.png", unlike=lost)
            print(daemon, kind)


def _tray(desktop: Desktop, server: SimulatedSwarmUI) -> TrayItem:
    """The program, which has seen that the server is idle and looks often."""
    host = TrayHostDouble(desktop.bus)
    host.appear()
    configure(desktop, server.url, polling__busy=0.2, polling__idle=0.5, notifications__longer_than=0)
    TrayProcess(desktop)
    item = host.wait_for_item()
    until("it has looked", lambda: item.tooltip.startswith("Idle"), 20)
    return item


def _finish(server: SimulatedSwarmUI, _: TrayItem) -> None:
    server.generate(images=2, seconds=1.5).wait(20)


def _fail(server: SimulatedSwarmUI, item: TrayItem) -> None:
    server.generate(images=1, seconds=3)
    until("it is seen", lambda: item.tooltip.startswith("Generating"))
    server.fail_next("simulated CUDA out of memory")
    server.generate(images=1)
    server.generate(images=4, seconds=60, session=server.new_session())


def _cancel(server: SimulatedSwarmUI, item: TrayItem) -> None:
    server.generate(images=4, seconds=60, steps=600)
    until("it is seen", lambda: item.tooltip.startswith("Generating"))
    item.menu.click("Cancel all")


def _leave(server: SimulatedSwarmUI, _: TrayItem) -> None:
    server.stop(abrupt=True)


_KINDS = {"finished": _finish, "failed": _fail, "cancelled": _cancel, "lost": _leave}
