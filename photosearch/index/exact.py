"""Exact search: float16 rows in memory, every one compared. The truth the others answer to.

Knows labels and vectors; keeps nothing on disk. A reader works on one snapshot, so it never
waits for a writer and never sees half a batch.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, TypeVar

import numpy as np
import numpy.typing as npt

from photosearch.index.arrays import (
    NO_IDS,
    ascending,
    best,
    checked_query,
    checked_rows,
    frozen,
    frozen_scores,
    positions,
)
from photosearch.index.halves import Halves, products_of_floats, widened
from photosearch.index.pieces import Pieces
from photosearch.index.protocol import Scores
from photosearch.types import Ids, Vector, Vectors

Item = TypeVar("Item", bound=np.generic)

MIRROR_BELOW: Final = 20_000  # rows also kept as float32: 40 MB at 512 numbers, twice as fast
FIRST_CAPACITY: Final = 256
GROWTH: Final = 1.5  # of a buffer that is full
COMPACT_ABOVE: Final = 0.25  # share of removed rows at which they are really dropped


@dataclass(frozen=True, slots=True)
class _Rows:
    """What one search sees: rows ascending by label, some of them removed."""

    labels: Ids
    pieces: Pieces
    mirror: Vectors | None  # the same numbers as float32
    removed: npt.NDArray[np.bool_] | None
    live: int

    def living(self, at: Ids) -> Ids:
        """Leave out the positions that are removed."""
        return at if self.removed is None else at[~self.removed[at]]

    def positions(self, labels: Ids) -> Ids:
        """Return where those of the ascending labels stand that are here and not removed."""
        return self.living(positions(self.labels, labels))

    def scores(self, query: Vector, which: Ids | None = None) -> Scores:
        """Return the inner products of rows (or of some) with the query."""
        if self.mirror is None:
            return self.pieces.products(query, which)
        return products_of_floats(self.mirror if which is None else self.mirror[which], query)


class ExactIndex:
    """A `VectorIndex` that compares every row; scores are those of the float16 rows."""

    def __init__(self, dimension: int, mirror_below: int = MIRROR_BELOW) -> None:
        self.dimension = dimension
        self._mirror_below = mirror_below
        self._writing = threading.Lock()
        self._labels: Ids = np.empty(0, np.int64)  # buffers with room behind the used part
        self._mapped: Halves = np.empty((0, dimension), np.float16)
        self._halves: Halves = np.empty((0, dimension), np.float16)  # those that are not mapped
        self._mirror: Vectors | None = np.empty((0, dimension), np.float32)
        self._rows = _Rows(self._labels, Pieces(self._mapped, self._halves), self._mirror, None, 0)

    def __len__(self) -> int:
        return self._rows.live

    def labels(self) -> Ids:
        """Return all labels, ascending."""
        rows = self._rows
        return frozen((rows.labels if rows.removed is None else rows.labels[~rows.removed]).copy())

    def add(self, labels: Ids, vectors: Vectors) -> None:
        """Add rows; labels that are here already keep their vector."""
        labels, vectors = checked_rows(labels, vectors, self.dimension)
        with self._writing:
            rows = self._rows
            removed = rows.removed
            known = positions(rows.labels, labels)
            if len(known):
                if removed is not None:
                    removed = removed.copy()
                    removed[known] = False
                fresh = ~np.isin(labels, rows.labels[known], assume_unique=True)
                labels, vectors = labels[fresh], vectors[fresh]
            if len(labels) and len(rows.labels) and labels[0] < rows.labels[-1]:
                removed = self._insert(labels, vectors, removed)
            else:
                self._append(labels, vectors)
                if removed is not None:
                    removed = np.concatenate([removed, np.zeros(len(labels), np.bool_)])
            self._publish(len(rows.labels) + len(labels), removed)

    def remove(self, labels: Ids) -> None:
        """Forget labels; those not here are ignored."""
        with self._writing:
            rows = self._rows
            gone = rows.positions(ascending(labels))
            if not len(gone):
                return
            removed = np.zeros(len(rows.labels), np.bool_)
            if rows.removed is not None:
                removed |= rows.removed
            removed[gone] = True
            if np.count_nonzero(removed) > COMPACT_ABOVE * len(removed):
                keep = ~removed
                kept = np.flatnonzero(keep)
                self._replace(rows.labels[keep], rows.pieces.take(kept))
                self._publish(len(self._labels), None)
            else:
                self._publish(len(removed), removed)

    def search(self, query: Vector, k: int, allowed: Ids | None = None) -> tuple[Ids, Scores]:
        """Return at most `k` labels (of the allowed ones) and their scores, best first."""
        query = checked_query(query, self.dimension)
        rows = self._rows
        if k <= 0 or not rows.live:
            return NO_IDS, frozen_scores(np.empty(0, np.float32))
        if allowed is None:
            scores = rows.scores(query)
            if rows.removed is not None:
                scores[rows.removed] = -np.inf
            return best(rows.labels, scores, min(k, rows.live))
        which = rows.positions(ascending(allowed))
        if 2 * len(which) > len(rows.labels):  # gathering that many costs more than all of them
            return best(rows.labels[which], rows.scores(query)[which], k)
        return best(rows.labels[which], rows.scores(query, which), k)

    def take(self, labels: Ids) -> tuple[Ids, Vectors]:
        """Return those of the labels that are here, ascending, with their rows as float32."""
        rows = self._rows
        which = rows.positions(ascending(labels))
        return frozen(rows.labels[which]), widened(rows.pieces.take(which))

    def sample(self, count: int) -> Vectors:
        """Return so many rows (or all) picked by chance, always the same, as float32."""
        rows = self._rows
        random = np.random.default_rng(1)
        places = random.choice(len(rows.labels), min(count, len(rows.labels)), replace=False)
        return widened(rows.pieces.take(rows.living(np.sort(places))))

    def chunks(self, count: int) -> Iterator[tuple[Ids, Vectors]]:
        """Yield all labels with their rows as float32, at most `count` at once."""
        rows = self._rows
        for start, halves in rows.pieces.chunks(count):
            places = rows.living(np.arange(start, start + len(halves)))
            yield rows.labels[places], widened(halves[places - start])

    # --- rows of a file ---

    def map(self, labels: Ids, mapped: Halves) -> None:
        """Begin with rows that lie in a file; only for an index that is empty."""
        with self._writing:
            if len(self._rows.labels):
                raise ValueError("rows of a file come first")
            self._labels, self._mapped, self._mirror = labels, mapped, None
            self._publish(len(labels), None)

    def snapshot(self) -> tuple[Ids, Ids, Pieces]:
        """Return all labels, those of them that are removed, and the rows, as they are now."""
        rows = self._rows
        gone = NO_IDS if rows.removed is None else rows.labels[rows.removed]
        return rows.labels, gone, rows.pieces

    def let_go(self, labels: Ids, mapped: Halves) -> None:
        """Give memory back: the rows of these labels, of a snapshot, lie in a file now.

        Nothing happens where rows came between them, or were taken out, since the snapshot.
        """
        with self._writing:
            count, rows = len(mapped), self._rows
            if count < len(self._mapped) or not np.array_equal(rows.labels[:count], labels):
                return
            rest = rows.pieces.between(count, len(rows.labels)).copy()
            self._mapped, self._halves, self._mirror = mapped, rest, None
            self._labels = rows.labels
            self._publish(len(rows.labels), rows.removed)

    def _append(self, labels: Ids, vectors: Vectors) -> None:
        """Write behind the used part, where no reader looks, growing the buffers by halves."""
        used, after = len(self._rows.labels), len(self._rows.labels) + len(labels)
        base = len(self._mapped)
        if after > len(self._labels):
            room = max(after, int(GROWTH * len(self._labels)), FIRST_CAPACITY)
            self._labels = _grown(self._labels, used, room)
        if after - base > len(self._halves):
            room = max(after - base, int(GROWTH * len(self._halves)), FIRST_CAPACITY)
            self._halves = _grown(self._halves, used - base, room)
        if after >= self._mirror_below:
            self._mirror = None
        elif self._mirror is not None and after > len(self._mirror):
            room = min(len(self._labels), self._mirror_below)
            self._mirror = _grown(self._mirror, used, room)
        self._labels[used:after] = labels
        self._halves[used - base : after - base] = vectors
        if self._mirror is not None:
            self._mirror[used:after] = self._halves[used:after]

    def _insert(
        self, labels: Ids, vectors: Vectors, removed: npt.NDArray[np.bool_] | None
    ) -> npt.NDArray[np.bool_] | None:
        """Put labels between those that are here: rare, so by copying everything."""
        rows = self._rows
        at = np.searchsorted(rows.labels, labels)
        self._replace(
            np.insert(rows.labels, at, labels),
            np.insert(self._in_memory(rows), at, vectors.astype(np.float16), axis=0),
        )
        return None if removed is None else np.insert(removed, at, False)

    def _replace(self, labels: Ids, halves: Halves) -> None:
        small = len(labels) < self._mirror_below
        self._labels, self._halves = labels, halves
        self._mapped = np.empty((0, self.dimension), np.float16)
        self._mirror = halves.astype(np.float32) if small else None

    def _in_memory(self, rows: _Rows) -> Halves:
        return rows.pieces.between(0, len(rows.pieces))

    def _publish(self, count: int, removed: npt.NDArray[np.bool_] | None) -> None:
        """Let readers see the first `count` rows, all at once."""
        gone = 0 if removed is None else int(np.count_nonzero(removed))
        self._rows = _Rows(
            labels=self._labels[:count],
            pieces=Pieces(self._mapped, self._halves[: count - len(self._mapped)]),
            mirror=None if self._mirror is None else self._mirror[:count],
            removed=removed if gone else None,
            live=count - gone,
        )


def _grown(buffer: npt.NDArray[Item], used: int, room: int) -> npt.NDArray[Item]:
    """Return a larger buffer with the same used part."""
    larger = np.empty((room, *buffer.shape[1:]), buffer.dtype)
    larger[:used] = buffer[:used]
    return larger
