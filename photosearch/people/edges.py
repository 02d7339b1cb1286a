"""Which clusters may be merged, and how alike they are: the edges of a sparse graph."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from photosearch.types import Ids

Floats = npt.NDArray[np.float32]
Flags = npt.NDArray[np.bool_]
CLOSED: Final = -2.0  # a likeness no cosine has: a rule forbids the merge, for good


@dataclass(frozen=True, slots=True)
class Edges:
    """Pairs of clusters, each once, `one` below `other`."""

    one: Ids
    other: Ids
    likeness: Floats
    stale: Flags  # an end has changed since the likeness was measured

    def __len__(self) -> int:
        return len(self.one)

    def take(self, which: Ids | Flags) -> Edges:
        """Return some of them, as copies."""
        return Edges(self.one[which], self.other[which], self.likeness[which], self.stale[which])

    def joined(self, more: Edges) -> Edges:
        """Return these and more; call `moved` before they are used."""
        return Edges(
            np.concatenate([self.one, more.one]),
            np.concatenate([self.other, more.other]),
            np.concatenate([self.likeness, more.likeness]),
            np.concatenate([self.stale, more.stale]),
        )

    def touched(self, label: Ids, changed: Flags) -> Edges:
        """Return them with those marked stale whose ends are in clusters that changed."""
        stale = self.stale | changed[label[self.one]] | changed[label[self.other]]
        return Edges(self.one, self.other, self.likeness, stale)

    def moved(self, label: Ids) -> Edges:
        """Return the edges between the clusters that the old ones are part of now.

        There is one edge a pair of clusters then, ordered by (one, other) with one < other: the
        likest of those it is made of, stale if any of them is. What was closed for a part stays
        closed for the whole.
        """
        one, other = label[self.one], label[self.other]
        one, other = np.minimum(one, other), np.maximum(one, other)
        apart = np.flatnonzero(one != other)
        one, other = one[apart], other[apart]
        keys = one * len(label) + other
        order = np.argsort(keys)
        starts = np.flatnonzero(np.diff(keys[order], prepend=-1))
        if not len(starts):
            return self.take(starts)
        likeness = self.likeness[apart][order]
        closed = np.minimum.reduceat(likeness, starts) <= CLOSED
        stale = np.logical_or.reduceat(self.stale[apart][order], starts)
        one, other = one[order[starts]], other[order[starts]]
        best = np.maximum.reduceat(likeness, starts)
        return Edges(one, other, np.where(closed, np.float32(CLOSED), best), stale)


def edges_between(one: Ids, other: Ids, likeness: Floats) -> Edges:
    """Return edges between clusters; call `moved` before they are used."""
    return Edges(one, other, likeness.copy(), np.ones(len(one), np.bool_))
