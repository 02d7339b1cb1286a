"""The photo grid: what the user selects, opens, favours and drags on the surface.

What a tile looks like is the delegate's business, where tiles lie the surface's, what the mouse
means the pointer's, and what the keys mean the keyboard's.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import (
    QEvent,
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPoint,
    QRect,
    Qt,
    Signal,
)
from PySide6.QtGui import (
    QContextMenuEvent,
    QCursor,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QAbstractItemView, QAbstractScrollArea, QWidget

from photosearch.gui.grid import drag, place
from photosearch.gui.grid.canvas import Scene
from photosearch.gui.grid.keyboard import Keyboard
from photosearch.gui.grid.model import PhotoModel
from photosearch.gui.grid.pointer import Pointer
from photosearch.gui.grid.selecting import CTRL, Flag, Selecting
from photosearch.gui.grid.surface import ZOOM_STEP, GridSurface, Index
from photosearch.jobs.interpreter import undisturbed
from photosearch.types import Ids, PhotoId

Key = Qt.Key
DRAGGED_AT_MOST = 5000
BY_KEYS = (
    Qt.FocusReason.TabFocusReason,
    Qt.FocusReason.BacktabFocusReason,
    Qt.FocusReason.ShortcutFocusReason,
)


class PhotoGridView(GridSurface):
    """Photos in a grid with month headings.

    Shows a `PhotoModel`. Signals carry ids as objects: arrays of int64 or tuples of ints.
    """

    photoActivated = Signal(int)  # row
    selectionChangedIds = Signal(object)
    favouriteToggled = Signal(object, bool)
    contextMenuWanted = Signal(QPoint, object)  # global position, selected ids
    visibleRangeChanged = Signal(int, int)  # rows [first, end)

    def __init__(self, model: PhotoModel, parent: QWidget | None = None) -> None:
        super().__init__(model, parent)
        self._place: place.Place | None = None
        self._replacing = False
        self._by_keys = False  # whether the keyboard was used last: only then is there a ring
        self._keyboard = Keyboard(self)
        self._pointer = Pointer(self, self)
        selection = QItemSelectionModel(model, self)
        self._selecting = Selecting(model, selection, self)
        self.begin()
        self.setSelectionModel(selection)
        self._connect(model)

    # --- for the window ------------------------------------------------------

    def selected_ids(self) -> Ids:
        """Return the selected photos in the order of the grid."""
        return self._selecting.ids

    def select_ids(self, photos: Sequence[PhotoId], scroll: bool = True) -> None:
        """Select photos and make the first of them current."""
        row = self._selecting.choose_ids(np.asarray(photos, np.int64))
        if row >= 0 and scroll:
            self.scroll_to_row(row)

    def place_now(self) -> place.Place:
        """Return selection, current photo and scroll position, to come back to."""
        top, height = self.scroll_top(), self.view_height()
        return place.remember(self._photos, self._selecting, self._geometry, top, height)

    def return_to(self, where: place.Place) -> None:
        """Select what was selected there and show what was in sight."""
        self._selecting.restore(where.selected, where.current)
        top = place.restored_scroll(where, self._photos, self._geometry)
        self.verticalScrollBar().setValue(top)

    # --- what the pointer needs ----------------------------------------------

    def is_selected(self, row: int) -> bool:
        """Whether a row is selected."""
        return self._selecting.contains(row)

    def choose(self, row: int, modifiers: Qt.KeyboardModifier) -> None:
        """Select a row as a click does with these modifiers."""
        self._keyboard.forget_column()
        self._selecting.choose(row, modifiers)

    def toggle(self, row: int) -> None:
        """Select or deselect one row, leaving the others."""
        self._selecting.toggle(row)

    def current_selection(self) -> QItemSelection:
        """Return the selection as it is."""
        return self._selecting.copy()

    def clear_selection(self) -> None:
        """Select nothing; the current photo stays."""
        self._selecting.clear()

    def select_band(self, band: QRect, before: QItemSelection, flip: bool) -> None:
        """Select what a band of the content touches, besides what was selected before it."""
        whole = QItemSelection(before)
        whole.merge(self._touched(band), Flag.Toggle if flip else Flag.Select)
        self._selecting.select(whole, Flag.ClearAndSelect)

    def toggle_favourite(self, row: int) -> None:
        """Make one photo a favourite, or no longer."""
        photo = self._photos.photo_at(row)
        summary = self._photos.summary(photo)
        value = summary is None or not summary.favourite
        self._favour(np.array([photo], np.int64), value)

    def drag_out(self) -> None:
        """Drag the selected photos to another program."""
        self.startDrag(Qt.DropAction.CopyAction)

    # --- what the keyboard needs besides -------------------------------------

    def current_row(self) -> int:
        """Return the row that has the keyboard, -1 without one."""
        return self._selecting.row

    def make_current(self, row: int) -> None:
        """Move to a row without selecting it."""
        before = self._selecting.row
        self._selecting.make_current(row, Flag.NoUpdate)
        self.repaint_tiles(before, row)

    def activate(self, row: int) -> None:
        """Open the photo of a row."""
        self._selecting.make_current(row, Flag.NoUpdate)
        self.activated.emit(self._photos.index(row))
        self.photoActivated.emit(row)

    def drop_selection(self) -> bool:
        """Give up the rubber band or the selection; whether there was any."""
        held = self._pointer.cancel_band() or bool(self._selecting.spans)
        if held:
            self.clear_selection()
        return held

    def favour_selected(self) -> None:
        """Make the selected photos favourites, or no longer when all of them are."""
        photos = self.selected_ids()
        if not len(photos) and self.currentIndex().isValid():
            photos = np.array([self._photos.photo_at(self._selecting.row)], np.int64)
        if len(photos):
            self._favour(photos, not self._photos.are_favourites(photos))

    # --- Qt's item view ------------------------------------------------------

    def moveCursor(
        self, action: QAbstractItemView.CursorAction, modifiers: Qt.KeyboardModifier
    ) -> QModelIndex:
        move = QAbstractItemView.CursorAction
        before, after = Key.Key_Left, Key.Key_Right
        if self.geometry_now().mirrored:
            before, after = after, before
        key = {
            move.MoveUp: Key.Key_Up, move.MoveDown: Key.Key_Down, move.MoveLeft: Key.Key_Left,
            move.MoveRight: Key.Key_Right, move.MoveHome: Key.Key_Home, move.MoveEnd: Key.Key_End,
            move.MovePageUp: Key.Key_PageUp, move.MovePageDown: Key.Key_PageDown,
            move.MoveNext: after, move.MovePrevious: before,
        }[action]  # fmt: skip
        row = self._keyboard.row_after(key)
        return self._photos.index(row) if row >= 0 else QModelIndex()

    def setSelection(self, rect: QRect, command: QItemSelectionModel.SelectionFlag) -> None:
        band = rect.normalized().translated(0, self.scroll_top())
        self._selecting.select(self._touched(band), command)

    def selectionChanged(self, selected: QItemSelection, deselected: QItemSelection) -> None:
        self._selecting.outdate()
        self.viewport().update()
        if not self._replacing:
            self._selecting.tell()

    def keyboardSearch(self, search: str) -> None:
        """Find nothing: letters are shortcuts here."""

    def startDrag(self, supportedActions: Qt.DropAction) -> None:  # noqa: N803
        photos = [PhotoId(n) for n in self.selected_ids()[:DRAGGED_AT_MOST].tolist()]
        if photos:
            current = self.currentIndex()
            lead = self._photos.photo_at(current.row()) if current.isValid() else photos[0]
            drag.start(self, self._photos, photos, lead)

    # --- events --------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        bar, pointer = self.verticalScrollBar(), self._pointer
        share = bar.value() / max(1, bar.maximum())
        scene = Scene(
            self._geometry,
            self.scroll_top(),
            self.view_height(),
            self.devicePixelRatioF(),
            self._selecting.spans,
            self._selecting.row if self._by_keys and self.hasFocus() else -1,
            pointer.hovered if pointer.band is None else -1,
            pointer.hot,
            pointer.band,
            share if bar.isSliderDown() else None,
        )
        with undisturbed():
            painter = QPainter(self.viewport())
            self._canvas.paint(painter, scene, self._photos, event.region())
            painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._glide.stop()
        self._show_ring(False)
        if event.button() == Qt.MouseButton.LeftButton:
            self._pointer.press(event)
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._pointer.move(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._pointer.release(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        row = self.row_at(event.position().toPoint())
        on_sign = bool(self._pointer.hot) and row == self._pointer.hovered
        if event.button() != Qt.MouseButton.LeftButton or row < 0 or on_sign:
            self.mousePressEvent(event)
        elif not event.modifiers():
            self.activate(row)

    def leaveEvent(self, event: QEvent) -> None:
        self._pointer.hover(None)
        super().leaveEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if event.modifiers() & CTRL:
            self.setTilePx(self._tile_px + round(event.angleDelta().y() / 120 * ZOOM_STEP))
            event.accept()
        else:
            self._glide.wheel(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        where = event.globalPos()
        if event.reason() == QContextMenuEvent.Reason.Mouse:
            row = self.row_at(self.viewport().mapFromGlobal(where))
            if row >= 0 and not self.is_selected(row):
                self.choose(row, Qt.KeyboardModifier.NoModifier)
        else:
            row = self._selecting.row
            if row >= 0:
                self.scroll_to_row(row)
                where = self.viewport().mapToGlobal(self.rect_of(row).center())
        if row >= 0:
            self.contextMenuWanted.emit(where, self.selected_ids())
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        self._show_ring(True)
        event.setAccepted(self._keyboard.press(event))

    def focusInEvent(self, event: QFocusEvent) -> None:
        # not Qt's own: that makes a photo current nobody chose, which new ones then carry away
        QAbstractScrollArea.focusInEvent(self, event)
        if event.reason() in BY_KEYS:
            self._show_ring(True)
            first, end = self.visible_rows()
            if self.current_row() < 0 and first < end:
                self.make_current(first)
        self.viewport().update()

    # --- inside --------------------------------------------------------------

    def _show_ring(self, show: bool) -> None:
        if show != self._by_keys:
            self._by_keys = show
            self.viewport().update()

    def _connect(self, model: PhotoModel) -> None:
        model.aboutToBeReplaced.connect(self._on_about_to_be_replaced)
        model.replaced.connect(self._on_replaced)
        self._sight.changed.connect(self.visibleRangeChanged)
        self._selecting.changed.connect(self._on_selection_changed)

    def _on_about_to_be_replaced(self, keep: bool) -> None:
        self._replacing = True
        self._pointer.cancel_band()
        self._place = None
        if keep:
            self._place = self.place_now()

    def _on_replaced(self, keep: bool) -> None:
        self._glide.stop()
        self._lay_out()
        scroll = 0
        if keep and self._place is not None:
            self._selecting.restore(self._place.selected, self._place.current)
            scroll = place.restored_scroll(self._place, self._photos, self._geometry)
        self.verticalScrollBar().setValue(scroll)
        self._replacing = False
        self._place = None
        self._keyboard.forget_column()
        self._selecting.outdate()
        self._pointer.hover(None)
        self.viewport().update()
        self._on_scrolled()
        self._selecting.tell()

    def _on_scrolled(self) -> None:
        super()._on_scrolled()
        if self.underMouse() and self._pointer.band is None:
            self._pointer.hover(self.viewport().mapFromGlobal(QCursor.pos()))

    def currentChanged(self, current: Index, previous: Index) -> None:
        super().currentChanged(current, previous)
        spoken = current.data(Qt.ItemDataRole.AccessibleTextRole) if current.isValid() else ""
        self.setAccessibleDescription(spoken or "")

    def _on_selection_changed(self, chosen: Ids) -> None:
        first = chosen[:DRAGGED_AT_MOST].tolist()
        self._photos.load_summaries(PhotoId(n) for n in first)
        self.selectionChangedIds.emit(chosen)

    def _touched(self, band: QRect) -> QItemSelection:
        """Return the rows that a band of the content touches."""
        right, bottom = band.x() + band.width(), band.y() + band.height()
        runs = self._geometry.rows_in(band.x(), band.y(), right, bottom)
        return self._selecting.of_spans(list(runs))

    def _favour(self, photos: Ids, value: bool) -> None:
        self._photos.set_favourite(photos, value)
        self.favouriteToggled.emit(photos, value)
