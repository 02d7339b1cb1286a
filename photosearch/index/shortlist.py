"""Whether a shortlist is long enough: measured against comparing everything, on this library.

Knows rows and queries made of them; nothing of graphs. Text queries are not at hand here, so
some of the queries lie as far from all rows as theirs do: mixtures of what sets rows apart.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np

from photosearch.index.arrays import best
from photosearch.index.exact import ExactIndex
from photosearch.index.reduction import NUMBERS, SAMPLE, WHOLE_UP_TO, Reduction, fit
from photosearch.types import Ids, Vector, Vectors

RECALL: Final = 0.98  # of the best `AMONG`, on average over the queries
SPARE: Final = 0.012  # what a graph may lose beyond its shortlist: one of a million lost 0.011
AMONG: Final = 50
LEAST: Final = 1400  # rows on a shortlist
# What a graph misses in the first thousand it may have in the second: each 500 cost 0.6 ms a search
# of a million, a graph of more numbers a row costs minutes to build and a half more memory.
LENGTHS: Final = (LEAST, 1800, 2400)
TIMES: Final = 2  # as many as there are results
# One that is missed counts 0.5 in a thousand with so many. Of 24, a few that lay badly made a graph
# of a million 0.962 that 192 found to be 0.987 (words 0.985); to examine it takes seconds.
QUERIES: Final = 192
_ROWS = 8192


@dataclass(frozen=True, slots=True, eq=False)
class Examination:
    """Queries and the labels that comparing everything finds for each."""

    queries: Vectors  # [q, d]
    truth: tuple[Ids, ...]  # ascending


@dataclass(frozen=True, slots=True)
class Fit:
    """How well a graph was found to fit its rows."""

    rows: int = 0  # there were when its reduction was found good enough
    examined: bool = False  # whether the graph was, too; one that was cut short was not yet
    least: int = LEAST  # rows on a shortlist with which it was


UNFIT: Final = Fit()


def length(k: int, least: int = 0) -> int:
    """Return how many rows are looked at closely for `k` results."""
    return max(least or LEAST, TIMES * k)


def examine(exact: ExactIndex, stop: threading.Event | None = None) -> Examination:
    """Choose queries and find what is right for them: one walk through all rows.

    On `stop` it ends early, and what it returns is of no use.
    """
    queries = _queries(exact.sample(4 * QUERIES))
    found = _best_of_all(exact, queries, AMONG, lambda rows: rows @ queries.T, stop)
    return Examination(queries, tuple(np.sort(labels) for labels in found))


def choose(
    exact: ExactIndex,
    examination: Examination,
    above: int = 0,
    stop: threading.Event | None = None,
) -> Reduction | None:
    """Return the smallest reduction whose shortlist is good enough; None for whole vectors.

    One of no more than `above` numbers is not tried. On `stop` it ends early, and what it returns
    is of no use.
    """
    if exact.dimension <= WHOLE_UP_TO:
        return None
    sample = exact.sample(SAMPLE)
    for numbers in NUMBERS:
        if numbers <= above:
            continue
        if numbers >= exact.dimension or (stop is not None and stop.is_set()):
            break
        reduction = fit(sample, numbers)
        scored = partial(_reduced_products, reduction, examination.queries @ reduction.basis)
        found = _best_of_all(exact, examination.queries, length(AMONG), scored, stop)
        if recall(examination, found) >= RECALL + SPARE:
            return reduction
    return None


def recall(examination: Examination, found: list[Ids]) -> float:
    """Return the mean share of the right labels among those found."""
    shares = [
        len(np.intersect1d(labels, right)) / max(1, len(right))
        for labels, right in zip(found, examination.truth, strict=True)
    ]
    return float(np.mean(shares)) if shares else 1.0


def _reduced_products(reduction: Reduction, queries: Vectors, rows: Vectors) -> Vectors:
    return reduction.rows(rows) @ queries.T


def _queries(rows: Vectors) -> Vectors:
    """Return half of the queries near rows, half far from all of them."""
    if not len(rows):
        return rows
    random = np.random.default_rng(1)
    apart = rows - rows.mean(axis=0)
    half = QUERIES // 2
    picked = random.integers(0, len(rows), (QUERIES, 3))
    near = rows[picked[:half, 0]] + 0.3 * apart[picked[:half, 1]]
    signs = random.choice(np.array([-1, 1], np.float32), (QUERIES - half, 3, 1))
    far = (apart[picked[half:]] * signs).sum(axis=1)
    made = np.vstack([near, far]).astype(np.float32)
    norms = np.linalg.norm(made, axis=1, keepdims=True)
    return np.asarray(made / np.where(norms > 0, norms, 1), np.float32)


def _best_of_all(
    exact: ExactIndex,
    queries: Vectors,
    k: int,
    scored: Callable[[Vectors], Vectors],
    stop: threading.Event | None,
) -> list[Ids]:
    """Return the `k` best labels of every query; `scored` gives [n, q] for some rows."""
    labels: list[Ids] = [np.empty(0, np.int64) for _ in queries]
    scores: list[Vector] = [np.empty(0, np.float32) for _ in queries]
    for ids, rows in exact.chunks(_ROWS):
        if stop is not None and stop.is_set():
            break
        products = scored(rows)
        for at in range(len(queries)):
            labels[at], scores[at] = best(
                np.concatenate([labels[at], ids]), np.concatenate([scores[at], products[:, at]]), k
            )
    return labels
