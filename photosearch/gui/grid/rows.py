"""Arrays of photo ids as lists of rows: finding rows of ids, and the steps between two lists.

Pure numpy. A million ids cost a few milliseconds; ids are usually dense (row numbers of a table),
which makes a plain table the fastest way to look them up.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from photosearch.types import Ids, PhotoId

Rows = npt.NDArray[np.int64]
Span = tuple[int, int]  # [first, end)
WINDOW = 32_768  # ids looked at together; runs longer than this are found the slower way
MAX_STEPS = 64  # more separate runs than this are cheaper as one reset
MAX_MOVED = 20_000_000  # ids copied in all steps together, about 20 ms


class RowLookup:
    """Finds the rows of ids in one list of ids."""

    def __init__(self, ids: Ids) -> None:
        self._ids = ids
        self._low = int(ids.min()) if len(ids) else 0
        span = int(ids.max()) - self._low + 1 if len(ids) else 0
        self._table: Rows | None = None
        self._order: Rows | None = None
        if span <= 8 * len(ids) + 1024:
            self._table = np.full(span, -1, np.int64)
            self._table[ids - self._low] = np.arange(len(ids))
        else:
            self._order = np.argsort(ids, kind="stable")
            self._sorted = ids[self._order]

    def rows(self, wanted: Ids) -> Rows:
        """Return the row of each id, -1 where it is not in the list."""
        wanted = np.asarray(wanted, np.int64)
        if self._table is not None:
            offsets = wanted - self._low
            inside = (offsets >= 0) & (offsets < len(self._table))
            found: Rows = np.full(len(wanted), -1, np.int64)
            found[inside] = self._table[offsets[inside]]
            return found
        assert self._order is not None
        at = np.searchsorted(self._sorted, wanted).clip(max=len(self._sorted) - 1)
        result: Rows = np.where(self._sorted[at] == wanted, self._order[at], -1)
        return result

    def row(self, photo: PhotoId) -> int:
        """Return the row of one id, or -1."""
        return int(self.rows(np.asarray([photo], np.int64))[0])


@dataclass(frozen=True, slots=True)
class Step:
    """Remove rows [first, end) of the list as it is then, or insert `ids` before `first`."""

    first: int
    end: int
    ids: Ids | None = None


def steps_between(old: Ids, new: Ids) -> list[Step] | None:
    """Return the removals (last first) and insertions that make `old` into `new`.

    None when what stays changed its order, or when there would be too many steps.
    """
    if not len(old) or not len(new):
        return None  # nothing to keep
    found = _walk(old, new) or _compare(old, new)
    if found is None:
        return None
    gone, fresh = found
    count = len(gone) + len(fresh)
    if count > MAX_STEPS or count * max(len(old), len(new)) > MAX_MOVED:
        return None
    return [Step(a, b) for a, b in reversed(gone)] + [Step(a, b, new[a:b]) for a, b in fresh]


def _walk(old: Ids, new: Ids) -> tuple[list[Span], list[Span]] | None:
    """Find the runs that went and came by walking along both lists; None when that fails.

    Reads each list once, about 2 ms for a million ids, when little changed and it lies together.
    """
    gone: list[Span] = []
    fresh: list[Span] = []
    i = j = 0
    while len(gone) + len(fresh) <= MAX_STEPS:
        same = _same_length(old[i:], new[j:])
        i, j = i + same, j + same
        if i == len(old) or j == len(new):
            gone += [(i, len(old))] if i < len(old) else []
            fresh += [(j, len(new))] if j < len(new) else []
            if gone and fresh and np.intersect1d(_taken(old, gone), _taken(new, fresh)).size:
                return None  # something moved
            return gone, fresh
        came = np.flatnonzero(new[j : j + WINDOW] == old[i])
        went = np.flatnonzero(old[i : i + WINDOW] == new[j])
        if len(came) and not len(went):
            fresh.append((j, j + int(came[0])))
            j += int(came[0])
        elif len(went) and not len(came):
            gone.append((i, i + int(went[0])))
            i += int(went[0])
        else:
            return None
    return gone, fresh  # not all, but already too many


def _taken(ids: Ids, spans: list[Span]) -> Ids:
    parts = [ids[a:b] for a, b in spans]
    return np.concatenate(parts) if parts else ids[:0]


def _same_length(one: Ids, other: Ids) -> int:
    """Return how many ids both lists share at their start, reading little beyond."""
    shared, at = min(len(one), len(other)), 0
    while at < shared:
        stop = min(shared, at + WINDOW)
        differs = one[at:stop] != other[at:stop]
        if differs.any():
            return at + int(differs.argmax())
        at = stop
    return shared


def _compare(old: Ids, new: Ids) -> tuple[list[Span], list[Span]] | None:
    """Find the runs that went and came by looking every id up; None if the order changed."""
    stays = np.isin(old, new, assume_unique=True)
    known = np.isin(new, old, assume_unique=True)
    if not np.array_equal(old[stays], new[known]):
        return None
    return runs(~stays), runs(~known)


def runs(mask: npt.NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Return the runs [first, end) of True."""
    edges = np.flatnonzero(np.diff(mask.astype(np.int8), prepend=0, append=0))
    return [(int(a), int(b)) for a, b in edges.reshape(-1, 2)[: MAX_STEPS + 1]]


def row_runs(rows: Any) -> list[tuple[int, int]]:
    """Return sorted rows as runs [first, end)."""
    rows = np.unique(np.asarray(rows, np.int64))
    if not len(rows):
        return []
    breaks = np.flatnonzero(np.diff(rows) != 1)
    firsts = rows[np.concatenate(([0], breaks + 1))]
    lasts = rows[np.concatenate((breaks, [len(rows) - 1]))]
    return [(int(a), int(b) + 1) for a, b in zip(firsts, lasts, strict=True)]
