"""Places in pictures where faces are: what keeps them, which are shown, and how they follow a
picture.

A place of which something was said is never deleted, nor one that an undo could bring back.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from photosearch.store.switches import switched_on
from photosearch.store.turning import Turn
from photosearch.types import Box

# Why a place is `moved`: its picture changed, or it was looked for there and not found, which says
# that it lies as it does (the face is hidden or cut off), turned with the others.
# Or its picture is the old one, turned or mirrored, and it lies where the turn put it.
CHANGED, MISSED, TURNED = 1, 2, 3
# What keeps a place, each by its column: what was said of it, or was until it was taken back.
SAID_OF = {"verdict": "place", "action_change": "place", "person": "cover"}
# What goes with it, or when its picture changes.
SEEN_AT = ("face", "membership")
# True of a place `l` that is kept.
_KEPT = [f"EXISTS (SELECT 1 FROM {by} WHERE {column} = l.id)" for by, column in SAID_OF.items()]
SPOKEN = f"({' OR '.join(_KEPT)})"
# True of a face of pack `{model}` at place `l` that was looked for and not seen in the changed
# picture: it only says how to know it should it come back.
LOST = (
    "(l.moved AND EXISTS (SELECT 1 FROM done WHERE photo = l.photo AND stage = 'faces'"
    " AND model = {model}))"
)
SAID_WHOSE = "EXISTS (SELECT 1 FROM verdict v WHERE v.place = l.id AND v.says = 'is')"
# True of a place `l` that nothing speaks for: drawn, and undone for good.
EMPTY = f"(NOT EXISTS (SELECT 1 FROM face WHERE place = l.id) AND NOT {SPOKEN})"
# How well the face at place `l` can stand for a person: surely one, large, seen from the front.
WORTH = (
    "coalesce((SELECT max(score * min(size_px, 300) * (120 - min(abs(coalesce(yaw, 0)), 90)))"
    " FROM face WHERE place = l.id), 0)"
)
OWN = (
    "INSERT INTO membership (place, owner, doubt, photo, worth)"
    f" SELECT l.id, ?, ?, l.photo, {WORTH} FROM place l WHERE l.id = ?"
    " {also} ON CONFLICT (place) DO UPDATE SET owner = excluded.owner, doubt = excluded.doubt"
)
_FACE = (
    "model, x, y, width, height, landmarks, score, sharpness, size_px, yaw, pitch, roll, variant,"
    " vector"
)


def wanted(photo: str) -> str:
    """Return what is true of a photo (its number in SQL) in which faces are to be looked for."""
    return switched_on(photo, "faces")


def in_sight(photo: str) -> str:
    """Return what is true of a photo whose faces count: it is there, and they are wanted."""
    return f"({photo} NOT IN (SELECT id FROM photo WHERE files = 0) AND {wanted(photo)})"


def shown(model: str) -> str:
    """Return what is true of a place `l` that is a face to the user, by the face pack `model`.

    Somebody said whose it is; or the pack sees one, or any other where it has not looked yet.
    """
    return (
        "(NOT EXISTS (SELECT 1 FROM verdict v WHERE v.place = l.id AND v.says = 'no face')"
        f" AND ({SAID_WHOSE} OR ({wanted('l.photo')} AND NOT {LOST.format(model=model)}"
        f" AND (EXISTS (SELECT 1 FROM face WHERE place = l.id AND model = {model})"
        " OR (EXISTS (SELECT 1 FROM face WHERE place = l.id) AND NOT EXISTS (SELECT 1 FROM done"
        f" WHERE photo = l.photo AND stage = 'faces' AND model = {model}))))))"
    )


def add_place(
    db: sqlite3.Connection, photo: int, box: Box, *, moved: int = 0, drawn: bool = False
) -> int:
    """Add a place to a picture and return its number."""
    cursor = db.execute(
        "INSERT INTO place (photo, x, y, width, height, moved, drawn) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (photo, box.x, box.y, box.width, box.height, moved, drawn),
    )
    assert cursor.lastrowid is not None
    return cursor.lastrowid


def own_as_said(db: sqlite3.Connection, places: Sequence[int]) -> None:
    """Make these places belong to whom they are said to, and to nobody they are said not to."""
    for place in places:
        says = db.execute(
            "SELECT says, person FROM verdict WHERE place = ? AND says <> 'is not'", (place,)
        ).fetchone()
        if says is None:
            db.execute(
                "DELETE FROM membership WHERE place = ? AND owner IN"
                " (SELECT person FROM verdict WHERE place = ? AND says = 'is not')",
                (place, place),
            )
        elif says[0] == "no face":
            db.execute("DELETE FROM membership WHERE place = ?", (place,))
        else:
            db.execute(OWN.format(also=""), (says[1], 0.0, place))


def own_all_as_said(db: sqlite3.Connection) -> None:
    """Do `own_as_said` for every place that is not yet so."""
    rows = db.execute(
        "SELECT v.place FROM verdict v LEFT JOIN membership m ON m.place = v.place"
        " WHERE v.says = 'is' AND m.owner IS NOT v.person"
    ).fetchall()
    own_as_said(db, [row[0] for row in rows])


def picture_changed(db: sqlite3.Connection, photos: Sequence[int]) -> None:
    """Forget the places of changed pictures but for those spoken of, which are to be found again.

    Their faces stay until then: the next detection knows them by their looks.
    """
    for photo in photos:
        db.execute(f"DELETE FROM place AS l WHERE photo = ? AND NOT {SPOKEN}", (photo,))
        db.execute("UPDATE place SET moved = ? WHERE photo = ?", (CHANGED, photo))


def turn_places(db: sqlite3.Connection, photo: int, turn: Turn) -> None:
    """Put the places of a changed picture where they lie, knowing how it was turned."""
    rows = db.execute(
        "SELECT id, x, y, width, height FROM place WHERE photo = ? AND moved = ?", (photo, CHANGED)
    ).fetchall()
    for place, *box in rows:
        there = turn(Box(*box))
        db.execute(
            "UPDATE place SET x = ?, y = ?, width = ?, height = ?, moved = ? WHERE id = ?",
            (there.x, there.y, there.width, there.height, TURNED, place),
        )


def copy_places(db: sqlite3.Connection, old: int, new: int, turn: Turn | None = None) -> None:
    """Say of the faces on one photo what was said of those on another, to be found there.

    Nobody who is on the new photo by the user's word is put on it again.
    """
    rows = db.execute(
        "SELECT l.id, l.drawn, l.x, l.y, l.width, l.height FROM place l WHERE l.photo = ?1"
        " AND EXISTS (SELECT 1 FROM verdict WHERE place = l.id) AND NOT EXISTS"
        " (SELECT 1 FROM verdict v JOIN verdict w ON w.person = v.person AND w.says = 'is'"
        "  JOIN place o ON o.id = w.place WHERE v.place = l.id AND v.says = 'is' AND o.photo = ?2)",
        (old, new),
    ).fetchall()
    for place, drawn, *box in rows:
        there, moved = (Box(*box), CHANGED) if turn is None else (turn(Box(*box)), TURNED)
        copied = add_place(db, new, there, moved=moved, drawn=drawn)
        db.execute(
            "INSERT INTO verdict (place, person, says, source, called, at)"
            " SELECT ?, person, says, source, called, at FROM verdict WHERE place = ?",
            (copied, place),
        )
        db.execute(
            f"INSERT INTO face (place, {_FACE}) SELECT ?, {_FACE} FROM face WHERE place = ?",
            (copied, place),
        )
        own_as_said(db, [copied])
    if rows:  # where its faces were looked for already, they are once more, to find these places
        db.execute("DELETE FROM done WHERE photo = ? AND stage = 'faces'", (new,))


def drop_empty(db: sqlite3.Connection, photo: int) -> None:
    """Delete the places of a photo at which no face pack sees a face and nobody said one is."""
    db.execute(
        "DELETE FROM place AS l WHERE photo = ?"
        f" AND (moved OR NOT EXISTS (SELECT 1 FROM face WHERE place = l.id)) AND NOT {SPOKEN}",
        (photo,),
    )
