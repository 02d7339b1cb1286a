"""Float16 rows in two pieces: those of a file, mapped into memory, and those added since.

What is mapped is the system's to keep or to drop: it is no memory of this process. The file's
rows never change; what comes is kept in memory until it has been written behind them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from photosearch.index.halves import Halves, products
from photosearch.index.protocol import Scores
from photosearch.types import Ids, Vector


@dataclass(frozen=True, slots=True, eq=False)
class Pieces:
    """Rows of a file and rows in memory, one after the other."""

    mapped: Halves  # [m, d], read-only
    added: Halves  # [a, d]

    def __len__(self) -> int:
        return len(self.mapped) + len(self.added)

    def products(self, query: Vector, which: Ids | None = None) -> Scores:
        """Return all rows, or those at the ascending places `which`, times a query."""
        if not len(self.mapped):
            return products(self.added, query, which)
        if which is None:
            ours, its = products(self.mapped, query), products(self.added, query)
        else:
            first, second = self._split(which)
            ours = products(self.mapped, query, first)
            its = products(self.added, query, second)
        return np.concatenate([ours, its])

    def take(self, which: Ids) -> Halves:
        """Return the rows at some ascending places."""
        first, second = self._split(which)
        return np.concatenate([self.mapped[first], self.added[second]])

    def between(self, start: int, stop: int) -> Halves:
        """Return the rows from one place up to another."""
        border = len(self.mapped)
        if stop <= border:
            return self.mapped[start:stop]
        if start >= border:
            return self.added[start - border : stop - border]
        return np.concatenate([self.mapped[start:], self.added[: stop - border]])

    def chunks(self, rows: int) -> Iterator[tuple[int, Halves]]:
        """Yield all rows with the place of the first of them, so many at once."""
        for start in range(0, len(self), rows):
            yield start, self.between(start, min(start + rows, len(self)))

    def _split(self, which: Ids) -> tuple[Ids, Ids]:
        border = int(np.searchsorted(which, len(self.mapped)))
        return which[:border], which[border:] - len(self.mapped)
