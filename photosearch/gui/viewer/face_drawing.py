"""Drawing a frame round a face that was missed, with the mouse or with the arrow keys."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from photosearch.gui.text import _
from photosearch.gui.theme import VIEWER
from photosearch.gui.viewer.canvas import PhotoCanvas
from photosearch.types import Box

LEAST_PX = 8.0  # a click is no box
STEP = 0.02  # of the picture, by one press of an arrow key
FIRST = Box(0.4, 0.35, 0.2, 0.2)  # where the first arrow key puts a frame
ARROWS = {
    Qt.Key.Key_Left: (-STEP, 0.0), Qt.Key.Key_Right: (STEP, 0.0),
    Qt.Key.Key_Up: (0.0, -STEP), Qt.Key.Key_Down: (0.0, STEP),
}  # fmt: skip


class FaceDrawing(QWidget):
    """Lies over the photo while a frame is being drawn."""

    drawn = Signal(object)  # Box: complete, to be named
    left = Signal()  # Esc

    def __init__(self, canvas: PhotoCanvas):
        super().__init__(canvas)
        self._canvas = canvas
        self._box: Box | None = None
        self._from: QPointF | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setAccessibleName(_("Draw a frame round a face: arrow keys, Shift for its size"))
        canvas.installEventFilter(self)
        self.hide()

    @property
    def box(self) -> Box | None:
        """The frame as far as it is drawn."""
        return self._box

    def begin(self) -> None:
        """Wait for a frame."""
        self._box = self._from = None
        self.setGeometry(self._canvas.rect())
        self.show()
        self.raise_()
        self.setFocus()

    def drop_box(self) -> None:
        """Forget the frame and wait for another."""
        self._box = self._from = None
        self.update()

    def end(self) -> None:
        """Draw no more."""
        self._box = self._from = None
        self.hide()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._from = event.position()
            self._box = None
            self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._from is not None:
            self._box = self._between(self._from, event.position())
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._from is None or event.button() != Qt.MouseButton.LeftButton:
            return
        self._box = self._between(self._from, event.position())
        self._from = None
        self.update()
        if self._box is not None:
            self.drawn.emit(self._box)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if key == Qt.Key.Key_Escape:
            self.left.emit()
        elif key in ARROWS:
            larger = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            self._box = (
                FIRST if self._box is None else nudged(self._box, *ARROWS[Qt.Key(key)], larger)
            )
            self.update()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._box is not None:
            self.drawn.emit(self._box)
        else:
            super().keyPressEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self.setGeometry(self._canvas.rect())
        return super().eventFilter(watched, event)

    def _between(self, one: QPointF, other: QPointF) -> Box | None:
        """Return the box between two points, in fractions of the picture; None when too small."""
        whole = self._canvas.picture_rect()
        area = QRectF(one, other).normalized().intersected(whole)
        if area.width() < LEAST_PX or area.height() < LEAST_PX:
            return None
        return Box(
            (area.x() - whole.x()) / whole.width(),
            (area.y() - whole.y()) / whole.height(),
            area.width() / whole.width(),
            area.height() / whole.height(),
        )

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._box is None:
            painter.fillRect(self.rect(), QColor(0, 0, 0, 70))
        else:
            self._paint_box(painter, self._box)
        painter.end()

    def _paint_box(self, painter: QPainter, box: Box) -> None:
        whole = self._canvas.picture_rect()
        area = QRectF(
            whole.x() + box.x * whole.width(),
            whole.y() + box.y * whole.height(),
            box.width * whole.width(),
            box.height * whole.height(),
        )
        shade = QColor(0, 0, 0, 110)
        full = QRectF(self.rect())
        painter.fillRect(QRectF(0, 0, full.width(), area.top()), shade)
        painter.fillRect(QRectF(0, area.bottom(), full.width(), full.height()), shade)
        painter.fillRect(QRectF(0, area.top(), area.left(), area.height()), shade)
        painter.fillRect(QRectF(area.right(), area.top(), full.width(), area.height()), shade)
        painter.setPen(QPen(QColor(VIEWER.accent), 2.5))
        painter.drawRoundedRect(area, 7, 7)


def nudged(box: Box, right: float, down: float, larger: bool) -> Box:
    """Return a box moved, or made larger or smaller, and kept inside the picture."""
    if larger:
        width = min(max(STEP, box.width + right), 1.0 - box.x)
        height = min(max(STEP, box.height + down), 1.0 - box.y)
        return Box(box.x, box.y, width, height)
    x = min(max(0.0, box.x + right), 1.0 - box.width)
    y = min(max(0.0, box.y + down), 1.0 - box.height)
    return Box(x, y, box.width, box.height)
