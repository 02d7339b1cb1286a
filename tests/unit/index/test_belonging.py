"""A saved graph of another library: the same model, as many rows, other photos in them."""

from __future__ import annotations

import logging

import numpy as np
import pytest

from photosearch.index import IndexCache
from photosearch.index.belonging import belongs
from photosearch.index.exact import ExactIndex
from photosearch.index.pair import GraphPair
from photosearch.index.reduced import ReducedGraph
from photosearch.index.shortlist import Fit

from .conftest import batches, built


def whole_vectors():
    return ReducedGraph(GraphPair(32, threads=1), None, Fit())


def warnings(caplog):
    return [each.getMessage() for each in caplog.records if each.levelno >= logging.WARNING]


def test_a_graph_of_a_library_made_anew_is_not_trusted(make, unit, tmp_path, caplog):
    vectors = unit(2000)
    first = make(IndexCache(tmp_path))
    first.fill(batches(vectors))
    built(first)
    first.save()
    caplog.set_level(logging.WARNING)
    same = make(IndexCache(tmp_path))
    same.fill(batches(vectors))
    assert built(same).saved, "it is loaded as it is"
    assert warnings(caplog) == []

    shuffled = vectors[np.random.default_rng(3).permutation(len(vectors))]
    other = make(IndexCache(tmp_path))
    other.fill(batches(shuffled))
    state = built(other)
    assert (state.kind, state.count) == ("hnsw", 2000)
    assert warnings(caplog) == ["the saved search index is of another library and is built anew"]
    for label in range(0, 2000, 100):
        assert other.search(shuffled[label], 1)[0].tolist() == [label]


@pytest.mark.parametrize("count", [0, 1, 40])
def test_few_rows_and_rows_that_are_gone(unit, count):
    vectors = unit(100)
    graph, exact = whole_vectors(), ExactIndex(32)
    graph.add(np.arange(100), vectors)
    exact.add(
        np.arange(100 - count, 200 - count),
        np.concatenate([vectors[100 - count :], unit(100 - count, seed=7)]),
    )
    assert belongs(graph, exact)


def test_photos_that_all_look_the_same(unit):
    vectors = np.repeat(unit(1), 300, axis=0)
    graph, exact = whole_vectors(), ExactIndex(32)
    graph.add(np.arange(300), vectors)
    exact.add(np.arange(300), vectors)
    assert belongs(graph, exact)
