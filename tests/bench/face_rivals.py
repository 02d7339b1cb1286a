"""Plain ways of grouping faces, to compare ours with: each at its best threshold, which it
could not know. Written from their descriptions."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from photosearch.types import Ids, Vectors

Likeness = npt.NDArray[np.float32]


def nearest_core(alike: Likeness, distance: float, smallest: int = 3) -> Ids:
    """Group like Immich: one after another, a face with enough neighbours joins the nearest
    grouped one or founds a person; the others join at the end."""
    near = alike >= 1 - distance
    core = near.sum(axis=1) >= smallest
    owner = np.zeros(len(alike), np.int64)
    for row in [*np.flatnonzero(core), *np.flatnonzero(~core)]:
        there = np.flatnonzero(near[row] & (owner > 0))
        if len(there):
            owner[row] = owner[there[np.argmax(alike[row, there])]]
        elif core[row]:
            owner[row] = owner.max() + 1
    return owner


def average_linkages(alike: Likeness) -> Iterator[Ids]:
    """Yield average linkage, cut at all thresholds."""
    from scipy.cluster.hierarchy import fcluster, linkage
    from scipy.spatial.distance import squareform

    apart = np.clip(1 - (alike + alike.T) / 2, 0, None)
    np.fill_diagonal(apart, 0)
    tree = linkage(squareform(apart, checks=False), "average")
    for threshold in np.arange(0.2, 0.6, 0.02):
        yield fcluster(tree, 1 - threshold, "distance").astype(np.int64)


def chinese_whispers(alike: Likeness, threshold: float, rounds: int = 20) -> Ids:
    """Let each face take over what most of its neighbours call themselves, by weight."""
    draw = np.random.default_rng(0)
    near = [np.flatnonzero(row >= threshold) for row in alike - 2 * np.eye(len(alike))]
    label = np.arange(1, len(alike) + 1)
    for _ in range(rounds):
        for row in draw.permutation(len(alike)):
            if len(near[row]):
                label[row] = np.argmax(np.bincount(label[near[row]], alike[row, near[row]]))
    return label


def rivals(vectors: Vectors) -> Iterator[tuple[str, Iterator[Ids]]]:
    """Yield each method's name and its results at all thresholds."""
    alike = vectors @ vectors.T
    yield "Immich's rule at 0.5", iter([nearest_core(alike, 0.5)])
    yield "Immich's rule at its best", (nearest_core(alike, d) for d in np.arange(0.4, 0.7, 0.025))
    yield "average linkage at its best", average_linkages(alike)
    yield (
        "Chinese Whispers at its best",
        (chinese_whispers(alike, t) for t in np.arange(0.27, 0.6, 0.03)),
    )
