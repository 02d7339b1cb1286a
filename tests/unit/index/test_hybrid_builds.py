"""Graphs whose building is cut short, and programs too short-lived to build any."""

from __future__ import annotations

import threading

import numpy as np

from photosearch.index import IndexCache, building
from photosearch.index import hybrid as hybrid_module
from photosearch.index.pair import GraphPair

from .conftest import KEY, batches, built


def test_a_build_that_is_cut_short_goes_on_the_next_time(make, unit, tmp_path, monkeypatch):
    monkeypatch.setattr(hybrid_module, "KEEP_FROM", 500)
    vectors, cache = unit(3000), IndexCache(tmp_path)
    reached, go = threading.Event(), threading.Event()

    class Slow(GraphPair):
        def add(self, labels, vectors, at_once=64):
            if len(self) >= 1000:
                reached.set()
                assert go.wait(30)
            super().add(labels, vectors, at_once)

    monkeypatch.setattr(building, "GraphPair", Slow)
    index = make(cache)
    index.fill(batches(vectors))
    assert reached.wait(30)
    assert index.save() is True
    assert index.save() is False, "nothing was gained since"
    index._stop.set()
    go.set()
    index.close()
    monkeypatch.setattr(building, "GraphPair", None)  # building from nothing would raise
    again = make(cache)
    again.fill(batches(vectors))
    assert built(again) == hybrid_module.IndexState(3000, "hnsw", 1.0, True)
    assert len(cache.open(KEY, 32).index) == 3000
    found = again.search(vectors[2999], 1)[0]
    assert found.tolist() == [2999]


def test_little_of_a_graph_is_not_worth_a_file(make, unit, held, tmp_path):
    index = make(IndexCache(tmp_path))
    index.fill(batches(unit(2000)))
    graph = held()
    assert index.save() is False
    assert list(tmp_path.iterdir()) == []
    graph.go.set()
    assert built(index).kind == "hnsw"


def test_a_program_that_ends_soon_opens_a_graph_but_builds_none(make, unit, tmp_path, monkeypatch):
    vectors, cache = unit(2000), IndexCache(tmp_path)
    short = make(cache, build=False)
    short.fill(batches(vectors))
    assert built(short).kind == "exact"
    short.add(np.array([5000]), vectors[:1] * -1)
    assert built(short).problem == ""
    assert short.save() is False
    builder = make(cache)
    builder.fill(batches(vectors))
    built(builder)
    monkeypatch.setattr(building, "GraphPair", None)
    short.remove(np.array([5000]))
    short.fill([])
    assert built(short).kind == "hnsw", "another program has built one since"
    lucky = make(cache, build=False)
    lucky.fill(batches(vectors))
    assert built(lucky).kind == "hnsw"
    late = make(cache, build=False)
    late.fill(batches(unit(2500)))
    assert built(late).kind == "exact", "too much is missing"
