"""What the last grouping was made of: what tells whether there is anything to group."""

from __future__ import annotations

import secrets
import sqlite3
from dataclasses import astuple, dataclass, field

import numpy as np
import numpy.typing as npt

from photosearch.store.database import Database
from photosearch.store.membership import write_owners
from photosearch.types import Check, Ids


@dataclass(frozen=True, slots=True)
class LastGrouping:
    """The last grouping of all faces, and how far new faces were added to it since."""

    model: int
    strictness: float
    births: str  # the birthdays that held
    faces: int  # that all were, when all were grouped
    newest: int  # the highest place there was
    verdict: int  # the highest number of a verdict there was
    mean: float  # of the likeness of different people
    deviation: float
    mark: int = field(default_factory=lambda: secrets.randbits(62))  # no other grouping has it


@dataclass(frozen=True, slots=True)
class Owners:
    """Whose some places are."""

    places: Ids
    owners: Ids  # 0: nobody's
    doubts: npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Groupable:
    """What there is to group now."""

    births: str
    faces: int
    newest: int
    verdict: int


class Grouped:
    """The table `grouped`, and what of `face`, `person` and `verdict` it is compared with."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def last(self) -> LastGrouping | None:
        with self._database.reading() as db:
            return _last(db)

    def write(
        self,
        found: Owners,
        made_of: LastGrouping,
        *,
        instead_of: LastGrouping | None,
        whole: bool,
        check: Check,
    ) -> bool:
        """Write a grouping and what it was made of, all or nothing.

        Returns whether `instead_of`, which it was begun from, is still the last one. When another
        program has grouped meanwhile, a grouping of all faces is written nevertheless: it stands
        alone. New faces are not: their owners may be gone.
        """
        with self._database.transaction() as db:
            undisturbed = _last(db) == instead_of
            if undisturbed or whole:
                write_owners(db, found.places, found.owners, found.doubts, whole=whole, check=check)
                _note(db, made_of)
        return undisturbed

    def now(self, model: int) -> Groupable:
        """Return what there is of a face pack; costs no reading of vectors."""
        with self._database.reading() as db:
            faces, newest = db.execute(
                "SELECT count(*), coalesce(max(place), 0) FROM face WHERE model = ?", (model,)
            ).fetchone()
            births = db.execute(
                "SELECT group_concat(id || ' ' || birthday, ', ') FROM"
                " (SELECT id, birthday FROM person WHERE birthday <> '' ORDER BY id)"
            ).fetchone()[0]
            verdict = db.execute("SELECT coalesce(max(id), 0) FROM verdict").fetchone()[0]
        return Groupable(births or "", int(faces), int(newest), int(verdict))

    def persons(self) -> frozenset[int]:
        """Return the numbers of all persons: what nothing was said of is a group."""
        with self._database.reading() as db:
            return frozenset(row[0] for row in db.execute("SELECT id FROM person"))


def _last(db: sqlite3.Connection) -> LastGrouping | None:
    row = db.execute(
        "SELECT model, strictness, births, faces, newest, verdict, mean, deviation, rowid"
        " FROM grouped"
    ).fetchone()
    return LastGrouping(*row) if row else None


def _note(db: sqlite3.Connection, made_of: LastGrouping) -> None:
    db.execute("DELETE FROM grouped")
    db.execute(
        "INSERT INTO grouped (model, strictness, births, faces, newest, verdict, mean, deviation,"
        " rowid) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        astuple(made_of),
    )
