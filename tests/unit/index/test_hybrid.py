"""The index the engine uses: exact first, a graph when there are enough rows, files, threads."""

from __future__ import annotations

import json
import logging
import threading

import numpy as np
import pytest

from photosearch.index import IndexCache, building
from photosearch.index.exact import ExactIndex

from .conftest import KEY, batches, built


def exact_over(labels, vectors):
    exact = ExactIndex(32)
    exact.add(labels, vectors)
    return exact


def test_few_rows_stay_exact(make, unit, tmp_path):
    vectors = unit(999)
    index = make(IndexCache(tmp_path))
    index.fill(batches(vectors))
    state = index.state()
    assert (state.count, state.kind, state.saved, state.problem) == (999, "exact", False, "")
    assert index._builder is None
    assert index.save() is False
    assert list(tmp_path.iterdir()) == []
    expected = exact_over(np.arange(999), vectors).search(vectors[5], 10)
    np.testing.assert_array_equal(index.search(vectors[5], 10)[0], expected[0])


def test_many_rows_get_a_graph_with_exact_scores(make, unit):
    vectors = unit(2000)
    index = make()
    index.fill(batches(vectors))
    assert built(index).kind == "hnsw"
    exact = exact_over(np.arange(2000), vectors)
    hits = 0
    for query in unit(20, seed=5):
        ids, scores = index.search(query, 50)
        hits += len(np.intersect1d(ids, exact.search(query, 50)[0]))
        expected = exact.search(query, 50, ids)
        np.testing.assert_array_equal(ids, expected[0])
        np.testing.assert_allclose(scores, expected[1], rtol=1e-6)  # of more rows at once
    assert hits >= 0.98 * 20 * 50
    assert index.save() is False  # there is no cache


def test_filtered_and_long_answers_are_exact(make, unit, monkeypatch):
    vectors = unit(2000)
    index = make()
    index.fill(batches(vectors))
    built(index)
    exact = exact_over(np.arange(2000), vectors)
    monkeypatch.setattr(index._graph, "search", None)  # calling it would raise
    query = unit(1, seed=5)[0]
    for k, allowed in ((10, np.arange(0, 2000, 7)), (10, np.array([3])), (1001, None)):
        found, expected = index.search(query, k, allowed), exact.search(query, k, allowed)
        np.testing.assert_array_equal(found[0], expected[0])
        np.testing.assert_array_equal(found[1], expected[1])


def test_growing_over_the_border_builds(make, unit):
    vectors = unit(1500)
    index = make()
    index.fill(batches(vectors[:900]))
    assert index.state().kind == "exact"
    index.add(np.arange(900, 1100), vectors[900:1100])
    assert built(index).kind == "hnsw"
    index.add(np.arange(1100, 1500), vectors[1100:])
    assert len(index._graph) == len(index) == 1500
    assert index.search(vectors[1499], 1)[0][0] == 1499


def test_while_building_answers_are_exact_and_changes_are_not_lost(make, unit, held):
    vectors = unit(3000)
    index = make()
    index.fill(batches(vectors[:2000]))
    graph = held()
    state = index.state()
    assert (state.kind, state.saved) == ("building", False)
    assert 0 <= state.progress <= 1
    exact = exact_over(np.arange(2000), vectors[:2000])
    for query in unit(5, seed=5):
        np.testing.assert_array_equal(index.search(query, 50)[0], exact.search(query, 50)[0])
    index.add(np.arange(2000, 3000), vectors[2000:])
    index.remove(np.array([0, 1999, 2500]))
    assert len(index.search(vectors[0], 5000)[0]) == 2997
    graph.go.set()
    assert built(index).kind == "hnsw"
    np.testing.assert_array_equal(index._graph.labels(), index.labels())
    assert index.search(vectors[2999], 1)[0][0] == 2999
    assert index.search(vectors[0], 1)[0][0] != 0


def test_closing_stops_a_build_at_its_next_chunk(make, unit, held):
    index = make()
    index.fill(batches(unit(3000)))
    graph = held()
    closer = threading.Thread(target=index.close)
    closer.start()
    assert index._stop.wait(30)
    graph.go.set()
    closer.join(30)
    assert not closer.is_alive()
    assert len(graph) < 1000
    assert index.state().kind == "exact"
    assert len(index.search(unit(1)[0], 5)[0]) == 5
    index.add(np.array([9999]), unit(1))  # starts no further build
    index.close()
    assert index.state().kind == "exact"


def test_a_failing_build_is_told_and_exact_goes_on(make, unit, monkeypatch, caplog):
    def fail(*_args, **_options):
        raise RuntimeError("no memory left")

    monkeypatch.setattr(building, "GraphPair", fail)
    vectors = unit(1500)
    index = make()
    with caplog.at_level(logging.ERROR):
        index.fill(batches(vectors))
        state = built(index)
    assert state.kind == "exact"
    assert "no memory left" in state.problem
    assert "building the search index failed" in caplog.text
    assert index.search(vectors[7], 1)[0][0] == 7
    builder = index._builder
    index.add(np.array([9999]), unit(1, seed=3))
    assert index._builder is builder  # not tried again for every photo
    monkeypatch.undo()
    index.fill([])
    state = built(index)
    assert (state.kind, state.problem) == ("hnsw", "")


def test_saved_after_a_build_and_opened_again(make, unit, tmp_path):
    cache = IndexCache(tmp_path)
    vectors = unit(2500)
    first = make(cache)
    first.fill(batches(vectors[:2000]))
    assert built(first).saved  # a build is saved at once: it may have taken minutes
    assert first.save() is False
    first.add(np.arange(2000, 2100), vectors[2000:2100])
    assert not first.state().saved
    assert first.save() is True
    assert first.state().saved
    first.add(np.arange(100), vectors[:100])  # all there already
    first.remove(np.array([77_777]))
    assert first.state().saved
    first.close()

    second = make(cache)
    second.fill(batches(vectors[:2100]))
    state = built(second)
    assert (state.kind, state.saved, state.count) == ("hnsw", True, 2100)
    second.close()

    third = make(cache)  # in the meantime photos came and went
    third.fill(
        (labels[labels % 100 != 7], rows[labels % 100 != 7]) for labels, rows in batches(vectors)
    )
    state = built(third)
    assert (state.kind, state.saved) == ("hnsw", False)
    np.testing.assert_array_equal(third._graph.labels(), third.labels())
    assert len(third._graph.removed()) == 21
    assert third.save() is True
    manifest = json.loads(cache.manifest_path(KEY).read_text())
    assert manifest["count"] == len(third)


def test_a_damaged_cache_is_built_anew(make, unit, tmp_path):
    cache = IndexCache(tmp_path)
    vectors = unit(1200)
    first = make(cache)
    first.fill(batches(vectors))
    built(first)
    first.close()
    path = cache.index_path(KEY)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    second = make(cache)
    second.fill(batches(vectors))
    state = built(second)
    assert (state.kind, state.saved, state.problem) == ("hnsw", True, "")
    assert second.search(vectors[3], 1)[0][0] == 3


def test_a_cache_that_cannot_be_written_is_told(make, unit, tmp_path):
    (tmp_path / "file").write_bytes(b"")
    index = make(IndexCache(tmp_path / "file" / "index"))
    index.fill(batches(unit(1200)))
    state = built(index)
    assert (state.kind, state.saved) == ("hnsw", False)
    assert "could not be saved" in state.problem
    assert index.save() is False


def test_too_many_removed_rows_build_a_new_graph(make, unit):
    vectors = unit(3000)
    index = make()
    index.fill(batches(vectors))
    built(index)
    old = index._graph
    index.remove(np.arange(0, 800))
    assert index._graph is old
    index.remove(np.arange(800, 1000))
    built(index)
    assert index._graph is not old
    assert len(index._graph.removed()) == 0
    np.testing.assert_array_equal(index._graph.labels(), np.arange(1000, 3000))


def test_a_graph_that_cannot_grow_gives_way_to_exact(make, unit, monkeypatch, caplog):
    def fail(*_args):
        raise MemoryError("2 GB")

    vectors = unit(1200)
    index = make()
    index.fill(batches(vectors[:1100]))
    built(index)
    monkeypatch.setattr(index._graph, "add", fail)
    with caplog.at_level(logging.ERROR):
        index.add(np.arange(1100, 1200), vectors[1100:])
    state = index.state()
    assert (state.kind, state.count, state.saved) == ("exact", 1200, False)
    assert "could not be changed: 2 GB" in state.problem
    assert index.search(vectors[1150], 1)[0][0] == 1150


def test_below_the_border_again_exact_answers(make, unit, monkeypatch):
    vectors = unit(1100)
    index = make()
    index.fill(batches(vectors))
    built(index)
    index.remove(np.arange(0, 200))
    monkeypatch.setattr(index._graph, "search", None)
    assert index.search(vectors[300], 1)[0][0] == 300


def test_a_graph_that_reaches_too_few_gives_way_to_exact(make, unit, monkeypatch):
    vectors = unit(1100)
    index = make()
    index.fill(batches(vectors))
    built(index)
    expected = exact_over(np.arange(1100), vectors).search(vectors[3], 20)
    for answer in (None, (np.array([5]), np.array([0.5], np.float32))):
        monkeypatch.setattr(index._graph, "search", lambda *_args, answer=answer: answer)
        found = index.search(vectors[3], 20)
        np.testing.assert_array_equal(found[0], expected[0])


def test_a_source_that_breaks_off_leaves_a_usable_index(make, unit):
    vectors = unit(1500)

    def source():
        yield np.arange(1200), vectors[:1200]
        raise OSError("the drive is gone")

    index = make()
    with pytest.raises(OSError, match="drive"):
        index.fill(source())
    assert index.search(vectors[7], 1)[0][0] == 7
    index.add(np.arange(1200, 1500), vectors[1200:])
    assert built(index).count == 1500


def test_searches_during_everything_else(make, unit, tmp_path):
    """Readers run while rows come, a graph is built, saved, and rows go."""
    vectors = unit(3000)
    index = make(IndexCache(tmp_path))
    done = threading.Event()
    wrong: list[str] = []

    def read(number: int) -> None:
        while not done.is_set():
            allowed = None if number else np.arange(0, 3000, 2)
            ids, scores = index.search(vectors[number], 60, allowed)
            if len(np.unique(ids)) != len(ids) or not ((ids >= 0) & (ids < 3000)).all():
                wrong.append(f"labels {ids}")
            true = vectors[ids] @ vectors[number]
            if not np.allclose(scores, true, atol=2e-3) or (np.diff(scores) > 0).any():
                wrong.append(f"scores {scores}")
            if index.state().problem:
                wrong.append(index.state().problem)

    readers = [threading.Thread(target=read, args=(number,)) for number in range(3)]
    for reader in readers:
        reader.start()
    index.fill(batches(vectors[:1500]))
    for labels, rows in batches(vectors[1500:], 100):
        index.add(labels + 1500, rows)
        index.remove(labels[:5] + 1500)
        index.save()
    built(index)
    index.save()
    done.set()
    for reader in readers:
        reader.join()
    assert wrong == []
    assert index.state().kind == "hnsw"
    assert len(index) == 3000 - 5 * 15
