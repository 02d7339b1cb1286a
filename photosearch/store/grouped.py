"""What the last grouping was made of: what tells whether there is anything to group."""

from __future__ import annotations

import secrets
import sqlite3
from dataclasses import astuple, dataclass, field, replace

import numpy as np
import numpy.typing as npt

from photosearch.store.database import Database
from photosearch.store.membership import write_owners
from photosearch.store.places import LOST, in_sight
from photosearch.types import Check, Ids

# The faces of a table for grouping, counted and added up: also those that an earlier look at them
# can have known, with places up to `newest`.
_NOW = (
    "SELECT count(*), coalesce(sum(f.place), 0), coalesce(max(f.place), 0),"
    " count(*) FILTER (WHERE f.place <= g.newest),"
    " coalesce(sum(f.place) FILTER (WHERE f.place <= g.newest), 0)"
    " FROM (SELECT coalesce(max(newest), 0) AS newest FROM grouped) g CROSS JOIN face f"
    " CROSS JOIN place l ON l.id = f.place"
    f" WHERE f.model = ?1 AND {in_sight('l.photo')} AND NOT {LOST.format(model='?1')}"
    " AND f.place NOT IN (SELECT place FROM face WHERE model = ?1 AND vector = x'')"
)


@dataclass(frozen=True, slots=True)
class Seen:
    """Some faces: how many, and the sum of their places; others hardly have both."""

    faces: int
    places: int


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
    seen_faces: int  # that were looked at since, with places up to `newest`
    seen_places: int  # the sum of their places
    mark: int = field(default_factory=lambda: secrets.randbits(62))  # no other grouping has it

    @property
    def seen(self) -> Seen:
        return Seen(self.seen_faces, self.seen_places)


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
    seen: Seen
    newest: int
    verdict: int
    known: Seen  # those that the last grouping can have looked at


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
        persons: frozenset[int],
        whole: bool,
        check: Check,
    ) -> bool:
        """Write a grouping and what it was made of, all or nothing.

        Returns whether `instead_of`, which it was begun from, is still the last one. When another
        program has grouped meanwhile, a grouping of all faces is written nevertheless: it stands
        alone. New faces are not: their owners may be gone.

        Of the `persons` there were when it was begun some may be gone too, by the user's word:
        their faces are nobody's then, which the next grouping sees by what is noted.
        """
        with self._database.transaction() as db:
            undisturbed = _last(db) == instead_of
            if undisturbed or whole:
                gone = np.isin(found.owners, sorted(persons - _persons(db)))
                if gone.any():
                    undisturbed = False
                    made_of = replace(made_of, seen_faces=-1)
                owners = np.where(gone, 0, found.owners)
                write_owners(db, found.places, owners, found.doubts, whole=whole, check=check)
                _note(db, made_of)
        return undisturbed

    def now(self, model: int) -> Groupable:
        """Return what there is of a face pack; costs no reading of vectors."""
        with self._database.reading() as db:
            faces, places, newest, *known = db.execute(_NOW, (model,)).fetchone()
            births = db.execute(
                "SELECT group_concat(id || ' ' || birthday, ', ') FROM"
                " (SELECT id, birthday FROM person WHERE birthday <> '' ORDER BY id)"
            ).fetchone()[0]
            verdict = db.execute("SELECT coalesce(max(id), 0) FROM verdict").fetchone()[0]
        return Groupable(births or "", Seen(faces, places), newest, int(verdict), Seen(*known))

    def persons(self) -> frozenset[int]:
        """Return the numbers of all persons: what nothing was said of is a group."""
        with self._database.reading() as db:
            return _persons(db)


def _persons(db: sqlite3.Connection) -> frozenset[int]:
    return frozenset(row[0] for row in db.execute("SELECT id FROM person"))


def _last(db: sqlite3.Connection) -> LastGrouping | None:
    row = db.execute(
        "SELECT model, strictness, births, faces, newest, verdict, mean, deviation,"
        " seen_faces, seen_places, rowid FROM grouped"
    ).fetchone()
    return LastGrouping(*row) if row else None


def _note(db: sqlite3.Connection, made_of: LastGrouping) -> None:
    db.execute("DELETE FROM grouped")
    db.execute(
        "INSERT INTO grouped (model, strictness, births, faces, newest, verdict, mean, deviation,"
        " seen_faces, seen_places, rowid) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        astuple(made_of),
    )
