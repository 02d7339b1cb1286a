"""The journal of what the user said of faces: undo and redo, across restarts.

An action is kept as rows before and after it. What changed since then without the user (another
grouping, names read from files) gives way where it contradicts, and stays where it does not.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from photosearch.store.database import Database
from photosearch.store.hearing import heard
from photosearch.store.places import OWN, own_as_said
from photosearch.store.saying import PERSON, VERDICT, Key, Saying, image
from photosearch.types import ActionId, Check, History

KEPT_ACTIONS = 1000
_Images = Mapping[int, dict[str, Any] | None]
_UPSERT = (
    f"INSERT INTO person ({', '.join(PERSON)}) VALUES ({', '.join('?' * len(PERSON))})"
    " ON CONFLICT (id) DO UPDATE SET "
    + ", ".join(f"{name} = excluded.{name}" for name in PERSON[1:])
)
_INSERT = f"INSERT INTO verdict ({', '.join(VERDICT)}) VALUES ({', '.join('?' * len(VERDICT))})"


class Journal:
    """The tables `action` and `action_change`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @contextmanager
    def action(self, check: Check | None = None) -> Iterator[Saying]:
        """Lend what an action is done with; all of it is written at the end, or nothing.

        An action that changes nothing leaves no trace; another one ends what could be redone.
        `check` may still stop it when all is written, right before it counts.
        """
        with self._database.transaction() as db:
            saying = Saying(db)
            yield saying
            saying.action = _write(db, saying)
            if check is not None:
                check()

    def history(self) -> History:
        """Return the titles of what undo and redo would do now."""
        with self._database.reading() as db:
            undo, redo = _next(db, undone=False), _next(db, undone=True)
        return History(undo[1] if undo else "", redo[1] if redo else "")

    def undo(self, expected: ActionId | None = None) -> str | None:
        """Take the last action back and return its title; None when there is none, or another
        one than `expected`."""
        return self._step(undone=False, expected=expected)

    def redo(self) -> str | None:
        """Do the action again that was undone last; None when there is none."""
        return self._step(undone=True)

    def _step(self, *, undone: bool, expected: ActionId | None = None) -> str | None:
        with self._database.transaction() as db:
            action = _next(db, undone=undone)
            if action is None or expected not in (None, action[0]):
                return None
            _apply(db, action[0], "after" if undone else "before")
            db.execute("UPDATE action SET undone = ? WHERE id = ?", (not undone, action[0]))
            heard(db)
            return action[1]


def _next(db: sqlite3.Connection, *, undone: bool) -> tuple[int, str] | None:
    order = "ASC" if undone else "DESC"
    row = db.execute(
        f"SELECT id, title FROM action WHERE undone = ? ORDER BY id {order} LIMIT 1", (undone,)
    ).fetchone()
    return (int(row[0]), str(row[1])) if row else None


def _write(db: sqlite3.Connection, saying: Saying) -> ActionId | None:
    changes = [
        (key, before, after)
        for key, before in saying.before.items()
        if before != (after := image(db, *key))
    ]
    if not changes:
        return None
    db.execute("DELETE FROM action WHERE undone = 1")
    action = db.execute("INSERT INTO action (title) VALUES (?)", (saying.title,)).lastrowid
    rows: list[tuple[object, ...]] = []
    for (kind, row), before, after in changes:
        rows.append((kind, row, before, after, _place((kind, row), before or after)))
        if kind == "person":
            rows += [("kept", cover, None, None, cover) for cover in _covers(before, after)]
    db.executemany(
        "INSERT INTO action_change (action, step, kind, row, before, after, place)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        [(action, step, *row) for step, row in enumerate(rows)],
    )
    db.execute(
        "DELETE FROM action WHERE id <= (SELECT id FROM action ORDER BY id DESC LIMIT 1 OFFSET ?)",
        (KEPT_ACTIONS,),
    )
    return None if action is None else ActionId(action)


def _place(key: Key, image_: str | None) -> int | None:
    kind, row = key
    if kind == "owner":
        return row
    return int(json.loads(image_)["place"]) if kind == "verdict" and image_ else None


def _covers(before: str | None, after: str | None) -> set[int]:
    """Return the covers an action changed: places that it can bring back."""
    was, is_ = (json.loads(text)["cover"] if text else None for text in (before, after))
    return {cover for cover in (was, is_) if cover is not None and was != is_}


def _apply(db: sqlite3.Connection, action: int, side: str) -> None:
    """Make the rows of an action what they were on one side of it."""
    kinds = ("person", "verdict", "owner", "favourite")
    images: dict[str, dict[int, dict[str, Any] | None]] = {kind: {} for kind in kinds}
    places: set[int] = set()
    for kind, row, text, place in db.execute(
        f"SELECT kind, row, {side}, place FROM action_change WHERE action = ? ORDER BY step",
        (action,),
    ).fetchall():
        if place is not None and kind != "kept":
            places.add(place)
        if kind in images:
            images[kind][row] = json.loads(text) if text else None
    db.executemany("DELETE FROM verdict WHERE id = ?", [(row,) for row in images["verdict"]])
    leaving = _put_people(db, images["person"])
    _put_verdicts(db, images["verdict"])
    _drop_people(db, leaving)
    for place, owner in images["owner"].items():
        if owner is None:
            db.execute("DELETE FROM membership WHERE place = ?", (place,))
        else:
            db.execute(OWN.format(also=""), (owner["owner"], owner["doubt"], place))
    own_as_said(db, sorted(places))
    _put_favourites(db, images["favourite"])


def _put_favourites(db: sqlite3.Connection, images: _Images) -> None:
    for photo, favourite in images.items():
        if favourite is None:
            db.execute("DELETE FROM favourite WHERE photo = ?", (photo,))
        else:
            db.execute(
                "INSERT OR IGNORE INTO favourite (photo, at) VALUES (?, ?)",
                (photo, favourite["at"]),
            )


def _put_people(db: sqlite3.Connection, images: _Images) -> dict[int, str]:
    """Write those who are to be there; return the names of those who are not to."""
    leaving: dict[int, str] = {}
    for row, person in images.items():
        # Names may change hands within one action: nobody has one while they are given out.
        had = db.execute("SELECT folded FROM person WHERE id = ?", (row,)).fetchone()
        if had is not None and person is None:
            leaving[row] = had[0]
        db.execute("UPDATE person SET folded = '' WHERE id = ?", (row,))
    for person in images.values():
        if person is not None:
            other = _named(db, person["folded"])
            if other is not None:  # a file brought the name meanwhile
                db.execute("UPDATE person SET folded = '' WHERE id = ?", (other,))
            db.execute(_UPSERT, tuple(person[name] for name in PERSON))
            if other is not None:
                _absorb(db, other, person["id"])
    return leaving


def _drop_people(db: sqlite3.Connection, leaving: Mapping[int, str]) -> None:
    """Delete who was not there; of whom files speak meanwhile stays, by their name."""
    for row, folded in leaving.items():
        if db.execute("SELECT 1 FROM verdict WHERE person = ?", (row,)).fetchone() is None:
            db.execute("DELETE FROM person WHERE id = ?", (row,))
        elif (other := _named(db, folded)) is not None:
            _absorb(db, row, other)
        else:
            db.execute("UPDATE person SET folded = ? WHERE id = ?", (folded, row))


def _named(db: sqlite3.Connection, folded: str) -> int | None:
    row = db.execute(
        "SELECT id FROM person WHERE folded = ? AND folded <> ''", (folded,)
    ).fetchone()
    return int(row[0]) if row else None


def _absorb(db: sqlite3.Connection, other: int, person: int) -> None:
    places = [row[0] for row in db.execute("SELECT place FROM verdict WHERE person = ?", (other,))]
    db.execute("UPDATE OR IGNORE verdict SET person = ? WHERE person = ?", (person, other))
    db.execute("DELETE FROM verdict WHERE person = ?", (other,))
    db.execute("DELETE FROM person WHERE id = ?", (other,))
    db.execute("UPDATE membership SET owner = ? WHERE owner = ?", (person, other))
    own_as_said(db, places)


def _put_verdicts(db: sqlite3.Connection, images: _Images) -> None:
    for verdict in images.values():
        if verdict is None:
            continue
        db.execute(
            "DELETE FROM verdict WHERE place = ?1 AND (person = ?2"
            " OR (?3 <> 'is not' AND says <> 'is not'))",
            (verdict["place"], verdict["person"], verdict["says"]),
        )
        db.execute(_INSERT, tuple(verdict[name] for name in VERDICT))
