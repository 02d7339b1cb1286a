"""A grid of tiles with equal cells for people and faces: layout, keeping the place, what is seen.

A `QListView` that stretches its cells to the width; what a tile looks like is the delegate's
business, what it means the subclass's.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import (
    QEvent,
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPoint,
    QSize,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QListView, QStyle, QWidget

from photosearch.gui.grid.glide import Glide
from photosearch.gui.grid.rows import row_runs
from photosearch.gui.people.tile_model import TileModel

LOOK_MS = 24
MARGIN = 16  # left and right of the tiles
RING_PX = 3  # what the ring around a square tile takes of the margin
Flag = QItemSelectionModel.SelectionFlag
POINTED = (  # after these it is not the keyboard that brings the focus
    Qt.FocusReason.MouseFocusReason,
    Qt.FocusReason.ActiveWindowFocusReason,
    Qt.FocusReason.PopupFocusReason,
)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the user was before the contents changed."""

    selected: tuple[int, ...]
    current: int | None
    row: int  # of the current one, -1 without
    first: int | None  # the first tile in sight, and how far above the edge it begins
    offset: int
    scroll: int


class TileView(QListView):
    """Shows a `TileModel` in cells of equal size."""

    opened = Signal(int)  # row: double click or Enter
    selectionMoved = Signal()
    menuWanted = Signal(QPoint)  # global position
    typed = Signal(str)

    def __init__(
        self, model: TileModel, cell: QSize, parent: QWidget | None = None, square: bool = False
    ) -> None:
        super().__init__(parent)
        self._square = square  # whether cells grow in height as they do in width
        self._tiles = model
        self._cell = cell  # the least size of a cell; its width is stretched
        self._place: _Place | None = None
        self.by_keys = False  # whether the keyboard was used last: only then is there a ring
        self._glide = Glide(self.verticalScrollBar(), self)
        self._look = QTimer(self, interval=LOOK_MS, singleShot=True)
        self._look.timeout.connect(self._on_look)

    def begin(self) -> None:
        """Show the model; for the end of a subclass's making, since Qt calls back from here."""
        self.setObjectName("tiles")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFlow(QListView.Flow.LeftToRight)
        self.setWrapping(True)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setUniformItemSizes(True)
        self.setMovement(QListView.Movement.Static)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setSelectionRectVisible(True)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMouseTracking(True)
        self._set_margins()
        self.setModel(self._tiles)
        self._tiles.modelAboutToBeReset.connect(self._on_about_to_be_reset)
        self._tiles.modelReset.connect(self._on_reset)
        self.selectionModel().selectionChanged.connect(self._on_selection_changed)
        self.verticalScrollBar().valueChanged.connect(self.look_again)
        self._fit()

    # --- for others -----------------------------------------------------------

    def selected_rows(self) -> list[int]:
        """Return the selected rows, sorted."""
        return sorted(index.row() for index in self.selectionModel().selectedIndexes())

    def selected_numbers(self) -> list[int]:
        """Return the numbers of the selected tiles in the order shown."""
        numbers = self._tiles.numbers()
        return [numbers[row] for row in self.selected_rows()]

    def select_numbers(self, numbers: list[int], scroll: bool = True) -> None:
        """Select tiles and make the first of them current."""
        rows = [row for number in numbers if (row := self._tiles.row_of(number)) >= 0]
        self._select(rows)
        if rows:
            first = self._tiles.index(rows[0], 0)
            self.selectionModel().setCurrentIndex(first, Flag.NoUpdate)
            if scroll:
                self.scrollTo(first)

    def columns(self) -> int:
        """Return how many tiles stand side by side."""
        return max(1, self.viewport().width() // max(1, self.gridSize().width()))

    def rows_in_sight(self) -> tuple[int, int]:
        """Return the rows [first, end) in sight."""
        count = self._tiles.rowCount()
        width, height = self.gridSize().width(), self.gridSize().height()
        if not count or height <= 0 or width <= 0:
            return 0, 0
        columns = self.columns()
        top = self.verticalScrollBar().value()
        first = max(0, top // height * columns)
        end = (top + self.viewport().height() + height - 1) // height * columns
        return min(first, count), min(end, count)

    def look_again(self) -> None:
        """Ask for what is missing, soon."""
        if not self._look.isActive():
            self._look.start()

    def cell_changed(self, size: QSize) -> None:
        """Learn how large a cell is now; for subclasses to tell their delegates."""

    def want_pictures(self, rows: list[int]) -> None:
        """Ask for the pictures of rows, most urgent first; for subclasses."""

    # --- Qt's item view -------------------------------------------------------

    def moveCursor(
        self, action: QAbstractItemView.CursorAction, modifiers: Qt.KeyboardModifier
    ) -> QModelIndex:
        count, row = self._tiles.rowCount(), self.currentIndex().row()
        if not count:
            return QModelIndex()
        if row < 0:
            return self._tiles.index(min(self.rows_in_sight()[0], count - 1), 0)
        move = QAbstractItemView.CursorAction
        columns = self.columns()
        page = columns * max(1, self.viewport().height() // max(1, self.gridSize().height()))
        forward = -1 if self.layoutDirection() == Qt.LayoutDirection.RightToLeft else 1
        step = {
            move.MoveLeft: -forward, move.MoveRight: forward, move.MoveUp: -columns,
            move.MoveDown: columns, move.MovePageUp: -page, move.MovePageDown: page,
            move.MoveHome: -row, move.MoveEnd: count - 1 - row, move.MoveNext: 1,
            move.MovePrevious: -1,
        }[action]  # fmt: skip
        wanted = row + step
        if action == move.MoveUp and wanted < 0:
            wanted = row
        elif action == move.MoveDown and wanted >= count:  # onto a last line that is short
            wanted = count - 1 if row // columns < (count - 1) // columns else row
        return self._tiles.index(min(max(0, wanted), count - 1), 0)

    def keyboardSearch(self, search: str) -> None:
        """Hand over what is typed: it is no search here."""
        if search.strip():
            self.typed.emit(search)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        self._show_ring(True)
        enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if enter and not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            if self.currentIndex().isValid():
                self.opened.emit(self.currentIndex().row())
            event.accept()
        elif event.key() == Qt.Key.Key_Escape and self.selectionModel().hasSelection():
            self.clearSelection()
            event.accept()
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)  # the first in sight becomes current where none was
        if event.reason() not in POINTED:
            self._show_ring(True)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._show_ring(False)
        self._glide.stop()
        super().mousePressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        index = self.indexAt(event.position().toPoint())
        left = event.button() == Qt.MouseButton.LeftButton
        if index.isValid() and left and not event.modifiers():
            self.opened.emit(index.row())
        else:
            self.mousePressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        self._glide.wheel(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()
        self.look_again()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._fit()
        elif event.type() == QEvent.Type.LayoutDirectionChange:
            self._set_margins()

    # --- inside ---------------------------------------------------------------

    def set_cell(self, cell: QSize) -> None:
        """Take another least size of a cell."""
        self._cell = cell
        self._fit()

    def _fit(self) -> None:
        """Stretch the cells so that they fill the width, scroll bar or none."""
        bar = self.style().pixelMetric(QStyle.PixelMetric.PM_ScrollBarExtent)
        room = self.width() - MARGIN - max(bar, 12) - 1
        columns = max(1, room // self._cell.width())
        width = max(self._cell.width() // 2, room // columns)
        size = QSize(width, width if self._square else self._cell.height())
        if size != self.gridSize():
            self.cell_changed(size)
            self.setGridSize(size)

    def _set_margins(self) -> None:
        mirrored = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
        side = MARGIN - RING_PX if self._square else MARGIN
        self.setViewportMargins(0 if mirrored else side, 0, side if mirrored else 0, 0)

    def _show_ring(self, show: bool) -> None:
        if show != self.by_keys:
            self.by_keys = show
            self.viewport().update()

    def _select(self, rows: list[int]) -> None:
        chosen = QItemSelection()
        for first, end in row_runs(np.array(rows, np.int64)):
            chosen.select(self._tiles.index(first, 0), self._tiles.index(end - 1, 0))
        self.selectionModel().select(chosen, Flag.ClearAndSelect)

    def _on_selection_changed(self, *_what: object) -> None:
        if self._place is None:
            self.selectionMoved.emit()

    def _on_about_to_be_reset(self) -> None:
        numbers, (first, end) = self._tiles.numbers(), self.rows_in_sight()
        current = self.currentIndex()
        self._place = _Place(
            tuple(self.selected_numbers()),
            numbers[current.row()] if current.isValid() else None,
            current.row(),
            numbers[first] if first < end else None,
            self.visualRect(self._tiles.index(first, 0)).top() if first < end else 0,
            self.verticalScrollBar().value(),
        )

    def _on_reset(self) -> None:
        place, self._place = self._place, None
        if place is None:
            return
        self.doItemsLayout()
        if place.current is not None and (row := self._tiles.row_of(place.current)) >= 0:
            self.selectionModel().setCurrentIndex(self._tiles.index(row, 0), Flag.NoUpdate)
        elif self.hasFocus() and self._tiles.rowCount():  # the keys go on from somewhere
            near = self._tiles.index(max(0, min(place.row, self._tiles.rowCount() - 1)), 0)
            self.selectionModel().setCurrentIndex(near, Flag.NoUpdate)
        self._select([row for n in place.selected if (row := self._tiles.row_of(n)) >= 0])
        row = self._tiles.row_of(place.first) if place.first is not None else -1
        if place.scroll and row >= 0:
            top = self.visualRect(self._tiles.index(row, 0)).top()
            bar = self.verticalScrollBar()
            bar.setValue(bar.value() + top - place.offset)
        self.selectionMoved.emit()
        self.look_again()

    def _on_look(self) -> None:
        first, end = self.rows_in_sight()
        page = max(1, end - first)
        count = self._tiles.rowCount()
        rows = [*range(first, end), *range(end, min(count, end + page))]
        rows += range(first - 1, max(-1, first - page // 2 - 1), -1)
        self.want_pictures(rows)
