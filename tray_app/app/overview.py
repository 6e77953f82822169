"""What is shown of the watched servers: of the only one, or of several together."""

import time
from typing import TYPE_CHECKING

from tray_app.core.present import tray_view

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tray_app.app.notifications import Notifications
    from tray_app.app.servers import WatchedServer
    from tray_app.core.view import TrayView
    from tray_app.core.watch import WatchState


class Overview:
    """Makes the views. With several servers only that of a server that has changed is made anew.

    `fault` is a sentence about the settings file, as long as there is something wrong with it.
    """

    def __init__(self, notifications: "Notifications", *, demo: bool) -> None:
        self._notifications = notifications
        self._demo = demo
        self.fault = ""
        self._made: dict[int, tuple[tuple[object, ...], WatchState, TrayView]] = {}

    def view(self, servers: "Sequence[WatchedServer]") -> "TrayView":
        """What icon, menu and window show now."""
        notifications = self._notifications
        if len(servers) == 1:
            self._made.clear()
            return tray_view(
                servers[0].state,
                tuple(servers[0].recent),
                time.time(),
                clock,
                demo=self._demo,
                note=servers[0].keyring_note,
                fault=self.fault,
                missed=notifications.missed,
                unseen=notifications.unseen,
                snooze=notifications.rows,
                server=servers[0].number,
            )
        from tray_app.core.several import recent_of_all, several_view

        made = {each.number: self._one(each) for each in servers}
        self._made = made
        return several_view(
            [(state, view) for _, state, view in made.values()],
            recent_of_all([(each.state.status, each.recent) for each in servers], clock, notifications.missed),
            unseen=notifications.unseen,
            snooze=notifications.rows,
            fault=self.fault,
        )

    def _one(self, server: "WatchedServer") -> "tuple[tuple[object, ...], WatchState, TrayView]":
        """The view of one of several, with what it was made from."""
        missed = self._notifications.missed
        facts = (server.told, server.keyring_note, len(missed), missed[-1] if missed else None)
        made = self._made.get(server.number)
        if made is not None and made[1] is server.state and made[0] == facts:
            return made
        view = tray_view(
            server.state,
            tuple(server.recent),
            time.time(),
            clock,
            demo=self._demo,
            note=server.keyring_note,
            missed=missed,
            server=server.number,
        )
        return facts, server.state, view


def clock(moment: float) -> str:
    """A time of day as a clock on the wall shows it."""
    return time.strftime("%H:%M", time.localtime(moment))
