"""The graph: recall, growth, removal, files, and queries while rows are added."""

from __future__ import annotations

import os
import subprocess
import sys
import threading

import numpy as np
import pytest

from photosearch.errors import StoreError
from photosearch.index.exact import ExactIndex
from photosearch.index.hnsw import ADD_AT_ONCE, EF_LEAST, MOST_THREADS, HnswIndex, search_effort


@pytest.fixture
def pair(unit):
    """A graph and an exact index over the same 3,000 rows, grown from a small capacity."""
    vectors = unit(3000, 64)
    graph, exact = HnswIndex(64), ExactIndex(64)
    for start in range(0, 3000, 700):
        labels = np.arange(start, min(start + 700, 3000))
        graph.add(labels, vectors[labels])
        exact.add(labels, vectors[labels])
    return graph, exact


def around(graph, query, k):
    return graph.around(query, k, search_effort(k))


def recall(graph, exact, queries, k):
    shares = []
    for query in queries:
        found, expected = around(graph, query, k), exact.search(query, k)[0]
        assert len(found) == len(np.unique(found)) == len(expected)
        shares.append(len(np.intersect1d(found, expected)) / len(expected))
    return float(np.mean(shares))


def test_the_graph_finds_what_exact_search_finds(pair, unit):
    graph, exact = pair
    assert len(graph) == 3000
    np.testing.assert_array_equal(graph.labels(), exact.labels())
    queries = unit(40, 64, seed=7)
    for k in (1, 50, 600, 3000, 5000):
        assert recall(graph, exact, queries[:10], k) >= 0.98
    assert not around(graph, queries[0], 50).flags.writeable


def test_real_text_vectors_keep_their_neighbours(models):
    folder = models / "clip-vit-b32-text-goldens"
    rows = np.concatenate([np.load(file) for file in sorted(folder.glob("*.npy"))])
    rows = rows.astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    graph, exact = HnswIndex(512), ExactIndex(512)
    for index in (graph, exact):
        index.add(np.arange(len(rows)), rows)
    assert recall(graph, exact, rows[::20], 50) >= 0.98


def test_removed_rows_are_not_found_and_may_come_back(pair, unit):
    graph, exact = pair
    gone = np.arange(0, 3000, 3)
    for index in (graph, exact):
        index.remove(gone)
        index.remove(np.array([0, 0, 99_999]))
    assert len(graph) == len(exact) == 2000
    np.testing.assert_array_equal(graph.removed(), gone)
    assert recall(graph, exact, unit(20, 64, seed=7), 50) >= 0.98
    assert not np.isin(around(graph, unit(1, 64)[0], 2000), gone).any()
    vectors = unit(3000, 64)
    graph.add(np.array([3, 4]), vectors[[3, 4]])
    assert len(graph) == 2001
    assert around(graph, vectors[3], 1).tolist() == [3]


def test_everything_removed_answers_nothing(unit):
    graph = HnswIndex(32)
    assert len(around(graph, unit(1)[0], 5)) == 0
    graph.add(np.arange(10), unit(10))
    graph.remove(np.arange(10))
    assert len(around(graph, unit(1)[0], 5)) == 0


class TooFew:
    """A graph that reaches fewer rows than asked for, as hnswlib says it."""

    def __init__(self, graph, message):
        self.graph, self.message = graph, message

    def __getattr__(self, name):
        return getattr(self.graph, name)

    def knn_query(self, *_args, **_options):
        raise RuntimeError(self.message)


def test_a_graph_that_does_not_reach_enough_says_so(pair, unit):
    graph, _ = pair
    query = unit(1, 64, seed=7)[0]
    whole = graph._graph
    graph._graph = TooFew(whole, "Cannot return the results in a contiguous 2D array. Probably ...")
    assert around(graph, query, 20) is None
    graph._graph = TooFew(whole, "something else")
    with pytest.raises(RuntimeError, match="something else"):
        around(graph, query, 20)


def test_saved_and_loaded_it_answers_the_same(pair, unit, tmp_path):
    graph, _ = pair
    graph.remove(np.array([1, 2, 3]))
    path = tmp_path / "file.hnsw"
    content = graph.save(path)
    assert os.listdir(tmp_path) == ["file.hnsw"]
    loaded = HnswIndex.load(path, 64, content.removed.tolist())
    np.testing.assert_array_equal(content.labels, graph.labels())
    np.testing.assert_array_equal(loaded.labels(), graph.labels())
    np.testing.assert_array_equal(loaded.removed(), [1, 2, 3])
    for query in unit(10, 64, seed=7):
        for k in (10, EF_LEAST):
            np.testing.assert_array_equal(around(loaded, query, k), around(graph, query, k))
    loaded.remove(np.array([1, 4]))
    loaded.add(np.arange(3000, 5000), unit(2000, 64, seed=11))  # beyond the file's capacity
    assert len(loaded) == 3000 - 4 + 2000


@pytest.mark.skipif(os.name == "nt", reason="Windows names are text")
def test_a_path_that_is_not_utf8(unit, tmp_path):
    graph = HnswIndex(32)
    graph.add(np.arange(10), unit(10))
    path = tmp_path / os.fsdecode(b"f\xfc\xdf") / "file.hnsw"
    try:
        path.parent.mkdir()
    except OSError:
        pytest.skip("this file system takes UTF-8 names only")
    graph.save(path)
    assert len(HnswIndex.load(path, 32)) == 10


def test_a_file_that_cannot_be_written_or_read_is_a_sentence(unit, tmp_path):
    graph = HnswIndex(32)
    graph.add(np.arange(10), unit(10))
    with pytest.raises(StoreError, match="could not be written"):
        graph.save(tmp_path / "nowhere" / "file.hnsw")
    with pytest.raises(StoreError, match="could not be read"):
        HnswIndex.load(tmp_path / "nowhere.hnsw", 32)
    assert os.listdir(tmp_path) == []


def test_a_full_disk_leaves_the_old_file(unit, tmp_path):
    """hnswlib reports no write error: the size tells."""
    graph = HnswIndex(32)
    graph.add(np.arange(10), unit(10))
    path = tmp_path / "file.hnsw"
    graph.save(path)
    before = path.read_bytes()

    class Full(TooFew):
        def save_index(self, name):
            self.graph.save_index(name)
            os.truncate(name, 100)

    graph._graph = Full(graph._graph, "")
    with pytest.raises(StoreError, match="disk full"):
        graph.save(path)
    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == ["file.hnsw"]


def test_the_library_is_loaded_only_when_a_graph_is_made():
    code = "import sys, photosearch.index; print('hnswlib' in sys.modules)"
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert answer.stdout.strip() == "False"


def test_effort_grows_with_the_number_of_results_and_threads_fit_the_chunk():
    assert search_effort(1) == EF_LEAST
    assert search_effort(1000) == 2000
    efforts = [search_effort(k) for k in range(1, 1001)]
    assert all(effort >= 2 * k for k, effort in enumerate(efforts, 1))
    assert len(set(efforts)) <= 4, "each change makes all searches wait"
    assert 4 * MOST_THREADS < ADD_AT_ONCE


def test_queries_while_rows_are_added_and_removed(unit):
    vectors = unit(3000)
    graph = HnswIndex(32)
    graph.add(np.arange(100), vectors[:100])
    done = threading.Event()
    wrong: list[str] = []
    answered = [0, 0, 0]

    def read(number: int) -> None:
        k = (10, 700, 40)[number]  # two efforts: the graph has one setting for everybody
        while not done.is_set():
            ids = around(graph, vectors[number], k)
            known = (ids >= 0) & (ids < 3000) & (ids % 100 != 50)
            if not known.all() or len(np.unique(ids)) != len(ids):
                wrong.append(str(ids))
            answered[number] += 1

    readers = [threading.Thread(target=read, args=(number,)) for number in range(3)]
    graph.remove(np.array([50]))
    for reader in readers:
        reader.start()
    for start in range(100, 3000, 100):
        labels = np.arange(start, start + 100)
        keep = labels[labels % 100 != 50]
        graph.add(keep, vectors[keep])
        graph.remove(labels[:1])
    done.set()
    for reader in readers:
        reader.join()
    assert wrong == []
    assert min(answered) > 0
