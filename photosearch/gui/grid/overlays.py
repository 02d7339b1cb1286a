"""What lies on a tile, painted once and copied from then on: placeholder, selection, signs.

A page of selected photos is then a hundred plain copies. Besides, each shape that Python hands
to Qt lets other threads have the interpreter, and while photos are indexed it comes back late.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QImage, QPainter

MARGIN = 4  # rings reach this far beyond a tile
KEPT = 16  # looks of tiles that are in sight together, and more
Paint = Callable[[QPainter, QRect], None]


class Overlays:
    """Pictures of what lies on tiles of one size, by how a tile looks."""

    def __init__(self) -> None:
        self._size = (0, 0.0)
        self._images: dict[object, QImage] = {}

    def clear(self) -> None:
        """Forget all: colours changed."""
        self._images.clear()

    def of(self, look: object, side: int, ratio: float, paint: Paint) -> QImage:
        """Return how a tile of this side looks; it begins `MARGIN` before the tile.

        `paint` is asked the first time, with a square to paint into.
        """
        if self._size != (side, ratio) or (len(self._images) >= KEPT and look not in self._images):
            self._images.clear()
            self._size = side, ratio
        image = self._images.get(look)
        if image is None:
            image = self._images[look] = painted(side, ratio, paint)
        return image


def painted(side: int, ratio: float, paint: Paint) -> QImage:
    """Paint on nothing, `MARGIN` wider than the tile on all sides."""
    whole = round((side + 2 * MARGIN) * ratio)
    image = QImage(whole, whole, QImage.Format.Format_ARGB32_Premultiplied)
    image.setDevicePixelRatio(ratio)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    paint(painter, QRect(MARGIN, MARGIN, side, side))
    painter.end()
    return image
