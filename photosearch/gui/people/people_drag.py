"""What is carried when people are dragged onto one another: their numbers, and a picture of it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QMimeData, QRect, Qt
from PySide6.QtGui import QImage, QPainter, QPalette, QPixmap

from photosearch.gui.text import number

PEOPLE_MIME = "application/x-photosearch-people"
DRAGGED_PX = 64
BUBBLE_PX = 24


def packed(people: Sequence[int]) -> QMimeData:
    """Return the numbers of people as a drag carries them."""
    mime = QMimeData()
    mime.setData(PEOPLE_MIME, " ".join(str(each) for each in people).encode())
    return mime


def dragged_people(mime: QMimeData) -> list[int]:
    """Return the numbers of the people that a drag carries."""
    if not mime.hasFormat(PEOPLE_MIME):
        return []
    raw = bytes(mime.data(PEOPLE_MIME).data()).decode("ascii", "replace").split()
    return [int(part) for part in raw if part.isdecimal()]


def drag_picture(cover: QImage | None, count: int, palette: QPalette, ratio: float) -> QPixmap:
    """Paint the cover of the first of those that are dragged, and how many there are."""
    pixmap = QPixmap(round(DRAGGED_PX * ratio), round(DRAGGED_PX * ratio))
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    if cover is not None:
        painter.drawImage(QRect(0, 0, DRAGGED_PX, DRAGGED_PX), cover)
    if count > 1:
        bubble = QRect(DRAGGED_PX - BUBBLE_PX, 0, BUBBLE_PX, BUBBLE_PX)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(palette.accent())
        painter.drawEllipse(bubble)
        painter.setPen(palette.highlightedText().color())
        painter.drawText(bubble, Qt.AlignmentFlag.AlignCenter, number(count))
    painter.end()
    return pixmap
