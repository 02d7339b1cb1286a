"""Two graphs walked at once find what one finds, whatever the labels, and are kept as one."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from photosearch.errors import StoreError
from photosearch.index.exact import ExactIndex
from photosearch.index.hnsw import HnswIndex
from photosearch.index.pair import GraphPair, files, part


def filled(unit, labels):
    rows = unit(len(labels))
    pair, exact = GraphPair(32, threads=1), ExactIndex(32)
    for index in (pair, exact):
        index.add(labels, rows)
    return pair, exact


@pytest.mark.parametrize(
    "labels", [np.arange(2000), 2 * np.arange(2000), np.arange(2000) + np.arange(2000) // 2]
)
def test_what_is_near_is_around(unit, labels):
    pair, exact = filled(unit, labels)
    found = 0
    for query in unit(20, seed=7):
        near = pair.around(query, 200, 400)
        assert len(near) == len(np.unique(near))
        found += len(np.intersect1d(near, exact.search(query, 50)[0]))
    assert found >= 0.99 * 20 * 50


def test_few_rows_are_all_around(unit):
    pair, _ = filled(unit, np.array([2, 4, 6, 7]))
    assert sorted(pair.around(unit(1, seed=3)[0], 4, 4).tolist()) == [2, 4, 6, 7]
    assert len(pair.around(unit(1, seed=3)[0], 100, 100)) == 4


def test_too_few_reached_in_one_half_are_not_enough(unit, monkeypatch):
    pair, _ = filled(unit, np.arange(100))
    monkeypatch.setattr(pair._graphs[1], "around", lambda *_: None)
    assert pair.around(unit(1)[0], 90, 90) is None


def test_each_half_is_judged_on_the_thread_that_walked_through_it(unit):
    pair, exact = filled(unit, np.arange(2000))
    query = unit(1, seed=3)[0]

    def judge(labels):
        return threading.get_ident(), exact.search(query, 20, labels)

    parts = pair.each_around(query, 200, 400, judge)
    assert parts is not None
    assert parts[0][0] == threading.get_ident() != parts[1][0]
    ids = np.concatenate([part[1][0] for part in parts])
    assert [set(part[1][0] % 2) for part in parts] == [{0}, {1}]
    assert set(exact.search(query, 20)[0]) <= set(ids)


def test_both_halves_come_and_go(unit):
    pair, _ = filled(unit, np.arange(100))
    pair.remove(np.array([3, 4, 1000]))
    assert (len(pair), pair.removed_count) == (98, 2)
    assert pair.removed().tolist() == [3, 4]
    assert pair.labels().tolist() == [0, 1, 2, *range(5, 100)]
    near = pair.around(unit(1)[0], 98, 98)
    assert sorted(near.tolist()) == pair.labels().tolist()
    pair.add(np.array([3]), unit(1))
    assert pair.removed().tolist() == [4]


def test_they_are_kept_as_one(unit, tmp_path):
    pair, _ = filled(unit, np.arange(500))
    pair.remove(np.array([3, 4]))
    path = tmp_path / "graph.hnsw"
    content = pair.save(path)
    assert sorted(tmp_path.iterdir()) == sorted(files(path))
    assert content.labels.tolist() == pair.labels().tolist()
    assert content.removed.tolist() == [3, 4]
    again = GraphPair.load(path, 32, content.removed.tolist(), threads=1)
    assert again.labels().tolist() == pair.labels().tolist()
    assert again.removed().tolist() == [3, 4]
    query = unit(1, seed=5)[0]
    assert again.around(query, 50, 100).tolist() == pair.around(query, 50, 100).tolist()


def test_opening_makes_no_other_graphs(unit, tmp_path, monkeypatch):
    pair, _ = filled(unit, np.arange(100))
    path = tmp_path / "graph.hnsw"
    pair.save(path)
    made, whole = [], HnswIndex.__init__

    def make(self, *given, **named):
        made.append(self)
        whole(self, *given, **named)

    monkeypatch.setattr(HnswIndex, "__init__", make)
    again = GraphPair.load(path, 32, threads=1)
    assert made == list(again._graphs)


def test_a_half_that_cannot_be_written_leaves_both_as_they_were(unit, tmp_path, monkeypatch):
    pair, _ = filled(unit, np.arange(500))
    path = tmp_path / "graph.hnsw"
    pair.save(path)
    before = [file.read_bytes() for file in files(path)]
    pair.add(np.arange(600, 700), unit(100, seed=4))
    whole = HnswIndex.save

    def save(self, target):
        if ".odd" in target.name:
            raise StoreError("The disk is full.")
        return whole(self, target)

    monkeypatch.setattr(HnswIndex, "save", save)
    with pytest.raises(StoreError, match="full"):
        pair.save(path)
    assert [file.read_bytes() for file in files(path)] == before
    assert sorted(tmp_path.iterdir()) == sorted(files(path))


def test_what_goes_wrong_in_either_half_is_told(unit, monkeypatch):
    pair, _ = filled(unit, np.arange(100))
    here = threading.get_ident()
    whole = HnswIndex.around

    def around(self, *asked):
        if threading.get_ident() != here:
            raise RuntimeError("no memory")
        return whole(self, *asked)

    monkeypatch.setattr(HnswIndex, "around", around)
    with pytest.raises(RuntimeError, match="no memory"):
        pair.around(unit(1)[0], 10, 10)


def test_of_each_half_a_little_more_than_its_share_is_asked():
    assert [part(1, share) for share in (0, 0.5, 1)] == [0, 1, 1]
    assert part(10, 0.5) == 10
    assert 500 < part(1000, 0.5) < 600
    assert 100 < part(1000, 0.1) < 150
