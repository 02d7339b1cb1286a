"""Small pictures of faces beside names: loaded on a lane, kept, painted round.

Knows ids of faces and QImages; not what a face is shown for.
"""

from __future__ import annotations

from collections import OrderedDict
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPalette, QPixmap

from photosearch.gui.text import initial
from photosearch.jobs import Lane, Runner
from photosearch.types import FaceId

if TYPE_CHECKING:
    from photosearch.library import Library

KEPT = 400  # 160 x 160 pixels of 4 bytes: 40 MB


class FacePictures(QObject):
    """Pictures of faces, those used last."""

    arrived = Signal(object)  # FaceId

    def __init__(self, library: Library, runner: Runner, parent: QObject | None = None):
        super().__init__(parent)
        self._library = library
        self._runner = runner
        self._kept: OrderedDict[FaceId, QImage] = OrderedDict()
        self._asked: set[FaceId] = set()

    def picture(self, face: FaceId | None) -> QImage | None:
        """Return the picture if it is here; else ask for it, and `arrived` tells of it."""
        if face is None:
            return None
        if face in self._kept:
            self._kept.move_to_end(face)
            return self._kept[face]
        if face not in self._asked:
            self._asked.add(face)
            self._runner.run(
                Lane.THUMBS,
                load_face,
                self._library,
                face,
                on_success=partial(self._on_loaded, face),
                on_failure=partial(self._on_failed, face),
            )
        return None

    def _on_loaded(self, face: FaceId, image: QImage | None) -> None:
        if image is None:  # stays asked: there is none to be had
            return
        self._asked.discard(face)
        self._kept[face] = image
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        self.arrived.emit(face)

    def _on_failed(self, _face: FaceId, _error: Exception) -> None:
        """A name stands without a picture as well."""


def load_face(library: Library, face: FaceId) -> QImage | None:
    """Return the picture of a face (on a lane)."""
    data = library.face_thumbnail(face)
    image = QImage.fromData(data) if data else QImage()
    return None if image.isNull() else image


def paint_face(
    painter: QPainter, where: QRectF, image: QImage | None, name: str, palette: QPalette
) -> None:
    """Paint a round face; without a picture, the first letter of the name."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    circle = QPainterPath()
    circle.addEllipse(where)
    if image is not None:
        side = round(where.width() * painter.device().devicePixelRatioF())
        smooth = Qt.TransformationMode.SmoothTransformation
        mode = Qt.AspectRatioMode.KeepAspectRatioByExpanding
        painter.setClipPath(circle)
        painter.drawImage(where, image.scaled(side, side, mode, smooth))
    else:
        painter.fillPath(circle, palette.color(QPalette.ColorRole.Midlight))
        font = painter.font()
        font.setPixelSize(max(8, round(where.height() * 0.48)))
        painter.setFont(font)
        painter.setPen(palette.color(QPalette.ColorRole.PlaceholderText))
        painter.drawText(where, Qt.AlignmentFlag.AlignCenter, initial(name))
    painter.restore()


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
