"""Rows like a model's, and rows that have no good graph."""

from __future__ import annotations

import numpy as np

from photosearch.index.exact import ExactIndex

DIMENSION = 320


def falling(count, seed=1):
    """Return unit vectors in one cone, of a falling spectrum: as a model's."""
    random = np.random.default_rng(seed)
    apart = random.standard_normal((count, DIMENSION)) * np.arange(1, DIMENSION + 1) ** -0.7
    apart /= np.linalg.norm(apart, axis=1, keepdims=True)
    rows = apart + np.eye(DIMENSION)[-1]
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def even(count, seed=1):
    """Return unit vectors that differ in all directions alike: nothing can be left out."""
    rows = np.random.default_rng(seed).standard_normal((count, DIMENSION))
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def exact_over(rows):
    exact = ExactIndex(DIMENSION)
    exact.add(np.arange(len(rows)), rows)
    return exact
