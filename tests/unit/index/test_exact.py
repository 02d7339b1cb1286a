"""Exact search: against plain numpy, through growth, removal, odd order and odd input."""

from __future__ import annotations

import subprocess
import sys
import threading

import numpy as np
import pytest

from photosearch.index.exact import ExactIndex
from photosearch.index.halves import products
from photosearch.types import Ids, Vectors


def plain(labels: Ids, vectors: Vectors, query: Vectors, k: int) -> tuple[Ids, Vectors]:
    scores = vectors.astype(np.float16).astype(np.float32) @ query
    order = np.lexsort((labels, -scores))[:k]
    return labels[order], scores[order]


@pytest.mark.parametrize("old_numpy", [False, True])
@pytest.mark.parametrize("which", [None, np.array([5, 0, 2999, 5])])
def test_products_equal_those_after_a_cast(unit, which, old_numpy, monkeypatch):
    if old_numpy:
        monkeypatch.delattr(np, "vecdot", raising=False)
    rows = unit(3000, 40).astype(np.float16)
    rows[0, :5] = [0, -0.0, 6e-8, -6e-8, 1]  # zeros and subnormal numbers
    rows[2999, :2] = [65504, -65504]  # the largest there are
    query = unit(1, 40, seed=2)[0]
    taken = rows if which is None else rows[which]
    expected = taken.astype(np.float64) @ query.astype(np.float64)
    np.testing.assert_allclose(products(rows, query, which), expected, rtol=1e-5, atol=1e-6)


def test_every_float16_number_is_read_right():
    codes = np.arange(65536, dtype=np.uint16).view(np.float16)
    codes = codes[np.isfinite(codes)].reshape(-1, 1)
    found = products(codes, np.ones(1, np.float32))
    np.testing.assert_array_equal(found, codes[:, 0].astype(np.float32))


@pytest.mark.parametrize("mirror_below", [0, 700, 20_000])
def test_best_first_as_plain_numpy_finds_them(unit, mirror_below):
    vectors, query = unit(1500), unit(1, seed=9)[0]
    labels = np.arange(1500, dtype=np.int64) * 3
    index = ExactIndex(32, mirror_below=mirror_below)
    for start in range(0, 1500, 130):
        index.add(labels[start : start + 130], vectors[start : start + 130])
    ids, scores = index.search(query, 20)
    expected_ids, expected = plain(labels, vectors, query, 20)
    np.testing.assert_array_equal(ids, expected_ids)
    np.testing.assert_allclose(scores, expected, atol=1e-6)
    assert scores.dtype == np.float32
    assert ids.dtype == np.int64
    assert not ids.flags.writeable
    assert not scores.flags.writeable


@pytest.mark.parametrize("mirror_below", [0, 20_000])
def test_a_filter_ranks_only_the_allowed(unit, mirror_below):
    vectors, query = unit(500), unit(1, seed=9)[0]
    labels = np.arange(500, dtype=np.int64)
    index = ExactIndex(32, mirror_below=mirror_below)
    index.add(labels, vectors)
    for allowed in (np.array([7, 3, 3, 100_000, 499]), np.arange(20, 480)):
        inside = np.intersect1d(allowed, labels)
        ids, _ = index.search(query, 10, allowed)
        np.testing.assert_array_equal(ids, plain(inside, vectors[inside], query, 10)[0])
    assert len(index.search(query, 10, np.empty(0, np.int64))[0]) == 0


def test_labels_in_any_order_twice_and_again(unit):
    vectors, query = unit(60), unit(1, seed=9)[0]
    index = ExactIndex(32)
    index.add(np.array([40, 10, 40]), vectors[[40, 10, 5]])  # the first of a label counts
    index.add(np.array([20, 10, 50]), vectors[[20, 30, 50]])
    index.add(np.array([5]), vectors[[5]])
    labels = np.array([5, 10, 20, 40, 50])
    np.testing.assert_array_equal(index.labels(), labels)
    np.testing.assert_array_equal(
        index.search(query, 9)[0], plain(labels, vectors[labels], query, 9)[0]
    )


def test_removed_rows_are_gone_and_may_come_back(unit):
    vectors = unit(100)
    labels = np.arange(100, dtype=np.int64)
    index = ExactIndex(32)
    index.add(labels, vectors)
    index.remove(np.array([3, 3, 7, 1000]))
    assert len(index) == 98
    assert 3 not in index.search(vectors[3], 100)[0]
    assert len(index.search(vectors[3], 100)[0]) == 98
    assert list(index.search(vectors[3], 5, np.array([3, 4]))[0]) == [4]
    index.add(np.array([3]), vectors[[3]])
    assert index.search(vectors[3], 1)[0][0] == 3
    index.remove(labels[:60])  # enough to drop them for good
    index.add(np.array([3, 200]), vectors[[3, 4]])
    np.testing.assert_array_equal(index.labels(), [3, *range(60, 100), 200])
    np.testing.assert_array_equal(index.search(vectors[3], 1)[0], [3])


def test_take_gives_rows_by_label(unit):
    vectors = unit(10)
    index = ExactIndex(32)
    index.add(np.arange(10), vectors)
    index.remove(np.array([4]))
    labels, rows = index.take(np.array([9, 4, 2, 77]))
    np.testing.assert_array_equal(labels, [2, 9])
    np.testing.assert_allclose(rows, vectors[[2, 9]], atol=1e-3)


def test_an_empty_index_and_odd_numbers_of_results(unit):
    index = ExactIndex(32)
    query = unit(1)[0]
    assert len(index.search(query, 5)[0]) == 0
    assert len(index.search(query, 5, np.array([1]))[0]) == 0
    index.remove(np.array([1]))
    index.add(np.empty(0, np.int64), np.empty((0, 32), np.float32))
    index.add(np.array([1]), unit(1))
    for k, count in ((0, 0), (-1, 0), (1, 1), (10, 1)):
        ids, scores = index.search(query, k)
        assert len(ids) == len(scores) == count


def test_what_does_not_fit_is_refused(unit):
    index = ExactIndex(32)
    with pytest.raises(ValueError, match="dimension 32"):
        index.add(np.array([1]), unit(1, 31))
    with pytest.raises(ValueError, match="2 labels"):
        index.add(np.array([1, 2]), unit(1))
    with pytest.raises(ValueError, match="negative"):
        index.add(np.array([-1]), unit(1))
    with pytest.raises(ValueError, match="31 numbers"):
        index.search(unit(1, 31)[0], 1)
    with pytest.raises(ValueError, match="not finite"):
        index.search(np.full(32, np.nan, np.float32), 1)


def test_a_broken_vector_never_comes_first(unit):
    vectors = unit(20)
    vectors[4, 3] = np.nan
    vectors[5, 3] = np.inf
    index = ExactIndex(32)
    index.add(np.arange(20), vectors)
    ids, scores = index.search(vectors[0], 20)
    assert ids[0] == 0
    assert np.isfinite(scores).all()


def test_a_search_sees_whole_batches_while_rows_come_and_go(unit):
    """One writer adds in batches of 50 labels and removes some; four readers watch."""
    vectors = unit(4000)
    index = ExactIndex(32, mirror_below=1000)
    done = threading.Event()
    wrong: list[str] = []

    def read() -> None:
        while not done.is_set():
            ids, scores = index.search(vectors[0], 5000)
            batches = np.unique(ids // 50, return_counts=True)[1]
            if not np.isin(batches, (50, 40)).all():
                wrong.append(f"a part of a batch: {batches}")
            if len(np.unique(ids)) != len(ids) or not np.isfinite(scores).all():
                wrong.append("a label twice, or no score")

    readers = [threading.Thread(target=read) for _ in range(4)]
    for reader in readers:
        reader.start()
    for start in range(0, 4000, 50):
        index.add(np.arange(start, start + 50), vectors[start : start + 50])
        index.remove(np.arange(start, start + 10))
    done.set()
    for reader in readers:
        reader.join()
    assert wrong == []
    assert len(index) == 4000 * 40 // 50


@pytest.mark.parametrize("meanwhile", ["nothing", "behind", "between", "taken out"])
def test_rows_that_came_while_a_file_was_written_keep_their_places(unit, meanwhile):
    """A file holds the rows of a snapshot; by the time it is written they may stand elsewhere."""
    vectors = unit(200)
    index = ExactIndex(32)
    truth = {2 * n: vectors[n] for n in range(100)}
    index.add(np.array(list(truth)), vectors[:100])
    labels, _, rows = index.snapshot()
    mapped = rows.between(0, len(rows)).copy()
    more = {
        "nothing": np.empty(0, np.int64),
        "behind": np.array([500]),
        "between": np.array([7]),
        "taken out": np.arange(1000, 1060),  # so many that the count is right again
    }[meanwhile]
    if meanwhile == "taken out":
        for label in range(0, 80, 2):
            del truth[label]
        index.remove(np.arange(0, 80, 2))
    index.add(more, vectors[100 : 100 + len(more)])
    truth |= dict(zip(more.tolist(), vectors[100:], strict=False))
    index.let_go(labels, mapped)
    assert index.labels().tolist() == sorted(truth)
    for label, vector in truth.items():
        assert index.search(vector, 1)[0].tolist() == [label]
    assert (index.snapshot()[2].mapped is mapped) == (meanwhile in ("nothing", "behind"))


BUSY_AFTER = """
import sys, time
import numpy as np
from photosearch.index.exact import ExactIndex

rows = np.random.default_rng(1).standard_normal((10_000, 512)).astype(np.float32)
index = ExactIndex(512, mirror_below=int(sys.argv[1]))
index.add(np.arange(10_000), rows)
busy = []
for _ in range(3):
    index.search(rows[0], 500)
    began = time.process_time()
    time.sleep(0.05)
    busy.append(time.process_time() - began)
print(min(busy))
"""


@pytest.mark.parametrize("mirror_below", [0, 20_000])
def test_nothing_goes_on_computing_after_an_answer(mirror_below):
    """Threads that spin after a product take a core from the next query's text tower."""
    command = [sys.executable, "-c", BUSY_AFTER, str(mirror_below)]
    said = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    assert float(said.stdout) < 0.01
