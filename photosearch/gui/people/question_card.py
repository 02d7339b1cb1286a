"""One question of the queue: the face, the photo it is on, and the person it may be."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QImage, QPainter, QPainterPath, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from photosearch.gui import icons
from photosearch.gui.people.covers import FRAME, FRAME_SHADE
from photosearch.types import Box

RADIUS = 14.0


class Framed(QWidget):
    """A picture with round corners as large as there is room, perhaps a frame around a face."""

    def __init__(self, cover: bool, parent: QWidget | None = None):
        super().__init__(parent)
        self._cover = cover  # whether the picture fills the widget, cut where it must be
        self._image = QImage()
        self._box: Box | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(80, 80)

    def show_image(self, image: QImage | None, box: Box | None = None) -> None:
        """Show a picture, None while it is on its way; a box is framed."""
        self._image, self._box = image if image is not None else QImage(), box
        self.update()

    @property
    def image(self) -> QImage:
        """What is shown."""
        return self._image

    def sizeHint(self) -> QSize:
        return QSize(320, 320)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        where = self._where()
        path = QPainterPath()
        path.addRoundedRect(QRectF(where), RADIUS, RADIUS)
        if self._image.isNull():
            painter.fillPath(path, self.palette().color(QPalette.ColorRole.AlternateBase))
            side = 48
            sign = QRect(0, 0, side, side)
            sign.moveCenter(where.center())
            ink = self.palette().color(QPalette.ColorRole.PlaceholderText)
            painter.drawPixmap(sign, icons.pixmap("person", ink, side, self.devicePixelRatioF()))
        else:
            painter.setClipPath(path)
            painter.drawImage(QRectF(where), self._image, QRectF(self._image.rect()))
            painter.setClipping(False)
            self._paint_box(painter, where)
        painter.end()

    def _where(self) -> QRect:
        """Return where the picture lies, at the top: whole, or the largest square."""
        room = self.rect()
        if self._cover or self._image.isNull():
            side = min(room.width(), room.height())
            where = QRect(0, 0, side, side)
        else:
            fitted = self._image.size().scaled(room.size(), Qt.AspectRatioMode.KeepAspectRatio)
            where = QRect(0, 0, fitted.width(), fitted.height())
        if self.layoutDirection() == Qt.LayoutDirection.RightToLeft:
            where.moveRight(room.right())
        return where

    def _paint_box(self, painter: QPainter, where: QRect) -> None:
        if self._box is None:
            return
        box = self._box
        face = QRectF(
            where.x() + box.x * where.width(),
            where.y() + box.y * where.height(),
            box.width * where.width(),
            box.height * where.height(),
        ).adjusted(-4, -4, 4, 4)
        radius = min(8.0, face.width() / 4)
        for colour, width in ((FRAME_SHADE, 4), (FRAME, 2)):
            painter.setPen(QPen(colour, width))
            painter.drawRoundedRect(face, radius, radius)
