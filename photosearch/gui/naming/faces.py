"""Pictures of faces: made of JPEG bytes as discs or tiles, kept, and painted.

Knows ids of faces and QImages; not what a face is shown for.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor

from PySide6.QtCore import QObject, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QGuiApplication, QImage, QPainter, QPainterPath, QPalette, QPixmap

from photosearch.gui import icons
from photosearch.gui.grid.thumbs import LEAST_BYTES, ThumbLoader, TileSize, cropped, square
from photosearch.gui.text import initial
from photosearch.types import FaceId, PhotoId

LITTLE_PX = 72  # side of little faces as they are kept, whatever size they are painted at
MOST_WAITING = 64  # more little faces than that are not in sight at once
HAIRLINE = QColor(128, 128, 128, 60)
Ink = QPalette.ColorRole


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
        least_bytes: int = LEAST_BYTES,
    ) -> None:
        def fetch_face(number: PhotoId) -> bytes | None:
            return fetch(FaceId(number))

        super().__init__(
            executor, fetch_face, parent, cache_bytes=cache_bytes, least_bytes=least_bytes
        )
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


class LittleFaces(FaceThumbs):
    """Small round faces beside names, asked for by painting them; all of a window share them."""

    def __init__(
        self,
        executor: Executor,
        fetch: Callable[[FaceId], bytes | None],
        parent: QObject | None = None,
    ) -> None:
        room = 16 << 20  # asked for one by one, as they are painted: never known all at once
        super().__init__(executor, fetch, parent, round_=True, cache_bytes=room, least_bytes=room)
        self._waiting: dict[FaceId, None] = {}  # in the order asked
        self.loaded.connect(self._on_loaded)

    def picture(self, face: FaceId | None) -> QImage | None:
        """Return the picture if it is here; else ask for it, and `loaded` tells of it."""
        kept = self.face(face)
        if kept is not None or face is None:
            return kept
        self._waiting[face] = None
        while len(self._waiting) > MOST_WAITING:
            del self._waiting[next(iter(self._waiting))]
        ratio = max(screen.devicePixelRatio() for screen in QGuiApplication.screens())
        self.want_faces(list(self._waiting), TileSize(round(LITTLE_PX * ratio), ratio))
        return None

    def _on_loaded(self, faces: tuple[FaceId, ...]) -> None:
        for face in faces:
            self._waiting.pop(face, None)


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


def paint_face(
    painter: QPainter, where: QRectF, image: QImage | None, name: str, palette: QPalette
) -> None:
    """Paint a round face; without a picture the first letter of the name, or a sign."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    ratio = painter.device().devicePixelRatioF()
    if image is not None:
        side = round(where.width() * ratio)
        if side < image.width():  # a large step down wants more than its nearest pixels
            smooth = Qt.TransformationMode.SmoothTransformation
            image = image.scaled(side, side, Qt.AspectRatioMode.IgnoreAspectRatio, smooth)
        painter.drawImage(where, image)
    else:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(palette.color(Ink.AlternateBase))
        painter.drawEllipse(where)
        _paint_sign(painter, where, name, palette.color(Ink.PlaceholderText))
    painter.restore()


def _paint_sign(painter: QPainter, where: QRectF, name: str, ink: QColor) -> None:
    if name:
        font = painter.font()
        font.setPixelSize(max(8, round(where.height() * 0.48)))
        painter.setFont(font)
        painter.setPen(ink)
        painter.drawText(where, Qt.AlignmentFlag.AlignCenter, initial(name))
        return
    side = round(where.width() * 0.55)
    sign = QRect(0, 0, side, side)
    sign.moveCenter(where.center().toPoint())
    ratio = painter.device().devicePixelRatioF()
    painter.drawPixmap(sign, icons.pixmap("person", ink, side, ratio))


def round_face(
    image: QImage | None, name: str, palette: QPalette, side_px: int, ratio: float
) -> QPixmap:
    """Return a round face of `side_px` logical pixels for a button."""
    made = QPixmap(round(side_px * ratio), round(side_px * ratio))
    made.setDevicePixelRatio(ratio)
    made.fill(QColor(0, 0, 0, 0))
    painter = QPainter(made)
    paint_face(painter, QRectF(0, 0, side_px, side_px), image, name, palette)
    painter.end()
    return made
