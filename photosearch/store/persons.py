"""People and groups as lists show them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from photosearch.store.database import Database
from photosearch.store.places import in_sight
from photosearch.types import FaceId, Person, PersonId

# Of an owner with two sides: what is counted of the places, and what was said of the person.
# `max(m.worth)` makes `m.place` that of the best face (SQLite's rule for bare columns).
_COUNTED = (
    "SELECT m.owner AS owner, count(*) AS faces, count(DISTINCT m.photo) AS photos,"
    " m.place AS best, max(m.worth) FROM membership m"
    f" WHERE {{where}} AND {in_sight('m.photo')} GROUP BY m.owner"
)
_COLUMNS = (
    "coalesce(p.name, ''), coalesce(c.faces, 0), coalesce(c.photos, 0), coalesce(p.hidden, 0),"
    " coalesce(p.stranger, 0), p.birthday, coalesce((SELECT l.id FROM place l"
    f" WHERE l.id = p.cover AND {in_sight('l.photo')}), c.best), p.id IS NULL"
)
_BY_OWNER = (
    f"SELECT c.owner, {_COLUMNS} FROM ({_COUNTED}) c LEFT JOIN person p ON p.id = c.owner"
    " WHERE {also}"
)
_BY_PERSON = (
    f"SELECT p.id, {_COLUMNS} FROM person p LEFT JOIN ({_COUNTED}) c ON c.owner = p.id"
    " WHERE {also}"
)

_TOTALS = (
    "WITH owned AS (SELECT owner, count(*) AS faces FROM membership m"
    f" WHERE {in_sight('m.photo')} GROUP BY owner)"
    " SELECT (SELECT coalesce(sum(faces), 0) FROM owned),"
    " (SELECT count(*) FROM person p"
    "  WHERE p.name <> '' OR EXISTS (SELECT 1 FROM owned WHERE owner = p.id)),"
    " (SELECT count(*) FROM owned WHERE owner NOT IN (SELECT id FROM person))"
)


@dataclass(frozen=True, slots=True)
class Totals:
    """How many faces belong to somebody, and to how many people and groups."""

    faces: int
    people: int
    groups: int


class Persons:
    """Queries on `person` and `membership`; who has no photo that is there and wanted counts
    none."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self, *, hidden: bool) -> tuple[Person, ...]:
        """Return people and groups, those on most photos first, then by number: naming somebody
        moves nobody.

        Named people without a photo come last; `hidden` adds the hidden and the strangers.
        """
        shown = "1" if hidden else "coalesce(p.hidden, 0) = 0 AND coalesce(p.stranger, 0) = 0"
        without = f"p.name <> '' AND c.owner IS NULL AND {shown}"
        found = self._query(_BY_OWNER.format(where="1", also=shown))
        found += self._query(_BY_PERSON.format(where="1", also=without))
        return tuple(sorted(found, key=lambda who: (-who.photos, who.id)))

    def some(self, persons: Sequence[int]) -> dict[int, Person]:
        """Return those of `persons` that were spoken of, by number."""
        given = "SELECT value FROM json_each(?1)"
        query = _BY_PERSON.format(where=f"m.owner IN ({given})", also=f"p.id IN ({given})")
        return {who.id: who for who in self._query(query, (json.dumps(list(persons)),))}

    def silent(self) -> tuple[int, ...]:
        """Return the numbers of the hidden and the strangers, named or not."""
        with self._database.reading() as db:
            rows = db.execute("SELECT id FROM person WHERE hidden OR stranger ORDER BY id")
            return tuple(row[0] for row in rows)

    def totals(self) -> Totals:
        """Count all at once, for less than a list costs."""
        with self._database.reading() as db:
            row = db.execute(_TOTALS).fetchone()
        return Totals(*row)

    def named(self) -> tuple[Person, ...]:
        """Return the people that have a name, by name."""
        only = "m.owner IN (SELECT id FROM person WHERE folded <> '')"
        found = self._query(_BY_PERSON.format(where=only, also="p.name <> ''"))
        return tuple(sorted(found, key=lambda who: (who.name.casefold(), who.id)))

    def names(self) -> tuple[tuple[PersonId, str, bool], ...]:
        """Return (number, name, hidden or a stranger) of the people that have a name.

        No more than the table of people is read: for every key that is pressed.
        """
        with self._database.reading() as db:
            rows = db.execute(
                "SELECT id, name, hidden OR stranger FROM person WHERE folded <> ''"
            ).fetchall()
        return tuple((PersonId(row[0]), row[1], bool(row[2])) for row in rows)

    def get(self, person: int) -> Person | None:
        """Return one person or group; None when there is none of that number."""
        query = _BY_PERSON.format(where="m.owner = ?1", also="p.id = ?1")
        found = self._query(query, (person,))
        if not found:
            found = self._query(_BY_OWNER.format(where="m.owner = ?1", also="1"), (person,))
        return found[0] if found else None

    def number_of(self, folded: str) -> int | None:
        """Return the person of a name that is folded for comparing."""
        with self._database.reading() as db:
            row = db.execute(
                "SELECT id FROM person WHERE folded = ? AND folded <> ''", (folded,)
            ).fetchone()
        return int(row[0]) if row else None

    def _query(self, query: str, values: Sequence[object] = ()) -> list[Person]:
        with self._database.reading() as db:
            return [_person(row) for row in db.execute(query, values)]


def _person(row: tuple[Any, ...]) -> Person:
    id_, name, faces, photos, hidden, stranger, birthday, cover, group = row
    return Person(
        id=PersonId(id_),
        name=name,
        faces=faces,
        photos=photos,
        hidden=bool(hidden),
        stranger=bool(stranger),
        birthday=birthday,
        cover=None if cover is None else FaceId(cover),
        group=bool(group),
    )
