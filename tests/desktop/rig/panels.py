"""Real panels: Xfce's, which shows StatusNotifier items, and trayer, which swallows XEmbed icons."""

from enum import StrEnum

from PySide6.QtGui import QColor, QImage

from tests.desktop.rig.desktop import Desktop, program
from tests.desktop.rig.display import HEIGHT, WIDTH
from tests.desktop.rig.process import Process
from tests.desktop.rig.tray_item import WATCHER
from tests.desktop.rig.waiting import until


class Theme(StrEnum):
    """How a panel looks: the background that its icons must stand out from."""

    DARK = "dark"
    LIGHT = "light"
    AUBERGINE = "aubergine"


_BACKGROUND = {
    Theme.DARK: (0.118, 0.118, 0.125),
    Theme.LIGHT: (0.941, 0.941, 0.941),
    Theme.AUBERGINE: (0.188, 0.039, 0.141),
}

_PANEL_HEIGHT = 36

_CHANNEL = """<?xml version="1.0" encoding="UTF-8"?>
<channel name="xfce4-panel" version="1.0">
 <property name="configver" type="int" value="2"/>
 <property name="panels" type="array">
  <value type="int" value="1"/>
  <property name="dark-mode" type="bool" value="{dark}"/>
  <property name="panel-1" type="empty">
   <property name="position" type="string" value="p=10;x=640;y=780"/>
   <property name="length" type="uint" value="100"/>
   <property name="position-locked" type="bool" value="true"/>
   <property name="size" type="uint" value="{height}"/>
   <property name="background-style" type="uint" value="1"/>
   <property name="background-rgba" type="array">
    <value type="double" value="{red}"/><value type="double" value="{green}"/><value type="double" value="{blue}"/>
    <value type="double" value="1.0"/>
   </property>
   <property name="plugin-ids" type="array">
    <value type="int" value="1"/><value type="int" value="2"/>
   </property>
  </property>
 </property>
 <property name="plugins" type="empty">
  <property name="plugin-1" type="string" value="separator">
   <property name="expand" type="bool" value="true"/><property name="style" type="uint" value="0"/>
  </property>
  <property name="plugin-2" type="string" value="systray">
   <property name="icon-size" type="int" value="{icon}"/><property name="square-icons" type="bool" value="true"/>
  </property>
 </property>
</channel>
"""


class XfcePanel:
    """xfce4-panel at the lower edge with nothing but its status tray."""

    def __init__(self, desktop: Desktop, theme: Theme = Theme.DARK, *, icon: int = 22) -> None:
        self._desktop = desktop
        red, green, blue = _BACKGROUND[theme]
        channel = desktop.home / ".config/xfce4/xfconf/xfce-perchannel-xml/xfce4-panel.xml"
        channel.parent.mkdir(parents=True, exist_ok=True)
        dark = str(theme is not Theme.LIGHT).lower()
        channel.write_text(_CHANNEL.format(dark=dark, red=red, green=green, blue=blue, height=_PANEL_HEIGHT, icon=icon))
        self.background = "#" + "".join(f"{round(part * 255):02x}" for part in (red, green, blue))
        desktop.start(program("/usr/lib/*/xfce4/xfconf/xfconfd", "/usr/libexec/xfconfd"))
        desktop.bus.wait_for_owner("org.xfce.Xfconf")
        self.process = self.start()

    def start(self) -> Process:
        """Start the panel (again); returns once it watches for items."""
        self.process = self._desktop.start(program("xfce4-panel"), "--disable-wm-check", "--sm-client-disable")
        self._desktop.bus.wait_for_owner(WATCHER)
        return self.process

    def picture(self) -> QImage:
        """The right end of the panel, where the icons are."""
        width = 400
        return self._desktop.display.picture(WIDTH - width, HEIGHT - _PANEL_HEIGHT, width, _PANEL_HEIGHT)

    def icon_spot(self, seconds: float = 10.0) -> tuple[int, int]:
        """The middle of what is drawn in the tray, on the screen; waits until something is."""

        self._desktop.display.move_to(2, 2)  # a pointer over the icon would light it up
        last: list[tuple[int, int]] = [(0, 0)]

        def look() -> tuple[int, int] | None:
            image = self.picture()
            spot = self._middle_of_what_is_drawn(image)
            steady = spot is not None and spot == last[0]  # panels draw more than once while they start
            last[0] = spot or (0, 0)
            return spot if steady else None

        spot = until("an icon is drawn in the panel", look, seconds)
        assert spot is not None
        return spot

    def _middle_of_what_is_drawn(self, image: QImage) -> tuple[int, int] | None:
        background = QColor(self.background)
        if image.pixelColor(2, image.height() // 2) != background:
            return None  # the panel itself is not drawn yet
        drawn = [
            (x, y)
            for x in range(image.width())
            for y in range(2, image.height() - 2)
            if difference(image.pixelColor(x, y), background) > 90
        ]
        if not drawn:
            return None
        columns, rows = [x for x, _ in drawn], [y for _, y in drawn]
        return (
            WIDTH - image.width() + (min(columns) + max(columns)) // 2,
            HEIGHT - image.height() + (min(rows) + max(rows)) // 2,
        )


def difference(one: QColor, other: QColor) -> int:
    """How far two colours are apart, summed over the channels."""
    return abs(one.red() - other.red()) + abs(one.green() - other.green()) + abs(one.blue() - other.blue())


def start_trayer(desktop: Desktop, *, monitor: int | None = None) -> Process:
    """trayer in the lower right corner: an XEmbed tray without StatusNotifier.

    With `monitor` it takes the whole lower edge of that monitor, where no window may lie then.
    """
    width: tuple[str, ...] = ("--widthtype", "request")
    if monitor is not None:
        width = ("--widthtype", "percent", "--width", "100", "--SetPartialStrut", "true", "--monitor", str(monitor))
    return desktop.start(
        program("trayer"),
        *("--edge", "bottom", "--align", "right", *width, "--height", "32"),
        *("--SetDockType", "true", "--transparent", "false", "--tint", "0xf0f0f0"),
    )
