"""Checking what comes in and picking the best of many scores: plain numpy, no index."""

from __future__ import annotations

import numpy as np

from photosearch.index.protocol import Scores
from photosearch.types import Ids, Vector, Vectors

NO_IDS: Ids = np.empty(0, np.int64)
NO_IDS.flags.writeable = False


def checked_rows(labels: Ids, vectors: Vectors, dimension: int) -> tuple[Ids, Vectors]:
    """Return labels ascending and unique with their vectors as float32, or raise ValueError.

    A row that is not finite becomes zero: one broken vector must neither poison the graph nor
    stand first in every answer (NaN sorts above all numbers).
    """
    ids = np.asarray(labels, np.int64).reshape(-1)
    rows = np.asarray(vectors, np.float32)
    if rows.shape != (len(ids), dimension):
        raise ValueError(f"{len(ids)} labels with vectors {rows.shape}, dimension {dimension}")
    if len(ids) and int(ids.min()) < 0:
        raise ValueError("labels must not be negative")
    if not bool(np.all(ids[1:] > ids[:-1])):
        ids, first = np.unique(ids, return_index=True)
        rows = rows[first]
    broken = np.flatnonzero(~np.isfinite(rows).all(axis=1))
    if len(broken):
        rows = rows.copy()
        rows[broken] = 0
    return ids, np.ascontiguousarray(rows)


def checked_query(query: Vector, dimension: int) -> Vector:
    """Return the query as a contiguous float32 vector of this dimension, or raise ValueError."""
    vector = np.ascontiguousarray(query, np.float32).reshape(-1)
    if vector.shape != (dimension,):
        raise ValueError(f"a query of {vector.size} numbers, dimension {dimension}")
    if not bool(np.isfinite(vector).all()):
        raise ValueError("a query with numbers that are not finite")
    return vector


def ascending(labels: Ids) -> Ids:
    """Return labels sorted and unique, without sorting when they are already."""
    ids = np.asarray(labels, np.int64).reshape(-1)
    if bool(np.all(ids[1:] > ids[:-1])):
        return ids
    ids = np.sort(ids)  # np.unique takes six times as long for a shortlist
    once: Ids = ids[np.concatenate([[True], ids[1:] != ids[:-1]])]
    return once


def positions(sorted_labels: Ids, wanted: Ids) -> Ids:
    """Return where those of `wanted` that occur stand in `sorted_labels`."""
    if not len(sorted_labels) or not len(wanted):
        return NO_IDS
    first, last = int(sorted_labels[0]), int(sorted_labels[-1])
    if last - first + 1 == len(sorted_labels):  # none is missing between: no search needed
        return wanted[(wanted >= first) & (wanted <= last)] - first
    found = np.searchsorted(sorted_labels, wanted)
    found[found == len(sorted_labels)] = 0
    here: Ids = found[sorted_labels[found] == wanted].astype(np.int64, copy=False)
    return here


def best(labels: Ids, scores: Scores, k: int) -> tuple[Ids, Scores]:
    """Return the `k` best labels with their scores, best first; equals by label, ascending."""
    k = max(0, min(k, len(scores)))
    if k < len(scores):
        top = np.argpartition(scores, len(scores) - k)[len(scores) - k :]
        labels, scores = labels[top], scores[top]
    order = np.lexsort((labels, -scores))
    return frozen(labels[order]), frozen_scores(scores[order])


def frozen(ids: Ids) -> Ids:
    """Return these ids read-only."""
    ids.flags.writeable = False
    return ids


def frozen_scores(scores: Scores) -> Scores:
    """Return these scores read-only."""
    scores.flags.writeable = False
    return scores
