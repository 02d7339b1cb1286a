"""Which photo each row of the index belongs to: labels on one side, photo ids on the other.

A photo may have several rows. Nothing here changes: what comes later makes another one.
"""

from __future__ import annotations

from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt

from photosearch.index.arrays import ascending, positions
from photosearch.types import Ids

_FEW: Final = 16  # times as many rows as photos looked for: each is looked up, else all are ticked
_SPREAD: Final = 64  # bytes of a table for each row, at most


class Numbered:
    """Labels, ascending, and the photo of each."""

    def __init__(self, ids: Ids) -> None:
        """`ids` are [2, n]: labels and photos."""
        self.ids = ids
        self.labels: Ids = ids[0]
        self.photos: Ids = ids[1]

    @cached_property
    def _in_order(self) -> bool:
        """Whether photos ascend with labels, one row each: where nothing was done twice."""
        return bool(np.all(self.photos[1:] > self.photos[:-1]))

    def labels_of(self, photos: Ids) -> Ids:
        """Return the labels of all rows of some photos, ascending."""
        wanted = ascending(photos)
        if not len(wanted) or not len(self.labels):
            return self.labels[:0]
        if self._in_order and (_FEW * len(wanted) < len(self.photos) or _without_gaps(self.photos)):
            return self.labels[positions(self.photos, wanted)]
        return self.labels[self._ticked(wanted)]

    def photos_of(
        self, labels: Ids, scores: npt.NDArray[np.float32]
    ) -> tuple[Ids, npt.NDArray[np.float32]]:
        """Return the photos of those labels that are here, with their scores."""
        if not len(self.labels):
            return self.photos[:0], scores[:0]
        last = len(self.labels) - 1
        if _without_gaps(self.labels):  # none is missing between: no search needed
            places = np.clip(labels - self.labels[0], 0, last)
        else:
            places = np.minimum(np.searchsorted(self.labels, labels), last)
        known = self.labels[places] == labels
        return self.photos[places[known]], scores[known]

    def _ticked(self, wanted: Ids) -> npt.NDArray[np.bool_]:
        """Say for each row whether its photo is among the wanted ones, which are ascending.

        A table of all ids there may be takes 2 ms for a million rows, a sorted list 15.
        """
        lowest, highest = int(self.photos.min()), int(self.photos.max())
        span = highest - lowest + 1
        if span > _SPREAD * (len(self.photos) + 1024):
            return np.isin(self.photos, wanted)
        table = np.zeros(span, np.bool_)
        inside = wanted[(wanted >= lowest) & (wanted <= highest)]
        table[inside - lowest] = True
        ticked: npt.NDArray[np.bool_] = table[self.photos - lowest]
        return ticked


def _without_gaps(ids: Ids) -> bool:
    """Whether ascending numbers, of which there are some, follow one another."""
    return int(ids[-1]) - int(ids[0]) + 1 == len(ids)
