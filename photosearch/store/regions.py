"""Faces that other programs named in the files: read as what the user said there.

Once, and with the least weight: what the user said of a place here stays, and what was taken back
does not come again when the file is read anew.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from photosearch.names import fold, tidy
from photosearch.store.matching import likeness, likeness_turned
from photosearch.store.membership import take_numbers
from photosearch.store.places import CHANGED, add_place, own_as_said
from photosearch.types import Box, FaceRegion

_COLUMNS = "name, x, y, width, height, source"


def write_regions(db: sqlite3.Connection, photo: int, regions: Sequence[FaceRegion]) -> None:
    """Note the regions of a photo and name the faces that are new; part of a transaction."""
    known = db.execute(f"SELECT {_COLUMNS} FROM region WHERE photo = ?", (photo,)).fetchall()
    found = [(tidy(r.name), r.box.x, r.box.y, r.box.width, r.box.height, r.source) for r in regions]
    if sorted(known) == sorted(found):
        return
    db.execute("DELETE FROM region WHERE photo = ?", (photo,))
    db.executemany(
        f"INSERT INTO region (photo, {_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)",
        [(photo, *row) for row in found],
    )
    for row in found:
        if row not in known and fold(row[0]):
            _name(db, photo, row[0], Box(*row[1:5]))


def _name(db: sqlite3.Connection, photo: int, name: str, box: Box) -> None:
    person = _find(db, fold(name))
    place, free = _place(db, photo, box, person, fold(name))
    if not free:
        return
    if person is None:
        person = take_numbers(db, 1)
        db.execute(
            "INSERT INTO person (id, name, folded) VALUES (?, ?, ?)", (person, name, fold(name))
        )
    if place is None:
        place = add_place(db, photo, box)
    db.execute(
        "INSERT INTO verdict (place, person, says, source, called) VALUES (?, ?, 'is', 'file', ?)",
        (place, person, fold(name)),
    )
    own_as_said(db, [place])


def _find(db: sqlite3.Connection, folded: str) -> int | None:
    """Return who has a name, or whom files called so before the user changed it.

    A name that the user alone gave and changed was a mistake: it says nothing of what files mean.
    """
    row = db.execute("SELECT id FROM person WHERE folded = ?", (folded,)).fetchone()
    if row is None:
        row = db.execute(
            "SELECT person FROM verdict WHERE called = ? AND says = 'is'"
            " GROUP BY person ORDER BY count(*) DESC, person LIMIT 1",
            (folded,),
        ).fetchone()
    return int(row[0]) if row else None


def _place(
    db: sqlite3.Connection, photo: int, box: Box, person: int | None, folded: str
) -> tuple[int | None, bool]:
    """Return the place that a region is around, None for a new one, and whether to name it."""
    rows = db.execute(
        "SELECT l.id, l.moved, l.x, l.y, l.width, l.height,"
        " EXISTS (SELECT 1 FROM verdict WHERE place = l.id AND says <> 'is not'),"
        " EXISTS (SELECT 1 FROM verdict WHERE place = l.id AND (person = ?1 OR called = ?3)),"
        " EXISTS (SELECT 1 FROM verdict WHERE place = l.id AND person = ?1 AND says = 'is')"
        " FROM place l WHERE l.photo = ?2",
        (person, photo, folded),
    ).fetchall()
    near: list[tuple[float, int, bool]] = []
    for id_, moved, x, y, width, height, taken, spoken_of, is_person in rows:
        if is_person or (moved and spoken_of):
            return None, False  # already on it; or rejected at a place that is to be found again
        like = (likeness_turned if moved == CHANGED else likeness)(Box(x, y, width, height), box)
        if like:
            near.append((like, id_, bool(taken or spoken_of)))
    if not near:
        return None, True
    _, place, said = max(near)
    return place, not said
