"""Exact, graph and hybrid index against a plain dictionary, through any order of operations."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from photosearch.index import ExactIndex, HybridIndex, IndexCache
from photosearch.index.hnsw import search_effort
from photosearch.index.pair import GraphPair
from photosearch.types import ModelKey

DIMENSION = 8
KEY = ModelKey("model")
LABELS = st.lists(st.integers(0, 3000), max_size=150)


def vector_of(label: int) -> np.ndarray:
    """Return the vector of a label, which never changes; every 16 labels are close together."""
    near = np.random.default_rng(label // 16).standard_normal(DIMENSION)
    row = near + 0.4 * np.random.default_rng(label + 10_000).standard_normal(DIMENSION)
    return (row / np.linalg.norm(row)).astype(np.float32)


class IndexMachine(RuleBasedStateMachine):
    @initialize()
    def start(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.cache = IndexCache(Path(self.folder.name))
        self.truth: dict[int, np.ndarray] = {}
        self.exact = ExactIndex(DIMENSION, mirror_below=200)
        self.graph = GraphPair(DIMENSION, threads=1)
        self.hybrid = self.new_hybrid()

    def new_hybrid(self) -> HybridIndex:
        return HybridIndex(DIMENSION, KEY, self.cache, hnsw_from=100, threads=1)

    def all(self) -> tuple[ExactIndex, GraphPair, HybridIndex]:
        return self.exact, self.graph, self.hybrid

    def settled(self) -> None:
        builder = self.hybrid._builder
        if builder is not None:
            builder.join(60)
        assert self.hybrid.state().problem == ""

    @rule(labels=LABELS)
    def add(self, labels: list[int]) -> None:
        rows = [vector_of(label) for label in labels]
        vectors = np.array(rows, np.float32).reshape(-1, DIMENSION)
        for index in self.all():
            index.add(np.array(labels, np.int64), vectors)
        self.truth.update(zip(labels, rows, strict=True))

    @rule(first=st.integers(3001, 6000), count=st.integers(1, 900))
    def add_many(self, first: int, count: int) -> None:
        """Grow beyond the first capacity."""
        self.add(list(range(first, first + count)))

    @rule(labels=LABELS)
    def remove(self, labels: list[int]) -> None:
        for index in self.all():
            index.remove(np.array(labels, np.int64))
        for label in labels:
            self.truth.pop(label, None)

    @rule(share=st.floats(0, 1), seed=st.integers(0, 9))
    def remove_share(self, share: float, seed: int) -> None:
        here = np.array(sorted(self.truth), np.int64)
        chosen = here[np.random.default_rng(seed).random(len(here)) < share]
        self.remove(chosen.tolist())

    @rule(seed=st.integers(0, 10_000), k=st.integers(0, 1200))
    def search(self, seed: int, k: int) -> None:
        query = vector_of(seed)
        labels, scores = self.expected(query, sorted(self.truth), k)
        for index in (self.exact, self.hybrid):
            found, found_scores = index.search(query, k)
            assert len(found) == len(labels) == len(set(found.tolist()))
            assert set(found.tolist()) <= self.truth.keys()
            assert (np.diff(found_scores) <= 0).all()
            own = [float(self.truth[label] @ query) for label in found.tolist()]
            np.testing.assert_allclose(found_scores, own, atol=2e-3)
        np.testing.assert_allclose(self.exact.search(query, k)[1], scores, atol=2e-3)
        if len(labels):
            near = scores[-1] - 2e-3  # by score: equals may be exchanged
            assert (self.hybrid.search(query, k)[1] >= near).mean() >= 0.9
        self.look_around(query, k, scores)

    def look_around(self, query: np.ndarray, k: int, scores: np.ndarray) -> None:
        """The graphs' shortlist has the best, each label once and none that is gone."""
        around = self.graph.around(query, k, search_effort(k))
        if around is None:  # too few are reached: whoever asks compares all
            return
        found = around.tolist()
        assert len(found) == len(set(found)) >= len(scores)
        assert set(found) <= self.truth.keys()
        if len(scores):
            own = np.array([float(self.truth[label] @ query) for label in found])
            assert (own >= scores[-1] - 2e-3).sum() >= 0.9 * len(scores)

    @rule(seed=st.integers(0, 10_000), k=st.integers(0, 60), allowed=LABELS)
    def search_filtered(self, seed: int, k: int, allowed: list[int]) -> None:
        query = vector_of(seed)
        inside = sorted(self.truth.keys() & set(allowed))
        labels, scores = self.expected(query, inside, k)
        for index in (self.exact, self.hybrid):
            found, found_scores = index.search(query, k, np.array(allowed, np.int64))
            assert len(found) == len(labels)
            assert set(found.tolist()) <= set(inside)
            np.testing.assert_allclose(found_scores, scores, atol=2e-3)

    @rule()
    def save_and_load_the_graph(self) -> None:
        path = Path(self.folder.name) / "graph"
        content = self.graph.save(path)
        self.graph = GraphPair.load(path, DIMENSION, content.removed.tolist(), threads=1)

    @rule()
    def let_the_build_finish(self) -> None:
        self.settled()
        if len(self.truth) >= 100:
            assert self.hybrid.state().kind == "hnsw"

    @rule(save=st.booleans(), lost=LABELS)
    def restart(self, save: bool, lost: list[int]) -> None:
        """Close, let rows vanish from the library meanwhile, and open again."""
        self.settled()
        if save:
            self.hybrid.save()
        self.hybrid.close()
        self.exact.remove(np.array(lost, np.int64))
        self.graph.remove(np.array(lost, np.int64))
        for label in lost:
            self.truth.pop(label, None)
        self.hybrid = self.new_hybrid()
        labels = np.array(sorted(self.truth), np.int64)
        rows = np.array([self.truth[label] for label in labels.tolist()], np.float32)
        self.hybrid.fill([(labels, rows.reshape(-1, DIMENSION))])

    @invariant()
    def same_labels(self) -> None:
        expected = sorted(self.truth)
        for index in self.all():
            assert index.labels().tolist() == expected
            assert len(index) == len(expected)

    def expected(self, query: np.ndarray, labels: list[int], k: int) -> tuple[np.ndarray, ...]:
        rows = np.array([self.truth[label] for label in labels], np.float32)
        scores = rows.reshape(-1, DIMENSION) @ query
        order = np.argsort(-scores, kind="stable")[: max(0, k)]
        return np.array(labels, np.int64)[order], scores[order]

    def teardown(self) -> None:
        if hasattr(self, "hybrid"):
            self.hybrid.close()
            self.folder.cleanup()


TestIndexMachine = IndexMachine.TestCase
TestIndexMachine.settings = settings(max_examples=25, stateful_step_count=25, deadline=None)
