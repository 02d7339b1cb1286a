"""Month headings: painted in the flow, and one that sticks to the top while scrolling."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QLinearGradient, QPainter, QPalette

from photosearch.gui.grid import dates
from photosearch.gui.grid.delegate import mixed
from photosearch.gui.grid.geometry import HEADING, MARGIN, Geometry
from photosearch.gui.text import number

GAP = 10  # between a month and its count
FADE = 14  # height of the soft edge under the sticking heading


class Headings:
    """Paints headings with fonts and colours of a widget."""

    def __init__(self, font: QFont, palette: QPalette) -> None:
        self._title = QFont(font)
        self._title.setPixelSize(21)
        self._title.setWeight(QFont.Weight.DemiBold)
        self._count = QFont(font)
        self._count.setPixelSize(13)
        self._text = palette.color(QPalette.ColorRole.Text)
        self._base = palette.color(QPalette.ColorRole.Base)
        self._quiet = mixed(self._base, self._text, 0.62)
        self._metrics = QFontMetricsF(self._title)
        self._solid, clear = QColor(self._base), QColor(self._base)
        self._solid.setAlphaF(0.985)
        clear.setAlpha(0)
        self._fade = QLinearGradient()
        self._fade.setColorAt(0, self._solid)
        self._fade.setColorAt(1, clear)

    def paint(self, painter: QPainter, geometry: Geometry, top: int, height: int) -> None:
        """Paint the headings that lie in [top, top + height) of the content."""
        if not geometry.marks:
            return
        first = geometry.section_at(top)
        for section in range(first, len(geometry.marks)):
            y = int(geometry.tops[section]) - top
            if y >= height:
                return
            if y + HEADING > 0 and (section > first or y >= 0):
                self._paint_one(painter, geometry, section, y)

    def paint_sticky(self, painter: QPainter, geometry: Geometry, top: int) -> None:
        """Paint the heading of the section in sight at the top, pushed up by the next one."""
        if not geometry.marks or geometry.count == 0 or top <= 0:
            return
        section = geometry.section_at(top)
        if int(geometry.tops[section]) == top:
            return
        y = min(0, int(geometry.tops[section + 1]) - top - HEADING)
        if section + 2 == len(geometry.tops):  # the last one is pushed by nothing
            y = 0
        self._paint_band(painter, geometry.width, y)
        self._paint_one(painter, geometry, section, y)

    def sticky_box(self, geometry: Geometry, top: int) -> QRect:
        """Return the part of the viewport that the sticking heading covers."""
        sticks = bool(geometry.marks) and geometry.count > 0 and top > 0
        return QRect(0, 0, geometry.width, HEADING if sticks else 0)

    def _paint_band(self, painter: QPainter, width: int, y: int) -> None:
        below = y + HEADING - 6
        painter.fillRect(0, y, width, HEADING - 6, self._solid)
        self._fade.setStart(0, below)
        self._fade.setFinalStop(0, below + FADE)
        painter.fillRect(0, below, width, FADE, self._fade)

    def _paint_one(self, painter: QPainter, geometry: Geometry, section: int, y: int) -> None:
        words = dates.month(geometry.marks[section])
        baseline = y + HEADING - 20
        painter.setFont(self._title)
        painter.setPen(self._text)
        wide, right = self._metrics.horizontalAdvance(words), geometry.width - MARGIN
        start = right - wide if geometry.mirrored else MARGIN
        painter.drawText(round(start), baseline, words)
        count = int(geometry.starts[section + 1] - geometry.starts[section])
        painter.setFont(self._count)
        painter.setPen(self._quiet)
        said = number(count)
        left = start + wide + GAP
        if geometry.mirrored:
            left = start - GAP - QFontMetricsF(self._count).horizontalAdvance(said)
        painter.drawText(QPointF(left, baseline), said)


class DateBubble:
    """Words beside the scroll bar while it is dragged; paints itself over the view."""

    def __init__(self, font: QFont, palette: QPalette) -> None:
        self._font = QFont(font)
        self._font.setPixelSize(14)
        self._font.setWeight(QFont.Weight.DemiBold)
        self._back = palette.color(QPalette.ColorRole.Text)
        self._fore = palette.color(QPalette.ColorRole.Base)

    def paint(
        self, painter: QPainter, words: str, geometry: Geometry, middle: int, height: int
    ) -> None:
        """Paint at the side of the scroll bar, kept inside the height."""
        metrics = QFontMetricsF(self._font)
        width, tall = metrics.horizontalAdvance(words) + 28, 34.0
        y = min(max(8.0, middle - tall / 2), height - tall - 8)
        x = 10 if geometry.mirrored else geometry.width - width - 10
        box = QRectF(x, y, width, tall)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(0, 0, 0, 40))
        painter.drawRoundedRect(box.translated(0, 1.5), tall / 2, tall / 2)
        painter.setBrush(self._back)
        painter.drawRoundedRect(box, tall / 2, tall / 2)
        painter.setFont(self._font)
        painter.setPen(self._fore)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, words)
