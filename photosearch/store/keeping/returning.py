"""From a document back into a library: adds what the library does not know, takes nothing away.

A photo that is not in the library yet comes as one without files, and waits there for a file with
its bytes, or for the file in its place, as photos of a removed folder do.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from photosearch.names import fold
from photosearch.store.hearing import raise_to
from photosearch.store.keeping.document import (
    Document,
    SaidFace,
    SaidFolder,
    SaidPerson,
    SaidPhoto,
    SaidRegion,
    SaidVerdict,
)
from photosearch.store.matching import overlap
from photosearch.store.membership import take_numbers
from photosearch.store.places import own_all_as_said
from photosearch.store.said import NOT_LOOKED_AT
from photosearch.types import Box

_AT_ONCE: Final = 500  # hashes in one question: every SQLite takes 999 values
_SAME_FACE: Final = 0.5  # overlap with a known place
_SAID = ("action", "verdict", "person", "favourite", "membership", "grouped")
_Numbers = Mapping[int, int]
_NO_FOLDERS: Final[_Numbers] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Returned:
    """How much of a document the library has now."""

    people: int = 0  # with a name
    faces: int = 0
    favourites: int = 0
    folders: int = 0


def forget_said(db: sqlite3.Connection, document: Document) -> None:
    """Make room for a document that knows more: take out all that was said.

    Part of a transaction of the caller, who puts the document back in the same.
    """
    for table in _SAID:
        db.execute(f"DELETE FROM {table}")
    kept = {folder.path for folder in document.folders}
    for id_, path in db.execute("SELECT id, path FROM folder").fetchall():
        if path not in kept:
            db.execute("DELETE FROM folder WHERE id = ?", (id_,))
    for folder in document.folders:
        db.execute(
            "UPDATE folder SET faces = ?, search = ?, exclude = ? WHERE path = ?",
            (folder.faces, folder.search, json.dumps(folder.exclude), folder.path),
        )


def put(db: sqlite3.Connection, document: Document) -> Returned:
    """Say in a library what a document says; part of a transaction of the caller."""
    folders = {index: _folder(db, folder) for index, folder in enumerate(document.folders)}
    last = max([document.owner, *(person.id for person in document.people)], default=0)
    db.execute("UPDATE owner_number SET last = max(last, ?)", (last,))
    people = {person.id: _person(db, person) for person in document.people}
    faces = favourites = 0
    for photo in document.photos:
        number = photo_of(db, photo, folders)
        if photo.favourite is not None:
            favourites += 1
            db.execute(
                "INSERT OR IGNORE INTO favourite (photo, at) VALUES (?, ?)",
                (number, photo.favourite),
            )
        taken: set[int] = set()
        for face in photo.faces:
            place = _place(db, number, face, taken)
            taken.add(place)
            said = [_verdict(db, place, each, people) for each in face.verdicts]
            faces += any(said)
            _cover(db, place, face, people)
        note_regions(db, number, photo.regions)
    own_all_as_said(db)
    raise_to(db, document.action)
    named = sum(bool(person.name) for person in document.people)
    return Returned(named, faces, favourites, len(document.folders))


def _folder(db: sqlite3.Connection, folder: SaidFolder) -> int:
    db.execute(
        "INSERT OR IGNORE INTO folder (path, single_file, volume, faces, search, exclude)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        (
            folder.path,
            folder.single_file,
            folder.volume,
            folder.faces,
            folder.search,
            json.dumps(folder.exclude),
        ),
    )
    row = db.execute("SELECT id FROM folder WHERE path = ?", (folder.path,)).fetchone()
    return int(row[0])


def _person(db: sqlite3.Connection, person: SaidPerson) -> int:
    """Return who is meant: who has the name, or somebody new with the same number if it is free."""
    folded = fold(person.name)
    known = db.execute(
        "SELECT id FROM person WHERE folded = ? AND folded <> ''", (folded,)
    ).fetchone()
    if known is not None:
        db.execute(
            "UPDATE person SET birthday = coalesce(birthday, ?), hidden = max(hidden, ?)"
            " WHERE id = ?",
            (person.birthday, person.hidden, known[0]),
        )
        return int(known[0])
    number = person.id
    if db.execute("SELECT 1 FROM person WHERE id = ?", (number,)).fetchone() is not None:
        number = take_numbers(db, 1)
    db.execute(
        "INSERT INTO person (id, name, folded, hidden, stranger, birthday, at)"
        " VALUES (?, ?, ?, ?, ?, ?, coalesce(nullif(?, ''), CURRENT_TIMESTAMP))",
        (
            number,
            person.name,
            folded,
            person.hidden,
            person.stranger,
            person.birthday,
            person.at,
        ),
    )
    return number


def known_photos(db: sqlite3.Connection, hashes: Iterable[bytes]) -> dict[bytes, tuple[int, bool]]:
    """Return which of these hashes are of photos that are known: their number, and whether they
    have a file."""
    wanted, known = list(hashes), {}
    for start in range(0, len(wanted), _AT_ONCE):
        some = wanted[start : start + _AT_ONCE]
        rows = db.execute(
            f"SELECT hash, id, files > 0 FROM photo WHERE hash IN ({', '.join('?' * len(some))})",
            some,
        )
        known.update({bytes(hash_): (int(id_), bool(here)) for hash_, id_, here in rows})
    return known


def photo_of(db: sqlite3.Connection, photo: SaidPhoto, folders: _Numbers = _NO_FOLDERS) -> int:
    """Return the photo with the same bytes, or a new one that waits for a file with them."""
    row = db.execute("SELECT id FROM photo WHERE hash = ?", (photo.hash,)).fetchone()
    return int(row[0]) if row is not None else add_photo(db, photo, folders)


def add_photo(db: sqlite3.Connection, photo: SaidPhoto, folders: _Numbers = _NO_FOLDERS) -> int:
    """Add a photo that is not known, to wait for a file with its bytes; return its number."""
    cursor = db.execute(
        "INSERT INTO photo (hash, bytes, width, height, format) VALUES (?, ?, ?, ?, ?)",
        (photo.hash, photo.size, photo.width, photo.height, NOT_LOOKED_AT),
    )
    number = cursor.lastrowid
    assert number is not None
    for index, path in photo.files:
        if index in folders:
            directory, _, name = path.rpartition(b"/")
            # As a file that is gone and had changed: the next scan looks at it, if it is there.
            db.execute(
                "INSERT OR IGNORE INTO file (folder, dir, name, size, mtime_ns, state, photo)"
                " VALUES (?, ?, ?, -1, 0, 'gone', ?)",
                (folders[index], directory, name, number),
            )
    return number


def _place(db: sqlite3.Connection, photo: int, face: SaidFace, taken: set[int]) -> int:
    """Return the place that is known there, or a new one."""
    rows = db.execute(
        "SELECT id, x, y, width, height FROM place WHERE photo = ? AND frame = ?",
        (photo, face.frame),
    ).fetchall()
    near = [(overlap(Box(*row[1:]), face.box), row[0]) for row in rows if row[0] not in taken]
    likeness, place = max(near, default=(0.0, 0))
    if likeness >= _SAME_FACE:
        return int(place)
    box = face.box
    cursor = db.execute(
        "INSERT INTO place (photo, frame, x, y, width, height, drawn, moved)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (photo, face.frame, box.x, box.y, box.width, box.height, face.drawn, face.moved),
    )
    assert cursor.lastrowid is not None
    return cursor.lastrowid


def _verdict(db: sqlite3.Connection, place: int, verdict: SaidVerdict, people: _Numbers) -> bool:
    """Say it, unless something else was said of the place; whether it holds there now."""
    person = None if verdict.person is None else people.get(verdict.person)
    if person is None and verdict.says != "no face":
        return False
    # Against the unique indexes: who is said to be there stays, and so does what was said of them.
    db.execute(
        "INSERT OR IGNORE INTO verdict (place, person, says, source, called, at)"
        " SELECT ?, ?, ?, ?, ?, coalesce(nullif(?, ''), CURRENT_TIMESTAMP)",
        (place, person, verdict.says, verdict.source, verdict.called, verdict.at),
    )
    return True


def _cover(db: sqlite3.Connection, place: int, face: SaidFace, people: _Numbers) -> None:
    for person in face.cover_of:
        if person in people:
            db.execute(
                "UPDATE person SET cover = coalesce(cover, ?) WHERE id = ?",
                (place, people[person]),
            )


def note_regions(db: sqlite3.Connection, photo: int, regions: tuple[SaidRegion, ...]) -> None:
    """Note which names of the file were read already: those taken back do not come again."""
    if not regions:
        return
    if db.execute("SELECT 1 FROM region WHERE photo = ?", (photo,)).fetchone() is not None:
        return
    db.executemany(
        "INSERT INTO region (photo, name, x, y, width, height, source)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        [(photo, r.name, r.box.x, r.box.y, r.box.width, r.box.height, r.source) for r in regions],
    )
