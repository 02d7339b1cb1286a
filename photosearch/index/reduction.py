"""Fewer numbers a vector for the graph: the directions in which this library's vectors differ most.

A graph of 512 numbers a row needs 2.3 GB for a million rows, one of 160 needs 0.8. What it finds
is a shortlist; its order and its scores are always those of the whole vectors. The mean is taken
off first: models put all pictures into one narrow cone, and the order of inner products with a
query does not depend on what all rows have in common.

How few numbers are enough depends on the vectors, so it is measured and not assumed (`shortlist`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from photosearch.types import Vector, Vectors

# Tried in this order. On vectors with the spectrum of CLIP's (variance falling with 1/n, 100
# photos an idea) 160 numbers keep 0.84 of the variance, and 0.99 of the 50 best of 100,000 are
# among the first 500 (0.98 for words, which lie far from all pictures, with 128). Of a million, 160
# numbers have 0.976 of words' 50 best among the first 1,000, 192 have 0.988, 208 0.993, 256 0.998.
NUMBERS: Final = (160, 208, 320)
WHOLE_UP_TO: Final = 192  # fewer numbers than this are kept as they are
SAMPLE: Final = 20_000  # rows the directions are taken from


@dataclass(frozen=True, slots=True, eq=False)
class Reduction:
    """An affine map from `d` numbers to `r`; inner products keep their order as well as can be."""

    mean: Vector  # [d]
    basis: Vectors  # [d, r], orthonormal columns

    @property
    def numbers(self) -> int:
        """How many numbers a reduced row has."""
        return int(self.basis.shape[1])

    def rows(self, vectors: Vectors) -> Vectors:
        """Return reduced rows, [n, r]."""
        return np.asarray((vectors - self.mean) @ self.basis, np.float32)

    def query(self, vector: Vector) -> Vector:
        """Return a reduced query: the mean is the same for every row, so it stays out."""
        return np.asarray(vector @ self.basis, np.float32)

    def packed(self) -> Vectors:
        """Return it as one matrix [1 + r, d], the mean first."""
        return np.ascontiguousarray(np.vstack([self.mean[None], self.basis.T]), np.float32)

    @classmethod
    def unpacked(cls, matrix: Vectors) -> Reduction:
        """Return what `packed` made a matrix of; `ValueError` for anything else."""
        if matrix.ndim != 2 or len(matrix) < 2 or not bool(np.isfinite(matrix).all()):
            raise ValueError("this is no reduction")
        return cls(matrix[0], np.ascontiguousarray(matrix[1:].T))


def fit(sample: Vectors, numbers: int) -> Reduction:
    """Return the reduction to the principal components of some rows."""
    mean = sample.mean(axis=0, dtype=np.float64)
    centred = (sample - mean).astype(np.float32)
    _, directions = np.linalg.eigh(centred.T @ centred)  # ascending
    basis = directions[:, ::-1][:, :numbers]
    return Reduction(mean.astype(np.float32), np.ascontiguousarray(basis, np.float32))
