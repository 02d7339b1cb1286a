"""The names that hang at a field while one types."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Signal
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from photosearch.gui.naming.faces import LittleFaces
from photosearch.gui.naming.suggestions import Suggestion, SuggestionList

GAP_PX = 6
LEAST_PX, MOST_PX = 280, 420


class NamesPopup(QFrame):
    """A list that lies over a window, at a field or bar; it never takes the keyboard."""

    chosen = Signal(object)  # Suggestion

    def __init__(self, beside: QWidget, faces: LittleFaces, parent: QWidget):
        super().__init__(parent)
        self.setObjectName("namesPopup")
        self._beside = beside
        self.list = SuggestionList(faces, self)
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

    def lie_over(self, whole: QWidget) -> None:
        """Lie over another window: the field may have been put into it meanwhile."""
        before = self.parentWidget()
        if before is not whole:
            if before is not None:
                before.removeEventFilter(self)
            self.setParent(whole)
            whole.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self.hide()  # the field may be anywhere now
        return super().eventFilter(watched, event)

    def place(self) -> None:
        """Hang below the field, stand above it where there is no room."""
        over = self.parentWidget()
        if self.isHidden() or over is None:
            return
        field = QRect(self._beside.mapTo(over, QPoint(0, 0)), self._beside.size())
        width = min(max(LEAST_PX, field.width()), MOST_PX, over.width())
        area = QRect(field.left(), 0, width, self.list.fitting_height() + 2)
        area.moveLeft(max(0, min(area.left(), over.width() - width)))
        area.moveTop(field.bottom() + 1 + GAP_PX)
        above = field.top() - GAP_PX - area.height()
        if area.bottom() > over.height() and above >= 0:
            area.moveTop(above)
        self.setGeometry(area)
        self.raise_()
