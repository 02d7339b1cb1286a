"""Where the keys of movement lead from a row; knows the layout, no widget."""

from __future__ import annotations

from PySide6.QtCore import Qt

from photosearch.gui.grid.geometry import Geometry

MOVES = {
    Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down,
    Qt.Key.Key_Home, Qt.Key.Key_End, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown,
}  # fmt: skip
UPRIGHT = {Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown}


def target(geometry: Geometry, row: int, key: int, column: int, page_px: int) -> int:
    """Return the row that `key` leads to from `row`, wishing to stay in `column`."""
    if geometry.count == 0:
        return -1
    if key in (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown):
        return _page(geometry, row, column, page_px, key == Qt.Key.Key_PageDown)
    last = geometry.count - 1
    before, after = Qt.Key.Key_Left, Qt.Key.Key_Right
    if geometry.mirrored:
        before, after = after, before
    leads = {
        before: max(0, row - 1),
        after: min(last, row + 1),
        Qt.Key.Key_Home: 0,
        Qt.Key.Key_End: last,
        Qt.Key.Key_Up: geometry.row_above(row, column),
        Qt.Key.Key_Down: geometry.row_below(row, column),
    }
    return leads.get(Qt.Key(key), row)


def _page(geometry: Geometry, row: int, column: int, page_px: int, down: bool) -> int:
    """Walk lines until a page is covered; at least one line."""
    goal = geometry.box(row).y + (page_px if down else -page_px)
    found = geometry.row_near(column, goal + geometry.tile // 2)
    if (found > row) == down and found != row:
        return found
    return geometry.row_below(row, column) if down else geometry.row_above(row, column)
