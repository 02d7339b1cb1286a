"""From the library to a document of what the user said in it. Only reads."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from photosearch.store.hearing import last_heard
from photosearch.store.keeping.document import (
    Document,
    SaidFace,
    SaidFolder,
    SaidPerson,
    SaidPhoto,
    SaidRegion,
    SaidVerdict,
)
from photosearch.types import Box

_CHUNK: Final = 500
_FOLDERS = "SELECT id, path, single_file, volume, faces, search, exclude FROM folder ORDER BY id"
_PEOPLE = "SELECT id, name, hidden, stranger, birthday, at FROM person ORDER BY id"
_SAID_OF = (
    "SELECT photo FROM favourite UNION SELECT photo FROM region UNION SELECT photo FROM place"
    " WHERE id IN (SELECT place FROM verdict"
    "  UNION SELECT cover FROM person WHERE cover IS NOT NULL) ORDER BY 1"
)
_PHOTOS = (
    "SELECT p.id, p.hash, p.bytes, p.width, p.height, v.at FROM photo p"
    " LEFT JOIN favourite v ON v.photo = p.id WHERE p.id IN ({marks}) ORDER BY p.id"
)
_PLACES = (
    "SELECT l.id, l.photo, l.x, l.y, l.width, l.height, l.frame, l.drawn, l.moved FROM place l"
    " WHERE l.photo IN ({marks}) AND (EXISTS (SELECT 1 FROM verdict WHERE place = l.id)"
    " OR EXISTS (SELECT 1 FROM person WHERE cover = l.id)) ORDER BY l.photo, l.id"
)
_VERDICTS = (
    "SELECT place, says, person, source, called, at FROM verdict WHERE place IN ({marks})"
    " ORDER BY id"
)
_COVERS = "SELECT cover, id FROM person WHERE cover IN ({marks}) ORDER BY id"
_REGIONS = "SELECT photo, name, x, y, width, height, source FROM region WHERE photo IN ({marks})"
_FILES = (
    "SELECT photo, folder, dir, name FROM file WHERE photo IN ({marks}) AND state <> 'gone'"
    " ORDER BY id"
)
# What changes when something is said: quick to read, for a look every few seconds.
_SIGNS = (
    "SELECT path, faces, search, exclude FROM folder ORDER BY path",
    "SELECT id, name, hidden, stranger, birthday, cover FROM person ORDER BY id",
    "SELECT count(*), max(id), max(at), total(place), total(person) FROM verdict",
    "SELECT count(*), max(id), total(undone) FROM action",
    "SELECT count(*), total(photo), max(at) FROM favourite",
)
_COUNTED: Final = ("verdict", "favourite", "person", "folder")
_Rows = dict[int, list[Any]]


def state(db: sqlite3.Connection) -> str:
    """Return what differs whenever something else was said."""
    digest = hashlib.blake2b(digest_size=16)
    for query in _SIGNS:
        for row in db.execute(query):
            digest.update(repr(row).encode("utf-8", "surrogateescape"))
    return digest.hexdigest()


def gather(db: sqlite3.Connection) -> Document:
    """Return all that was said, of one moment: inside a transaction of the caller."""
    return replace(outline(db), photos=tuple(photos(db)))


def outline(db: sqlite3.Connection) -> Document:
    """Return a document without its photos."""
    counts = (f"(SELECT count(*) FROM {table})" for table in _COUNTED)
    said = f"SELECT {' + '.join(counts)}"
    return Document(
        folders=tuple(map(_folder, _folders(db))),
        people=tuple(map(_person, db.execute(_PEOPLE).fetchall())),
        written=datetime.now().isoformat(timespec="seconds"),
        said=int(db.execute(said).fetchone()[0]),
        state=state(db),
        action=last_heard(db),
        owner=int(db.execute("SELECT coalesce(max(last), 0) FROM owner_number").fetchone()[0]),
    )


def photo_count(db: sqlite3.Connection) -> int:
    """Return how many `photos` yields."""
    return int(db.execute(f"SELECT count(*) FROM ({_SAID_OF})").fetchone()[0])


def photos(db: sqlite3.Connection) -> Iterator[SaidPhoto]:
    """Yield the photos of which something was said.

    Some at a time: a hundred thousand at once would hold up all other threads.
    """
    numbers = {row[0]: index for index, row in enumerate(_folders(db))}
    ids = [row[0] for row in db.execute(_SAID_OF)]
    for start in range(0, len(ids), _CHUNK):
        yield from _some_photos(db, ids[start : start + _CHUNK], numbers)


def _folders(db: sqlite3.Connection) -> list[tuple[Any, ...]]:
    return [row for row in db.execute(_FOLDERS) if isinstance(row[1], bytes)]


def _folder(row: tuple[Any, ...]) -> SaidFolder:
    _, path, single, volume, faces, search, exclude = row
    return SaidFolder(
        path, bool(single), volume, bool(faces), bool(search), tuple(json.loads(exclude))
    )


def _person(row: tuple[Any, ...]) -> SaidPerson:
    id_, name, hidden, stranger, birthday, at = row
    return SaidPerson(id_, name, bool(hidden), bool(stranger), birthday, at)


def _some_photos(
    db: sqlite3.Connection, ids: list[int], folders: dict[int, int]
) -> Iterator[SaidPhoto]:
    files = _grouped(
        (photo, (folders[folder], directory + b"/" * bool(directory) + name))
        for photo, folder, directory, name in _among(db, _FILES, ids)
        if folder in folders
    )
    regions = _grouped(
        (row[0], SaidRegion(row[1], Box(*row[2:6]), row[6])) for row in _among(db, _REGIONS, ids)
    )
    faces = _faces(db, ids)
    for id_, key, size, width, height, favourite in _among(db, _PHOTOS, ids):
        yield SaidPhoto(
            hash=key,
            size=size,
            width=width,
            height=height,
            files=tuple(files.get(id_, ())),
            favourite=favourite,
            faces=tuple(faces.get(id_, ())),
            regions=tuple(regions.get(id_, ())),
        )


def _faces(db: sqlite3.Connection, ids: list[int]) -> dict[int, list[SaidFace]]:
    """Return the faces of which something was said, by photo."""
    places = _among(db, _PLACES, ids)
    of_all = [row[0] for row in places]
    verdicts = _grouped((row[0], SaidVerdict(*row[1:])) for row in _among(db, _VERDICTS, of_all))
    covers = _grouped((row[0], row[1]) for row in _among(db, _COVERS, of_all))
    return _grouped(
        (
            photo,
            SaidFace(
                box=Box(x, y, width, height),
                verdicts=tuple(verdicts.get(id_, ())),
                cover_of=tuple(covers.get(id_, ())),
                frame=frame,
                drawn=bool(drawn),
                moved=moved,
            ),
        )
        for id_, photo, x, y, width, height, frame, drawn, moved in places
    )


def _among(db: sqlite3.Connection, query: str, ids: list[int]) -> list[tuple[Any, ...]]:
    """Return the rows of a query that names some numbers."""
    rows: list[tuple[Any, ...]] = []
    for start in range(0, len(ids), _CHUNK):
        chunk = ids[start : start + _CHUNK]
        rows += db.execute(query.format(marks=", ".join("?" * len(chunk))), chunk).fetchall()
    return rows


def _grouped(pairs: Iterable[tuple[int, Any]]) -> _Rows:
    found: _Rows = defaultdict(list)
    for key, value in pairs:
        found[key].append(value)
    return dict(found)
