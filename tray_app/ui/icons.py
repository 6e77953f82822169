"""The icons: one drawing per state, rendered from its vector at each size that is asked for, with the count over it."""

from collections import OrderedDict
from pathlib import Path

from PySide6.QtCore import QByteArray, QRect, QRectF, QSize
from PySide6.QtGui import QColor, QIcon, QIconEngine, QImage, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from tray_app.core.icon_look import IconLook
from tray_app.core.state import State
from tray_app.ui import icon_ink

TRAY_SIZES = (16, 22, 24, 32, 48, 64)
"""The sizes offered to the tray, in device pixels. Qt adds none of its own as long as 22 and 64 are among them."""

_DRAWINGS = (QRectF(0, 0, 16, 16), QRectF(32, 0, 22, 22))
"""Where in each SVG the drawing for a grid of 16 lies, and beside it the one for a grid of 22."""

_KEPT_ICONS = 24


def resource(name: str) -> Path:
    """The path of a shipped file, such as "icons/idle.svg": inside the package, or in the checkout beside it.

    Raises FileNotFoundError when it is in neither place.
    """
    package = Path(__file__).parents[1]
    places = (package / "resources" / name, package.parent / "resources" / name)
    for place in places:
        if place.is_file():
            return place
    raise FileNotFoundError(f"The file {name} is missing from this installation.")


class _StateEngine(QIconEngine):
    """Renders one state at exactly the size asked for.

    Qt offers `availableSizes` on the bus and asks for each of them; QIcon's own engine would multiply them by the
    scale factor of the screen and stretch what it lacks, so the scale is ignored here.
    """

    def __init__(self, svg: bytes, badge: str, *, stale: bool, look: IconLook) -> None:
        super().__init__()
        self._svg = svg
        self._badge = badge
        self._stale = stale
        self._look = look
        self._pixmaps: dict[int, QPixmap] = {}

    def availableSizes(self, mode: object = None, state: object = None) -> list[QSize]:  # noqa: ARG002 Qt's signature
        return [QSize(side, side) for side in TRAY_SIZES]

    def actualSize(self, size: QSize, mode: object, state: object) -> QSize:  # noqa: ARG002
        side = min(size.width(), size.height())
        return QSize(side, side)

    def pixmap(self, size: QSize, mode: object, state: object) -> QPixmap:  # noqa: ARG002
        side = max(1, min(size.width(), size.height()))
        if side not in self._pixmaps:
            self._pixmaps[side] = QPixmap.fromImage(
                render(self._svg, side, self._badge, stale=self._stale, look=self._look)
            )
        return self._pixmaps[side]

    def scaledPixmap(self, size: QSize, mode: object, state: object, scale: float) -> QPixmap:  # noqa: ARG002
        return self.pixmap(size, mode, state)

    def paint(self, painter: QPainter, rect: QRect, mode: object, state: object) -> None:
        scale = painter.device().devicePixelRatio()
        side = min(rect.width(), rect.height())
        target = QRect(0, 0, side, side)
        target.moveCenter(rect.center())
        painter.drawPixmap(target, self.pixmap(QSize(round(side * scale), round(side * scale)), mode, state))

    def clone(self) -> "_StateEngine":
        return _StateEngine(self._svg, self._badge, stale=self._stale, look=self._look)


def render(svg: bytes, side: int, badge: str = "", *, stale: bool = False, look: IconLook = IconLook.COLOUR) -> QImage:
    """Draw a vector into a square of `side` device pixels; `stale` takes the colour away, not the lightness.

    In a single colour, which has none to lose, it makes the glyph fainter.
    """
    ink = icon_ink.INK.get(look, "")
    if ink:
        image = _in_one_colour(svg, side, ink, icon_ink.STALE_OPACITY if stale else 1)
    else:
        image = _drawn(icon_ink.brightened(svg) if look is IconLook.BRIGHT_COLOUR else svg, side)
        if stale:
            image = _without_colour(image)
    if badge:
        from tray_app.ui.badge import draw_badge  # the first icon has none

        painter = QPainter(image)
        draw_badge(painter, side, badge, single_colour=ink)
        painter.end()
    return image


def _drawn(svg: bytes, side: int) -> QImage:
    image = QImage(side, side, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(0)
    painter = QPainter(image)
    renderer = QSvgRenderer(QByteArray(svg))
    drawing, target = _fit(side)
    renderer.setViewBox(drawing)
    renderer.render(painter, target)
    painter.end()
    return image


def _in_one_colour(svg: bytes, side: int, ink: str, opacity: float) -> QImage:
    """The body in that colour, with the marks cut out of it so that the panel is seen through them."""
    image = _drawn(icon_ink.body(svg, ink), side)
    painter = QPainter(image)
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_DestinationOut)
    painter.drawImage(0, 0, _drawn(icon_ink.marks(svg), side))
    if opacity < 1:
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_DestinationIn)
        painter.fillRect(image.rect(), QColor.fromRgbF(0, 0, 0, opacity))
    painter.end()
    return image


def _fit(side: int) -> tuple[QRectF, QRectF]:
    """Which of the two drawings of a state suits a size, and where it goes.

    A drawing is sharp only at whole multiples of its grid, so one that fills nine tenths of the square that way is
    preferred (24 is 22 with a margin of 1); other sizes stretch the smaller drawing.
    """
    best = max(_DRAWINGS, key=lambda drawing: side // drawing.width() * drawing.width())
    used = side // best.width() * best.width()
    if used < 0.9 * side:
        return _DRAWINGS[0], QRectF(0, 0, side, side)
    margin = (side - used) // 2
    return best, QRectF(margin, margin, used, used)


def _without_colour(image: QImage) -> QImage:
    """The same picture in greys; QImage's grey formats know no transparency, so it is put back."""
    grey = image.convertToFormat(QImage.Format.Format_ARGB32)
    alpha = grey.convertToFormat(QImage.Format.Format_Alpha8)
    grey = grey.convertToFormat(QImage.Format.Format_RGB32).convertToFormat(QImage.Format.Format_Grayscale8)
    result = grey.convertToFormat(QImage.Format.Format_ARGB32)
    result.setAlphaChannel(alpha)
    return result.convertToFormat(QImage.Format.Format_ARGB32_Premultiplied)


class IconSet:
    """The icons of all states, made on first use and kept (the last two dozen), so that a change costs no memory."""

    def __init__(self) -> None:
        self._drawings: dict[State, bytes] = {}
        self._icons: OrderedDict[tuple[State, str, bool, IconLook], QIcon] = OrderedDict()

    def icon(self, state: State, badge: str = "", *, stale: bool = False, look: IconLook = IconLook.COLOUR) -> QIcon:
        """The icon of a state; the same object for the same arguments. `badge` is "", "1" to "9" or "9+"."""
        key = (state, badge, stale, look)
        if key in self._icons:
            self._icons.move_to_end(key)
            return self._icons[key]
        icon = QIcon(_StateEngine(self._drawing(state), badge, stale=stale, look=look))
        self._icons[key] = icon
        if len(self._icons) > _KEPT_ICONS:
            self._icons.popitem(last=False)
        return icon

    def _drawing(self, state: State) -> bytes:
        if state not in self._drawings:
            self._drawings[state] = resource(f"icons/{state.value}.svg").read_bytes()
        return self._drawings[state]


def application_icon() -> QIcon:
    """The icon of the program itself, for windows and the task bar."""
    svg = resource("swarmui-tray.svg").read_bytes()
    icon = QIcon()
    for side in (16, 32, 48, 128):
        icon.addPixmap(QPixmap.fromImage(render(svg, side)))
    return icon
