"""How a picture was turned or mirrored since it was looked at last, and where places lie then.

Known by its miniature: a few grey pixels of the upright picture. Neither the pixels of the file
nor its tag would say it: a lossless rotation changes both and shows the same picture.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import Final

import numpy as np
import numpy.typing as npt

from photosearch.types import Box

Turn = Callable[[Box], Box]
_Grey = npt.NDArray[np.float64]
# How a box lies after a turn or mirroring; pictures are upright, sizes are fractions.
TURNS: Final[tuple[Turn, ...]] = (
    lambda b: b,
    lambda b: Box(1 - b.y - b.height, b.x, b.height, b.width),  # a quarter to the right
    lambda b: Box(b.y, 1 - b.x - b.width, b.height, b.width),  # a quarter to the left
    lambda b: Box(1 - b.x - b.width, 1 - b.y - b.height, b.width, b.height),  # a half
    lambda b: Box(1 - b.x - b.width, b.y, b.width, b.height),  # left and right changed
    lambda b: Box(b.x, 1 - b.y - b.height, b.width, b.height),  # top and bottom
    lambda b: Box(b.y, b.x, b.height, b.width),
    lambda b: Box(1 - b.y - b.height, 1 - b.x - b.width, b.height, b.width),
)
# The same of pixels [height, width].
_PIXELS: Final[tuple[Callable[[_Grey], _Grey], ...]] = (
    lambda p: p,
    lambda p: np.rot90(p, -1),
    lambda p: np.rot90(p, 1),
    lambda p: np.rot90(p, 2),
    lambda p: p[:, ::-1],
    lambda p: p[::-1],
    lambda p: p.T,
    lambda p: np.rot90(p, 2).T,
)
# Correlations. On the shared photos of people a turned picture has 0.999 and leads by 0.06;
# the likest of any two different ones has 0.915.
_SAME: Final = 0.97
_LEAD: Final = 0.03
_LEAST_CONTRAST: Final = 2.0  # grey levels of deviation: of one colour, every way looks alike


def turn_between(before: bytes, after: bytes) -> Turn | None:
    """Return how the second picture shows the first turned; None: not at all, or another one.

    Both are miniatures: square, 8-bit grey, row by row; empty where unknown.
    """
    if not before or len(before) != len(after):
        return None
    old, new = _standard(before), _standard(after)
    if old is None or new is None:
        return None
    likeness = np.array([float(np.mean(turned(old) * new)) for turned in _PIXELS])
    second, best = (int(way) for way in np.argsort(likeness)[-2:])
    if best == 0 or likeness[best] < _SAME or likeness[best] - likeness[second] < _LEAD:
        return None
    return TURNS[best]


def known_turn(db: sqlite3.Connection, photo: int, miniature: bytes) -> Turn | None:
    """Return how a picture shows what a photo showed before; None as in `turn_between`."""
    row = db.execute("SELECT pixels FROM miniature WHERE photo = ?", (photo,)).fetchone()
    return turn_between(row[0], miniature) if row else None


def remember(db: sqlite3.Connection, photo: int, miniature: bytes) -> None:
    """Keep the miniature of a photo; an empty one forgets it."""
    if miniature:
        db.execute("INSERT OR REPLACE INTO miniature VALUES (?, ?)", (photo, miniature))
    else:
        db.execute("DELETE FROM miniature WHERE photo = ?", (photo,))


def _standard(miniature: bytes) -> _Grey | None:
    side = round(len(miniature) ** 0.5)
    if side * side != len(miniature):
        return None
    grey = np.frombuffer(miniature, np.uint8).astype(np.float64).reshape(side, side)
    deviation = float(grey.std())
    return (grey - grey.mean()) / deviation if deviation >= _LEAST_CONTRAST else None
