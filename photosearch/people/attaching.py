"""Single faces to the clusters that several of their nearest faces belong to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from photosearch.people.calibration import Thresholds
from photosearch.people.neighbours import Pairs
from photosearch.people.rules import Flags, Rules
from photosearch.types import Ids

Floats = npt.NDArray[np.float32]
WITNESSES: Final = 3  # so many of a person's faces have their say, the nearest ones


@dataclass(frozen=True, slots=True)
class Support:
    """How alike faces are to people: the mean over the nearest faces of each, sorted by row and
    best first."""

    rows: Ids
    owners: Ids
    likeness: Floats

    def of(self, rows: Flags) -> Support:
        """Return the support of some rows; `rows` [n] says which."""
        here = rows[self.rows]
        return Support(self.rows[here], self.owners[here], self.likeness[here])


def support(pairs: Pairs, owner: Ids, floor: float) -> Support:
    """Return each row's support by every owner that one of its neighbours belongs to.

    `owner` [n] is above 0 for the rows that have one. Where fewer faces than the witnesses are
    near, those missing count as just below what was looked for.
    """
    owners = owner[pairs.other]
    some = np.flatnonzero(owners > 0)
    rows, owners, likeness = pairs.one[some], owners[some], pairs.likeness[some]
    order = np.lexsort((-likeness, owners, rows))
    rows, owners, likeness = rows[order], owners[order], likeness[order]
    new = (np.diff(rows, prepend=-1) != 0) | (np.diff(owners, prepend=-1) != 0)
    starts = np.flatnonzero(new)
    if not len(starts):
        return Support(rows, owners, likeness)
    rank = np.arange(len(rows)) - np.repeat(starts, np.diff(np.append(starts, len(rows))))
    heard = rank < WITNESSES
    total = np.add.reduceat(np.where(heard, likeness, 0), starts)
    count = np.add.reduceat(heard.astype(np.int64), starts)
    rows, owners = rows[starts], owners[starts]
    sizes = np.bincount(np.maximum(owner, 0))
    there = np.minimum(sizes[owners] - (owner[rows] == owners), WITNESSES)
    mean = (total + np.maximum(there - count, 0) * floor) / np.maximum(there, count)
    order = np.lexsort((owners, -mean, rows))
    return Support(rows[order], owners[order], mean[order].astype(np.float32))


def attach(found: Support, owner: Ids, person: Ids, rules: Rules, thresholds: Thresholds) -> Ids:
    """Return the owners after every supported row without one has joined its best.

    `person[owner]` is the person an owner is, 0 for a group. Smaller owners have fewer witnesses
    and must convince more. Who is most like somebody they cannot be (rejected, not yet born, on
    the photo already) joins nobody: the next best would be another person's name.
    """
    owner = owner.copy()
    sizes = np.bincount(np.maximum(owner, 0))
    need = _needed(sizes[found.owners], thresholds)
    taboo = rules.taboo(found.rows, person[found.owners])
    ahead, best = _ahead(found), np.diff(found.rows, prepend=-1) != 0
    clear = (found.likeness >= thresholds.found) & ~_before_taboo(found, taboo)
    fits = best & ~taboo & (found.likeness >= need) & (owner[found.rows] <= 0)
    fits &= clear | (ahead >= thresholds.margin)
    rows, owners, likeness = found.rows[fits], found.owners[fits], found.likeness[fits]
    span = int(rules.photos.max(initial=0)) + 1
    taken = np.unique(owner[rules.shared] * span + rules.photos[rules.shared])
    spots = owners * span + rules.photos[rows]
    alone = ~rules.shared[rows]
    order = np.lexsort((owners, rows, -likeness))
    _, likeliest = np.unique(spots[order], return_index=True)
    first = np.zeros(len(rows), np.bool_)
    first[order[likeliest]] = True
    joins = alone | (first & ~np.isin(spots, taken))
    owner[rows[joins]] = owners[joins]
    return owner


def doubts(found: Support, owner: Ids, thresholds: Thresholds) -> Floats:
    """Return per row how doubtful its owner is, 0 sure to 1 hardly: by how much the support of
    its own people stands above the next best's, and above what strangers reach."""
    usual = thresholds.strangers.mean + 2 * thresholds.strangers.deviation
    own = np.zeros(len(owner), np.float32)
    next_best = np.full(len(owner), usual, np.float32)
    mine = found.owners == owner[found.rows]
    own[found.rows[mine]] = found.likeness[mine]
    np.maximum.at(next_best, found.rows[~mine], found.likeness[~mine])
    margin = (own - next_best) / max(thresholds.found - usual, 1e-3)
    return np.where(owner != 0, np.clip(1 - margin, 0, 1), 0).astype(np.float32)


def _ahead(found: Support) -> Floats:
    """Return by how much each support stands above the next of the same row; all of it for the
    last."""
    after = np.append(found.likeness[1:], 0)
    alone = np.append(found.rows[1:] != found.rows[:-1], True)
    return np.where(alone, found.likeness, found.likeness - after).astype(np.float32)


def _before_taboo(found: Support, taboo: Flags) -> Flags:
    """Return which supports have one of the same row after them that a rule forbids."""
    last = np.append(found.rows[1:] != found.rows[:-1], True)
    return np.where(last, False, np.append(taboo[1:], False)).astype(np.bool_)


def _needed(sizes: Ids, thresholds: Thresholds) -> Floats:
    """Return the likeness that joins an owner of so many faces."""
    missing = np.clip(WITNESSES - sizes, 0, WITNESSES - 1) / (WITNESSES - 1)
    gap = thresholds.found - thresholds.join
    return (thresholds.join + missing * gap).astype(np.float32)
