"""The colours of the icons: takes a drawing apart into its body and the white marks on it, and inks them anew.

In every drawing the body is of one colour, written as #rrggbb, and the marks on it are #fff.
"""

import re

from PySide6.QtGui import QColor

from tray_app.core.icon_look import IconLook

INK = {IconLook.LIGHT: "#ffffff", IconLook.DARK: "#1b1b1f"}
"""The single colours."""

STALE_OPACITY = 0.7
"""How much of a single colour is left when the news is old; 5:1 remains on the panels it is for."""

_BODY = re.compile(r"#[0-9a-f]{6}\b")
_MARK = re.compile(r"#fff\b(?![0-9a-f])")

_BRIGHT = 0.245
"""The relative luminance of bright bodies. At 0.257 the contrast to #f0f0f0 is 3:1."""


def body(svg: bytes, colour: str) -> bytes:
    """The drawing with its body in that colour and nothing where the marks were; body and marks may overlap."""
    return _MARK.sub("none", _BODY.sub(colour, svg.decode())).encode()


def marks(svg: bytes) -> bytes:
    """The marks alone."""
    return _BODY.sub("none", svg.decode()).encode()


def brightened(svg: bytes) -> bytes:
    """The drawing with its body as light as it can be on any panel."""
    return _BODY.sub(lambda match: bright(match[0]), svg.decode()).encode()


def bright(colour: str) -> str:
    """The colour mixed with so much white that it is as light as it may be; of the same hue."""
    start = QColor(colour)
    least, most = 0.0, 1.0
    for _ in range(10):
        middle = (least + most) / 2
        if luminance(_with_white(start, middle)) < _BRIGHT:
            least = middle
        else:
            most = middle
    return _with_white(start, least).name()


def luminance(colour: QColor) -> float:
    """Relative luminance as WCAG 2 defines it, 0 to 1."""
    red, green, blue = (_linear(part) for part in (colour.redF(), colour.greenF(), colour.blueF()))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)


def _with_white(colour: QColor, share: float) -> QColor:
    red, green, blue = (round(part + (255 - part) * share) for part in (colour.red(), colour.green(), colour.blue()))
    return QColor(red, green, blue)
