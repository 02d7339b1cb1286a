"""Fusing ranked lists by reciprocal rank (Cormack, Clarke, Buettcher 2009)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from photosearch.types import Ids

RANK_CONSTANT = 60  # the paper's value: a first place counts little more than a second


def fuse(rankings: Sequence[Ids], limit: int) -> tuple[Ids, npt.NDArray[np.float32]]:
    """Return the ids of all `rankings` (each best first, without repeats) as one, best first.

    An id's score is the sum of 1 / (60 + rank) over the rankings that hold it.
    """
    filled = [ranking for ranking in rankings if len(ranking)]
    if not filled:
        return np.empty(0, np.int64), np.empty(0, np.float32)
    ids = np.concatenate(filled)
    parts = np.concatenate([1.0 / (RANK_CONSTANT + 1 + np.arange(len(r))) for r in filled])
    unique, first, inverse = np.unique(ids, return_index=True, return_inverse=True)
    scores = np.zeros(len(unique))
    np.add.at(scores, inverse, parts)
    order = np.lexsort((first, -scores))[:limit]  # equal scores: the earlier list first
    return unique[order], scores[order].astype(np.float32)
