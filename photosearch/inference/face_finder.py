"""Finds faces in a picture of any size with a detector that sees 640 pixels at once.

The first look takes the whole picture.  Where that hints at faces too small for it, as in a large
photo of a crowd, those parts are looked at again in tiles, each time twice as large, until the
small ones are large enough or the picture has no more to give.  SCRFD, which misses faces that
fill the picture, looks once more from afar.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from photosearch.inference.face_detector import FaceDetector
from photosearch.inference.face_graphs import INSIGHTFACE, OPENCV
from photosearch.inference.face_ops import (
    Floats,
    Found,
    fitted_size,
    joined,
    letterboxed,
    overlaps,
    resized,
    shares_inside,
    suppressed,
)
from photosearch.types import Pixels

Mask = npt.NDArray[np.bool_]

# Below this score nothing is a face. SCRFD: insightface's own limit. YuNet's makers use 0.6 to
# 0.9; of what it gives less than 0.75 in the test photos, SCRFD confirms a quarter, from 0.8 on
# nearly all.
_SURE = {INSIGHTFACE: 0.5, OPENCV: 0.75}
_OVERLAP = 0.4  # insightface's limit for two boxes to be one face

# What might be a face if it were larger: reason for a closer look, never a result.
_HINT = 0.3
# Faces from this size on (shorter side, in the detector's input) need no closer look.
_SMALL_PX = 32.0
# Closer looks are for large photos: smaller ones have little to give beyond the first look.
_LARGE = 0.5  # scale of the first look
# Tiles overlap by so much, so that every face up to this size lies whole in one of them; larger
# ones were found in the look before, where they had half the size.
_TILE_OVERLAP_PX = 128
_EDGE_PX = 3.0  # a box that ends so near a cut was cut itself
# From its middle on, a face that needs a closer look has so much room in the tile that is to show
# it: it is at most twice as large there, and not much longer than wide.
_ROOM_PX = 1.5 * _SMALL_PX

# The look from afar: insightface by itself looks at 128 pixels as well as at 640; 256 find as
# many of the test photos that are all face, and the others better.
_AFAR = 0.4
_FILLING = 0.3  # only faces of at least this share of the input's side are taken from there
_INSIDE = 0.7  # what lies in another face by so much is a part of it


@dataclass(frozen=True, slots=True)
class _Look:
    """What one look found, and where some may be too small for it."""

    found: Found
    hints: Floats  # [n, 2] centres

    def placed(self, scale: float, x: float = 0, y: float = 0) -> _Look:
        corner = np.array([x, y], np.float32)
        return _Look(self.found.placed(scale, x, y), self.hints * np.float32(scale) + corner)


class FaceFinder:
    """Looks as often as a picture needs."""

    def __init__(self, detector: FaceDetector) -> None:
        self.detector = detector
        self._wide, self._high = detector.graph.width, detector.graph.height
        self._sure = _SURE[detector.graph.family]

    def find(self, picture: Pixels, fitted: Pixels | None = None) -> Found:
        """Return the faces in a picture [h, w, 3], best first; boxes may stick out of it.

        `fitted` is the same made to fit into the detector's input, where it is of that size.
        """
        canvas, scale = letterboxed(picture, self._wide, self._high, fitted)
        look = self._look(canvas).placed(1 / scale)
        looks = [look.found]
        size = fitted_size(picture, self._wide, self._high)
        afar = self._from_afar(canvas, size, bool(len(look.found))).placed(1 / scale)
        while scale <= _LARGE and len(look.hints):
            scale = min(1.0, 2 * scale)
            look = self._closer(picture, scale, look.hints)
            looks.append(look.found)
        return _with_large(suppressed(joined(looks), _OVERLAP), afar)

    def _look(self, canvas: Pixels) -> _Look:
        found = suppressed(self.detector.look(canvas, _HINT), _OVERLAP)
        sides = found.boxes[:, 2:] - found.boxes[:, :2]
        small = found.boxes[sides.min(axis=1, initial=np.inf) < _SMALL_PX]
        return _Look(found.take(found.scores >= self._sure), (small[:, :2] + small[:, 2:]) / 2)

    def _from_afar(self, canvas: Pixels, size: tuple[int, int], found_any: bool) -> Found:
        """Return large faces, in the input's pixels, from the input made smaller.

        `size` is how much of the input the picture takes up. A detector of a fixed size has to
        work as hard for it as for the first look, so it does it only when that found nothing.
        """
        graph = self.detector.graph
        if graph.family != INSIGHTFACE or (graph.fixed and found_any):
            return joined([])
        small = resized(canvas, round(_AFAR * self._wide), round(_AFAR * self._high))
        if graph.fixed:
            framed = np.zeros_like(canvas)
            framed[: small.shape[0], : small.shape[1]] = small
            small = framed
        seen = self._filled(small, (_AFAR * size[0], _AFAR * size[1]))
        found = suppressed(self.detector.look(seen, self._sure), _OVERLAP).placed(1 / _AFAR)
        sides = found.boxes[:, 2:] - found.boxes[:, :2]
        least = _FILLING * min(self._wide, self._high)
        return found.take(sides.min(axis=1, initial=np.inf) >= least)

    def _filled(self, canvas: Pixels, size: tuple[float, float]) -> Pixels:
        """Return what a picture of a size takes up of a canvas, without the black beside it.

        In whole strides; all of it for a detector of a fixed size.
        """
        if self.detector.graph.fixed:
            return canvas
        step = self.detector.graph.levels[-1].stride
        wide, high = (math.ceil(side / step) * step for side in size)
        return canvas[:high, :wide]

    def _closer(self, picture: Pixels, scale: float, hints: Floats) -> _Look:
        """Look at the hinted parts of a picture, scaled, each of the detector's size."""
        height, width = (max(1, round(side * scale)) for side in picture.shape[:2])
        whole = picture if scale == 1 else resized(picture, width, height)
        back = picture.shape[1] / width
        looks = []
        tiles = tuple(_tiles(width, height, self._wide, self._high))
        shown = _showing(hints / np.float32(back), (width, height), tiles, (self._wide, self._high))
        for left, top in shown:
            part = whole[top : top + self._high, left : left + self._wide]
            canvas = np.zeros((self._high, self._wide, 3), np.uint8)
            canvas[: part.shape[0], : part.shape[1]] = part
            look = self._look(canvas)
            whole_ones = look.found.take(_fitting(look.found.boxes, left, top, part, whole))
            looks.append(_Look(whole_ones, look.hints).placed(1, left, top).placed(back))
        found = joined([look.found for look in looks])
        return _Look(found, np.concatenate([look.hints for look in looks] or [hints[:0]]))


def _with_large(found: Found, large: Found) -> Found:
    """Add faces that were seen from afar only, in place of what was taken for faces on them."""
    for row in range(len(large)):
        box, score = large.boxes[row], large.scores[row]
        if (overlaps(box, found.boxes) > _OVERLAP).any():
            continue
        inside = shares_inside(box, found.boxes)
        if (found.scores[inside > _INSIDE] >= score).any():
            continue
        others = found.take(np.flatnonzero(inside <= _INSIDE))
        found = joined([others, large.take(np.array([row]))])
    return found.take(np.argsort(-found.scores, kind="stable"))


def _showing(
    points: Floats, size: tuple[int, int], tiles: Sequence[tuple[int, int]], tile: tuple[int, int]
) -> Iterator[tuple[int, int]]:
    """Yield few of the tiles (x, y) of a picture, so that each point in it has room in one."""
    points = points[((points >= 0) & (points < size)).all(axis=1)]
    corners = np.array(tiles)
    ends = corners + tile
    low = np.where(corners > 0, corners + _ROOM_PX, 0)
    high = np.where(ends < size, ends - _ROOM_PX, size)
    held = (points[:, None] >= low) & (points[:, None] <= high)
    shows: Mask = np.all(held, axis=2)  # [points, tiles]
    while shows.any():
        best = int(shows.sum(axis=0).argmax())
        yield tiles[best]
        shows = shows[~shows[:, best]]


def _fitting(boxes: Floats, left: int, top: int, part: Pixels, whole: Pixels) -> Mask:
    """Say which boxes of a tile are of uncut faces of the size that tiles are for."""
    corner = np.array([left, top])
    ends = np.array([part.shape[1], part.shape[0]])
    cut = corner + ends < np.array([whole.shape[1], whole.shape[0]])
    low = np.where(corner > 0, _EDGE_PX, -np.inf)
    high = np.where(cut, ends - _EDGE_PX, np.inf)
    sides = boxes[:, 2:] - boxes[:, :2]
    both_axes = (boxes[:, :2] >= low) & (boxes[:, 2:] <= high) & (sides <= _TILE_OVERLAP_PX)
    fitting: Mask = np.all(both_axes, axis=1)
    return fitting


def _tiles(width: int, height: int, wide: int, high: int) -> Iterator[tuple[int, int]]:
    """Yield the corners (x, y) of tiles that cover a picture evenly, overlapping enough."""
    for top in _starts(height, high):
        for left in _starts(width, wide):
            yield left, top


def _starts(length: int, tile: int) -> tuple[int, ...]:
    if length <= tile:
        return (0,)
    steps = -(-(length - tile) // max(1, tile - _TILE_OVERLAP_PX))
    return tuple(round(number * (length - tile) / steps) for number in range(steps + 1))
