"""B04, at run time: the icon follows the desktop's colour scheme, told by a portal that changes its mind."""

import time

from dbus_fast import Message, MessageType, Variant

from tests.desktop.rig.bus import Bus
from tests.desktop.rig.desktop import Desktop
from tests.desktop.rig.program import TrayProcess, configure
from tests.desktop.rig.tray_host import TrayHostDouble
from tests.desktop.rig.waiting import until
from tray_app.simulator.server import SimulatedSwarmUI
from tray_app.ui.tray import QUIET_MS

SETTINGS = "org.freedesktop.portal.Settings"
PATH = "/org/freedesktop/portal/desktop"
NONE, DARK, LIGHT = 0, 1, 2

AS_DRAWN = "#4f8594"  # the outline of the idle icon
BRIGHT = "#5e8f9d"


class PortalDouble:
    """A portal with a colour scheme."""

    def __init__(self, bus: Bus, scheme: int) -> None:
        self._scheme = scheme
        self._connection = bus.connect()
        self._connection.listen(self._handle)
        self._connection.own("org.freedesktop.portal.Desktop")

    def _handle(self, message: Message) -> Message | None:
        if message.message_type is not MessageType.METHOD_CALL or message.interface != SETTINGS:
            return None
        if message.member != "Read" or message.body != ["org.freedesktop.appearance", "color-scheme"]:
            return Message.new_error(message, "org.freedesktop.portal.Error.NotFound", "no such setting")
        return Message.new_method_return(message, "v", [Variant("v", Variant("u", self._scheme))])

    def change(self, scheme: int) -> None:
        """Change the scheme, and another setting that is nobody's business here."""
        self._scheme = scheme
        for namespace, key, value in (
            ("org.freedesktop.appearance", "color-scheme", Variant("u", scheme)),
            ("org.freedesktop.appearance", "accent-color", Variant("(ddd)", [0.1, 0.2, 0.3])),
            ("org.gnome.desktop.interface", "color-scheme", Variant("s", "prefer-dark")),
        ):
            self._connection.emit(PATH, SETTINGS, "SettingChanged", "ssv", namespace, key, value)


def outline(host: TrayHostDouble) -> str:
    """The colour of the idle icon's outline."""
    return host.items()[0].icons()[22].pixelColor(2, 11).name()


def test_b04_the_shade_follows_the_portal_within_a_second(
    desktop: Desktop, host: TrayHostDouble, server: SimulatedSwarmUI
) -> None:
    portal = PortalDouble(desktop.bus, LIGHT)
    TrayProcess(desktop, "--url", server.url)
    item = host.wait_for_item()
    until("it is idle", lambda: "dle" in item.tooltip)
    until("the icon is as drawn", lambda: outline(host) == AS_DRAWN)
    for scheme, expected in ((DARK, BRIGHT), (LIGHT, AS_DRAWN), (DARK, BRIGHT), (NONE, AS_DRAWN)):
        host.signals.quiet(lambda _: True, QUIET_MS / 1000)  # no two changes of the icon come within that time
        start, changed = len(host.signals), time.monotonic()
        portal.change(scheme)
        told = host.signals.wait_entry("a new icon", lambda signal: signal.name == "NewIcon", start=start)
        assert told.time - changed < 1
        assert outline(host) == expected


def test_b04_a_dark_scheme_is_known_soon_after_the_start(
    desktop: Desktop, host: TrayHostDouble, server: SimulatedSwarmUI
) -> None:
    PortalDouble(desktop.bus, DARK)
    TrayProcess(desktop, "--url", server.url)
    item = host.wait_for_item()
    until("it is idle", lambda: "dle" in item.tooltip)
    until("the icon is bright", lambda: outline(host) == BRIGHT)


def test_b04_a_chosen_colour_stays_whatever_the_scheme(
    desktop: Desktop, host: TrayHostDouble, server: SimulatedSwarmUI
) -> None:
    portal = PortalDouble(desktop.bus, LIGHT)
    configure(desktop, server.url, tray__icon="light")
    TrayProcess(desktop)
    item = host.wait_for_item()
    until("it is idle", lambda: "dle" in item.tooltip)
    until("the icon is white", lambda: outline(host) == "#ffffff")
    start = len(host.signals)
    portal.change(DARK)
    assert host.signals.quiet(lambda signal: signal.name == "NewIcon", 1.5) == []
    assert host.signals.since(start, lambda signal: signal.name == "NewIcon") == []
