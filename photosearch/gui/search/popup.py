"""The names that hang below the search bar while one types."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, Signal
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from photosearch.gui.search.face_pictures import FacePictures
from photosearch.gui.search.suggestions import Suggestion, SuggestionList

GAP_PX = 6
MOST_PX = 420


class SearchPopup(QFrame):
    """A list that lies over the window, below the bar; it never takes the keyboard."""

    chosen = Signal(object)  # Suggestion

    def __init__(self, bar: QWidget, pictures: FacePictures, parent: QWidget):
        super().__init__(parent)
        self.setObjectName("searchPopup")
        self._bar = bar
        self.list = SuggestionList(pictures, self)
        self.list.chosen.connect(self.chosen)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.list)
        self.hide()

    def show_rows(self, suggestions: Sequence[Suggestion]) -> None:
        """Show rows, or nothing where there are none."""
        self.list.show_rows(suggestions)
        self.setVisible(bool(suggestions))
        self.place()

    def place(self) -> None:
        """Hang below the bar."""
        above = self.parentWidget()
        if self.isHidden() or above is None:
            return
        corner = self._bar.mapTo(above, QPoint(0, self._bar.height() + GAP_PX))
        width = min(self._bar.width(), MOST_PX)
        self.setGeometry(corner.x(), corner.y(), width, self.list.fitting_height() + 2)
        self.raise_()
