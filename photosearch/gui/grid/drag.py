"""Photos on their way to other programs: file URLs, and the picture under the pointer."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from typing import Protocol
from urllib.parse import quote

from PySide6.QtCore import QByteArray, QMimeData, QPoint, QPointF, QRectF, Qt, QUrl
from PySide6.QtGui import QColor, QDrag, QFont, QImage, QPainter, QPalette, QPixmap
from PySide6.QtWidgets import QWidget

from photosearch.outside import json_value
from photosearch.types import PhotoId

IDS_MIME = "application/x-photosearch-ids"  # JSON array of photo ids
SIDE = 96  # of the picture under the pointer, logical pixels
STACKED = 3
LOOKED_AT = 24  # photos tried for a loaded picture


def file_url(path: str) -> QUrl:
    """Return the URL of a file; right for names that are not UTF-8, too."""
    if sys.platform == "win32":
        return QUrl.fromLocalFile(path)
    encoded = b"file://" + quote(os.fsencode(path)).encode("ascii")
    return QUrl.fromEncoded(QByteArray(encoded), QUrl.ParsingMode.StrictMode)


def mime_data(photos: Sequence[PhotoId], paths: Sequence[str]) -> QMimeData:
    """Return ids for this program and file URLs for others."""
    mime = QMimeData()
    mime.setData(IDS_MIME, QByteArray(json.dumps([int(p) for p in photos]).encode("ascii")))
    if paths:
        mime.setUrls([file_url(path) for path in paths])
    return mime


def photos_in(mime: QMimeData) -> tuple[PhotoId, ...]:
    """Return the ids that were dragged out of a grid of this program; empty for anything else."""
    if not mime.hasFormat(IDS_MIME):
        return ()
    try:
        found = json_value(bytes(mime.data(IDS_MIME).data()))
    except ValueError:
        return ()
    if not isinstance(found, list):
        return ()
    return tuple(PhotoId(n) for n in found if isinstance(n, int))


class Carried(Protocol):
    """What a drag needs of the grid's model."""

    def mime_of(self, photos: Sequence[PhotoId]) -> QMimeData: ...
    def image_of(self, photo: PhotoId) -> QImage | None: ...


def start(view: QWidget, model: Carried, photos: Sequence[PhotoId], lead: PhotoId) -> None:
    """Drag photos out of a view until they are dropped; `lead` lies on top of the stack."""
    chosen = set(photos)
    stack = [p for p in (lead,) if p in chosen] + [p for p in photos if p != lead]
    images = [image for p in stack[:LOOKED_AT] if (image := model.image_of(p)) is not None]
    shown = picture(images, len(photos), view.palette(), view.devicePixelRatioF())
    mover = QDrag(view)
    mover.setMimeData(model.mime_of(photos))
    mover.setPixmap(shown)
    mover.setHotSpot(QPoint(round(shown.deviceIndependentSize().width() / 2), 84))
    mover.exec(Qt.DropAction.CopyAction)


def picture(images: Sequence[QImage], count: int, palette: QPalette, ratio: float) -> QPixmap:
    """Paint a small stack of photos with a badge that counts them."""
    space = 14
    pixmap = QPixmap(round((SIDE + 2 * space) * ratio), round((SIDE + 2 * space) * ratio))
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    middle = QPointF(space + SIDE / 2, space + SIDE / 2)
    square = QRectF(-SIDE / 2, -SIDE / 2, SIDE, SIDE)
    stack = list(images[:STACKED]) or [QImage()]
    for depth in range(len(stack) - 1, -1, -1):
        painter.save()
        painter.translate(middle)
        painter.rotate((0, 5, -5)[depth])
        painter.setOpacity(0.92 if depth == 0 else 0.75)
        painter.setPen(palette.color(QPalette.ColorRole.Base))
        painter.setBrush(palette.color(QPalette.ColorRole.Mid))
        painter.drawRoundedRect(square.adjusted(-1.5, -1.5, 1.5, 1.5), 7, 7)
        if not stack[depth].isNull():
            painter.drawImage(square, stack[depth])
        painter.restore()
    painter.setOpacity(1)
    if count > 1:
        _badge(painter, str(count) if count < 10_000 else "9999+", palette, SIDE + 2 * space)
    painter.end()
    return pixmap


def _badge(painter: QPainter, words: str, palette: QPalette, right: int) -> None:
    font = QFont(painter.font())
    font.setPixelSize(13)
    font.setBold(True)
    painter.setFont(font)
    width = max(24, painter.fontMetrics().horizontalAdvance(words) + 14)
    box = QRectF(right - width - 1, 1, width, 24)
    painter.setPen(QColor(palette.color(QPalette.ColorRole.Base)))
    painter.setBrush(palette.color(QPalette.ColorRole.Highlight))
    painter.drawRoundedRect(box, 12, 12)
    painter.setPen(palette.color(QPalette.ColorRole.HighlightedText))
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, words)
