"""What the mouse does on the grid: select, sweep a rubber band, drag out, press signs on tiles.

Knows gestures and rows; asks the view for everything that needs Qt's item views.
"""

from __future__ import annotations

from typing import Protocol

from PySide6.QtCore import QItemSelection, QItemSelectionModel, QObject, QPoint, QRect, Qt, QTimer
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication

from photosearch.gui.grid.delegate import hot_part

Flag = QItemSelectionModel.SelectionFlag
SHIFT, CTRL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier
EDGE = 28  # a rubber band this near to an edge scrolls
SCROLL_MS = 16


class Ground(Protocol):
    """What the pointer needs of the view."""

    def row_at(self, pos: QPoint) -> int: ...
    def rect_of(self, row: int) -> QRect: ...
    def is_selected(self, row: int) -> bool: ...
    def choose(self, row: int, modifiers: Qt.KeyboardModifier) -> None: ...
    def toggle(self, row: int) -> None: ...
    def current_selection(self) -> QItemSelection: ...
    def clear_selection(self) -> None: ...
    def select_band(self, band: QRect, before: QItemSelection, flip: bool) -> None: ...
    def toggle_favourite(self, row: int) -> None: ...
    def drag_out(self) -> None: ...
    def scroll_top(self) -> int: ...
    def scroll_by(self, pixels: int) -> None: ...
    def view_height(self) -> int: ...
    def repaint_tiles(self, *rows: int) -> None: ...
    def repaint_all(self) -> None: ...


class Pointer(QObject):
    """Follows the mouse over one grid. Positions are of the viewport, the band's of the content."""

    def __init__(self, ground: Ground, parent: QObject) -> None:
        super().__init__(parent)
        self._ground = ground
        self.hovered = -1  # row under the pointer
        self.hot = ""  # sign under the pointer
        self.band: QRect | None = None  # rubber band, in content coordinates
        self._pressed = -1
        self._press_pos = QPoint()
        self._choose_on_release = False
        self._band_from: QPoint | None = None
        self._band_before = QItemSelection()
        self._band_flips = False
        self._last_pos = QPoint()
        self._edge = QTimer(self, interval=SCROLL_MS)
        self._edge.timeout.connect(self._on_edge)

    def press(self, event: QMouseEvent) -> None:
        """Left button down."""
        pos, modifiers = event.position().toPoint(), event.modifiers()
        row = self._ground.row_at(pos)
        self._pressed, self._press_pos, self._choose_on_release = -1, pos, False
        if row < 0:
            self._begin_band(pos, modifiers)
            return
        part = hot_part(self._ground.rect_of(row), pos.x(), pos.y())
        if part == "heart" and not modifiers:
            self._ground.toggle_favourite(row)
            return
        self._pressed = row
        if part == "check" and not modifiers:
            self._ground.toggle(row)
            self._pressed = -1
        elif not modifiers and self._ground.is_selected(row):
            self._choose_on_release = True  # it may become a drag of all that is selected
        else:
            self._ground.choose(row, modifiers)

    def move(self, event: QMouseEvent) -> None:
        """Pointer moved, with or without button."""
        pos = event.position().toPoint()
        self._last_pos = pos
        if not event.buttons() & Qt.MouseButton.LeftButton:
            self.hover(pos)
            return
        if self._band_from is not None:
            self._stretch_band(pos)
        elif self._pressed >= 0:
            far = (pos - self._press_pos).manhattanLength() >= QApplication.startDragDistance()
            if far and self._ground.is_selected(self._pressed):
                self._pressed, self._choose_on_release = -1, False
                self._ground.drag_out()

    def release(self, event: QMouseEvent) -> None:
        """Left button up."""
        if self._choose_on_release and self._pressed >= 0:
            self._ground.choose(self._pressed, Qt.KeyboardModifier.NoModifier)
        self._pressed, self._choose_on_release = -1, False
        self.cancel_band()
        self.hover(event.position().toPoint())

    def cancel_band(self) -> bool:
        """Drop the rubber band, if there is one; the selection stays as it is."""
        was = self.band is not None
        self.band, self._band_from = None, None
        self._edge.stop()
        if was:
            self._ground.repaint_all()
        return was

    def hover(self, pos: QPoint | None) -> None:
        """Note what is under the pointer, None when it left."""
        row = self._ground.row_at(pos) if pos is not None else -1
        hot = ""
        if row >= 0 and pos is not None:
            hot = hot_part(self._ground.rect_of(row), pos.x(), pos.y())
        if (row, hot) != (self.hovered, self.hot):
            before, self.hovered, self.hot = self.hovered, row, hot
            self._ground.repaint_tiles(before, row)

    def _begin_band(self, pos: QPoint, modifiers: Qt.KeyboardModifier) -> None:
        keeps = bool(modifiers & (SHIFT | CTRL))
        self._band_flips = bool(modifiers & CTRL)
        if not keeps:
            self._ground.clear_selection()
        self._band_before = self._ground.current_selection()
        self._band_from = pos + QPoint(0, self._ground.scroll_top())

    def _stretch_band(self, pos: QPoint) -> None:
        assert self._band_from is not None
        to = pos + QPoint(0, self._ground.scroll_top())
        if self.band is None and (to - self._band_from).manhattanLength() < 4:
            return
        self.band = QRect(self._band_from, to).normalized()
        self._ground.select_band(self.band, self._band_before, self._band_flips)
        self._ground.repaint_all()
        if self._edge_speed(pos.y()):
            self._edge.start()
        else:
            self._edge.stop()

    def _edge_speed(self, y: int) -> int:
        """Return pixels to scroll in a tick: faster the further outside."""
        below = y - (self._ground.view_height() - EDGE)
        above = EDGE - y
        if below > 0:
            return min(60, 2 + below // 2)
        return -min(60, 2 + above // 2) if above > 0 else 0

    def _on_edge(self) -> None:
        if self._band_from is None:
            self._edge.stop()
            return
        self._ground.scroll_by(self._edge_speed(self._last_pos.y()))
        self._stretch_band(self._last_pos)
