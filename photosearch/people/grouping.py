"""Faces into people: arrays in, arrays out, no store.

1. Sure faces that are very much alike become clusters (`clusters`), around what the user said.
2. Clusters whose middles are alike are merged by the same measure.
3. Faces left over, and the weak ones, join the people that several of their nearest faces
   belong to (`attaching`). Whoever stays alone is unsorted.

The rules (`rules`) hold in every step. The rows are brought into an order of their content first,
so the order in which photos came does not matter.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Final

import numpy as np
import numpy.typing as npt

from photosearch.people.attaching import attach, doubts, support
from photosearch.people.calibration import Strangers, Thresholds, measure, thresholds
from photosearch.people.clusters import Clusters
from photosearch.people.neighbours import Pairs, nearest
from photosearch.people.quality import strong
from photosearch.people.rules import Flags, Rules, rules_of
from photosearch.store.face_table import FaceTable, Said
from photosearch.types import Check, Ids, Vectors

NEIGHBOURS: Final = 24  # of each face: enough that three of its person are among them
# Two photos of somebody make a person; one face alone has nobody to agree with it.
SMALLEST: Final = 2


@dataclass(frozen=True, slots=True)
class Grouping:
    """Whose each row of a table is."""

    owner: Ids  # [n] a person above 0; groups -1, -2, ...; 0 unsorted
    doubt: npt.NDArray[np.float32]  # [n] 0 sure to 1 hardly


def group(
    table: FaceTable, said: Said, *, strictness: float, before: Strangers, check: Check
) -> Grouping:
    """Group all faces anew. `before` is what is known of the recogniser; strictness 0 to 1."""
    order = _by_content(table)
    inverse = np.argsort(order)
    table, said = _reordered(table, said, order, inverse)
    vectors, usable = unit_vectors(table.vectors)
    usable &= ~said.no_face
    rules = rules_of(table, said)
    limits = thresholds(
        measure(vectors[usable], table.photos[usable], before), int(usable.sum()), strictness
    )
    pairs = nearest(vectors, limits.floor, NEIGHBOURS, check)
    good = strong(table) | (rules.person > 0)
    clusters = _clustered(vectors, rules, pairs, good & usable, limits, check)
    owner, person = _owners(clusters, usable)
    found = support(_heard(pairs, good), owner, limits.floor)
    owner = attach(found, owner, person, rules, limits)
    found = support(_heard(pairs, good), owner, limits.floor)
    doubt = doubts(found, owner, limits)
    doubt[rules.person > 0] = 0
    return Grouping(_numbered(owner, person)[inverse], doubt[inverse])


def unit_vectors(stored: npt.NDArray[np.float16]) -> tuple[Vectors, Flags]:
    """Return the vectors as float32 of length 1, and which are any good; the others are zero."""
    vectors = np.ascontiguousarray(stored, np.float32)
    lengths = np.sqrt(np.einsum("ij,ij->i", vectors, vectors))
    usable: Flags = np.isfinite(lengths) & (lengths > 0.5)
    bad = np.flatnonzero(~usable)
    vectors = vectors if vectors is not stored else vectors.copy()
    vectors[bad] = 0
    lengths[bad] = 1
    vectors /= lengths[:, None]
    return vectors, usable


def _clustered(
    vectors: Vectors, rules: Rules, pairs: Pairs, good: Flags, limits: Thresholds, check: Check
) -> Clusters:
    clusters = Clusters(vectors, rules)
    sure = good & ~_spoken_against(rules, pairs)
    for may in (sure, good):  # first without those that would bar their neighbours from a person
        both = np.flatnonzero(may[pairs.one] & may[pairs.other])
        some = Pairs(pairs.one[both], pairs.other[both], pairs.likeness[both])
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


def _heard(pairs: Pairs, good: Flags) -> Pairs:
    """Return the pairs in which the other is good enough to vouch for somebody."""
    some = np.flatnonzero(good[pairs.other])
    return Pairs(pairs.one[some], pairs.other[some], pairs.likeness[some])


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


def _by_content(table: FaceTable) -> Ids:
    """Return the rows in an order that only the faces themselves decide."""
    count, width = table.vectors.shape
    padded = np.zeros((count, 16), np.float16)
    padded[:, : min(width, 16)] = table.vectors[:, :16]
    keys = padded.view(np.int64)
    return np.lexsort((table.score, *keys.T)).astype(np.int64)


def _reordered(table: FaceTable, said: Said, order: Ids, inverse: Ids) -> tuple[FaceTable, Said]:
    rejected = said.rejected.reshape(-1, 2).copy()
    rejected[:, 0] = inverse[rejected[:, 0]]
    columns = (getattr(table, field.name)[order] for field in fields(FaceTable))
    return FaceTable(*columns), Said(
        person=said.person[order], rejected=rejected, no_face=said.no_face[order], born=said.born
    )
