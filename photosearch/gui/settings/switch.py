"""A switch: a check box that is drawn as one, so that keys and screen readers know it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QEnterEvent, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QCheckBox, QSizePolicy, QWidget

TRACK_PX = QSize(38, 22)
RING_PX = 3  # room around the track for the ring of the focus
KNOB_GAP_PX = 3


class Switch(QCheckBox):
    """On or off; `said` is what it switches."""

    def __init__(self, said: str, parent: QWidget | None = None):
        super().__init__(parent)
        self.setAccessibleName(said)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def show_on(self, on: bool) -> None:
        """Show it on or off without telling."""
        blocked = self.blockSignals(True)
        self.setChecked(on)
        self.blockSignals(blocked)

    def sizeHint(self) -> QSize:
        return TRACK_PX + QSize(2 * RING_PX, 2 * RING_PX)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def hitButton(self, pos: QPoint) -> bool:
        return self.rect().contains(pos)

    def enterEvent(self, event: QEnterEvent) -> None:
        super().enterEvent(event)
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        palette, role = self.palette(), QPalette.ColorRole
        track = QRectF(RING_PX, (self.height() - TRACK_PX.height()) / 2, 38, 22)
        ground, knob = self._colours()
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ground)
        painter.drawRoundedRect(track, 11, 11)
        side = TRACK_PX.height() - 2 * KNOB_GAP_PX
        at_right = self.isChecked() != (self.layoutDirection() == Qt.LayoutDirection.RightToLeft)
        left = track.right() - side - KNOB_GAP_PX if at_right else track.left() + KNOB_GAP_PX
        painter.setBrush(knob)
        painter.drawEllipse(QRectF(left, track.top() + KNOB_GAP_PX, side, side))
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(palette.color(role.Accent), 1.6))
            painter.drawRoundedRect(track.adjusted(-2, -2, 2, 2), 13, 13)
        painter.end()

    def _colours(self) -> tuple[QColor, QColor]:
        palette, role = self.palette(), QPalette.ColorRole
        if not self.isEnabled():
            ground = palette.color(role.Dark if self.isChecked() else role.Mid)
            return ground, palette.color(role.Base)
        if self.isChecked():
            ground = palette.color(role.Accent)
            return (ground.lighter(108) if self.underMouse() else ground), palette.color(
                role.HighlightedText
            )
        ground = palette.color(role.PlaceholderText)
        return (ground.darker(112) if self.underMouse() else ground), palette.color(role.Base)
