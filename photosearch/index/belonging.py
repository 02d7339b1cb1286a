"""Whether a graph from disk was made of the vectors that there are now.

Its manifest only tells numbers of rows. A library that was made anew, or put back from a backup,
numbers other photos alike: such a graph would load, and find next to nothing.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from photosearch.index.exact import ExactIndex
from photosearch.index.reduced import ReducedGraph
from photosearch.types import Vector

SAMPLE: Final = 32  # rows that are looked for: some 10 ms
_AMONG: Final = 10
_ENOUGH: Final = 0.5  # of them: a graph finds nearly all of its own, and hardly any of another's
_SAME: Final = 0.99  # of a vector's product with itself: another vector just like it is as good


def belongs(graph: ReducedGraph, exact: ExactIndex) -> bool:
    """Tell whether the graph finds the vectors of rows that both have."""
    common = np.intersect1d(graph.labels(), exact.labels(), assume_unique=True)
    if not len(common):
        return True  # there is nothing to compare, and nothing of it will be kept
    places = np.unique(np.linspace(0, len(common) - 1, SAMPLE).astype(np.int64))
    labels, vectors = exact.take(common[places])
    found = sum(_finds(graph, exact, vector) for vector in vectors)
    return found >= _ENOUGH * len(labels)


def _finds(graph: ReducedGraph, exact: ExactIndex, vector: Vector) -> bool:
    near = graph.nearest(vector, min(_AMONG, len(graph)))
    if near is None:
        return False
    scores = exact.search(vector, 1, allowed=near)[1]
    return bool(len(scores)) and float(scores[0]) >= _SAME * float(vector @ vector)
