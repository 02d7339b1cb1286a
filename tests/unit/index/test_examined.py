"""Graphs are measured: poor ones do not answer, and are not built again and again."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from photosearch.index import HybridIndex, IndexCache, IndexState, building, shortlist
from photosearch.index.exact import ExactIndex
from photosearch.index.pair import GraphPair, part
from photosearch.index.poor import PoorVectors
from photosearch.index.reduced import ReducedGraph
from photosearch.index.reduction import NUMBERS

from .cones import DIMENSION, exact_over, falling
from .conftest import KEY, built


def poor_below(monkeypatch, numbers):
    """Have graphs of fewer numbers than this miss everything."""
    whole = ReducedGraph.recall

    def recall(self, exact, examination):
        return 0.0 if self.graph.dimension < numbers else whole(self, exact, examination)

    monkeypatch.setattr(ReducedGraph, "recall", recall)


@pytest.mark.parametrize(
    ("enough", "numbers"), [(NUMBERS[0] + 1, NUMBERS[1]), (NUMBERS[1] + 1, DIMENSION)]
)
def test_after_a_poor_graph_one_of_more_numbers_is_built(tmp_path, monkeypatch, enough, numbers):
    poor_below(monkeypatch, enough)
    cache = IndexCache(tmp_path)
    index = HybridIndex(DIMENSION, KEY, cache, hnsw_from=500, threads=2)
    index.fill([(np.arange(1000), falling(1000))])
    assert built(index) == IndexState(1000, "hnsw", 1.0, True)
    assert index._graph.graph.dimension == numbers
    assert cache.open(KEY, DIMENSION).index.dimension == numbers
    index.close()


def graphs_made(monkeypatch):
    made = []

    class Counted(GraphPair):
        def __init__(self, dimension, **options):
            made.append(dimension)
            super().__init__(dimension, **options)

    monkeypatch.setattr(building, "GraphPair", Counted)
    return made


def filled(cache, rows):
    index = HybridIndex(DIMENSION, KEY, cache, hnsw_from=500, threads=2)
    index.fill([(np.arange(len(rows)), rows)])
    state = built(index)
    index.close()
    return state


def test_that_no_graph_is_good_enough_is_remembered(tmp_path, monkeypatch):
    poor_below(monkeypatch, DIMENSION + 1)
    made, cache, rows = graphs_made(monkeypatch), IndexCache(tmp_path), falling(2500)
    assert filled(cache, rows[:1000]).problem == building.MISSES
    assert made == [*(n for n in NUMBERS if n < DIMENSION), DIMENSION]
    made.clear()
    state = filled(cache, rows[:1100])
    assert (state.kind, state.problem, made) == ("exact", building.MISSES, [])
    monkeypatch.undo()
    assert filled(cache, falling(1000, seed=2)).kind == "hnsw", "another library"
    cache.forget(KEY)
    assert not cache.poor_path(KEY).exists()


def test_what_was_poor_is_tried_again_with_twice_the_rows(tmp_path, monkeypatch):
    poor_below(monkeypatch, DIMENSION + 1)
    cache, rows = IndexCache(tmp_path), falling(2500)
    filled(cache, rows[:1000])
    monkeypatch.undo()
    assert filled(cache, rows[:1900]).kind == "exact"
    assert filled(cache, rows).kind == "hnsw"


@pytest.mark.parametrize(
    ("place", "value"),
    [
        ("poor.NUMBERS", (160,)),
        ("shortlist.LENGTHS", (1000, 4000)),
        ("shortlist.RECALL", 0.9),
    ],
)
def test_what_was_poor_is_tried_again_with_other_bounds(tmp_path, monkeypatch, place, value):
    exact = exact_over(falling(1000))
    verdicts = PoorVectors(IndexCache(tmp_path), KEY)
    verdicts.remember(exact)
    assert verdicts.known(exact)
    monkeypatch.setattr(f"photosearch.index.{place}", value)
    assert not verdicts.known(exact)


@pytest.mark.parametrize("damage", [b"", b"{}", b"\xff\xfe"])
def test_a_damaged_note_is_none(tmp_path, monkeypatch, damage):
    poor_below(monkeypatch, DIMENSION + 1)
    cache, rows = IndexCache(tmp_path), falling(1000)
    filled(cache, rows)
    cache.poor_path(KEY).write_bytes(damage)
    monkeypatch.undo()
    assert filled(cache, rows).kind == "hnsw"


def test_a_graph_that_was_cut_short_is_examined_when_it_is_complete(tmp_path, monkeypatch):
    cache, rows = IndexCache(tmp_path), falling(1500)
    exact = exact_over(rows)
    reduction = shortlist.choose(exact, shortlist.examine(exact))
    part = GraphPair(reduction.numbers)
    part.add(np.arange(1490), reduction.rows(rows[:1490]))
    cache.save(part, KEY, reduction, shortlist.Fit(1500))
    poor_below(monkeypatch, NUMBERS[1])
    assert filled(cache, rows) == IndexState(1500, "hnsw", 1.0, True)
    opened = cache.open(KEY, DIMENSION)
    assert (opened.index.dimension, opened.fit.examined) == (NUMBERS[1], True)


@pytest.mark.parametrize("fit", [shortlist.Fit(1500), shortlist.Fit(700, examined=True)])
def test_a_program_that_ends_soon_builds_none_where_that_on_disk_is_poor(
    tmp_path, monkeypatch, fit
):
    cache, rows = IndexCache(tmp_path), falling(1500)
    whole = GraphPair(DIMENSION)
    whole.add(np.arange(1490), rows[:1490])
    cache.save(whole, KEY, None, fit)
    poor_below(monkeypatch, DIMENSION + 1)
    made = graphs_made(monkeypatch)
    index = HybridIndex(DIMENSION, KEY, cache, hnsw_from=500, threads=2, build=False)
    index.fill([(np.arange(1500), rows)])
    assert built(index) == IndexState(1500, "exact", 0.0, False)
    builder = index._builder
    index.add(np.array([5000]), falling(1, seed=3))
    assert index._builder is builder
    assert made == []
    assert not cache.poor_path(KEY).exists()
    index.close()


def test_a_graph_that_could_not_be_measured_is_measured_the_next_time(tmp_path, monkeypatch):
    cache, rows = IndexCache(tmp_path), falling(1500)
    more, whole = iter(range(5000, 9000, 50)), ReducedGraph.recall

    def recall(self, exact, examination):
        labels = np.arange(50) + next(more)
        exact.add(labels, falling(50, seed=int(labels[0])))
        return whole(self, exact, examination)

    monkeypatch.setattr(ReducedGraph, "recall", recall)
    assert filled(cache, rows).kind == "hnsw"
    assert not cache.open(KEY, DIMENSION).fit.examined
    monkeypatch.undo()
    poor_below(monkeypatch, NUMBERS[1])
    assert filled(cache, rows).kind == "hnsw"
    opened = cache.open(KEY, DIMENSION)
    assert (opened.index.dimension, opened.fit.examined) == (NUMBERS[1], True)


def test_a_worn_graph_does_not_answer_where_no_new_one_is_good(tmp_path, monkeypatch):
    rows = falling(1500)
    index = HybridIndex(DIMENSION, KEY, IndexCache(tmp_path), hnsw_from=500, threads=2)
    index.fill([(np.arange(1500), rows)])
    assert built(index).kind == "hnsw"
    poor_below(monkeypatch, DIMENSION + 1)
    index.remove(np.arange(600))
    state = built(index)
    assert (state.kind, state.problem) == ("exact", building.MISSES)
    assert index.search(rows[900], 1)[0].tolist() == [900]
    monkeypatch.undo()
    index.fill([(np.arange(300), rows[:300]), (np.arange(5000, 7000), falling(2000, seed=6))])
    assert built(index) == IndexState(3200, "hnsw", 1.0, True), "many more rows are something new"
    index.close()


def test_rows_are_not_walked_to_the_end_once_it_is_to_stop():
    stop = threading.Event()

    class Walked(ExactIndex):
        seen = 0

        def chunks(self, rows):
            for chunk in super().chunks(rows // 64):
                Walked.seen += 1
                stop.set()
                yield chunk

    exact = Walked(DIMENSION)
    exact.add(np.arange(2000), falling(2000))
    examination = shortlist.examine(exact)
    for walk in (
        lambda: shortlist.examine(exact, stop),
        lambda: shortlist.choose(exact, examination, 0, stop),
    ):
        stop.clear()
        Walked.seen = 0
        walk()
        assert Walked.seen <= 2


@pytest.mark.parametrize("walk", ["examine", "choose"])
def test_closing_waits_for_no_walk_and_finds_out_nothing(tmp_path, monkeypatch, walk):
    index = HybridIndex(DIMENSION, KEY, IndexCache(tmp_path), hnsw_from=500, threads=2)
    real, stopped = getattr(shortlist, walk), []

    def stopping(*args):
        index._stop.set()
        stopped.append(args[-1] is index._stop)
        return real(*args)

    monkeypatch.setattr(shortlist, walk, stopping)
    made = graphs_made(monkeypatch)
    index.fill([(np.arange(1000), falling(1000))])
    assert built(index) == IndexState(1000, "exact", 0.0, False)
    assert (stopped, made) == ([True], [])
    assert list(tmp_path.iterdir()) == []
    index.close()


def test_few_rows_more_than_in_the_file_do_not_have_it_written_anew(tmp_path):
    cache, rows = IndexCache(tmp_path), falling(1030)
    filled(cache, rows[:1000])
    inode = cache.index_path(KEY).stat().st_ino
    index = HybridIndex(DIMENSION, KEY, cache, hnsw_from=500, threads=2)
    index.fill([(np.arange(1030), rows)])
    assert built(index) == IndexState(1030, "hnsw", 1.0, False)
    assert index.save() is False
    assert cache.index_path(KEY).stat().st_ino == inode
    index.add(np.arange(2000, 2030), falling(30, seed=4))
    assert index.save() is True
    assert index.state().saved
    index.close()


def test_a_graph_that_needs_longer_shortlists_has_them(tmp_path, monkeypatch):
    whole = ReducedGraph.recall
    longer = shortlist.LENGTHS[1]

    def recall(self, exact, examination):
        return 0.9 if self.fit.least < longer else whole(self, exact, examination)

    monkeypatch.setattr(ReducedGraph, "recall", recall)
    cache, rows = IndexCache(tmp_path), falling(2500)
    for state in (filled(cache, rows), filled(cache, rows)):
        assert state == IndexState(2500, "hnsw", 1.0, True)
    fit = cache.open(KEY, DIMENSION).fit
    assert fit == shortlist.Fit(2500, True, longer)
    opened = cache.open(KEY, DIMENSION)
    graph = ReducedGraph(opened.index, opened.reduction, opened.fit)
    assert len(graph.nearest(rows[0], 10)) == 2 * part(longer, 0.5)


def test_rows_that_come_just_before_the_questions_are_not_held_against_a_graph(monkeypatch):
    taken, came, rows = ExactIndex.take, [], falling(3000)

    def take(self, labels):
        found = taken(self, labels)
        if not len(labels) and not came:  # the graph has all there are, and is asked next
            came.append(labels)
            self.add(np.arange(1000, 3000), rows[1000:])
        return found

    monkeypatch.setattr(ExactIndex, "take", take)
    index = HybridIndex(DIMENSION, KEY, None, hnsw_from=500, threads=2)
    index.fill([(np.arange(1000), rows[:1000])])
    state = built(index)
    assert came
    assert (state.kind, state.problem, state.count) == ("hnsw", "", 3000)
    assert index._graph.graph.dimension == NUMBERS[0], "none of more numbers was wanted"
    index.close()
