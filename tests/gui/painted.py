"""Painted photos that are the same for the same number, for libraries without files."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QBuffer, QIODevice, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QLinearGradient, QPainter, QPolygonF


def paint(number: int, size: QSize) -> QImage:
    """Paint a landscape-like picture that is the same for the same number."""
    rng = np.random.default_rng(number)
    hue = float(rng.random())
    image = QImage(size, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    w, h = size.width(), size.height()
    sky = QLinearGradient(0, 0, 0, h)
    sky.setColorAt(0, QColor.fromHsvF(hue, 0.55, 0.75))
    sky.setColorAt(0.7, QColor.fromHsvF((hue + 0.08) % 1, 0.25, 0.97))
    painter.fillRect(0, 0, w, h, sky)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor.fromHsvF((hue + 0.1) % 1, 0.15, 1.0))
    r = min(w, h) * (0.06 + 0.06 * rng.random())
    painter.drawEllipse(QPointF(w * rng.random(), h * (0.15 + 0.2 * rng.random())), r, r)
    for layer in range(3):
        base = h * (0.55 + 0.14 * layer)
        xs = np.linspace(0, w, 9)
        ys = base + (rng.random(9) - 0.6) * h * 0.22
        points = [QPointF(0, h), *(QPointF(x, y) for x, y in zip(xs, ys, strict=True))]
        painter.setBrush(QColor.fromHsvF((hue + 0.45) % 1, 0.5, 0.62 - 0.17 * layer))
        painter.drawPolygon(QPolygonF([*points, QPointF(w, h)]))
    painter.setBrush(QColor.fromHsvF((hue + 0.6) % 1, 0.6, 0.9))
    if number % 3 == 0:
        painter.drawRect(QRectF(w * 0.4 * rng.random(), h * 0.7, w * 0.12, h * 0.12))
    painter.end()
    return image


def jpeg(image: QImage) -> bytes:
    """Encode as JPEG."""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "JPEG", 88)  # type: ignore[call-overload]
    return bytes(buffer.data().data())
