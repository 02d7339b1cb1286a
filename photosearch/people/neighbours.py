"""Which faces are alike: for each the nearest others above a floor, by comparing all with all.

Exact. The comparison is a product of blocks, half of them (likeness is mutual), so memory is a
block and the pairs kept; never the square of the number of faces.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from photosearch.people.tables import unit_vectors
from photosearch.types import Check, Ids, Vectors

BLOCK_ROWS: Final = 1024  # 1024 x 4096 float32: 16 MB, some milliseconds of one product
BLOCK_COLUMNS: Final = 4096
BUFFERED: Final = 3_000_000  # pairs found before each face's surplus is dropped
SCORE_STEPS: Final = 1 << 30


@dataclass(frozen=True, slots=True)
class Pairs:
    """Likenesses: `one[i]` and `other[i]` are rows, `likeness[i]` their cosine."""

    one: Ids  # [p]
    other: Ids  # [p]
    likeness: npt.NDArray[np.float32]  # [p]

    def __len__(self) -> int:
        return len(self.one)

    def at(self, which: Ids) -> Pairs:
        return Pairs(self.one[which], self.other[which], self.likeness[which])

    def where(self, which: npt.NDArray[np.bool_]) -> Pairs:
        return self.at(np.flatnonzero(which))


def none() -> Pairs:
    """Return no pairs."""
    return Pairs(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, np.float32))


class _Nearest:
    """The best `keep` neighbours of each row so far, and the likeness a new one has to beat."""

    def __init__(self, count: int, floor: float, keep: int) -> None:
        self.limits = np.full(count, floor, np.float32)
        self._keep = keep
        self._parts: list[Pairs] = []
        self._waiting = 0

    def add(self, one: Ids, other: Ids, likeness: npt.NDArray[np.float32]) -> None:
        """Take directed pairs; those below their row's limit are passed over."""
        good = np.flatnonzero(likeness >= self.limits[one])
        if not len(good):
            return
        self._parts.append(Pairs(one[good], other[good], likeness[good]))
        self._waiting += len(good)
        if self._waiting > BUFFERED:
            self._drop_surplus()

    def pairs(self) -> Pairs:
        """Return what was kept, by row, best first."""
        self._drop_surplus()
        return self._parts[0]

    def _drop_surplus(self) -> None:
        if not self._parts:
            self._parts = [none()]
        one = np.concatenate([part.one for part in self._parts])
        other = np.concatenate([part.other for part in self._parts])
        likeness = np.concatenate([part.likeness for part in self._parts])
        self._parts = []
        order = by_row_and_likeness(one, likeness)
        one = one[order]
        rank = np.arange(len(one)) - np.searchsorted(one, one)
        full = np.flatnonzero(rank == self._keep - 1)
        self.limits[one[full]] = likeness[order[full]]
        kept = np.flatnonzero(rank < self._keep)
        order = order[kept]
        self._parts = [Pairs(one[kept], other[order], likeness[order])]
        self._waiting = 0


def by_row_and_likeness(one: Ids, likeness: npt.NDArray[np.float32]) -> Ids:
    """Return the order by row, most alike first."""
    steps = ((1.5 - likeness.astype(np.float64)) * (SCORE_STEPS / 4)).astype(np.int64)
    return np.argsort(one * SCORE_STEPS + steps)


def nearest(vectors: Vectors, floor: float, keep: int, check: Check) -> Pairs:
    """Return for each row its at most `keep` nearest others of cosine `floor` and above.

    Directed: a pair of which each is among the other's nearest comes twice.
    """
    count = len(vectors)
    found = _Nearest(count, floor, keep)
    products = np.empty(BLOCK_ROWS * BLOCK_COLUMNS, np.float32)
    above = np.empty(BLOCK_ROWS * BLOCK_COLUMNS, np.bool_)
    for top in range(0, count, BLOCK_ROWS):
        rows = vectors[top : top + BLOCK_ROWS]
        for left in range(top, count, BLOCK_COLUMNS):
            check()
            columns = vectors[left : left + BLOCK_COLUMNS]
            size = len(rows) * len(columns)
            block = products[:size].reshape(len(rows), len(columns))
            np.matmul(rows, columns.T, out=block)
            hits = np.flatnonzero(np.greater_equal(products[:size], floor, out=above[:size]))
            likeness = products[hits]
            one, other = np.divmod(hits, len(columns))
            one += top
            other += left
            upper = np.flatnonzero(other > one)  # the first block of a strip crosses the diagonal
            if len(upper) < len(one):
                one, other, likeness = one[upper], other[upper], likeness[upper]
            found.add(one, other, likeness)
            found.add(other, one, likeness)
    return found.pairs()


def nearest_among(
    some: Vectors, stored: npt.NDArray[np.float16], floor: float, keep: int, check: Check
) -> Pairs:
    """Return for each row of `some` its at most `keep` nearest rows of all that are stored."""
    found = _Nearest(len(some), floor, keep)
    for left in range(0, len(stored), BLOCK_COLUMNS):
        columns, _ = unit_vectors(stored[left : left + BLOCK_COLUMNS])
        for top in range(0, len(some), BLOCK_ROWS):
            check()
            block = some[top : top + BLOCK_ROWS] @ columns.T
            one, other = np.nonzero(block >= floor)
            found.add(one + top, other + left, block[one, other])
    return found.pairs()
