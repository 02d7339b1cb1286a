"""Faces into people: arrays in, arrays out, no store.

1. Sure faces that are very much alike become clusters (`clusters`), around what the user said.
2. Clusters whose middles are alike are merged by the same measure.
3. Faces left over, and the weak ones, join the people that several of their nearest faces
   belong to (`attaching`). Whoever stays alone is unsorted.

The rules (`rules`) hold in every step. The rows are brought into an order of their content first,
so the order in which photos came does not matter.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from photosearch.people.attaching import attach, doubts, support
from photosearch.people.calibration import Strangers, Thresholds, measure, thresholds
from photosearch.people.clusters import Clusters
from photosearch.people.neighbours import Pairs, nearest
from photosearch.people.quality import strong
from photosearch.people.rules import Flags, Rules, rules_of
from photosearch.people.tables import by_content, rows_of, said_of, unit_vectors
from photosearch.store.face_table import FaceTable, Said
from photosearch.types import Check, Ids, Vectors

NEIGHBOURS: Final = 24  # of each face: enough that three of its person are among them
# Two photos of somebody make a person; one face alone has nobody to agree with it.
SMALLEST: Final = 2


@dataclass(frozen=True, slots=True)
class Grouping:
    """Whose each row of a table is."""

    owner: Ids  # [n] a person above 0; groups -1, -2, ...; 0 unsorted
    doubt: npt.NDArray[np.float32]  # [n] 0 sure to 1 hardly; NaN: not looked at
    strangers: Strangers  # how alike different people are here


def group(
    table: FaceTable, said: Said, *, strictness: float, before: Strangers, check: Check
) -> Grouping:
    """Group all faces anew. `before` is what is known of the recogniser; strictness 0 to 1."""
    order = by_content(table)
    table, said = rows_of(table, order), said_of(said, order)
    vectors, usable = unit_vectors(table.vectors)
    usable &= ~said.no_face
    vectors[~usable] = 0  # like nobody
    rules = rules_of(table, said)
    strangers = measure(vectors[usable], table.photos[usable], before)
    limits = thresholds(strangers, int(usable.sum()), strictness)
    pairs = nearest(vectors, limits.floor, NEIGHBOURS, check)
    good = strong(table) | (rules.person > 0)
    clusters = _clustered(vectors, rules, pairs, good & usable, limits=limits, check=check)
    owner, person = _owners(clusters, usable)
    heard = pairs.where(good[pairs.other])  # weak faces do not vouch for others
    found = support(heard, owner, limits.floor)
    owner = attach(found, owner, person, rules, limits)
    found = support(heard, owner, limits.floor)
    doubt = doubts(found, owner, limits)
    doubt[rules.person > 0] = 0
    back = np.argsort(order)
    return Grouping(_numbered(owner, person)[back], doubt[back], strangers)


def _clustered(
    vectors: Vectors,
    rules: Rules,
    pairs: Pairs,
    good: Flags,
    *,
    limits: Thresholds,
    check: Check,
) -> Clusters:
    clusters = Clusters(vectors, rules)
    sure = good & ~_spoken_against(rules, pairs)
    for may in (sure, good):  # first without those that would bar their neighbours from a person
        some = pairs.where(may[pairs.one] & may[pairs.other])
        clusters.merge(some, limits.found, limits.unite, check)
    _unite_groups(clusters, limits.unite, check)
    return clusters


def _unite_groups(clusters: Clusters, threshold: float, check: Check) -> None:
    """Merge groups that are alike as wholes: none of their faces need be near neighbours."""
    roots = np.flatnonzero(clusters.size >= np.where(clusters.person > 0, 1, SMALLEST))
    near = nearest(clusters.middles(roots), threshold, NEIGHBOURS, check)
    pairs = Pairs(roots[near.one], roots[near.other], near.likeness)
    clusters.merge(pairs, threshold, threshold, check)


def _spoken_against(rules: Rules, pairs: Pairs) -> Flags:
    """Return the rows that a rejection or a birthday keeps from a person they are like: in a
    cluster they would keep the others from that person too."""
    found = np.zeros(len(rules.person), np.bool_)
    found[rules.refusals()[0]] = True
    persons = rules.person[pairs.other]
    found[pairs.one[rules.before_birth(rules.days[pairs.one], persons)]] = True
    return found


def _owners(clusters: Clusters, usable: Flags) -> tuple[Ids, Ids]:
    """Return the owner of each row, from 1, 0 for none, and the person each owner is, or 0."""
    label = clusters.label
    real = (clusters.size[label] >= SMALLEST) & usable | (clusters.person[label] > 0)
    roots, which = np.unique(label[real], return_inverse=True)
    owner = np.zeros(len(label), np.int64)
    owner[real] = which + 1
    return owner, np.concatenate([[0], clusters.person[roots]]).astype(np.int64)


def _numbered(owner: Ids, person: Ids) -> Ids:
    """Return owners as they go out: persons' numbers, and -1, -2, ... for groups by size."""
    sizes = np.bincount(owner, minlength=len(person))
    groups = np.flatnonzero(person[1:] == 0) + 1
    numbers = person.copy()
    numbers[groups[np.argsort(-sizes[groups], kind="stable")]] = -1 - np.arange(len(groups))
    return numbers[owner]
