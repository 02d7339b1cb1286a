"""One picture on a dark ground: fitted or zoomed, dragged about, with its zoom under the mouse.

Knows the original's size and whatever pixels it was given so far; a better picture of the same
photo replaces a worse one without a jump.
"""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QImage,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from photosearch.gui.text import _
from photosearch.gui.theme import VIEWER

MOST_ZOOM = 8.0  # screen pixels a picture pixel
MOST_FIT = 4.0  # beyond that a small picture only becomes a blur
STEP = 1.25
PAN = 0.2  # of what is shown, by one press of an arrow key


class PhotoCanvas(QWidget):
    """Paints the picture and turns wheel and mouse into zoom and place."""

    zoomed = Signal()  # fit or scale changed: more pixels may be needed
    moved = Signal()  # the picture lies elsewhere on the canvas
    doubleClicked = Signal()

    def __init__(self, parent: QWidget | None = None):
        super().__init__(parent)
        self.setObjectName("photoCanvas")
        self.setMouseTracking(True)
        self.setMinimumSize(120, 120)
        self._size = QSizeF()  # of the original, in its pixels
        self._image = QImage()
        self._sentence = ""
        self._fit = True
        self._scale = 1.0  # logical pixels a picture pixel
        self._centre = QPointF()  # the picture pixel in the middle of the canvas
        self._grab: QPointF | None = None

    # --- what it shows --------------------------------------------------------

    def show_photo(self, width: int, height: int, image: QImage | None) -> None:
        """Show another photo, fitted; `image` may be a small preview or still missing."""
        self._image = image or QImage()
        self._size = QSizeF(max(1, width), max(1, height))
        if not self._image.isNull():
            self._believe_image()
        self._sentence = ""
        self._centre = QPointF(self._size.width() / 2, self._size.height() / 2)
        self._fit = True
        self.unsetCursor()
        self.update()
        self.zoomed.emit()
        self.moved.emit()

    def show_better(self, image: QImage) -> None:
        """Show better pixels of the same photo."""
        self._image = image
        self._believe_image()
        self._sentence = ""
        self.update()
        self.moved.emit()

    def _believe_image(self) -> None:
        """Take the shape from the pixels where what was said of it is wrong."""
        shape = self._image.width() / self._image.height()
        if abs(self._size.width() / self._size.height() / shape - 1) > 0.02:
            self._size.setHeight(self._size.width() / shape)
            self._centre = QPointF(self._size.width() / 2, self._size.height() / 2)

    def show_sentence(self, sentence: str) -> None:
        """Say why there is no picture."""
        self._sentence = sentence
        self.update()

    @property
    def fits(self) -> bool:
        """Whether the whole picture is shown."""
        return self._fit

    @property
    def percent(self) -> float:
        """Zoom: 100 is one picture pixel on one screen pixel."""
        return self._current_scale() * self.devicePixelRatioF() * 100

    @property
    def wants_full(self) -> bool:
        """Whether the zoom asks for more pixels than the picture at hand has."""
        if self._image.isNull() or self._fit:
            return False
        shown = self._size.width() * self._scale * self.devicePixelRatioF()
        return shown > self._image.width() * 1.05

    @property
    def within_px(self) -> int:
        """Long side that fills this canvas, in screen pixels, in steps that make reuse likely."""
        longest = max(self.width(), self.height()) * self.devicePixelRatioF()
        return max(1024, -(-round(longest) // 256) * 256)

    def picture_rect(self) -> QRectF:
        """Return where the whole picture lies, parts of it perhaps beyond the canvas."""
        return self._target()

    def show_cursor(self) -> None:
        """Show by the cursor whether the picture can be dragged."""
        movable = self._movable
        self.setCursor(Qt.CursorShape.OpenHandCursor if movable else Qt.CursorShape.ArrowCursor)

    # --- zoom -----------------------------------------------------------------

    def fit(self) -> None:
        """Show all of it."""
        self._fit = True
        self._centre = QPointF(self._size.width() / 2, self._size.height() / 2)
        self._changed()

    def actual_size(self, at: QPointF | None = None) -> None:
        """One picture pixel on one screen pixel, keeping the point `at` where it is."""
        self._zoom_to(1.0 / self.devicePixelRatioF(), at)

    def zoom_by(self, factor: float, at: QPointF | None = None) -> None:
        """Zoom in or out about a point, by default the middle."""
        self._zoom_to(self._current_scale() * factor, at)

    def pan(self, right: int, down: int) -> None:
        """Go a part of what is shown to the right and down; nothing while the whole is shown."""
        if self._fit:
            return
        view = QPointF(self.width() * right, self.height() * down)
        self._centre = self._centre + view * (PAN / self._scale)
        self._keep_inside()
        self.update()
        self.moved.emit()

    def _zoom_to(self, scale: float, at: QPointF | None) -> None:
        point = at if at is not None else QPointF(self.width() / 2, self.height() / 2)
        held = self._to_picture(point)
        fitting, actual = self._fit_scale(), 1.0 / self.devicePixelRatioF()
        scale = min(scale, max(MOST_ZOOM * actual, fitting))
        if fitting > actual:  # a small picture may be looked at in its own size
            scale = max(scale, actual)
        if scale <= fitting * 1.001 and (fitting <= actual or scale >= fitting * 0.999):
            self.fit()
            return
        self._fit = False
        self._scale = scale
        middle = QPointF(self.width() / 2, self.height() / 2)
        self._centre = held - (point - middle) / scale
        self._keep_inside()
        self._changed()

    def _changed(self) -> None:
        self.show_cursor()
        self.update()
        self.zoomed.emit()
        self.moved.emit()

    @property
    def _movable(self) -> bool:
        """Whether a part of the picture is out of sight."""
        target = self._target()
        return not self._fit and not QRectF(self.rect()).adjusted(-1, -1, 1, 1).contains(target)

    def _fit_scale(self) -> float:
        if self._size.isEmpty():
            return 1.0
        scale = min(self.width() / self._size.width(), self.height() / self._size.height())
        return max(1e-6, min(scale, MOST_FIT / self.devicePixelRatioF()))

    def _current_scale(self) -> float:
        return self._fit_scale() if self._fit else self._scale

    def _to_picture(self, point: QPointF) -> QPointF:
        middle = QPointF(self.width() / 2, self.height() / 2)
        return self._centre + (point - middle) / self._current_scale()

    def _keep_inside(self) -> None:
        """Let no edge of the picture come further in than the canvas's own edge."""
        half_w, half_h = self.width() / 2 / self._scale, self.height() / 2 / self._scale
        w, h = self._size.width(), self._size.height()
        x = w / 2 if 2 * half_w >= w else min(max(self._centre.x(), half_w), w - half_w)
        y = h / 2 if 2 * half_h >= h else min(max(self._centre.y(), half_h), h - half_h)
        self._centre = QPointF(x, y)

    # --- events ---------------------------------------------------------------

    def wheelEvent(self, event: QWheelEvent) -> None:
        delta = event.angleDelta().y() or event.pixelDelta().y()
        if delta:
            self.zoom_by(STEP ** (delta / 120), event.position())
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self._movable:
            self._grab = event.position()
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
        else:
            super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._grab is None:
            return
        self._centre = self._centre - (event.position() - self._grab) / self._scale
        self._grab = event.position()
        self._keep_inside()
        self.update()
        self.moved.emit()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._grab is not None:
            self._grab = None
            self.setCursor(Qt.CursorShape.OpenHandCursor)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if self._fit:
            self.actual_size(event.position())
        else:
            self.fit()
        self.doubleClicked.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if not self._fit:
            self._keep_inside()
        self.zoomed.emit()
        self.moved.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(VIEWER.canvas))
        if not self._image.isNull():
            painter.setRenderHint(
                QPainter.RenderHint.SmoothPixmapTransform, self.percent < 300 or self._fit
            )
            painter.drawImage(self._target(), self._image)
        if self._sentence:
            self._paint_sentence(painter)
        elif self._image.isNull():
            painter.setPen(QColor(VIEWER.quiet))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, _("Loading…"))
        painter.end()

    def _target(self) -> QRectF:
        scale = self._current_scale()
        middle = QPointF(self.width() / 2, self.height() / 2)
        corner = middle - self._centre * scale
        return QRectF(corner, self._size * scale)

    def _paint_sentence(self, painter: QPainter) -> None:
        flags = int(Qt.AlignmentFlag.AlignCenter) | int(Qt.TextFlag.TextWordWrap)
        room = QRectF(0, 0, min(560.0, self.width() - 80.0), self.height())
        words = painter.boundingRect(room, flags, self._sentence)
        box = QRectF(0, 0, words.width() + 48, words.height() + 32)
        box.moveCenter(QRectF(self.rect()).center())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ground = QColor(VIEWER.raised)
        ground.setAlphaF(0.94)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ground)
        painter.drawRoundedRect(box, 12, 12)
        painter.setPen(QColor(VIEWER.text))
        painter.drawText(box, flags, self._sentence)
