"""A picture as the desktop notification specification carries it: raw pixels in the hint `image-data`.

Pixels rather than a file: dunst, xfce4-notifyd, GNOME and KDE all show them, and no generated picture is left on disk.

PySide6's `Qt` is not named here: building its enumerations would hold the tray up when the first work is told of.
"""

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QSize
from PySide6.QtGui import QImage, QImageReader

BYTES = 2 * 2**20
PIXELS = 1024 * 1024
"""More is not decoded: a PNG of this size takes 16 to 55 ms on the GUI thread, one of four times the size up to 145.
SwarmUI's previews have 256 pixels a side."""
EDGE = 256
"""Longest edge in pixels of what is sent; daemons draw 32 to 128 of them, times the scale of the screen."""
_FORMATS = frozenset({b"png", b"jpeg", b"webp"})

ImageData = tuple[int, int, int, bool, int, int, bytes]
"""Width, height, bytes per row, has alpha, bits per sample, channels, pixels: the D-Bus type (iiibiiay)."""


def decode(encoded: bytes) -> QImage | None:
    """The picture, at most `EDGE` pixels long, or None for what is too large or no PNG, JPEG or WebP."""
    if len(encoded) > BYTES:
        return None
    buffer = QBuffer()
    buffer.setData(QByteArray(encoded))
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    reader = QImageReader(buffer)
    reader.setDecideFormatFromContent(True)
    size = reader.size()
    if bytes(reader.format().data()) not in _FORMATS or not size.isValid() or size.width() * size.height() > PIXELS:
        return None
    longest = max(size.width(), size.height())
    if longest > EDGE:
        reader.setScaledSize(QSize(*(max(1, side * EDGE // longest) for side in (size.width(), size.height()))))
    image = reader.read()
    return None if image.isNull() else image


def image_data(encoded: bytes) -> ImageData | None:
    """The value of the hint `image-data`, or None where there is no picture to be had from it."""
    image = decode(encoded)
    if image is None:
        return None
    alpha = image.hasAlphaChannel()
    image = image.convertToFormat(QImage.Format.Format_RGBA8888 if alpha else QImage.Format.Format_RGB888)
    channels = 4 if alpha else 3
    # Qt pads each row to four bytes; dunst and xfce4-notifyd refuse a last row that is padded.
    length = (image.height() - 1) * image.bytesPerLine() + image.width() * channels
    return image.width(), image.height(), image.bytesPerLine(), alpha, 8, channels, bytes(image.constBits()[:length])
