"""Pictures of faces: how their JPEG bytes become round covers, square tiles, photos with a frame.

Runs on the threads that load thumbnails; knows no widget.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor

from PySide6.QtCore import QObject, QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPen

from photosearch.gui.grid.thumbs import RADIUS, ThumbLoader, TileSize, cropped, rounded, square
from photosearch.types import Box, FaceId, PhotoId

LITTLE_PX = 72  # side of little faces as they are kept, whatever size they are painted at
HAIRLINE = QColor(128, 128, 128, 60)
FRAME = QColor(255, 255, 255, 240)
FRAME_SHADE = QColor(0, 0, 0, 110)


class FaceThumbs(ThumbLoader):
    """A loader of thumbnails whose numbers are those of faces."""

    def __init__(
        self,
        executor: Executor,
        fetch: Callable[[FaceId], bytes | None],
        parent: QObject | None = None,
        *,
        round_: bool = False,
        cache_bytes: int = 48 << 20,
    ) -> None:
        def fetch_face(number: PhotoId) -> bytes | None:
            return fetch(FaceId(number))

        super().__init__(executor, fetch_face, parent, cache_bytes=cache_bytes)
        self._round = round_

    def face(self, face: FaceId | None) -> QImage | None:
        """Return the picture kept of a face; loads nothing."""
        return self.image(PhotoId(face)) if face is not None else None

    def want_faces(self, faces: list[FaceId], size: TileSize) -> None:
        """Say which faces are in sight, most urgent first."""
        self.want([PhotoId(face) for face in faces], size)

    def _made(self, photo: PhotoId, data: bytes, size: TileSize) -> QImage | None:
        if not self._round:
            return square(data, size)
        image = cropped(data, size)
        return circle(image) if image is not None else None


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


def circle(image: QImage) -> QImage:
    """Cut a square picture to a disc with a hairline around it."""
    image = image.convertToFormat(QImage.Format.Format_ARGB32_Premultiplied)
    whole = QRectF(image.rect())
    outside, inside = QPainterPath(), QPainterPath()
    outside.addRect(whole)
    inside.addEllipse(whole)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_DestinationOut)
    painter.fillPath(outside.subtracted(inside), Qt.GlobalColor.black)
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceAtop)
    painter.setPen(HAIRLINE)
    painter.drawEllipse(whole.adjusted(0.5, 0.5, -0.5, -0.5))
    painter.end()
    return image


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


def crop_of(size: QSize, box: Box, margin: float = 0.45) -> QRect:
    """Return the square around a face within a picture, in its pixels."""
    width, height = box.width * size.width(), box.height * size.height()
    side = round(min(max(width, height) * (1 + 2 * margin), size.width(), size.height()))
    left = round((box.x + box.width / 2) * size.width() - side / 2)
    top = round((box.y + box.height / 2) * size.height() - side / 2)
    left = min(max(0, left), size.width() - side)
    top = min(max(0, top), size.height() - side)
    return QRect(left, top, max(1, side), max(1, side))
