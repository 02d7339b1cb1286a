"""Approximate search over a graph (HNSW), by hnswlib. The only module that imports hnswlib.

Knows labels and vectors and how to write its graph to a file; whether a file may be trusted
is `cache`'s business, because hnswlib crashes the process on a damaged one.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from photosearch.errors import StoreError
from photosearch.index.arrays import (
    NO_IDS,
    ascending,
    checked_query,
    checked_rows,
    frozen,
    positions,
)
from photosearch.index.lock import SharedLock
from photosearch.types import Ids, Vector, Vectors

# Measured with vectors as CLIP's, reduced and with their mean taken off (tests/bench/README.md).
# 100,000 are found with M 12 and 100 as well, for half the time to build. In a million each photo
# has more like it than such a graph has candidates for links: it misses a twentieth of what there
# is. Whole vectors with their mean in them needed M 24 and 300 to reach 0.98 for words.
M: Final = 20
EF_CONSTRUCTION: Final = 200
EF_LEAST: Final = 800
EF_STEP: Final = 400
FIRST_CAPACITY: Final = 1024
GROWTH: Final = 1.5  # of what is full
ADD_AT_ONCE: Final = 64  # rows a query may have to wait for: 50 ms on 2 cores
MOST_THREADS: Final = 8  # must stay below ADD_AT_ONCE / 4, or hnswlib adds with one thread
NOT_ENOUGH: Final = "contiguous 2D array"  # hnswlib reached fewer than k rows


@dataclass(frozen=True, slots=True)
class Content:
    """What a saved graph holds: labels that are found, and those marked removed; ascending."""

    labels: Ids
    removed: Ids


def search_effort(k: int) -> int:
    """Return hnswlib's `ef` for `k` results: in few steps, because changing it halts everybody."""
    return max(EF_LEAST, EF_STEP * -(-2 * k // EF_STEP))


class HnswIndex:
    """Labels with vectors, and which are near a query, by a look at a few thousand of a million.

    Rows cannot be taken out of the graph: a removed one stays, marked, until the graph is
    built anew (`removed` says which).
    """

    def __init__(self, dimension: int, *, capacity: int = 0, threads: int | None = None) -> None:
        self.dimension = dimension
        self.threads = min(MOST_THREADS, threads or os.cpu_count() or 1)
        self._lock = SharedLock()
        self._ef = search_effort(0)
        self._labels: Ids = np.empty(0, np.int64)  # all in the graph, ascending; room behind
        self._count = 0  # of them
        self._removed: set[int] = set()
        self._graph = _new_graph(dimension)
        self._graph.init_index(
            max_elements=max(capacity, FIRST_CAPACITY), M=M, ef_construction=EF_CONSTRUCTION
        )
        self._graph.set_ef(self._ef)

    def __len__(self) -> int:
        return self._count - len(self._removed)

    def labels(self) -> Ids:
        """Return all labels, ascending."""
        with self._lock.shared():
            return self._live()

    def removed(self) -> Ids:
        """Return the labels that are marked removed but still take room, ascending."""
        with self._lock.shared():
            return _sorted(self._removed)

    @property
    def removed_count(self) -> int:
        """How many labels are marked removed."""
        return len(self._removed)

    def add(self, labels: Ids, vectors: Vectors, at_once: int = ADD_AT_ONCE) -> None:
        """Add rows in chunks, between which queries run; a known label keeps its vector."""
        labels, vectors = checked_rows(labels, vectors, self.dimension)
        for start in range(0, len(labels), at_once):
            part = slice(start, start + at_once)
            with self._lock.alone():
                self._add(labels[part], vectors[part])

    def remove(self, labels: Ids) -> None:
        """Mark labels removed; those not here are ignored."""
        with self._lock.alone():
            known = self._known()
            for label in known[positions(known, ascending(labels))].tolist():
                if label not in self._removed:
                    self._graph.mark_deleted(label)
                    self._removed.add(label)

    def around(self, query: Vector, k: int, effort: int) -> Ids | None:
        """Return the `k` nearest by the graph, in no order: a shortlist; None for too few.

        `effort` is hnswlib's `ef`, at least `k`.
        """
        query = checked_query(query, self.dimension)
        if effort == self._ef:
            with self._lock.shared():
                if effort == self._ef:
                    return self._nearest(query, k)
        with self._lock.alone():  # the graph has one ef for everybody
            self._ef = effort
            self._graph.set_ef(effort)
            return self._nearest(query, k)

    def save(self, path: Path) -> Content:
        """Write the graph to `path`, whole or not at all, and return what it holds.

        StoreError says what went wrong.

        hnswlib holds the interpreter for the whole time (2 s a GB).
        """
        part = path.with_name(path.name + ".part")
        with self._lock.shared():
            try:
                self._graph.save_index(_native(part))
                expected = self._graph.index_file_size()
                with part.open("rb+") as file:
                    os.fsync(file.fileno())
                # hnswlib does not notice a full disk.
                if part.stat().st_size != expected:
                    raise StoreError(f"The index could not be written to {path}: is the disk full?")
                part.replace(path)
                return Content(self._live(), _sorted(self._removed))
            except (OSError, RuntimeError, UnicodeError) as error:
                raise StoreError(f"The index could not be written to {path}: {error}") from error
            finally:
                part.unlink(missing_ok=True)

    @classmethod
    def load(
        cls,
        path: Path,
        dimension: int,
        removed: Iterable[int] = (),
        threads: int | None = None,
    ) -> HnswIndex:
        """Read a graph that `save` wrote; `removed` is what `removed()` was then.

        The file must be known to be whole: a damaged one may crash the process.
        """
        index = cls(dimension, threads=threads)
        graph = _new_graph(dimension)
        try:
            graph.load_index(_native(path))
        except (RuntimeError, UnicodeError) as error:
            raise StoreError(f"The index {path} could not be read: {error}") from error
        graph.set_ef(index._ef)
        index._graph = graph
        index._labels = _sorted(graph.get_ids_list())
        index._count = len(index._labels)
        known = index._labels[positions(index._labels, ascending(_sorted(removed)))]
        index._removed = set(known.tolist())
        return index

    def _add(self, labels: Ids, vectors: Vectors) -> None:
        known = positions(labels, self._known_among(labels))
        for label in self._removed.intersection(labels[known].tolist()):
            self._graph.unmark_deleted(label)
            self._removed.remove(label)
        fresh = np.delete(np.arange(len(labels)), known)
        if not len(fresh):
            return
        room = self._graph.get_max_elements()
        needed = self._graph.get_current_count() + len(fresh)
        if needed > room:
            self._graph.resize_index(max(needed, int(GROWTH * room)))
        self._graph.add_items(vectors[fresh], labels[fresh], num_threads=self.threads)
        self._remember(labels[fresh])

    def _known(self) -> Ids:
        """Return all labels in the graph, also removed ones."""
        return self._labels[: self._count]

    def _known_among(self, labels: Ids) -> Ids:
        known = self._known()
        return known[positions(known, labels)]

    def _live(self) -> Ids:
        """Return the labels that are not removed, a copy."""
        known = self._known()
        if not self._removed:
            return frozen(known.copy())
        return frozen(np.delete(known, positions(known, _sorted(self._removed))))

    def _remember(self, labels: Ids) -> None:
        """Note that labels are in the graph; mostly they are higher than all before."""
        count = self._count + len(labels)
        if count > len(self._labels):
            larger = np.empty(max(count, int(GROWTH * len(self._labels))), np.int64)
            larger[: self._count] = self._known()
            self._labels = larger
        self._labels[self._count : count] = labels
        if self._count and labels[0] < self._labels[self._count - 1]:
            self._labels[:count].sort(kind="stable")
        self._count = count

    def _nearest(self, query: Vector, k: int) -> Ids | None:
        k = min(k, len(self))
        if k <= 0:
            return NO_IDS
        try:
            labels, _distances = self._graph.knn_query(query[None], k=k, num_threads=1)
        except RuntimeError as error:
            if NOT_ENOUGH in str(error):
                return None
            raise
        return frozen(labels[0].astype(np.int64))


def _sorted(labels: Iterable[int]) -> Ids:
    ids = np.fromiter(labels, np.int64)
    ids.sort()
    return frozen(ids)


def _new_graph(dimension: int) -> Any:
    import hnswlib

    return hnswlib.Index(space="ip", dim=dimension)


def _native(path: Path) -> bytes:
    """Return the path in the bytes that C++ streams understand, which on Windows is not UTF-8."""
    return os.fsencode(path) if os.name != "nt" else str(path).encode("mbcs", "strict")
