"""Numbers for what an eye sees in an icon."""

from PySide6.QtCore import QByteArray, QRectF
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtSvg import QSvgRenderer


def luminance(colour: QColor) -> float:
    """Relative luminance (WCAG 2.1), 0 to 1."""

    def linear(channel: float) -> float:
        return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4

    return 0.2126 * linear(colour.redF()) + 0.7152 * linear(colour.greenF()) + 0.0722 * linear(colour.blueF())


def contrast(one: QColor, other: QColor) -> float:
    """Contrast ratio (WCAG 2.1), 1 to 21."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def on_background(image: QImage, background: QColor) -> QImage:
    """An icon as it looks on a panel of one colour."""
    result = QImage(image.size(), QImage.Format.Format_RGB32)
    result.fill(background)
    painter = QPainter(result)
    painter.drawImage(0, 0, image)
    painter.end()
    return result


def visible_share(image: QImage, background: QColor, least: float) -> float:
    """Which share of an icon's opaque pixels stands out from the background with that contrast at least."""
    seen = on_background(image, background)
    opaque = [
        (x, y) for x in range(image.width()) for y in range(image.height()) if image.pixelColor(x, y).alpha() > 127
    ]
    assert opaque, "the icon is empty"
    standing_out = [each for each in opaque if contrast(seen.pixelColor(*each), background) >= least]
    return len(standing_out) / len(opaque)


def similarity(one: QImage, other: QImage) -> float:
    """Structural similarity (SSIM) of two icons of one size on mid-grey, over windows of 8 x 8 pixels; 1 is equal."""
    grey = QColor(128, 128, 128)
    first, second = (_lightness(on_background(image, grey)) for image in (one, other))
    side = one.width()
    values = [
        _window_similarity(
            [first[x + column][y + row] for column in range(8) for row in range(8)],
            [second[x + column][y + row] for column in range(8) for row in range(8)],
        )
        for x in range(0, side - 7, 4)
        for y in range(0, side - 7, 4)
    ]
    return sum(values) / len(values)


def _lightness(image: QImage) -> list[list[float]]:
    return [[float(image.pixelColor(x, y).lightness()) for y in range(image.height())] for x in range(image.width())]


def _window_similarity(one: list[float], other: list[float]) -> float:
    size = len(one)
    mean_one, mean_other = sum(one) / size, sum(other) / size
    variance_one = sum((value - mean_one) ** 2 for value in one) / size
    variance_other = sum((value - mean_other) ** 2 for value in other) / size
    covariance = sum((a - mean_one) * (b - mean_other) for a, b in zip(one, other, strict=True)) / size
    first, second = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    return ((2 * mean_one * mean_other + first) * (2 * covariance + second)) / (
        (mean_one**2 + mean_other**2 + first) * (variance_one + variance_other + second)
    )


def drawn(svg: bytes, part: QRectF, side: int, target: QRectF | None = None) -> QImage:
    """A part of a vector drawing in a square of `side` pixels."""
    image = QImage(side, side, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(0)
    renderer = QSvgRenderer(QByteArray(svg))
    renderer.setViewBox(part)
    painter = QPainter(image)
    renderer.render(painter, target or QRectF(0, 0, side, side))
    painter.end()
    return image
