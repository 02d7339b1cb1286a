"""Who an unnamed face may be: the guesses for the queue "Is this Anna?"."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from photosearch.people.attaching import WITNESSES
from photosearch.people.calibration import Thresholds
from photosearch.people.rules import Rules, rules_of
from photosearch.people.tables import unit_vectors
from photosearch.store.face_table import FaceTable, Said
from photosearch.types import Check, Ids

Floats = npt.NDArray[np.float32]
CHUNK: Final = 8_192
DOUBTFUL: Final = 0.5  # members of a person that are doubtful from here on are asked about, too
LOOKED_AT: Final = 4  # times as many candidates as are wanted are compared face by face


@dataclass(frozen=True, slots=True)
class Guess:
    """A row of the table that may be a person, and the cosine to the nearest of their faces."""

    row: int
    person: int
    likeness: float


@dataclass(frozen=True, slots=True)
class Asked:
    """What a round of guesses is about."""

    persons: Ids  # ascending: who may be guessed
    silent: Ids  # persons nobody wants to hear of: hidden ones and strangers
    limit: int


def guess(
    table: FaceTable,
    said: Said,
    owners: Ids,
    doubts: Floats,
    *,
    asked: Asked,
    limits: Thresholds,
    check: Check,
) -> tuple[Guess, ...]:
    """Return the likeliest pairs of a face and a person that the user has not decided, best
    first; of a group of faces only its likeliest one.

    Never a face that was said to be somebody or rejected for that person, never one on a photo
    that has the person already, never one from before the birthday.
    """
    rules = rules_of(table, said)
    asked = Asked(np.intersect1d(asked.persons, rules.person), asked.silent, asked.limit)
    if not len(asked.persons):
        return ()
    open_rows = _open(said, owners, doubts, rules, asked)
    check()
    rows, persons = _near(table, owners, rules, open_rows, asked=asked, floor=limits.floor)
    guesses: list[tuple[float, Guess]] = []
    taken: set[tuple[int, int]] = set()
    for row, person in zip(rows.tolist(), persons.tolist(), strict=True):
        owner = int(owners[row])
        group = (owner if owner > 0 and owner != person else -row - 1, person)
        if group in taken:
            continue
        check()
        known = np.flatnonzero((owners == person) & (np.arange(len(owners)) != row))
        vectors, _ = unit_vectors(table.vectors[np.append(known, row)])
        alike = np.sort(vectors[:-1] @ vectors[-1])[-WITNESSES:]
        if len(alike) and float(alike.mean()) >= limits.floor:
            taken.add(group)
            guesses.append((float(alike.mean()), Guess(row, person, float(alike[-1]))))
    guesses.sort(key=lambda found: (-found[0], found[1].row, found[1].person))
    return tuple(found for _, found in guesses[: asked.limit])


def _open(said: Said, owners: Ids, doubts: Floats, rules: Rules, asked: Asked) -> Ids:
    """Return the rows of which it is open who they are: unsorted, in a group, or doubtful."""
    undecided = (rules.person == 0) & ~said.no_face & ~np.isin(owners, asked.silent)
    named = np.isin(owners, np.unique(rules.person[rules.person > 0]))
    return np.flatnonzero(undecided & (~named | (doubts >= DOUBTFUL)))


def _near(
    table: FaceTable, owners: Ids, rules: Rules, rows: Ids, *, asked: Asked, floor: float
) -> tuple[Ids, Ids]:
    """Return the rows and persons that are most alike by the persons' middles, best first."""
    middles = np.zeros((len(asked.persons), table.vectors.shape[1]), np.float32)
    members = np.flatnonzero(np.isin(owners, asked.persons))
    for at in range(0, len(members), CHUNK):
        part = members[at : at + CHUNK]
        vectors, _ = unit_vectors(table.vectors[part])
        np.add.at(middles, np.searchsorted(asked.persons, owners[part]), vectors)
    middles /= np.maximum(np.linalg.norm(middles, axis=1, keepdims=True), 1e-6)
    there = _presence(rules, owners, asked.persons)
    found: list[tuple[Ids, Ids, Floats]] = []
    for at in range(0, len(rows), CHUNK):
        part = rows[at : at + CHUNK]
        vectors, _ = unit_vectors(table.vectors[part])
        alike = vectors @ middles.T
        one, other = np.nonzero(alike >= floor)
        found.append((part[one], asked.persons[other], alike[one, other]))
    if not found:
        return np.empty(0, np.int64), np.empty(0, np.int64)
    row, person, alike = (np.concatenate(column) for column in zip(*found, strict=True))
    spots = rules.photos[row] * rules.span + person
    allowed = ~rules.taboo(row, person)
    allowed &= (owners[row] == person) | ~np.isin(spots, there)
    other_named = np.isin(owners[row], rules.person[rules.person > 0]) & (owners[row] != person)
    best = np.flatnonzero(allowed & ~other_named)
    best = best[np.lexsort((person[best], row[best], -alike[best]))][: asked.limit * LOOKED_AT]
    return row[best], person[best]


def _presence(rules: Rules, owners: Ids, persons: Ids) -> Ids:
    """Return which photos have which of the persons, as `photo * span + person`."""
    rows = np.flatnonzero(np.isin(owners, persons))
    return np.unique(rules.photos[rows] * rules.span + owners[rows])
