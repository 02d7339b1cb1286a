"""New faces beside those that are grouped: who is grouped stays where they are.

The new ones join the people their nearest faces belong to; those left over, and the unsorted ones
they are like, may found new groups. What all of them together would change is left to the next
grouping of everything (`grouping`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from photosearch.people.attaching import attach, doubts, support
from photosearch.people.calibration import Thresholds
from photosearch.people.clusters import Clusters
from photosearch.people.grouping import NEIGHBOURS, SMALLEST, Grouping
from photosearch.people.neighbours import Pairs, nearest_among
from photosearch.people.quality import strong
from photosearch.people.rules import Rules, rules_of
from photosearch.people.tables import rows_of, unit_vectors
from photosearch.store.face_table import FaceTable, Said
from photosearch.types import Check, Ids

Flags = npt.NDArray[np.bool_]
UNKNOWN_DOUBT: Final = np.float32(np.nan)


@dataclass(frozen=True, slots=True)
class _Owners:
    """Owners by small numbers: row `i` belongs to `number[of_row[i]]`.

    `number` begins with 0, nobody, then people and groups as they are in the library, then the
    groups made here: -1, -2, and so on.
    """

    of_row: Ids  # [n], places in `number`
    number: Ids  # [m]


def extend(
    table: FaceTable,
    said: Said,
    owners: Ids,
    new: Ids,
    *,
    limits: Thresholds,
    check: Check,
) -> Grouping:
    """Return the owners of all rows after the rows `new` were added.

    `owners` [n] as they are, 0 for nobody; whom the user's word rules out meanwhile is let go.
    Doubts are NaN for the rows that were not looked at.
    """
    rules = rules_of(table, said)
    refused = _marked(rules.refusals()[0], len(owners))
    owners, new = _to_place(rules, said, owners, new, refused)
    new, pairs = _compared(table, said, new, limits.floor, check)
    now = _compact(owners)
    loose = _marked(new, len(owners))
    good = strong(table) | (rules.person > 0)
    heard = pairs.where(good[pairs.other])
    found = support(heard.where(loose[heard.one]), now.of_row, limits.floor)
    of_row = attach(found, now.of_row, now.number, rules, limits)
    now = _founded(
        table,
        said,
        _Owners(of_row, now.number),
        pairs.where((good & ~refused)[pairs.one] & (good & ~refused)[pairs.other]),
        limits=limits,
        check=check,
    )
    found = support(heard, now.of_row, limits.floor)
    of_row = attach(found.of(loose), now.of_row, np.maximum(now.number, 0), rules, limits)
    found = support(heard, of_row, limits.floor)
    doubt = doubts(found, of_row, limits)
    touched = loose | ((of_row > 0) & (owners == 0))
    doubt = np.where(touched & (rules.person == 0), doubt, UNKNOWN_DOUBT)
    return Grouping(now.number[of_row], doubt, limits.strangers)


def _marked(rows: Ids, count: int) -> Flags:
    """Return flags [count] that are set for some rows."""
    flags = np.zeros(count, np.bool_)
    flags[rows] = True
    return flags


def _compared(
    table: FaceTable, said: Said, rows: Ids, floor: float, check: Check
) -> tuple[Ids, Pairs]:
    """Return those of the rows that have a usable vector, and all they are like, both ways."""
    vectors, usable = unit_vectors(table.vectors[rows])
    vectors, rows = vectors[usable], rows[usable]
    near = nearest_among(vectors, table.vectors, floor, NEIGHBOURS + 1, check)
    return rows, _mutual(Pairs(rows[near.one], near.other, near.likeness), said)


def _to_place(rules: Rules, said: Said, owners: Ids, new: Ids, refused: Flags) -> tuple[Ids, Ids]:
    """Return the owners [n] the user's word leaves, and the rows that wait for one.

    Who was refused is compared with all again: beside new faces alone, whom they are most like but
    cannot be would not be seen.
    """
    owners = np.where(rules.person > 0, rules.person, owners)
    wrong = _overruled(rules, owners)
    owners[wrong | said.no_face] = 0
    waiting = np.union1d(new, np.flatnonzero(wrong | (refused & (owners == 0))))
    return owners, waiting[~said.no_face[waiting] & (owners[waiting] == 0)]


def _overruled(rules: Rules, owners: Ids) -> Flags:
    """Return the rows whose owner what was said since rules out: refused, or said to be another
    face of the same photo."""
    told = rules.person > 0
    span = int(rules.photos.max(initial=0)) + 1
    spots = owners * span + rules.photos
    taken = np.isin(spots, spots[told]) & ~told
    return np.asarray(
        (taken | rules.taboo(np.arange(len(owners)), owners)) & (owners > 0), np.bool_
    )


def _mutual(pairs: Pairs, said: Said) -> Pairs:
    """Return the pairs in both directions, without a row and itself."""
    real = pairs.where((pairs.one != pairs.other) & ~said.no_face[pairs.other])
    both = Pairs(
        np.concatenate([real.one, real.other]),
        np.concatenate([real.other, real.one]),
        np.concatenate([real.likeness, real.likeness]),
    )
    _, first = np.unique(both.one * len(said.person) + both.other, return_index=True)
    return both.at(first)


def _compact(owners: Ids) -> _Owners:
    number, of_row = np.unique(np.append(owners, 0), return_inverse=True)
    return _Owners(of_row[:-1].astype(np.int64), number)


def _founded(
    table: FaceTable,
    said: Said,
    now: _Owners,
    pairs: Pairs,
    *,
    limits: Thresholds,
    check: Check,
) -> _Owners:
    """Return the owners with new groups, -1 and below, of faces that belong to nobody."""
    free = pairs.where((now.of_row[pairs.one] == 0) & (now.of_row[pairs.other] == 0))
    rows = np.unique(free.one)
    if not len(rows):
        return now
    vectors, _ = unit_vectors(table.vectors[rows])
    clusters = Clusters(vectors, _rules_among(table, said, rows))
    one, other = np.searchsorted(rows, free.one), np.searchsorted(rows, free.other)
    clusters.merge(Pairs(one, other, free.likeness), limits.found, limits.unite, check)
    grouped = clusters.size[clusters.label] >= SMALLEST
    roots, which = np.unique(clusters.label[grouped], return_inverse=True)
    of_row = now.of_row.copy()
    of_row[rows[grouped]] = len(now.number) + which
    return _Owners(of_row, np.concatenate([now.number, -1 - np.arange(len(roots))]))


def _rules_among(table: FaceTable, said: Said, rows: Ids) -> Rules:
    """Return the rules for some rows, of which nothing is said who they are."""
    nothing = Said(
        person=np.zeros(len(rows), np.int64),
        rejected=np.empty((0, 2), np.int64),
        no_face=np.zeros(len(rows), np.bool_),
        born={},
    )
    return rules_of(rows_of(table, rows), nothing)
