"""The veil over the window while something from outside is dragged over it."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QWidget

from photosearch.gui import icons
from photosearch.gui.text import _


class DropVeil(QWidget):
    """Lies over the whole window while folders are dragged over it."""

    def __init__(self, parent: QWidget):
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def cover(self, area: QRect) -> None:
        """Cover an area of the parent and show."""
        self.setGeometry(area)
        self.raise_()
        self.show()

    def paintEvent(self, event: QPaintEvent) -> None:
        palette = self.palette()
        accent = palette.color(QPalette.ColorRole.Accent)
        ground = QColor(palette.color(QPalette.ColorRole.Base))
        ground.setAlphaF(0.88)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), ground)
        inner = QRectF(self.rect()).adjusted(16, 16, -16, -16)
        wash = QColor(accent)
        wash.setAlphaF(0.10)
        painter.setBrush(wash)
        painter.setPen(QPen(accent, 2.5))
        painter.drawRoundedRect(inner, 18, 18)
        ratio = self.devicePixelRatioF()
        middle = self.rect().center()
        picture = icons.pixmap("drop", accent, 72, ratio)
        painter.drawPixmap(middle.x() - 36, middle.y() - 86, picture)
        font = self.font()
        font.setPointSizeF(font.pointSizeF() * 1.7)
        font.setBold(True)
        painter.setFont(font)
        painter.setPen(palette.color(QPalette.ColorRole.WindowText))
        where = self.rect().adjusted(0, 30, 0, 30)
        painter.drawText(where, Qt.AlignmentFlag.AlignCenter, _("Drop to add these photos"))
        painter.setFont(self.font())
        painter.setPen(palette.color(QPalette.ColorRole.PlaceholderText))
        hint = _("or drop a photo onto the search field, to find others like it")
        painter.drawText(where.translated(0, 36), Qt.AlignmentFlag.AlignCenter, hint)
        painter.end()
