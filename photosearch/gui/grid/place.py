"""Where the user is in the grid: selection, current photo and scroll position by photo id.

Remembered before the contents change and restored after it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from photosearch.gui.grid.geometry import Geometry
from photosearch.gui.grid.model import PhotoModel
from photosearch.gui.grid.selecting import Selecting
from photosearch.types import Ids, PhotoId


@dataclass(frozen=True, slots=True)
class Place:
    """A place that outlives the rows it was taken from."""

    selected: Ids
    current: PhotoId | None
    anchors: Ids  # photos in sight, topmost first
    anchor_ys: tuple[int, ...]  # their distances from the top of the viewport
    scroll: int


def remember(
    model: PhotoModel, selecting: Selecting, geometry: Geometry, scroll: int, height: int
) -> Place:
    """Take the place.

    By date every photo in sight is an anchor. Search results change their ranks, so there only
    the current photo is one, and only while it is in sight; otherwise the scroll position stays.
    """
    row = selecting.row
    first, end = geometry.rows_between(scroll, scroll + height)
    rows = list(range(first, end))
    if not geometry.marks:
        rows = [row] if first <= row < end else []
    ys = tuple(geometry.box(anchor).y - scroll for anchor in rows)
    anchors = model.ids[rows] if rows else np.empty(0, np.int64)
    current = model.photo_at(row) if row >= 0 else None
    return Place(selecting.ids, current, anchors, ys, scroll)


def restored_scroll(place: Place, model: PhotoModel, geometry: Geometry) -> int:
    """Return the scroll position that keeps what was in sight where it was."""
    if place.scroll == 0 or not len(place.anchors):
        return place.scroll
    for photo, y in zip(place.anchors.tolist(), place.anchor_ys, strict=True):
        row = model.row_of(photo)
        if row >= 0:
            return max(0, geometry.box(row).y - y)
    return place.scroll
