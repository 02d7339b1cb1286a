"""How few numbers a graph may do with is measured: where few are enough, and where none are."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from photosearch.index import HybridIndex, IndexCache, shortlist
from photosearch.index.exact import ExactIndex
from photosearch.index.halves import widened
from photosearch.index.reduction import NUMBERS, Reduction, fit

from .cones import DIMENSION, even, exact_over, falling
from .conftest import KEY, built


def test_numbers_that_tell_little_apart_are_left_out():
    exact = exact_over(falling(6000))
    reduction = shortlist.choose(exact, shortlist.examine(exact))
    assert reduction is not None
    assert reduction.numbers == NUMBERS[0]


def test_where_all_numbers_count_none_is_left_out(monkeypatch):
    monkeypatch.setattr(shortlist, "LEAST", 60)  # of a few thousand rows a thousand is much
    exact = exact_over(even(6000))
    assert shortlist.choose(exact, shortlist.examine(exact)) is None


def test_short_vectors_stay_whole():
    exact = ExactIndex(32)
    exact.add(np.arange(50), even(50)[:, :32])
    assert shortlist.choose(exact, shortlist.examine(exact)) is None


def test_a_reduction_keeps_the_order_of_products():
    rows = falling(3000)
    reduction = fit(rows, 300)
    query = falling(1, seed=9)[0]
    true, reduced = rows @ query, reduction.rows(rows) @ reduction.query(query)
    assert np.corrcoef(true, reduced)[0, 1] > 0.999
    again = Reduction.unpacked(reduction.packed())
    np.testing.assert_array_equal(again.rows(rows), reduction.rows(rows))
    for wrong in (np.zeros((1, 4), np.float32), np.full((3, 4), np.nan, np.float32)):
        with pytest.raises(ValueError, match="no reduction"):
            Reduction.unpacked(wrong)


def test_widening_is_numpys_cast():
    rows = np.random.default_rng(1).standard_normal((50, 7)).astype(np.float16)
    rows[0] = [0, -0.0, 6e-8, -6e-8, 65504, 1, -1]
    np.testing.assert_array_equal(widened(rows), rows.astype(np.float32))


def test_a_graph_of_reduced_rows_finds_what_exact_search_finds(tmp_path):
    rows = falling(3000)
    index = HybridIndex(DIMENSION, KEY, IndexCache(tmp_path), hnsw_from=1000, threads=2)
    index.fill([(np.arange(3000), rows)])
    assert built(index).saved
    assert index._graph.reduction.numbers == NUMBERS[0]
    exact = exact_over(rows)
    hits = 0
    for query in falling(20, seed=5):
        ids, scores = index.search(query, 50)
        right, true = exact.search(query, 50)
        hits += len(np.intersect1d(ids, right))
        np.testing.assert_allclose(scores, exact.search(query, 50, ids)[1], rtol=1e-6)
        assert scores[0] <= true[0] + 1e-6
    assert hits >= shortlist.RECALL * 20 * 50
    index.close()
    again = HybridIndex(DIMENSION, KEY, IndexCache(tmp_path), hnsw_from=1000, threads=2)
    again.fill([(np.arange(3000), rows)])
    assert built(again).saved
    np.testing.assert_array_equal(again._graph.reduction.packed(), index._graph.reduction.packed())
    again.close()


def test_a_damaged_reduction_is_not_used(tmp_path):
    cache = IndexCache(tmp_path)
    index = HybridIndex(DIMENSION, KEY, cache, hnsw_from=500, threads=2)
    index.fill([(np.arange(1000), falling(1000))])
    built(index)
    index.close()
    path = cache.axes_path(KEY)
    content = bytearray(path.read_bytes())
    content[40] ^= 1
    path.write_bytes(content)
    opened = cache.open(KEY, DIMENSION)
    assert (opened.index, "reduction is damaged" in opened.reason) == (None, True)
    assert not path.exists()


def test_a_graph_that_misses_rows_does_not_answer(tmp_path, monkeypatch):
    monkeypatch.setattr(
        "photosearch.index.hybrid.ReducedGraph.search",
        lambda _self, query, k, exact: exact.search(query, k, np.arange(2 * k)),
    )
    index = HybridIndex(DIMENSION, KEY, IndexCache(tmp_path), hnsw_from=500, threads=2)
    rows = falling(1000)
    index.fill([(np.arange(1000), rows)])
    state = built(index)
    assert (state.kind, "compared" in state.problem) == ("exact", True)
    assert index.search(rows[900], 1)[0].tolist() == [900]
    assert list(tmp_path.glob("*.hnsw")) == []
    index.close()


def test_ten_times_as_many_rows_are_examined_anew(tmp_path):
    cache = IndexCache(tmp_path)
    rows = falling(6000)
    index = HybridIndex(DIMENSION, KEY, cache, hnsw_from=500, threads=2)
    index.fill([(np.arange(600), rows[:600])])
    built(index)
    index.close()
    assert json.loads(cache.manifest_path(KEY).read_text())["fitted"] == 600
    later = HybridIndex(DIMENSION, KEY, cache, hnsw_from=500, threads=2)
    later.fill([(np.arange(6000), rows)])
    assert built(later).kind == "hnsw"
    later.close()
    assert json.loads(Path(cache.manifest_path(KEY)).read_text())["fitted"] == 6000


def test_a_thousand_more_rows_write_no_graph_anew(tmp_path):
    cache = IndexCache(tmp_path)
    rows = falling(4000)
    index = HybridIndex(DIMENSION, KEY, cache, hnsw_from=1000, threads=2)
    index.fill([(np.arange(3000), rows[:3000])])
    built(index)
    inode = cache.index_path(KEY).stat().st_ino
    written = 0
    for start in range(3000, 3090, 10):
        index.add(np.arange(start, start + 10), rows[start : start + 10])
        written += index.save()
    assert written == 0
    assert cache.index_path(KEY).stat().st_ino == inode
    index.add(np.arange(3090, 3200), rows[3090:3200])
    assert index.save() is True
    index.close()
