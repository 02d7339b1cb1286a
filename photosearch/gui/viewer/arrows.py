"""The two round buttons at the sides of the photo."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize
from PySide6.QtWidgets import QWidget

from photosearch.gui import icons, theme
from photosearch.gui.text import _

SIDE_PX = 44


class Arrows:
    """To the photo before and to the next."""

    def __init__(self, parent: QWidget):
        self.previous = icons.IconButton("back", _("Previous photo (Left)"), parent, 24)
        self.next = icons.IconButton("forward", _("Next photo (Right)"), parent, 24)
        for button in (self.previous, self.next):
            button.setObjectName("arrow")
            button.setFixedSize(QSize(SIDE_PX, SIDE_PX))

    def lift(self) -> None:
        """Lie above what was made since."""
        self.previous.raise_()
        self.next.raise_()

    def stand_in(self, area: QRect) -> None:
        """Stand at the left and right edge of an area, halfway down."""
        y = area.center().y() - SIDE_PX // 2
        self.previous.move(area.left() + theme.M, y)
        self.next.move(area.right() - SIDE_PX - theme.M, y)
