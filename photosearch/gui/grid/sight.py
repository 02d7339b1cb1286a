"""What is in sight of the grid: tells the model and the thumbnail loader, not too often."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal

from photosearch.gui.grid.geometry import Geometry
from photosearch.gui.grid.model import PhotoModel
from photosearch.gui.grid.thumbs import TileSize
from photosearch.types import PhotoId

LOOK_MS = 24  # thumbnails are asked for at most this often while scrolling
SETTLE_MS = 140  # a new tile size must hold this long before thumbnails are made for it


class Sight(QObject):
    """Follows which rows are in sight and at what size."""

    changed = Signal(int, int)  # rows [first, end)

    def __init__(self, model: PhotoModel, parent: QObject) -> None:
        super().__init__(parent)
        self._model = model
        self._geometry: Geometry | None = None
        self._rows = (0, 0)
        self._page = (0, 0)  # top and height of the viewport in the content
        self._ratio = 1.0
        self._size = TileSize(0)
        self._look = QTimer(self, interval=LOOK_MS, singleShot=True)
        self._look.timeout.connect(self._on_look)
        self._settle = QTimer(self, interval=SETTLE_MS, singleShot=True)
        self._settle.timeout.connect(self._on_settled)

    @property
    def rows(self) -> tuple[int, int]:
        """The rows [first, end) in sight."""
        return self._rows

    def follow(self, geometry: Geometry, top: int, height: int, ratio: float) -> None:
        """Note the layout and the part of it that is in sight."""
        self._geometry, self._page = geometry, (top, height)
        size = TileSize(round(geometry.tile * ratio), ratio)
        if not self._size.side_px:
            self._size = size
        elif size != self._size:
            self._ratio = ratio
            self._settle.start()
        self._ratio = ratio
        rows = geometry.rows_between(top, top + height)
        if rows != self._rows:
            self._rows = rows
            self.changed.emit(*rows)
        self.look_again()

    def look_again(self) -> None:
        """Ask for what is missing, soon."""
        if not self._look.isActive():
            self._look.start()

    def _on_settled(self) -> None:
        if self._geometry is not None:
            self._size = TileSize(round(self._geometry.tile * self._ratio), self._ratio)
            self._on_look()

    def _on_look(self) -> None:
        if self._geometry is None:
            return
        first, end = self._rows
        self._model.set_visible_range(first, end)
        if self._model.thumbs is None or not self._geometry.count:
            return
        top, height = self._page
        below = self._geometry.rows_between(top + height, top + 2 * height)
        above = self._geometry.rows_between(max(0, top - height // 2), top)
        rows = [*range(first, end), *range(max(end, below[0]), below[1])]
        rows += range(min(first, above[1]) - 1, above[0] - 1, -1)
        wanted = [PhotoId(n) for n in self._model.ids[rows].tolist()]
        self._model.thumbs.want(wanted, self._size)
