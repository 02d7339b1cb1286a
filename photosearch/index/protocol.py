"""What every vector index can do. Knows labels and unit vectors; knows no photos or models."""

from __future__ import annotations

from typing import Protocol

import numpy as np
import numpy.typing as npt

from photosearch.types import Ids, Vector, Vectors

Scores = npt.NDArray[np.float32]  # inner products of unit vectors: cosines, higher is better


class VectorIndex(Protocol):
    """Labels with vectors, and the nearest of them to a query.

    A label is given once and its vector never changes: adding a label that is there changes
    nothing, removing one that is not there does nothing. All methods may be called from
    several threads at once; arrays that come back are read-only.
    """

    def add(self, labels: Ids, vectors: Vectors) -> None:
        """Add rows; a search sees all of them or none."""

    def remove(self, labels: Ids) -> None:
        """Forget labels; those that are not known are ignored."""

    def search(self, query: Vector, k: int, allowed: Ids | None = None) -> tuple[Ids, Scores]:
        """Return at most `k` labels (of the allowed ones) and their scores, best first."""

    def labels(self) -> Ids:
        """Return all labels, ascending."""

    def __len__(self) -> int: ...
