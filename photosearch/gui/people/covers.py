"""Photos that a face is on: how their JPEG bytes become tiles with a frame around the face.

Runs on the threads that load thumbnails; knows no widget.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor

from PySide6.QtCore import QObject, QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen

from photosearch.gui.grid.thumbs import RADIUS, TileSize, rounded, square
from photosearch.gui.naming.faces import FaceThumbs
from photosearch.types import Box, FaceId, PhotoId

FRAME = QColor(255, 255, 255, 240)
FRAME_SHADE = QColor(0, 0, 0, 110)


class FramedPhotos(FaceThumbs):
    """Loads for a face the thumbnail of its photo, cut so that the face is on it, and frames it."""

    def __init__(
        self,
        executor: Executor,
        fetch: Callable[[FaceId], bytes | None],
        box_of: Callable[[FaceId], Box | None],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(executor, fetch, parent)
        self._box_of = box_of

    def _made(self, photo: PhotoId, data: bytes, size: TileSize) -> QImage | None:
        box = self._box_of(FaceId(photo))
        if box is None:
            return square(data, size)
        return framed(data, box, size)


def framed(data: bytes, box: Box, size: TileSize) -> QImage | None:
    """Return the square of a photo that has the face on it, with a frame around the face."""
    whole = QImage.fromData(data)
    if whole.isNull():
        return None
    cut = window_on(whole.size(), box)
    side = size.side_px
    mode, smooth = Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation
    image = whole.copy(cut).scaled(side, side, mode, smooth)
    scale = side / cut.width()
    face = QRectF(
        (box.x * whole.width() - cut.x()) * scale,
        (box.y * whole.height() - cut.y()) * scale,
        box.width * whole.width() * scale,
        box.height * whole.height() * scale,
    )
    image = rounded(image, RADIUS * size.ratio)
    paint_frame(image, face.adjusted(-2, -2, 2, 2), size.ratio)
    return image


def window_on(size: QSize, box: Box) -> QRect:
    """Return the largest square of a picture, as near to its middle as a face allows."""
    side = min(size.width(), size.height())
    middle = QPoint(
        round((box.x + box.width / 2) * size.width()),
        round((box.y + box.height / 2) * size.height()),
    )
    left = min(max(0, middle.x() - side // 2), size.width() - side)
    top = min(max(0, middle.y() - side // 2), size.height() - side)
    return QRect(left, top, side, side)


def paint_frame(image: QImage, face: QRectF, ratio: float) -> None:
    """Paint a white frame that shows on bright and on dark pictures."""
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    radius = min(8 * ratio, face.width() / 4)
    for colour, width in ((FRAME_SHADE, 4 * ratio), (FRAME, 2 * ratio)):
        painter.setPen(QPen(colour, width))
        painter.drawRoundedRect(face, radius, radius)
    painter.end()


def box_within(cut: QRect, size: QSize, box: Box) -> Box:
    """Return where a face of a picture is on a part of it, in fractions of the part."""
    return Box(
        (box.x * size.width() - cut.x()) / cut.width(),
        (box.y * size.height() - cut.y()) / cut.height(),
        box.width * size.width() / cut.width(),
        box.height * size.height() / cut.height(),
    )


def crop_of(size: QSize, box: Box, margin: float = 0.45) -> QRect:
    """Return the square around a face within a picture, in its pixels."""
    width, height = box.width * size.width(), box.height * size.height()
    side = round(min(max(width, height) * (1 + 2 * margin), size.width(), size.height()))
    left = round((box.x + box.width / 2) * size.width() - side / 2)
    top = round((box.y + box.height / 2) * size.height() - side / 2)
    left = min(max(0, left), size.width() - side)
    top = min(max(0, top), size.height() - side)
    return QRect(left, top, max(1, side), max(1, side))
