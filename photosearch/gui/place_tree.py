"""The tree of places and how its rows are painted: icon, name, count, "offline".

Knows roles and pixels; what the places are, the sidebar knows.
"""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QMouseEvent, QPainter, QPalette, QPen
from PySide6.QtWidgets import (
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTreeWidget,
    QWidget,
)

from photosearch.gui import icons
from photosearch.gui.text import _, number

ROW_PX = 34
INDENT_PX = 18
KEY = Qt.ItemDataRole.UserRole
COUNT = Qt.ItemDataRole.UserRole + 1
DRAWING = Qt.ItemDataRole.UserRole + 2
OFFLINE = Qt.ItemDataRole.UserRole + 3
HEADING = Qt.ItemDataRole.UserRole + 4


class PlaceDelegate(QStyledItemDelegate):
    """Paints one row: icon, name, and at the right the count or "offline"."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex) -> QSize:  # type: ignore[override]
        return QSize(80, ROW_PX)

    def paint(  # type: ignore[override]
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex
    ) -> None:
        painter.save()
        palette = option.palette
        rect: QRect = option.rect
        if index.data(HEADING):
            font = QFont(option.font)
            font.setPointSizeF(font.pointSizeF() * 0.86)
            font.setWeight(QFont.Weight.DemiBold)
            painter.setFont(font)
            painter.setPen(palette.color(QPalette.ColorRole.PlaceholderText))
            where = rect.adjusted(2, 8, 0, 0)
            left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(where, left, str(index.data()))
        else:
            self._paint_row(painter, option, index, rect, palette)
        painter.restore()

    def _paint_row(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex,
        rect: QRect,
        palette: QPalette,
    ) -> None:
        state = option.state
        role = QPalette.ColorRole
        chosen = bool(state & QStyle.StateFlag.State_Selected)
        offline = bool(index.data(OFFLINE))
        colour = palette.color(role.Dark if offline else role.WindowText)
        size = 18
        box = QRect(rect.left() + 4, rect.center().y() - size // 2 + 1, size, size)
        ratio = painter.device().devicePixelRatioF()
        ink = palette.color(role.Accent) if chosen else colour
        drawing = icons.pixmap(str(index.data(DRAWING)), ink, size, ratio)
        painter.drawPixmap(_mirrored(option, box), drawing)
        font = QFont(option.font)
        count = index.data(COUNT)  # nothing where there is nothing to count
        note = _("offline") if offline else "" if count is None else number(count)
        painter.setFont(_smaller(font))
        width = painter.fontMetrics().horizontalAdvance(note)
        end = QRect(rect.right() - width - 12, rect.top(), width + 2, rect.height())
        painter.setPen(palette.color(role.PlaceholderText))
        painter.drawText(
            _mirrored(option, end),
            Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter,
            note,
        )
        if chosen:
            font.setWeight(QFont.Weight.DemiBold)
        painter.setFont(font)
        painter.setPen(colour)
        right = end.left() - 6 if note else rect.right() - 6
        name = QRect(box.right() + 10, rect.top(), right - box.right() - 10, rect.height())
        text = painter.fontMetrics().elidedText(
            str(index.data()), Qt.TextElideMode.ElideMiddle, name.width()
        )
        left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(_mirrored(option, name), left, text)


class PlaceTree(QTreeWidget):
    """The tree itself: whole-row rounded highlight and line-drawn branch arrows."""

    def __init__(self, parent: QWidget | None = None):
        super().__init__(parent)
        self.setObjectName("sidebarTree")
        self.setAccessibleName(_("Places"))
        self.setHeaderHidden(True)
        self.setIndentation(INDENT_PX)
        self.setRootIsDecorated(True)
        self.setUniformRowHeights(True)  # else every row is measured at every change
        self.setMouseTracking(True)
        self.setExpandsOnDoubleClick(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QTreeWidget.ScrollMode.ScrollPerPixel)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.setItemDelegate(PlaceDelegate(self))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.RightButton:
            event.accept()  # a menu opens on it, which is no reason to go there
        else:
            super().mousePressEvent(event)

    def drawRow(self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex) -> None:  # type: ignore[override]
        if not index.data(HEADING):
            self._paint_ground(painter, option, index)
        super().drawRow(painter, option, index)

    def _paint_ground(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex
    ) -> None:
        palette = self.palette()
        rect: QRect = self.visualRect(index)
        row = QRect(6, rect.top() + 1, self.viewport().width() - 13, rect.height() - 2)
        chosen = self.selectionModel().isSelected(index)
        colour: QColor | None = None
        if chosen:
            colour = QColor(palette.color(QPalette.ColorRole.Accent))
            colour.setAlphaF(0.16)
        elif self.underMouse() and self._is_hovered(index):  # asking where costs a third of a ms
            colour = palette.color(QPalette.ColorRole.Midlight)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if colour is not None:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour)
            painter.drawRoundedRect(row, 7, 7)
        if chosen and self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(palette.color(QPalette.ColorRole.Accent), 1.5))
            painter.drawRoundedRect(row.adjusted(1, 1, -1, -1), 6, 6)
        painter.restore()

    def _is_hovered(self, index: QModelIndex) -> bool:
        return self.indexAt(self.viewport().mapFromGlobal(self.cursor().pos())) == index

    def drawBranches(self, painter: QPainter, rect: QRect, index: QModelIndex) -> None:  # type: ignore[override]
        if not self.model().hasChildren(index):
            return
        size = 12
        right_to_left = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
        x = rect.left() if right_to_left else rect.right() - size + 1
        box = QRect(x, rect.center().y() - size // 2 + 1, size, size)
        colour = self.palette().color(QPalette.ColorRole.PlaceholderText)
        closed = "back" if right_to_left else "forward"
        name = "down" if self.isExpanded(index) else closed
        ratio = painter.device().devicePixelRatioF()
        painter.drawPixmap(box, icons.pixmap(name, colour, size, ratio))


def _mirrored(option: QStyleOptionViewItem, box: QRect) -> QRect:
    """Return where a box lies in the user's direction of reading."""
    return QStyle.visualRect(option.direction, option.rect, box)


def _smaller(font: QFont) -> QFont:
    made = QFont(font)
    made.setPointSizeF(font.pointSizeF() * 0.9)
    made.setWeight(QFont.Weight.Normal)
    return made
