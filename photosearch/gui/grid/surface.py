"""The ground the photo grid is painted on: where rows lie, what is in sight, scrolling, layout.

Knows geometry and painting; what is selected and what keys and mouse do is the view's business.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import (
    QEvent,
    QItemSelection,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    Qt,
    Signal,
)
from PySide6.QtGui import QAccessible, QRegion, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QWidget

from photosearch.gui.grid.canvas import Canvas
from photosearch.gui.grid.delegate import TileDelegate
from photosearch.gui.grid.geometry import MAX_TILE_PX, MIN_TILE_PX, SPACING, Geometry, lay_out
from photosearch.gui.grid.glide import Glide
from photosearch.gui.grid.model import PhotoModel
from photosearch.gui.grid.overlays import MARGIN
from photosearch.gui.grid.sight import Sight
from photosearch.gui.text import _
from photosearch.types import PhotoId

Index = QModelIndex | QPersistentModelIndex
TILE_PX = 176
ZOOM_STEP = 16


class GridSurface(QAbstractItemView):
    """Lays the rows of a `PhotoModel` out under month headings and keeps them painted."""

    tilePxChanged = Signal(int)

    def __init__(self, model: PhotoModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._photos = model
        self._tile_px = TILE_PX
        self._geometry = lay_out(0, (), 0, TILE_PX)
        self._delegate = TileDelegate(self.palette(), self)
        self._glide = Glide(self.verticalScrollBar(), self)
        self._sight = Sight(model, self)

    def begin(self) -> None:
        """Show the model; for the end of a subclass's making, since Qt calls back from here."""
        self.setModel(self._photos)
        self._dress()
        self._set_up()
        bar = self.verticalScrollBar()
        bar.sliderPressed.connect(self.viewport().update)
        bar.sliderReleased.connect(self.viewport().update)
        if self._photos.thumbs is not None:
            self._photos.thumbs.loaded.connect(self._on_thumbs_loaded)

    # --- for others -----------------------------------------------------------

    @property
    def tile_px(self) -> int:
        """The wished side of a tile; the real one is stretched so that the columns fit."""
        return self._tile_px

    def setTilePx(self, size_px: int) -> None:
        """Wish for another tile size, keeping the photos in sight."""
        size_px = min(MAX_TILE_PX, max(MIN_TILE_PX, size_px))
        if size_px != self._tile_px:
            self._tile_px = size_px
            self._relayout_in_place()
            self.tilePxChanged.emit(size_px)

    def zoom(self, steps: int | None) -> None:
        """Make tiles larger or smaller by steps; None is back to the usual size."""
        self.setTilePx(TILE_PX if steps is None else self._tile_px + steps * ZOOM_STEP)

    def geometry_now(self) -> Geometry:
        """Return where tiles lie now."""
        return self._geometry

    def visible_rows(self) -> tuple[int, int]:
        """Return the rows [first, end) in sight."""
        return self._sight.rows

    def scroll_to_row(self, row: int) -> None:
        """Scroll as little as needed to show a row whole, clear of the sticking heading."""
        self.scrollTo(self._photos.index(row))

    def row_at(self, pos: QPoint) -> int:
        """Return the row at a point of the viewport, -1 between photos or under a heading."""
        top = self.scroll_top()
        if self._canvas.headings.sticky_box(self._geometry, top).contains(pos):
            return -1
        return self._geometry.row_at(pos.x(), pos.y() + top)

    def rect_of(self, row: int) -> QRect:
        """Return where a row lies in the viewport."""
        box = self._geometry.box(row)
        return QRect(box.x, box.y - self.scroll_top(), box.width, box.height)

    def scroll_top(self) -> int:
        """Return the height of the content at the top of the viewport."""
        return self.verticalScrollBar().value()

    def scroll_by(self, pixels: int) -> None:
        """Scroll at once."""
        bar = self.verticalScrollBar()
        bar.setValue(bar.value() + pixels)

    def view_height(self) -> int:
        """Return the height of the viewport."""
        return self.viewport().height()

    def repaint_tiles(self, *rows: int) -> None:
        """Repaint rows, those out of sight for free."""
        viewport, top = self.viewport(), self.scroll_top() + MARGIN
        for row in rows:
            if 0 <= row < self._geometry.count:
                box = self._geometry.box(row)
                side = box.width + 2 * MARGIN
                viewport.update(box.x - MARGIN, box.y - top, side, side)

    def repaint_all(self) -> None:
        """Repaint everything in sight."""
        self.viewport().update()

    # --- Qt's item view ------------------------------------------------------

    def visualRect(self, index: Index) -> QRect:
        if not index.isValid() or index.row() >= self._geometry.count:
            return QRect()
        return self.rect_of(index.row())

    def indexAt(self, point: QPoint) -> QModelIndex:
        row = self.row_at(point)
        return self._photos.index(row) if row >= 0 else QModelIndex()

    def dataChanged(self, first: Index, last: Index, roles: Sequence[int] = ()) -> None:
        """Repaint what is in sight; Qt asks where each of the rows lies."""
        if QAccessible.isActive():
            super().dataChanged(first, last, roles)
        begin, end = self._sight.rows
        self.repaint_tiles(*range(max(begin, first.row()), min(end, last.row() + 1)))

    def scrollTo(
        self,
        index: Index,
        hint: QAbstractItemView.ScrollHint = QAbstractItemView.ScrollHint.EnsureVisible,
    ) -> None:
        if not index.isValid() or index.row() >= self._geometry.count:
            return
        self._glide.stop()
        box, top, height = self._geometry.box(index.row()), self.scroll_top(), self.view_height()
        above = box.y - self._geometry.heading - SPACING
        below = box.y + box.height + SPACING - height
        if hint == QAbstractItemView.ScrollHint.PositionAtCenter:
            self.verticalScrollBar().setValue(box.y - (height - box.height) // 2)
        elif hint == QAbstractItemView.ScrollHint.PositionAtTop or above < top:
            self.verticalScrollBar().setValue(above)
        elif hint == QAbstractItemView.ScrollHint.PositionAtBottom or below > top:
            self.verticalScrollBar().setValue(below)

    def horizontalOffset(self) -> int:
        return 0

    def verticalOffset(self) -> int:
        return self.scroll_top()

    def isIndexHidden(self, index: Index) -> bool:
        return False

    def visualRegionForSelection(self, selection: QItemSelection) -> QRegion:
        return QRegion(self.viewport().rect())  # only used to repaint

    # --- events --------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        if self.viewport().width() != self._geometry.width:
            self._relayout_in_place()
        else:
            self.updateGeometries()
        self._on_scrolled()

    def updateGeometries(self) -> None:
        bar, height = self.verticalScrollBar(), self.view_height()
        bar.setRange(0, max(0, self._geometry.height - height))
        bar.setPageStep(height)
        bar.setSingleStep(max(20, self._geometry.pitch // 3))
        self.horizontalScrollBar().setRange(0, 0)

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        self.viewport().update()
        self._on_scrolled()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange):
            self._dress()
            self.viewport().update()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.DevicePixelRatioChange:
            self._on_scrolled()
        return super().event(event)

    # --- inside --------------------------------------------------------------

    def _dress(self) -> None:
        """Take fonts and colours from the widget."""
        self._delegate.set_palette(self.palette())
        self._canvas = Canvas(self._delegate, self.font(), self.palette())

    def _set_up(self) -> None:
        self.setItemDelegate(self._delegate)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setFrameShape(QAbstractItemView.Shape.NoFrame)
        self.setDragEnabled(True)
        self.setAutoScroll(False)
        self.setMouseTracking(True)
        self.viewport().setMouseTracking(True)
        self.setAccessibleName(_("Photos"))

    def _lay_out(self) -> None:
        width = self.viewport().width()
        self._geometry = lay_out(
            len(self._photos.ids),
            self._photos.months,
            width,
            self._tile_px,
            mirrored=self.layoutDirection() == Qt.LayoutDirection.RightToLeft,
        )
        self.updateGeometries()

    def _relayout_in_place(self) -> None:
        """Lay out anew and keep the first photo in sight at its height."""
        old, top = self._geometry, self.scroll_top()
        first, end = old.rows_between(top + old.heading, top + self.view_height())
        self._glide.stop()
        self._lay_out()
        if top and first < end:
            y = old.box(first).y - top
            self.verticalScrollBar().setValue(self._geometry.box(first).y - y)
        self.viewport().update()
        self._on_scrolled()

    def _on_thumbs_loaded(self, photos: tuple[PhotoId, ...]) -> None:
        rows = self._photos.rows_near(np.asarray(photos, np.int64), *self._sight.rows)
        self.repaint_tiles(*rows.tolist())
        self._sight.look_again()

    def _on_scrolled(self) -> None:
        ratio = self.devicePixelRatioF()
        self._sight.follow(self._geometry, self.scroll_top(), self.view_height(), ratio)
