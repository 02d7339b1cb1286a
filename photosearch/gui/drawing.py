"""A large quiet line icon, as it stands on cards, banners and empty pages."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QLabel, QWidget

from photosearch.gui import icons

Ink = QPalette.ColorRole


class Drawing(QLabel):
    """A line icon that follows the palette."""

    def __init__(self, name: str, size_px: int, parent: QWidget | None = None, colour: str = ""):
        super().__init__(parent)
        self._name = name
        self._role = Ink.PlaceholderText
        self._colour = colour
        self._size_px = size_px
        self.setFixedSize(QSize(size_px, size_px))

    def sizeHint(self) -> QSize:
        return QSize(self._size_px, self._size_px)

    def set_drawing(self, name: str, role: Ink = Ink.PlaceholderText) -> None:
        """Show another drawing, perhaps in another colour of the palette."""
        self._name, self._role = name, role
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        usual = self.palette().color(self._role)
        colour = QColor(self._colour) if self._colour else usual
        ratio = self.devicePixelRatioF()
        painter.drawPixmap(0, 0, icons.pixmap(self._name, colour, self._size_px, ratio))
        painter.end()
