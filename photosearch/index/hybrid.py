"""The index the engine uses: exact always, a graph beside it once there are enough rows.

Knows when which of the two answers and keeps the graph in step; `building` makes it, in a
background thread. Every score it returns is the exact one.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final, Literal

from photosearch.errors import PhotoSearchError
from photosearch.index.building import REBUILD_ABOVE, GraphMaker, Made, minus, wear
from photosearch.index.cache import IndexCache
from photosearch.index.exact import ExactIndex
from photosearch.index.halves import Halves
from photosearch.index.pieces import Pieces
from photosearch.index.protocol import Scores
from photosearch.index.reduced import ReducedGraph
from photosearch.memory import give_back
from photosearch.types import Ids, ModelKey, Vector, Vectors

log = logging.getLogger(__name__)

# At 512 numbers the graph (with exact scores) is faster from 30,000 rows on for 50 results and
# from 50,000 on for 1,000 (4 and 10 ms against 8-12 ms, exact); below, exact finds everything.
HNSW_FROM: Final = 50_000
GRAPH_K_MOST: Final = 1000  # more results than this cost the graph more than comparing all
KEEP_FROM: Final = 10_000  # rows of a graph that is not complete: some 10 s of building
# A file of a gigabyte is not written anew for some rows: those that it lacks are added when it is
# opened. Shares of the rows and of where graphs begin; adding 10,000 takes some seconds.
SAVE_ABOVE: Final = 0.01
SAVE_LEAST: Final = 0.1


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
        self._exact = ExactIndex(dimension)
        self._graph: ReducedGraph | None = None  # answers; None until it holds every row
        self._writing = threading.RLock()  # exact and graph change together
        self._saving = threading.Lock()
        self._stop = threading.Event()
        self._maker = GraphMaker(self._exact, model_key, cache, threads, self._stop, build=build)
        self._builder: threading.Thread | None = None  # in which it works
        self._filling = False
        self._version = 0  # of the graph's content
        self._saved_version = -1
        self._unsaved = 0  # rows that changed since the graph was saved, or opened
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
            self._maker.declined = False
            self._start_if_needed()

    def add(self, labels: Ids, vectors: Vectors) -> None:
        """Add rows; a label that is there keeps its vector."""
        with self._writing:
            before = len(self._exact)
            self._exact.add(labels, vectors)
            if len(self._exact) == before:
                return
            changed = len(self._exact) - before
            self._tell_graph(changed, lambda graph: graph.add(*self._exact.take(labels)))

    def remove(self, labels: Ids) -> None:
        """Forget labels; those not there are ignored."""
        with self._writing:
            before = len(self._exact)
            self._exact.remove(labels)
            if len(self._exact) == before:
                return
            changed = before - len(self._exact)
            self._tell_graph(changed, lambda graph: graph.remove(labels))

    def search(self, query: Vector, k: int, allowed: Ids | None = None) -> tuple[Ids, Scores]:
        """Return at most `k` labels (of the allowed ones) and their exact scores, best first."""
        graph = self._graph
        if (
            graph is not None
            and allowed is None
            and k <= GRAPH_K_MOST
            and len(self._exact) >= self._hnsw_from
        ):
            found = graph.search(query, k, self._exact)
            if found is not None and len(found[0]) == min(k, len(self._exact)):
                return found  # of fewer, some were removed meanwhile
        return self._exact.search(query, k, allowed)

    # --- rows of a file ---

    def map(self, labels: Ids, mapped: Halves) -> None:
        """Begin with rows that lie in a file; only while there are none."""
        self._exact.map(labels, mapped)

    def snapshot(self) -> tuple[Ids, Ids, Pieces]:
        """Return all labels, those of them that are removed, and the rows, as they are now."""
        return self._exact.snapshot()

    def let_go(self, labels: Ids, mapped: Halves) -> None:
        """Give memory back: the rows of these labels, of a snapshot, lie in a file now."""
        self._exact.let_go(labels, mapped)

    def state(self) -> IndexState:
        """Return how the index stands; never waits for a build or an addition."""
        count, graph, growing = len(self._exact), self._graph, self._maker.growing
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
                graph, growing, version = self._graph, self._maker.growing, self._version
            if self._cache is None:
                return False
            if graph is None:
                return self._keep(growing, self._cache)
            if version == self._saved_version or not self._worth_writing():
                return False
            # Additions that slip in while writing only make the file newer than we say.
            self._unsaved = 0
            if not self._write(graph, self._cache):
                return False
            self._saved_version = version
            return True

    def _worth_writing(self) -> bool:
        """Whether the file, which is written whole, lacks enough; a failed one is tried again."""
        least = max(SAVE_LEAST * self._hnsw_from, SAVE_ABOVE * len(self._exact))
        return self._saved_version < 0 or self._unsaved >= least or bool(self._save_problem)

    def _keep(self, growing: ReducedGraph | None, cache: IndexCache) -> bool:
        """Write a graph that is not complete: it goes on from there the next time."""
        if growing is None or len(growing) - self._maker.on_disk < KEEP_FROM:
            return False
        count = len(growing)
        if not self._write(growing, cache):
            return False
        self._maker.on_disk = count
        return True

    def _write(self, graph: ReducedGraph, cache: IndexCache) -> bool:
        try:
            cache.save(graph.graph, self.model_key, graph.reduction, graph.fit)
        except PhotoSearchError as error:
            self._save_problem = str(error)
            return False
        self._save_problem = ""
        return True

    def close(self) -> None:
        """Stop a build at its next chunk and wait for its thread; does not save."""
        self._stop.set()
        with self._writing:  # nobody starts another one after this
            builder = self._builder
        if builder is not None:
            builder.join()

    def _tell_graph(self, changed: int, change: Callable[[ReducedGraph], None]) -> None:
        """Make the same change in the graph; one that fails no longer answers (holding `_writing`).

        The rows are in the exact index by then, so nothing is lost (there may be no memory for
        doubling a graph of gigabytes).
        """
        if self._graph is not None:
            self._version += 1
            self._unsaved += changed
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
        if self._build_problem or self._maker.declined:
            return
        if len(self._exact) < self._hnsw_from:
            return
        if self._graph is None or wear(self._graph) > REBUILD_ABOVE:
            self._builder = threading.Thread(target=self._build, name="index-build", daemon=True)
            self._builder.start()

    def _building(self) -> bool:
        return self._builder is not None and self._builder.is_alive()

    def _build(self) -> None:
        """Have a graph made, and let it answer."""
        try:
            made = self._maker.make(opening=self._graph is None)
            self._build_problem = self._maker.problem
            if made is None:
                if self._maker.problem:  # no graph of these rows is good: a worn one is no better
                    with self._writing:
                        self._graph = None
                return
            with self._writing:
                self._publish(made)
            give_back()  # what loading, measuring and comparing took for a while
            if not made.on_disk or len(made.graph) - made.on_disk >= KEEP_FROM:
                self.save()
        except Exception as error:  # the border of this thread: exact answers on
            log.exception("building the search index failed")
            self._build_problem = f"The search index could not be built: {error}"

    def _publish(self, made: Made) -> None:
        """Make the graph equal to the exact rows and let it answer (holding `_writing`)."""
        graph = made.graph
        missing = minus(self._exact.labels(), graph.labels())
        gone = minus(graph.labels(), self._exact.labels())
        graph.add(*self._exact.take(missing))
        graph.remove(gone)
        self._version += 1
        self._unsaved += len(graph) - made.on_disk + len(gone)
        if made.on_disk:  # what its file lacks may be too little to write all of it anew
            self._saved_version = self._version - bool(self._unsaved)
        self._graph = graph
