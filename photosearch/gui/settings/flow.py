"""A layout that fills line after line, for chips and buttons."""

from __future__ import annotations

from PySide6.QtCore import QMargins, QPoint, QRect, QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QLayout, QLayoutItem, QStyle, QWidget

from photosearch.gui import theme


class FlowLayout(QLayout):
    """As many as have room in a line, the next ones below; mirrored where one reads so."""

    def __init__(self, parent: QWidget | None = None, spacing_px: int = theme.S - 2):
        super().__init__(parent)
        self._items: list[QLayoutItem] = []
        self.setContentsMargins(QMargins())
        self.setSpacing(spacing_px)

    def addItem(self, item: QLayoutItem) -> None:
        self._items.append(item)

    def count(self) -> int:
        return len(self._items)

    def itemAt(self, at: int) -> QLayoutItem | None:
        return self._items[at] if 0 <= at < len(self._items) else None

    def takeAt(self, at: int) -> QLayoutItem | None:
        return self._items.pop(at) if 0 <= at < len(self._items) else None

    def expandingDirections(self) -> Qt.Orientation:
        return Qt.Orientation(0)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return self._place(QRect(0, 0, width, 0), move=False)

    def setGeometry(self, rect: QRect) -> None:
        super().setGeometry(rect)
        self._place(rect, move=True)

    def sizeHint(self) -> QSize:
        return self.minimumSize()

    def minimumSize(self) -> QSize:
        least = QSize()
        for item in self._items:
            least = least.expandedTo(item.minimumSize())
        return least

    def _place(self, rect: QRect, *, move: bool) -> int:
        """Place the items and return the height of all lines."""
        parent = self.parentWidget()
        direction = parent.layoutDirection() if parent else Qt.LayoutDirection.LeftToRight
        y = 0
        for line in self._lines(rect.width()):
            x, height = 0, max(size.height() for _item, size in line)
            for item, size in line:
                if move:
                    middle = (height - size.height()) // 2
                    box = QRect(rect.topLeft() + QPoint(x, y + middle), size)
                    item.setGeometry(QStyle.visualRect(direction, rect, box))
                x += size.width() + self.spacing()
            y += height + self.spacing()
        return max(0, y - self.spacing())

    def _lines(self, width: int) -> list[list[tuple[QLayoutItem, QSize]]]:
        """Return which items stand in which line, and how large each is."""
        lines: list[list[tuple[QLayoutItem, QSize]]] = []
        x = 0
        for item in self._items:
            if item.isEmpty():
                continue
            size = item.sizeHint().boundedTo(QSize(max(1, width), 10_000))
            if not lines or x + size.width() > width:
                lines.append([])
                x = 0
            lines[-1].append((item, size))
            x += size.width() + self.spacing()
        return lines


class Pair(QWidget):
    """Two widgets at the ends of a line; one below the other where they have no room."""

    def __init__(self, first: QWidget, second: QWidget, parent: QWidget | None = None):
        super().__init__(parent)
        self._pair = (first, second)
        self._row = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._row.setContentsMargins(QMargins())
        self._row.setSpacing(theme.S)
        start, end = Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight
        self._row.addWidget(first, 1, start | Qt.AlignmentFlag.AlignVCenter)
        self._row.addWidget(second, 0, end | Qt.AlignmentFlag.AlignVCenter)

    def minimumSizeHint(self) -> QSize:
        wide = max(each.minimumSizeHint().width() for each in self._pair)
        return QSize(wide, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        wide = sum(each.sizeHint().width() for each in self._pair) + theme.S
        one = wide <= self.width()
        direction = QBoxLayout.Direction
        self._row.setDirection(direction.LeftToRight if one else direction.TopToBottom)
        side = Qt.AlignmentFlag.AlignRight if one else Qt.AlignmentFlag.AlignLeft
        self._row.setAlignment(self._pair[1], side | Qt.AlignmentFlag.AlignVCenter)
