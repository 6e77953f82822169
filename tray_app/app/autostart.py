"""Starting with the session: the switch in the settings window at work, and the repair of its entry after the start."""

import logging
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QObject, QTimer

from tray_app.app.background import in_background
from tray_app.core.errors import AutostartError

if TYPE_CHECKING:
    from tray_app.adapters.autostart.switch import Autostart
    from tray_app.ui.bridge import Bridge
    from tray_app.ui.settings_autostart import AutostartSwitch

log = logging.getLogger(__name__)

REPAIR_AFTER_MS = 3_000
"""How long after the start: by then the icon is there and the servers have answered."""


class SystemState(NamedTuple):
    """What the system says, why it cannot be switched, and what went wrong with a change; empty texts for neither."""

    on: bool
    why_not: str = ""
    problem: str = ""


class AutostartControl(QObject):
    """Joins the switch of the window that is open, if one is, with the system's."""

    def __init__(self, profile: str | None, bridge: "Bridge", parent: QObject) -> None:
        super().__init__(parent)
        self._profile = profile
        self._bridge = bridge
        self._switch: AutostartSwitch | None = None
        self._system: Autostart | None = None  # kept: the portal's last answer may be known to it alone

    def attach(self, switch: "AutostartSwitch") -> None:
        """Show in this switch what the system says, and do what it asks for."""
        self._switch = switch
        switch.wanted.connect(lambda on: self._in_background(wanted=on))
        self._in_background(wanted=None)

    def detach(self) -> None:
        """The window of the switch was closed."""
        self._switch = None

    def _in_background(self, *, wanted: bool | None) -> None:
        in_background(self._bridge, "autostart", lambda: self._switched(wanted=wanted), self._show)

    def _switched(self, *, wanted: bool | None) -> SystemState:
        from tray_app.adapters.autostart.switch import autostart

        if self._system is None:
            self._system = autostart(self._profile)
        problem = ""
        try:
            if wanted is not None:
                self._system.switch(on=wanted)
        except AutostartError as error:
            problem = str(error)
        return SystemState(self._system.is_on(), self._system.why_not, problem)

    def _show(self, state: SystemState) -> None:
        if self._switch is not None:
            self._switch.show_state(*state)


def repair_later(profile: str | None, bridge: "Bridge", parent: QObject) -> None:
    """Some time after the start, once, have an entry repaired whose program has gone."""

    def work() -> None:
        from tray_app.adapters.autostart.switch import autostart

        try:
            if autostart(profile).repair():
                log.info("the start with the session named a program that has gone; it names this one now")
        except AutostartError as error:
            log.warning("the start with the session cannot be repaired: %s", error)

    timer = QTimer(parent)
    timer.setSingleShot(True)
    timer.timeout.connect(lambda: in_background(bridge, "autostart repair", work, lambda _: None))
    timer.timeout.connect(timer.deleteLater)
    timer.start(REPAIR_AFTER_MS)
