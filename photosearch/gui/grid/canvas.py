"""Paints the part of the grid that is in sight: tiles, headings, rubber band, date bubble."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRect
from PySide6.QtGui import QColor, QFont, QPainter, QPalette, QRegion

from photosearch.gui.grid import dates
from photosearch.gui.grid.delegate import Tile, TileDelegate
from photosearch.gui.grid.geometry import Geometry
from photosearch.gui.grid.headings import DateBubble, Headings
from photosearch.gui.grid.model import PhotoModel
from photosearch.gui.grid.overlays import MARGIN

MANY_PARTS = 16  # more than this are painted as one
_Part = tuple[int, int, int, int]  # left, top, right, bottom


@dataclass(frozen=True, slots=True)
class Scene:
    """What is to be painted; coordinates are the content's, `top` is that of the viewport."""

    geometry: Geometry
    top: int
    height: int
    ratio: float  # device pixels per logical pixel
    spans: Sequence[tuple[int, int]]  # selected rows [first, end), sorted
    focused: int = -1  # row with the keyboard
    hovered: int = -1
    hot: str = ""  # sign under the pointer
    band: QRect | None = None
    scrub: float | None = None  # where the scroll bar is held, 0 to 1


class Canvas:
    """Paints scenes with the fonts and colours of a widget."""

    def __init__(self, delegate: TileDelegate, font: QFont, palette: QPalette) -> None:
        self._delegate = delegate
        self._headings = Headings(font, palette)
        self._bubble = DateBubble(font, palette)
        self._accent = palette.color(QPalette.ColorRole.Accent)
        self._square = QRect()  # one for all tiles: each that is made lets other threads in

    @property
    def headings(self) -> Headings:
        """The headings, for where they lie."""
        return self._headings

    def paint(self, painter: QPainter, scene: Scene, model: PhotoModel, clip: QRegion) -> None:
        """Paint a scene within a part of the viewport; tiles outside of it cost nothing."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        self._paint_tiles(painter, scene, model, clip)
        self._headings.paint(painter, scene.geometry, scene.top, scene.height)
        self._headings.paint_sticky(painter, scene.geometry, scene.top)
        if scene.band is not None:
            wash = QColor(self._accent)
            painter.setPen(wash)
            wash.setAlphaF(0.18)
            painter.setBrush(wash)
            painter.drawRoundedRect(scene.band.translated(0, -scene.top), 3, 3)
        if scene.scrub is not None and scene.geometry.marks:
            section = scene.geometry.section_at(scene.top + scene.height // 3)
            words = dates.month(scene.geometry.marks[section])
            middle = round(scene.scrub * scene.height)
            self._bubble.paint(painter, words, scene.geometry, middle, scene.height)

    def _paint_tiles(
        self, painter: QPainter, scene: Scene, model: PhotoModel, clip: QRegion
    ) -> None:
        geometry, thumbs, top = scene.geometry, model.thumbs, scene.top
        side = geometry.tile
        firsts = [span[0] for span in scene.spans]
        square = self._square
        xs = [geometry.column_x(column) for column in range(geometry.columns)]
        whole = clip.boundingRect()
        parts = _parts(clip)
        low, high = whole.top() + top - MARGIN, whole.bottom() + top + MARGIN + 1
        for first, end, y in geometry.lines(low, high):
            ids = model.ids[first:end].tolist()
            for row, photo, x in zip(range(first, end), ids, xs, strict=False):
                if not _touched(parts, x, y - top, side):
                    continue
                summary = model.summary(photo)
                at = bisect_right(firsts, row) - 1
                hovered = row == scene.hovered
                tile = Tile(
                    thumbs.image(photo) if thumbs is not None else None,
                    thumbs is not None and thumbs.has_failed(photo),
                    summary is not None and summary.favourite,
                    summary is not None and summary.offline,
                    at >= 0 and row < scene.spans[at][1],
                    row == scene.focused,
                    hovered,
                    scene.hot if hovered else "",
                )
                square.setRect(x, y - top, side, side)
                self._delegate.paint_tile(painter, square, tile, scene.ratio)


def _parts(clip: QRegion) -> list[_Part]:
    """Return the rectangles of a region with what a focus ring reaches beyond its tile."""
    few = clip.rectCount() <= MANY_PARTS
    rects: list[QRect] = list(clip) if few else [clip.boundingRect()]  # type: ignore[call-overload]
    return [
        (r.left() - MARGIN, r.top() - MARGIN, r.right() + MARGIN, r.bottom() + MARGIN)
        for r in rects
    ]


def _touched(parts: list[_Part], x: int, y: int, side: int) -> bool:
    return any(x <= r and y <= b and x + side > a and y + side > t for a, t, r, b in parts)
