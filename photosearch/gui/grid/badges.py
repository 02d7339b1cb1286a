"""Small signs on the tiles, drawn as paths so that they are sharp at every scale."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen

HEART = QColor("#ff4757")  # the one colour that is not from the palette
SHADE = QColor(0, 0, 0, 110)
LIGHT = QColor(255, 255, 255, 235)


def heart_path(box: QRectF) -> QPainterPath:
    """Return a heart that fills a box."""

    def at(x: float, y: float) -> QPointF:
        return QPointF(box.x() + x * box.width(), box.y() + y * box.height())

    path = QPainterPath(at(0.5, 0.96))
    path.cubicTo(at(0.18, 0.72), at(0.0, 0.54), at(0.0, 0.31))
    path.cubicTo(at(0.0, 0.13), at(0.13, 0.04), at(0.265, 0.04))
    path.cubicTo(at(0.365, 0.04), at(0.45, 0.1), at(0.5, 0.21))
    path.cubicTo(at(0.55, 0.1), at(0.635, 0.04), at(0.735, 0.04))
    path.cubicTo(at(0.87, 0.04), at(1.0, 0.13), at(1.0, 0.31))
    path.cubicTo(at(1.0, 0.54), at(0.82, 0.72), at(0.5, 0.96))
    return path


def paint_heart(painter: QPainter, box: QRectF, favourite: bool, hot: bool) -> None:
    """Paint a filled heart for a favourite, else the outline that invites to make it one."""
    path = heart_path(box.adjusted(-1, -1, 1, 1) if hot else box)
    if favourite:
        painter.setPen(QPen(LIGHT, 1.6, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        painter.setBrush(HEART)
    else:
        painter.setPen(QPen(LIGHT, 1.8, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        painter.setBrush(QColor(255, 255, 255, 70) if hot else Qt.BrushStyle.NoBrush)
    painter.drawPath(path)


def paint_check(painter: QPainter, box: QRectF, fill: QColor, tick: QColor) -> None:
    """Paint the mark of a selected photo."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(tick)
    painter.drawEllipse(box.adjusted(-1.5, -1.5, 1.5, 1.5))
    painter.setBrush(fill)
    painter.drawEllipse(box)
    _tick(painter, box, tick)


def paint_check_offer(painter: QPainter, box: QRectF, hot: bool) -> None:
    """Paint the empty mark that invites to select."""
    painter.setPen(QPen(LIGHT, 1.8))
    painter.setBrush(QColor(255, 255, 255, 70) if hot else QColor(0, 0, 0, 40))
    painter.drawEllipse(box.adjusted(0.5, 0.5, -0.5, -0.5))
    if hot:
        _tick(painter, box, LIGHT)


def _tick(painter: QPainter, box: QRectF, colour: QColor) -> None:
    round_cap, round_join = Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin
    pen = QPen(colour, box.width() * 0.11, Qt.PenStyle.SolidLine, round_cap, round_join)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    path = QPainterPath(_within(box, 0.29, 0.52))
    path.lineTo(_within(box, 0.44, 0.67))
    path.lineTo(_within(box, 0.72, 0.36))
    painter.drawPath(path)


def paint_offline(painter: QPainter, box: QRectF) -> None:
    """Paint a struck-out drive: the photo's drive is not plugged in."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(SHADE)
    painter.drawEllipse(box)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    pen = QPen(LIGHT, box.width() * 0.07)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    painter.setPen(pen)
    drive = QRectF(_within(box, 0.26, 0.36), _within(box, 0.74, 0.64))
    painter.drawRoundedRect(drive, box.width() * 0.07, box.width() * 0.07)
    painter.drawPoint(_within(box, 0.63, 0.53))
    painter.drawLine(_within(box, 0.3, 0.76), _within(box, 0.7, 0.24))


def paint_broken(painter: QPainter, box: QRectF, colour: QColor) -> None:
    """Paint the sign of a picture that has no thumbnail."""
    pen = QPen(colour, 1.8)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(box, 3, 3)
    path = QPainterPath(_within(box, 0.06, 0.8))
    path.lineTo(_within(box, 0.34, 0.5))
    path.lineTo(_within(box, 0.54, 0.7))
    path.lineTo(_within(box, 0.7, 0.55))
    path.lineTo(_within(box, 0.94, 0.78))
    painter.drawPath(path)
    painter.drawEllipse(_within(box, 0.7, 0.3), box.width() * 0.07, box.width() * 0.07)


def _within(box: QRectF, x: float, y: float) -> QPointF:
    return QPointF(box.x() + x * box.width(), box.y() + y * box.height())
