"""The count over the tray icon: digits of our own, so that no font has to be loaded and 16 pixels stay readable."""

from itertools import pairwise

from PySide6.QtCore import QPoint, QRect, QRectF, QSize
from PySide6.QtGui import QColor, QPainter, QPainterPath

BOX_COLOUR = "#1b1b1f"
DIGIT_COLOUR = "#ffffff"

# Each character as lines through points (x, y) on a grid 2 wide and 4 high, stretched to the character's width.
_STROKES: dict[str, tuple[tuple[tuple[int, int], ...], ...]] = {
    "1": (((0, 0), (2, 0), (2, 4)),),
    "2": (((0, 0), (2, 0), (2, 2), (0, 2), (0, 4), (2, 4)),),
    "3": (((0, 0), (2, 0), (2, 4), (0, 4)), ((0, 2), (2, 2))),
    "4": (((0, 0), (0, 2), (2, 2)), ((2, 0), (2, 4))),
    "5": (((2, 0), (0, 0), (0, 2), (2, 2), (2, 4), (0, 4)),),
    "6": (((2, 0), (0, 0), (0, 4), (2, 4), (2, 2), (0, 2)),),
    "7": (((0, 0), (2, 0), (2, 4)),),
    "8": (((0, 0), (2, 0), (2, 4), (0, 4), (0, 0)), ((0, 2), (2, 2))),
    "9": (((2, 2), (0, 2), (0, 0), (2, 0), (2, 4), (0, 4)),),
    "+": (((0, 2), (2, 2)), ((1, 1), (1, 3))),
}


def draw_badge(painter: QPainter, side: int, text: str, *, single_colour: str = "") -> None:
    """Draw `text` ("1" to "9" or "9+") into the lower right corner of a square of `side` device pixels.

    The glyph below is cut away around the box, so that the count stands apart from it on any panel. With a single
    colour the box has that, and the digits are cut out of it.
    """
    stroke = max(1, side // 16)  # whole device pixels, so that digits are sharp
    step = max(1.0, round(side / 8) / 2)  # the grid of the digits; halves keep their corners on whole pixels
    widths = [_width(character, stroke, step) for character in text]
    width = sum(widths) + (len(text) + 1) * stroke
    height = round(4 * step) + 3 * stroke
    box = QRect(side - width, side - height, width, height)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Clear)
    painter.fillRect(box.adjusted(-stroke, -stroke, 0, 0), QColor(0, 0, 0, 0))
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceOver)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    outline = QPainterPath()
    outline.addRoundedRect(QRectF(box), stroke, stroke)
    painter.fillPath(outline, QColor(single_colour or BOX_COLOUR))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    if single_colour:
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Clear)
    left = box.left() + stroke
    for character, taken in zip(text, widths, strict=True):
        across = (taken - stroke) / 2
        down = stroke if character == "+" else step
        top = box.top() + stroke + round(2 * (step - down))
        for points in _STROKES[character]:
            for (x0, y0), (x1, y1) in pairwise(points):
                corner = QPoint(left + round(min(x0, x1) * across), top + round(min(y0, y1) * down))
                size = QSize(round(abs(x1 - x0) * across) + stroke, round(abs(y1 - y0) * down) + stroke)
                painter.fillRect(QRect(corner, size), QColor(DIGIT_COLOUR))
        left += taken + stroke
    painter.restore()


def _width(character: str, stroke: int, step: float) -> int:
    """How many pixels wide a character is: the one is narrow, the plus an odd number of strokes (a sharp upright)."""
    match character:
        case "1":
            return 2 * stroke
        case "+":
            return 3 * stroke
        case _:
            return round(2 * step) + stroke
