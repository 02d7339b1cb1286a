"""Does a smaller graph find the same photos?  Cosines, and the first ten of sample queries."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from photosearch.types import Vectors

LEAST_COSINE = 0.985
LEAST_OVERLAP = 0.9
_TOP = 10


@dataclass(frozen=True, slots=True)
class Fidelity:
    """How near a graph is to the model's own."""

    cosine: float  # mean
    overlap: float  # of the first ten, 0 to 1

    @property
    def reason(self) -> str:
        """Why it is not near enough; empty when it is."""
        if not self.cosine >= LEAST_COSINE:  # also when it is no number
            return (
                f"Its vectors differ too much from those of the full model (cosine "
                f"{self.cosine:.3f}, at least {LEAST_COSINE} is wanted)."
            )
        if not self.overlap >= LEAST_OVERLAP:
            return (
                f"It finds other photos than the full model: of the first {_TOP}, "
                f"{self.overlap:.0%} are the same, at least {LEAST_OVERLAP:.0%} are wanted."
            )
        return ""


def of_pictures(full: Vectors, small: Vectors, queries: Vectors) -> Fidelity:
    """Compare an image tower's vectors with the full one's, by queries of the full text tower."""
    return Fidelity(mean_cosine(full, small), overlap(queries @ full.T, queries @ small.T))


def of_texts(full: Vectors, small: Vectors, pictures: Vectors) -> Fidelity:
    """Compare a text tower's vectors with the full one's, by what they find among pictures."""
    return Fidelity(mean_cosine(full, small), overlap(full @ pictures.T, small @ pictures.T))


def mean_cosine(full: Vectors, small: Vectors) -> float:
    """Return the mean cosine of rows of unit length; blank rows of the full model do not count."""
    seen = np.linalg.norm(full, axis=1) > 0
    return float(np.mean((full * small).sum(axis=1)[seen])) if seen.any() else 1.0


def overlap(full: Vectors, small: Vectors) -> float:
    """Return which part of the best of each row of scores [queries, pictures] is the same.

    Of few pictures fewer than ten are looked at: otherwise everything would be among the best.
    """
    top = max(1, min(_TOP, full.shape[1] // 4))
    first = np.argsort(-full, axis=1, kind="stable")[:, :top]
    second = np.argsort(-small, axis=1, kind="stable")[:, :top]
    same = [len(np.intersect1d(a, b)) for a, b in zip(first, second, strict=True)]
    return float(np.mean(same) / top)
