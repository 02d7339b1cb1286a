"""How photos are selected: one, a range from an anchor, some more, a band; and who is told.

Wraps a view's selection model in the words of the grid. The anchor is a photo, not a row, so it
survives new contents.
"""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QItemSelection, QItemSelectionModel, QObject, Qt, Signal

from photosearch.gui.grid.model import PhotoModel
from photosearch.gui.grid.rows import row_runs
from photosearch.types import Ids, PhotoId

Flag = QItemSelectionModel.SelectionFlag
SHIFT, CTRL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier
Spans = list[tuple[int, int]]  # rows [first, end), sorted


class Selecting(QObject):
    """The selection of one grid."""

    changed = Signal(object)  # the ids that are selected now

    def __init__(self, photos: PhotoModel, model: QItemSelectionModel, parent: QObject) -> None:
        super().__init__(parent)
        self._photos = photos
        self._model = model
        self._anchor: PhotoId | None = None  # where a range begins
        self._spans: Spans | None = None  # None: not computed since the last change
        self._told = np.empty(0, np.int64)

    @property
    def row(self) -> int:
        """The row of the current photo, or -1."""
        return self._model.currentIndex().row()

    @property
    def spans(self) -> Spans:
        """The selected rows."""
        if self._spans is None:
            self._spans = spans_of(self._model.selection())
        return self._spans

    @property
    def ids(self) -> Ids:
        """The selected photos in the order of the grid."""
        parts = [self._photos.ids[first:end] for first, end in spans_of(self._model.selection())]
        return np.concatenate(parts) if parts else np.empty(0, np.int64)

    def contains(self, row: int) -> bool:
        """Whether a row is selected."""
        return self._model.isSelected(self._photos.index(row))

    def choose(self, row: int, modifiers: Qt.KeyboardModifier) -> None:
        """Select a row as a click does with these modifiers."""
        if modifiers & SHIFT:
            self._extend(row, Flag.Select if modifiers & CTRL else Flag.ClearAndSelect)
        elif modifiers & CTRL:
            self.toggle(row)
        else:
            self._anchor = self._photos.photo_at(row)
            self.make_current(row, Flag.ClearAndSelect)

    def toggle(self, row: int) -> None:
        """Select or deselect one row, leaving the others."""
        self._anchor = self._photos.photo_at(row)
        self.make_current(row, Flag.Toggle)

    def make_current(self, row: int, flag: QItemSelectionModel.SelectionFlag) -> None:
        """Make a row the current one."""
        self._model.setCurrentIndex(self._photos.index(row), flag)

    def choose_ids(self, photos: Ids) -> int:
        """Select photos, make the first of them current and return its row, or -1."""
        rows = self._photos.rows_of(photos)
        rows = rows[rows >= 0]
        self._model.select(self.of_spans(row_runs(rows)), Flag.ClearAndSelect)
        if not len(rows):
            return -1
        self._anchor = self._photos.photo_at(int(rows[0]))
        self.make_current(int(rows[0]), Flag.NoUpdate)
        return int(rows[0])

    def restore(self, photos: Ids, current: PhotoId | None) -> None:
        """Select the photos that are still there, and only those; keep the anchor."""
        rows = self._photos.rows_of(photos) if len(photos) else np.empty(0, np.int64)
        rows = rows[rows >= 0]
        if not np.array_equal(self._photos.ids[np.sort(rows)], self.ids):
            self._model.select(self.of_spans(row_runs(rows)), Flag.ClearAndSelect)
        row = self._photos.row_of(current) if current is not None else -1
        if row >= 0 and row != self.row:
            self.make_current(row, Flag.NoUpdate)

    def select(self, selection: QItemSelection, flag: QItemSelectionModel.SelectionFlag) -> None:
        """Pass on to the selection model."""
        self._model.select(selection, flag)

    def clear(self) -> None:
        """Select nothing; the current photo stays."""
        self._model.clearSelection()

    def copy(self) -> QItemSelection:
        """Return the selection as it is."""
        return QItemSelection(self._model.selection())

    def of_spans(self, spans: Spans) -> QItemSelection:
        """Return rows as a selection."""
        selection = QItemSelection()
        for first, end in spans:
            if first < end:
                selection.select(self._photos.index(first), self._photos.index(end - 1))
        return selection

    def outdate(self) -> None:
        """Forget computed rows: the selection or the contents changed."""
        self._spans = None

    def tell(self) -> None:
        """Emit `changed` if other photos are selected than last told."""
        chosen = self.ids
        if not np.array_equal(chosen, self._told):
            self._told = chosen
            self.changed.emit(chosen)

    def _extend(self, row: int, flag: QItemSelectionModel.SelectionFlag) -> None:
        start = self._photos.row_of(self._anchor) if self._anchor is not None else -1
        start = start if start >= 0 else max(0, self.row)
        self._anchor = self._photos.photo_at(start)
        self.make_current(row, Flag.NoUpdate)
        self._model.select(self.of_spans([(min(start, row), max(start, row) + 1)]), flag)


def spans_of(selection: QItemSelection) -> Spans:
    """Return the rows of a selection."""
    ranges = [selection.at(i) for i in range(selection.count())]
    return sorted((span.top(), span.bottom() + 1) for span in ranges)
