"""The index the engine uses: exact always, a graph beside it once there are enough rows.

Knows when which of the two answers and keeps the graph in step, in a background thread where
that takes long. Every score it returns is the exact one.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from photosearch.errors import PhotoSearchError
from photosearch.index.cache import IndexCache
from photosearch.index.exact import ExactIndex
from photosearch.index.hnsw import ADD_AT_ONCE, HnswIndex
from photosearch.index.protocol import Scores
from photosearch.types import Ids, ModelKey, Vector, Vectors

log = logging.getLogger(__name__)

# At 512 numbers the graph (with exact scores) is faster from 30,000 rows on for 50 results and
# from 50,000 on for 1,000 (4 and 10 ms against 8-12 ms, exact); below, exact finds everything.
HNSW_FROM: Final = 50_000
GRAPH_K_MOST: Final = 1000  # more results than this cost the graph more than comparing all
FINISH_BELOW: Final = 2 * ADD_AT_ONCE  # rows added while additions wait, to end the catching up
REBUILD_ABOVE: Final = 0.3  # share of removed rows in the graph
KEEP_FROM: Final = 10_000  # rows of a graph that is not complete: some 10 s of building


@dataclass(frozen=True, slots=True)
class IndexState:
    """How the index stands; `problem` says why there is no graph or no saved one, if so."""

    count: int
    kind: Literal["exact", "building", "hnsw"]
    progress: float  # 0..1, of the graph
    saved: bool  # whether the graph on disk is the graph in memory
    problem: str = ""


class HybridIndex:
    """A `VectorIndex` that is exact while that is fast and approximate beyond."""

    def __init__(
        self,
        dimension: int,
        model_key: ModelKey,
        cache: IndexCache | None,
        hnsw_from: int = HNSW_FROM,
        threads: int | None = None,
        *,
        build: bool = True,
    ) -> None:
        """`build` says whether a graph is built where there is none on disk."""
        self.dimension = dimension
        self.model_key = model_key
        self._cache = cache
        self._hnsw_from = hnsw_from
        self._threads = threads
        self._may_build = build
        self._exact = ExactIndex(dimension)
        self._graph: HnswIndex | None = None  # answers; None until it holds every row
        self._growing: HnswIndex | None = None  # being built
        self._writing = threading.RLock()  # exact and graph change together
        self._saving = threading.Lock()
        self._stop = threading.Event()
        self._builder: threading.Thread | None = None
        self._filling = False
        self._declined = False  # there was no good graph on disk, and none may be built
        self._kept = 0  # rows of the graph that grows that are on disk
        self._version = 0  # of the graph's content
        self._saved_version = -1
        self._build_problem = ""
        self._save_problem = ""

    def __len__(self) -> int:
        return len(self._exact)

    def labels(self) -> Ids:
        """Return all labels, ascending."""
        return self._exact.labels()

    def fill(self, batches: Iterable[tuple[Ids, Vectors]]) -> None:
        """Add all rows there are, then open the saved graph or build one, in the background."""
        self._filling = True
        try:
            for labels, vectors in batches:
                self.add(labels, vectors)
        finally:
            self._filling = False
        with self._writing:
            self._build_problem = ""
            self._start_if_needed()

    def add(self, labels: Ids, vectors: Vectors) -> None:
        """Add rows; a label that is there keeps its vector."""
        with self._writing:
            before = len(self._exact)
            self._exact.add(labels, vectors)
            if len(self._exact) == before:
                return
            self._tell_graph(lambda graph: graph.add(*self._exact.take(labels)))

    def remove(self, labels: Ids) -> None:
        """Forget labels; those not there are ignored."""
        with self._writing:
            before = len(self._exact)
            self._exact.remove(labels)
            if len(self._exact) == before:
                return
            self._tell_graph(lambda graph: graph.remove(labels))

    def search(self, query: Vector, k: int, allowed: Ids | None = None) -> tuple[Ids, Scores]:
        """Return at most `k` labels (of the allowed ones) and their exact scores, best first."""
        graph = self._graph
        if (
            graph is not None
            and allowed is None
            and k <= GRAPH_K_MOST
            and len(self._exact) >= self._hnsw_from
        ):
            found = graph.nearest(query, k)
            if found is not None:
                ids, scores = self._exact.search(query, k, allowed=found[0])
                if len(ids) == min(k, len(self._exact)):  # else rows were removed meanwhile
                    return ids, scores
        return self._exact.search(query, k, allowed)

    def state(self) -> IndexState:
        """Return how the index stands; never waits for a build or an addition."""
        count, graph, growing = len(self._exact), self._graph, self._growing
        problem = self._build_problem or self._save_problem
        if graph is not None:
            saved = self._saved_version == self._version
            return IndexState(count, "hnsw", 1.0, saved, problem)
        if self._building():
            done = 0 if growing is None else len(growing)
            return IndexState(count, "building", min(1.0, done / max(1, count)), False, problem)
        return IndexState(count, "exact", 0.0, False, problem)

    def save(self) -> bool:
        """Write the graph to the cache if it changed since; return whether it was written.

        One that is being built is written as far as it has come, once that is worth it.
        Failing is no error for the caller, since nothing is lost: `state().problem` says why.
        """
        with self._saving:
            with self._writing:
                graph, growing, version = self._graph, self._growing, self._version
            if self._cache is None:
                return False
            if graph is None:
                return self._keep(growing, self._cache)
            if version == self._saved_version:
                return False
            try:
                self._cache.save(graph, self.model_key)
            except PhotoSearchError as error:
                self._save_problem = str(error)
                return False
            # Additions that slipped in while writing only make the file newer than we say.
            self._saved_version = version
            self._save_problem = ""
            return True

    def _keep(self, growing: HnswIndex | None, cache: IndexCache) -> bool:
        """Write a graph that is not complete: it goes on from there the next time."""
        if growing is None or len(growing) - self._kept < KEEP_FROM:
            return False
        count = len(growing)
        try:
            cache.save(growing, self.model_key)
        except PhotoSearchError as error:
            self._save_problem = str(error)
            return False
        self._kept = count
        self._save_problem = ""
        return True

    def close(self) -> None:
        """Stop a build at its next chunk and wait for its thread; does not save."""
        self._stop.set()
        with self._writing:  # nobody starts another one after this
            builder = self._builder
        if builder is not None:
            builder.join()

    def _tell_graph(self, change: Callable[[HnswIndex], None]) -> None:
        """Make the same change in the graph; one that fails no longer answers (holding `_writing`).

        The rows are in the exact index by then, so nothing is lost (there may be no memory for
        doubling a graph of gigabytes).
        """
        if self._graph is not None:
            self._version += 1
            try:
                change(self._graph)
            except (RuntimeError, MemoryError) as error:
                log.exception("changing the search index failed")
                self._graph = None
                self._build_problem = f"The search index could not be changed: {error}"
        self._start_if_needed()

    def _start_if_needed(self) -> None:
        """Start the builder when there are enough rows and no good graph (holding `_writing`)."""
        if self._filling or self._stop.is_set() or self._building():
            return
        if self._build_problem or self._declined:
            return
        if len(self._exact) < self._hnsw_from:
            return
        if self._graph is None or _wear(self._graph) > REBUILD_ABOVE:
            self._builder = threading.Thread(target=self._build, name="index-build", daemon=True)
            self._builder.start()

    def _building(self) -> bool:
        return self._builder is not None and self._builder.is_alive()

    def _build(self) -> None:
        """Open the saved graph or start an empty one, and bring it up to the exact rows."""
        try:
            loaded = self._open() if self._graph is None else None
            if not self._may_build and (loaded is None or self._lag(loaded) > FINISH_BELOW):
                self._declined = True
                return
            graph = loaded
            if graph is None:
                graph = HnswIndex(self.dimension, capacity=len(self._exact), threads=self._threads)
            began = self._kept = len(graph)
            self._growing = graph
            done = self._catch_up(graph, as_saved=loaded is not None)
            if done and (loaded is None or len(graph) - began >= KEEP_FROM):
                self.save()
        except Exception as error:  # the border of this thread: exact answers on
            log.exception("building the search index failed")
            self._build_problem = f"The search index could not be built: {error}"
        finally:
            self._growing = None

    def _open(self) -> HnswIndex | None:
        """Return the saved graph unless too many of its rows are gone."""
        if self._cache is None:
            return None
        opened = self._cache.open(self.model_key, self.dimension, self._threads)
        if opened.index is None:
            log.info("no saved search index: %s", opened.reason)
            return None
        gone = len(_minus(opened.index.labels(), self._exact.labels()))
        return None if _wear(opened.index, gone) > REBUILD_ABOVE else opened.index

    def _lag(self, graph: HnswIndex) -> int:
        return len(_minus(self._exact.labels(), graph.labels()))

    def _catch_up(self, graph: HnswIndex, as_saved: bool) -> bool:
        """Add what the graph lacks until little is left, then let it answer; False if stopped."""
        while not self._stop.is_set():
            missing = _minus(self._exact.labels(), graph.labels())
            if len(missing) <= FINISH_BELOW:
                with self._writing:
                    self._publish(graph, as_saved)
                return True
            as_saved = False
            for start in range(0, len(missing), ADD_AT_ONCE):
                if self._stop.is_set():
                    return False
                graph.add(*self._exact.take(missing[start : start + ADD_AT_ONCE]))
        return False

    def _publish(self, graph: HnswIndex, as_saved: bool) -> None:
        """Make the graph equal to the exact rows and let it answer (holding `_writing`)."""
        missing = _minus(self._exact.labels(), graph.labels())
        gone = _minus(graph.labels(), self._exact.labels())
        graph.add(*self._exact.take(missing))
        graph.remove(gone)
        self._version += 1
        if as_saved and not len(missing) and not len(gone):
            self._saved_version = self._version
        self._graph = graph


def _minus(labels: Ids, others: Ids) -> Ids:
    return np.setdiff1d(labels, others, assume_unique=True)


def _wear(graph: HnswIndex, gone: int = 0) -> float:
    """Return the share of rows in the graph that are only in the way."""
    removed = graph.removed_count
    return (removed + gone) / max(1, removed + len(graph))
