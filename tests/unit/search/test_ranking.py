"""Fusing lists: reciprocal ranks, no repeats, a stable order."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from photosearch.search.ranking import RANK_CONSTANT, fuse

RANKING = st.lists(st.integers(1, 40), unique=True, max_size=15).map(
    lambda ids: np.array(ids, np.int64)
)


def test_found_by_both_comes_first() -> None:
    ids, scores = fuse([np.array([1, 2]), np.array([3, 2])], 10)
    assert ids.tolist() == [2, 1, 3]
    expected = [2 / (RANK_CONSTANT + 2), 1 / (RANK_CONSTANT + 1), 1 / (RANK_CONSTANT + 1)]
    assert np.allclose(scores, expected)


def test_nothing_at_all() -> None:
    ids, scores = fuse([np.empty(0, np.int64)], 10)
    assert (len(ids), len(scores)) == (0, 0)


@given(st.lists(RANKING, min_size=1, max_size=3), st.integers(1, 60))
def test_as_the_formula_says(rankings: list[np.ndarray], limit: int) -> None:
    ids, scores = fuse(rankings, limit)
    sums: dict[int, float] = {}
    for ranking in rankings:
        for rank, id_ in enumerate(ranking.tolist(), 1):
            sums[id_] = sums.get(id_, 0) + 1 / (RANK_CONSTANT + rank)
    assert len(ids) == min(limit, len(sums))
    assert np.allclose(scores, [sums[i] for i in ids.tolist()])
    assert (np.diff(scores) <= 1e-9).all()
    rest = [score for id_, score in sums.items() if id_ not in ids.tolist()]
    assert not rest or max(rest) <= scores.min() + 1e-6


@given(RANKING)
def test_one_list_keeps_its_order(ranking: np.ndarray) -> None:
    assert fuse([ranking], 100)[0].tolist() == ranking.tolist()
