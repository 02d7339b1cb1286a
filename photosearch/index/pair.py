"""Two graphs with half of the rows each, through which a search walks at the same time.

A walk takes as long as the memory it jumps about in answers, on one core; what a search of a
million rows takes is mostly that. Two walks with half the effort each find as much on two cores
in little more than half the time. Where only one core is free they take what one walk would.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from math import ceil, sqrt
from pathlib import Path
from typing import Final, TypeVar

import numpy as np

from photosearch.errors import StoreError
from photosearch.index.arrays import frozen
from photosearch.index.hnsw import ADD_AT_ONCE, Content, HnswIndex
from photosearch.types import Ids, Vector, Vectors

_Judged = TypeVar("_Judged")

HALVES: Final = 2
SPREAD: Final = 4.0  # standard deviations by which one half may have more of the nearest


class GraphPair:
    """What an `HnswIndex` is: a row is in the half that its label says."""

    def __init__(
        self,
        dimension: int,
        *,
        capacity: int = 0,
        threads: int | None = None,
        graphs: tuple[HnswIndex, ...] = (),
    ) -> None:
        """`graphs` are the halves, where there are some; else empty ones are made."""
        room = -(-capacity // HALVES)
        self.dimension = dimension
        self._graphs = graphs or tuple(
            HnswIndex(dimension, capacity=room, threads=threads) for _ in range(HALVES)
        )
        self._walker = ThreadPoolExecutor(1, "index-walk")  # its thread ends with the graphs

    def __len__(self) -> int:
        return sum(map(len, self._graphs))

    def labels(self) -> Ids:
        """Return all labels, ascending."""
        return _joined([graph.labels() for graph in self._graphs])

    def removed(self) -> Ids:
        """Return the labels that are marked removed but still take room, ascending."""
        return _joined([graph.removed() for graph in self._graphs])

    @property
    def removed_count(self) -> int:
        """How many labels are marked removed."""
        return sum(graph.removed_count for graph in self._graphs)

    def add(self, labels: Ids, vectors: Vectors, at_once: int = ADD_AT_ONCE) -> None:
        """Add rows in chunks, between which queries run; a known label keeps its vector."""
        halves = np.asarray(labels) % HALVES
        for half, graph in enumerate(self._graphs):
            mine = np.flatnonzero(halves == half)
            graph.add(labels[mine], vectors[mine], at_once)

    def remove(self, labels: Ids) -> None:
        """Mark labels removed; those not here are ignored."""
        for graph in self._graphs:
            graph.remove(labels)

    def around(self, query: Vector, k: int, effort: int) -> Ids | None:
        """Return labels among which the `k` nearest by the graphs are, in no order.

        None where too few are reached. `effort` is hnswlib's `ef` of a walk through all rows.
        """
        parts = self.each_around(query, k, effort, lambda labels: labels)
        return None if parts is None else frozen(np.concatenate(parts))

    def each_around(
        self, query: Vector, k: int, effort: int, judge: Callable[[Ids], _Judged]
    ) -> list[_Judged] | None:
        """Return what `judge` makes of each half's part of `around`, on the thread that found it.

        Both are awake by then: to judge all on one of them takes a million rows 1.2 ms longer.
        """
        even, odd = self._graphs
        count = len(even) + len(odd)
        share = len(even) / max(1, count)

        def part_of(graph: HnswIndex, share: float) -> tuple[int, _Judged] | None:
            found = _walk(graph, query, k, effort, share)
            return None if found is None else (len(found), judge(found))

        elsewhere = self._walker.submit(part_of, odd, 1 - share)
        try:
            here = part_of(even, share)
        finally:
            there = elsewhere.result()
        if here is None or there is None or here[0] + there[0] < min(k, count):
            return None
        return [here[1], there[1]]

    def save(self, path: Path) -> Content:
        """Write the graphs to `files(path)` and return what they hold; see `HnswIndex.save`.

        A half that cannot be written leaves both files as they were. What ends between the two
        replacements leaves halves of two times: the manifest's checksum, of both, sees that.
        """
        new = [file.with_name(file.name + ".part") for file in files(path)]
        try:
            contents = [graph.save(file) for graph, file in zip(self._graphs, new, strict=True)]
            for written, file in zip(new, files(path), strict=True):
                written.replace(file)
        except OSError as error:
            raise StoreError(f"The index could not be written to {path}: {error}") from error
        finally:
            for written in new:
                written.unlink(missing_ok=True)
        return Content(
            _joined([content.labels for content in contents]),
            _joined([content.removed for content in contents]),
        )

    @classmethod
    def load(
        cls,
        path: Path,
        dimension: int,
        removed: Iterable[int] = (),
        threads: int | None = None,
    ) -> GraphPair:
        """Read the graphs that `save` wrote; see `HnswIndex.load`."""
        marked = tuple(removed)
        graphs = tuple(HnswIndex.load(file, dimension, marked, threads) for file in files(path))
        return cls(dimension, graphs=graphs)


def files(path: Path) -> tuple[Path, ...]:
    """Return where the halves of a graph at `path` lie."""
    return path, path.with_suffix(f".odd{path.suffix}")


def part(count: int, share: float) -> int:
    """Return how many of the nearest `count` are in a share of the rows, but for rare chance."""
    return min(count, ceil(count * share + SPREAD * sqrt(count * share * (1 - share))))


def _walk(graph: HnswIndex, query: Vector, k: int, effort: int, share: float) -> Ids | None:
    most = part(k, share)
    return graph.around(query, most, max(most, part(effort, share)))


def _joined(parts: list[Ids]) -> Ids:
    ids = np.concatenate(parts)
    ids.sort(kind="stable")  # ascending parts: it merges them
    return frozen(ids)
