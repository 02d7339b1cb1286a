"""What the keys do on the grid: move, select, open, favour, zoom.

Knows keys and rows; asks the view for everything that needs Qt's item views.
"""

from __future__ import annotations

from typing import Protocol

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QKeySequence

from photosearch.gui.grid import keys
from photosearch.gui.grid.geometry import Geometry

SHIFT, CTRL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier
ALT = Qt.KeyboardModifier.AltModifier
Key = Qt.Key


class Ground(Protocol):
    """What the keyboard needs of the view."""

    def geometry_now(self) -> Geometry: ...
    def current_row(self) -> int: ...
    def visible_rows(self) -> tuple[int, int]: ...
    def view_height(self) -> int: ...
    def choose(self, row: int, modifiers: Qt.KeyboardModifier) -> None: ...
    def make_current(self, row: int) -> None: ...
    def toggle(self, row: int) -> None: ...
    def activate(self, row: int) -> None: ...
    def favour_selected(self) -> None: ...
    def drop_selection(self) -> bool: ...
    def selectAll(self) -> None: ...
    def scroll_to_row(self, row: int) -> None: ...
    def zoom(self, steps: int | None) -> None: ...


class Keyboard:
    """Follows the keys on one grid."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._column: int | None = None  # that Up and Down try to keep

    def forget_column(self) -> None:
        """Let Up and Down start from wherever the current photo is."""
        self._column = None

    def press(self, event: QKeyEvent) -> bool:
        """Do what a key says; whether it says anything here."""
        key, modifiers = Key(event.key()), event.modifiers()
        ground, row = self._ground, self._ground.current_row()
        if key in keys.MOVES and not modifiers & ALT:
            self._move(key, modifiers)
        elif key in (Key.Key_Return, Key.Key_Enter) and row >= 0:
            ground.activate(row)
        elif event.matches(QKeySequence.StandardKey.SelectAll):
            ground.selectAll()
        elif key == Key.Key_Space and row >= 0:
            ground.toggle(row)
        elif key == Key.Key_F and not modifiers:
            ground.favour_selected()
        elif modifiers & CTRL and key in _ZOOMS:
            ground.zoom(_ZOOMS[key])
        else:
            return key == Key.Key_Escape and ground.drop_selection()
        return True

    def row_after(self, key: int) -> int:
        """Return the row that a key of movement leads to, -1 when there is none."""
        ground, row = self._ground, self._ground.current_row()
        if row < 0:
            first, end = ground.visible_rows()
            return first if first < end else -1
        geometry = ground.geometry_now()
        column = geometry.column_of(row) if self._column is None else self._column
        return keys.target(geometry, row, key, column, ground.view_height() - geometry.heading)

    def _move(self, key: Qt.Key, modifiers: Qt.KeyboardModifier) -> None:
        ground = self._ground
        row = self.row_after(key)
        if row < 0:
            return
        before, column = ground.current_row(), self._column
        if column is None and before >= 0:
            column = ground.geometry_now().column_of(before)
        if modifiers & CTRL and not modifiers & SHIFT:
            ground.make_current(row)
        else:
            ground.choose(row, modifiers & (SHIFT | CTRL))
        self._column = column if key in keys.UPRIGHT else None
        ground.scroll_to_row(row)


# Steps of the tile size; None is back to the usual size.
_ZOOMS: dict[Qt.Key, int | None] = {
    Key.Key_Plus: 1,
    Key.Key_Equal: 1,
    Key.Key_Minus: -1,
    Key.Key_0: None,
}
