"""One action of the user: rows of `person` and `verdict` change, and with them whose faces are.

An action that brings what was said elsewhere marks favourites, too.

Every row is remembered as it was before the action touched it first: that is what the journal
keeps. Of two words about one place the newer holds.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from photosearch.store.matching import overlap
from photosearch.store.membership import take_numbers
from photosearch.store.places import add_place, own_as_said
from photosearch.types import ActionId, Box

Says = Literal["is", "is not", "no face"]
Source = Literal["face", "group", "file"]
Key = tuple[str, int]  # kind and number of a row

PERSON = ("id", "name", "folded", "hidden", "stranger", "birthday", "cover", "at")
VERDICT = ("id", "place", "person", "says", "source", "called", "at")
_IMAGES = {
    "person": f"SELECT {', '.join(PERSON)} FROM person WHERE id = ?",
    "verdict": f"SELECT {', '.join(VERDICT)} FROM verdict WHERE id = ?",
    "owner": "SELECT owner, doubt FROM membership WHERE place = ?",
    "favourite": "SELECT at FROM favourite WHERE photo = ?",
}
_COLUMNS = {
    "person": PERSON,
    "verdict": VERDICT,
    "owner": ("owner", "doubt"),
    "favourite": ("at",),
}
_SAME_FACE = 0.5  # overlap of a drawn box with a known place


@dataclass(frozen=True, slots=True)
class PersonRow:
    """A row of `person`."""

    id: int
    name: str = ""
    folded: str = ""  # the name for comparing
    hidden: bool = False
    stranger: bool = False
    birthday: str | None = None
    cover: int | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """A row of `verdict`; `person` is None where it says that there is no face."""

    id: int
    place: int
    person: int | None
    says: str
    source: str
    called: str | None  # what a file calls the person


def image(db: sqlite3.Connection, kind: str, row: int) -> str | None:
    """Return a row as JSON; None where there is none."""
    found = db.execute(_IMAGES[kind], (row,)).fetchone()
    return json.dumps(dict(zip(_COLUMNS[kind], found, strict=True))) if found else None


class Saying:
    """What one action reads and changes, inside the transaction that the journal holds."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self.title = ""
        self.action: ActionId | None = None  # once written; None also where nothing changed
        self.before: dict[Key, str | None] = {}  # rows as they were, in the order touched
        self._db = db

    # --- what there is ---

    def person(self, person: int) -> PersonRow | None:
        return self._person("id = ?", person)

    def person_named(self, folded: str) -> PersonRow | None:
        return self._person("folded = ?", folded) if folded else None

    def photo_of(self, place: int) -> int | None:
        """Return the photo of a place; None when there is no such place."""
        row = self._db.execute("SELECT photo FROM place WHERE id = ?", (place,)).fetchone()
        return int(row[0]) if row else None

    def owner(self, place: int) -> int | None:
        """Return the person or group a place belongs to now."""
        row = self._db.execute("SELECT owner FROM membership WHERE place = ?", (place,)).fetchone()
        return int(row[0]) if row else None

    def owned(self, owner: int) -> list[int]:
        """Return the places of a person or group, said and found, ascending."""
        rows = self._db.execute(
            "SELECT place FROM membership WHERE owner = ? ORDER BY place", (owner,)
        )
        return [row[0] for row in rows]

    def best_face(self, owner: int) -> int | None:
        """Return the face that lists show of a person or group while no cover is chosen."""
        row = self._db.execute(
            "SELECT place, max(worth) FROM membership WHERE owner = ?"
            " AND photo NOT IN (SELECT id FROM photo WHERE files = 0)",
            (owner,),
        ).fetchone()
        return None if row[0] is None else int(row[0])

    def said_at(self, place: int) -> list[Verdict]:
        return self._verdicts("place = ?", place)

    def said_of(self, person: int) -> list[Verdict]:
        return self._verdicts("person = ?", person)

    def is_said(self, place: int) -> bool:
        """Whether it was said whose face is at a place, or that none is."""
        return any(verdict.says != "is not" for verdict in self.said_at(place))

    # --- what is said ---

    def new_number(self) -> int:
        return take_numbers(self._db, 1)

    def place_for(self, photo: int, box: Box) -> int | None:
        """Return the place on a photo that a box is drawn around, a new one where there is none;
        None when there is no such photo."""
        if self._db.execute("SELECT 1 FROM photo WHERE id = ?", (photo,)).fetchone() is None:
            return None
        rows = self._db.execute(
            "SELECT id, x, y, width, height FROM place WHERE photo = ?", (photo,)
        ).fetchall()
        nearest = max(((overlap(Box(*row[1:]), box), row[0]) for row in rows), default=(0.0, 0))
        if nearest[0] >= _SAME_FACE:
            return int(nearest[1])
        return add_place(self._db, photo, box, drawn=True)

    def put_person(self, row: PersonRow) -> None:
        """Add a person or change one."""
        self._touch("person", row.id)
        self._db.execute(
            "INSERT INTO person (id, name, folded, hidden, stranger, birthday, cover)"
            " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET name = excluded.name,"
            " folded = excluded.folded, hidden = excluded.hidden, stranger = excluded.stranger,"
            " birthday = excluded.birthday, cover = excluded.cover",
            (
                row.id,
                row.name,
                row.folded,
                row.hidden,
                row.stranger,
                row.birthday,
                row.cover,
            ),
        )

    def drop_person(self, person: int) -> None:
        """Delete a person with all that is still said of them."""
        for verdict in self.said_of(person):
            self.unsay(verdict)
        self._touch("person", person)
        self._db.execute("DELETE FROM person WHERE id = ?", (person,))

    def say(
        self,
        place: int,
        person: int | None,
        says: Says,
        source: Source,
        *,
        called: str | None = None,
    ) -> None:
        """Say something of a place; what contradicts it is taken back.

        `called` is what a file calls the person. Whose the place is follows with `own`.
        """
        said = self.said_at(place)
        for verdict in said:
            if (verdict.person, verdict.says) == (person, says):
                self._look_again(verdict, source)
                return
        for verdict in said:
            if verdict.person == person:
                called = verdict.called or called
            if verdict.person == person or "is not" not in (says, verdict.says):
                self.unsay(verdict)
        cursor = self._db.execute(
            "INSERT INTO verdict (place, person, says, source, called) VALUES (?, ?, ?, ?, ?)",
            (place, person, says, source, called),
        )
        assert cursor.lastrowid is not None
        self.before[("verdict", cursor.lastrowid)] = None

    def _look_again(self, verdict: Verdict, source: Source) -> None:
        """Say again what was said: it may be of the face by itself now."""
        if verdict.source != source:
            self._touch("verdict", verdict.id)
            self._db.execute(
                "UPDATE verdict SET source = ?, at = CURRENT_TIMESTAMP WHERE id = ?",
                (source, verdict.id),
            )

    def redirect(self, verdict: Verdict, person: int) -> None:
        """Let a verdict on one person hold of another: "is" wins over what was said of both."""
        for other in self.said_at(verdict.place):
            if other.person == person:
                if verdict.says == "is not":
                    self.unsay(verdict)
                    return
                self.unsay(other)
        self._touch("verdict", verdict.id)
        self._db.execute("UPDATE verdict SET person = ? WHERE id = ?", (person, verdict.id))

    def unsay(self, verdict: Verdict) -> None:
        self._touch("verdict", verdict.id)
        self._db.execute("DELETE FROM verdict WHERE id = ?", (verdict.id,))

    def favour(self, photo: int, since: str) -> bool:
        """Mark a favourite since a time ("": now); whether it was none."""
        self._touch("favourite", photo)
        return bool(
            self._db.execute(
                "INSERT OR IGNORE INTO favourite (photo, at)"
                " VALUES (?, coalesce(nullif(?, ''), CURRENT_TIMESTAMP))",
                (photo, since),
            ).rowcount
        )

    def own(self, places: Sequence[int]) -> None:
        """Make places belong to whom they are said to."""
        for place in places:
            self._touch("owner", place)
        own_as_said(self._db, places)

    def disown(self, places: Iterable[int]) -> None:
        """Take places from their owners; grouping may find another."""
        for place in places:
            self._touch("owner", place)
            self._db.execute("DELETE FROM membership WHERE place = ?", (place,))

    def _touch(self, kind: str, row: int) -> None:
        if (kind, row) not in self.before:
            self.before[(kind, row)] = image(self._db, kind, row)

    def _person(self, where: str, value: object) -> PersonRow | None:
        row = self._db.execute(
            f"SELECT id, name, folded, hidden, stranger, birthday, cover FROM person WHERE {where}",
            (value,),
        ).fetchone()
        if row is None:
            return None
        id_, name, folded, hidden, stranger, birthday, cover = row
        return PersonRow(id_, name, folded, bool(hidden), bool(stranger), birthday, cover)

    def _verdicts(self, where: str, value: int) -> list[Verdict]:
        rows = self._db.execute(
            "SELECT id, place, person, says, source, called FROM verdict"
            f" WHERE {where} ORDER BY id",
            (value,),
        )
        return [Verdict(*row) for row in rows.fetchall()]
