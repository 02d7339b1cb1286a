"""Making the graph: opened from disk or built, brought up to the rows there are, and examined.

Runs in a thread of its own beside searches and additions; knows nothing of who answers. What it
returns lacks a few rows at most.
"""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from photosearch.index import shortlist
from photosearch.index.belonging import belongs
from photosearch.index.cache import IndexCache
from photosearch.index.exact import ExactIndex
from photosearch.index.hnsw import ADD_AT_ONCE
from photosearch.index.pair import GraphPair
from photosearch.index.poor import PoorVectors
from photosearch.index.reduced import ReducedGraph
from photosearch.index.reduction import Reduction
from photosearch.index.shortlist import Fit
from photosearch.types import Ids, ModelKey

log = logging.getLogger(__name__)

FINISH_BELOW: Final = 2 * ADD_AT_ONCE  # rows added while additions wait, to end the catching up
BUILD_AT_ONCE: Final = 512  # rows: nobody searches a graph that grows, and its threads keep busy
REBUILD_ABOVE: Final = 0.3  # share of removed rows in the graph
FIT_AGAIN: Final = 2.0  # times the rows there were when the graph was found good enough
TRIES: Final = 5  # to measure it while rows come and go
CHANGED_MOST: Final = 0.001  # share of the rows that may change meanwhile
MISSES: Final = "The search graph would miss photos, so all photos are compared, which is slower."


@dataclass(frozen=True, slots=True)
class Made:
    """A graph that is good enough, and how many of its rows its file has."""

    graph: ReducedGraph
    on_disk: int  # 0 where the file, if there is one, does not say that it is good enough


class GraphMaker:
    """Makes graphs over the rows of an exact index, one at a time."""

    def __init__(
        self,
        exact: ExactIndex,
        model_key: ModelKey,
        cache: IndexCache | None,
        threads: int | None,
        stop: threading.Event,
        *,
        build: bool,
    ) -> None:
        """`build` says whether a graph is built where there is none on disk.

        `stop` ends `make` at its next chunk.
        """
        self._exact = exact
        self._key = model_key
        self._cache = cache
        self._threads = threads
        self._may_build = build
        self._stop = stop
        self.growing: ReducedGraph | None = None  # not complete
        self.on_disk = 0  # rows of the graph that grows that are in its file
        self.declined = False  # there was no good graph on disk, and none may be built
        self.problem = ""  # why there is none, in a sentence

    def make(self, *, opening: bool) -> Made | None:
        """Return a graph, `opening` that on disk if it is good; None where there is to be none.

        `declined` and `problem` are of the last call.
        """
        self.declined, self.problem = False, ""
        try:
            return self._make(opening)
        finally:
            self.growing = None

    def _make(self, opening: bool) -> Made | None:
        loaded = self._open() if opening else None
        if not self._may_build:
            made = None if loaded is None else self._measured(loaded)
            self.declined = made is None
            return made
        if loaded is None:
            return self._build(above=0)
        if self._outgrown(loaded) and len(loaded) < len(self._exact) / FIT_AGAIN:
            return self._build(above=0)  # most of it has to be built in any case
        return self._renewed(loaded) or self._build(above=loaded.graph.dimension)

    def _measured(self, loaded: ReducedGraph) -> Made | None:
        """Return a graph from disk that lacks next to nothing, if it is good."""
        return None if self._lag(loaded) > FINISH_BELOW else self._renewed(loaded)

    def _renewed(self, loaded: ReducedGraph) -> Made | None:
        """Bring a graph from disk up to the rows there are; None where it is poor, or on `stop`."""
        if self._outgrown(loaded):
            loaded.fit = replace(loaded.fit, examined=False)
        return self._grown(loaded)

    def _outgrown(self, graph: ReducedGraph) -> bool:
        """Whether there are so many more rows that other numbers may tell them apart."""
        return len(self._exact) >= FIT_AGAIN * max(1, graph.fit.rows)

    def _build(self, above: int) -> Made | None:
        """Build graphs of more and more numbers a row until one is good enough.

        `above` is the number that was found not to be enough.
        """
        if self._stop.is_set():
            return None
        poor = PoorVectors(self._cache, self._key)
        if poor.known(self._exact):
            self.problem = MISSES
            return None
        examination = shortlist.examine(self._exact, self._stop)
        while not self._stop.is_set():
            reduction = shortlist.choose(self._exact, examination, above, self._stop)
            if self._stop.is_set():
                break
            made = self._grown(self._empty(reduction))
            if made is not None:
                return made
            if reduction is None and not self._stop.is_set():
                self.problem = MISSES
                poor.remember(self._exact)
                return None
            above = self._exact.dimension if reduction is None else reduction.numbers
        return None

    def _empty(self, reduction: Reduction | None) -> ReducedGraph:
        numbers = self._exact.dimension if reduction is None else reduction.numbers
        count = len(self._exact)
        graph = GraphPair(numbers, capacity=count, threads=self._threads)
        return ReducedGraph(graph, reduction, Fit(count))

    def _open(self) -> ReducedGraph | None:
        """Return the saved graph unless too many of its rows are gone."""
        if self._cache is None:
            return None
        opened = self._cache.open(self._key, self._exact.dimension, self._threads)
        if opened.index is None:
            log.info("no saved search index: %s", opened.reason)
            return None
        graph = ReducedGraph(opened.index, opened.reduction, opened.fit)
        if not belongs(graph, self._exact):
            log.warning("the saved search index is of another library and is built anew")
            return None
        gone = len(minus(graph.labels(), self._exact.labels()))
        return None if wear(graph, gone) > REBUILD_ABOVE else graph

    def _lag(self, graph: ReducedGraph) -> int:
        return len(minus(self._exact.labels(), graph.labels()))

    def _grown(self, graph: ReducedGraph) -> Made | None:
        """Add what the graph lacks until little is left; None where it is poor, or on `stop`."""
        self.on_disk = len(graph)
        self.growing = graph
        known = enough = graph.fit.examined
        while not self._stop.is_set():
            missing = minus(self._exact.labels(), graph.labels())
            if len(missing) > FINISH_BELOW:
                self._add(graph, missing)
            elif enough:
                return Made(graph, self.on_disk if known else 0)
            elif self._is_right(graph):  # rows may have come meanwhile: they are looked for again
                enough = True
            else:
                return None
        return None

    def _add(self, graph: ReducedGraph, labels: Ids) -> None:
        for start in range(0, len(labels), BUILD_AT_ONCE):
            if self._stop.is_set():
                return
            some = self._exact.take(labels[start : start + BUILD_AT_ONCE])
            graph.add(*some, at_once=BUILD_AT_ONCE)

    def _is_right(self, graph: ReducedGraph) -> bool:
        """Measure a graph that holds nearly all rows; one that is good need not be asked soon.

        One that cannot be measured is believed until it is opened the next time.
        """
        for _ in range(TRIES):
            before = self._exact.labels()  # first: what comes from here on counts as a change
            graph.remove(minus(graph.labels(), before))
            graph.add(*self._exact.take(minus(before, graph.labels())))
            recall = self._recall(graph)
            if self._stop.is_set():
                return False  # nothing was found out
            changed = len(np.setxor1d(before, self._exact.labels(), assume_unique=True))
            if changed <= CHANGED_MOST * len(before):
                break
        else:  # rows come and go too fast to judge by what was found
            return True
        log.info(
            "the search graph of %d numbers finds %.3f of what comparing all finds (among %d)",
            graph.graph.dimension,
            recall,
            graph.fit.least,
        )
        if recall >= shortlist.RECALL:
            graph.fit = replace(graph.fit, rows=len(before), examined=True)
        return recall >= shortlist.RECALL

    def _recall(self, graph: ReducedGraph) -> float:
        """Return what a graph finds with the shortest of the shortlists that are long enough."""
        examination = shortlist.examine(self._exact, self._stop)
        recall = 0.0
        for least in shortlist.LENGTHS:
            graph.fit = replace(graph.fit, least=least)
            recall = graph.recall(self._exact, examination)
            if recall >= shortlist.RECALL:
                break
        return recall


def minus(labels: Ids, others: Ids) -> Ids:
    """Return those of some labels that are not among others; both without repeats."""
    return np.setdiff1d(labels, others, assume_unique=True)


def wear(graph: ReducedGraph, gone: int = 0) -> float:
    """Return the share of rows in the graph that are only in the way."""
    removed = graph.removed_count
    return (removed + gone) / max(1, removed + len(graph))
