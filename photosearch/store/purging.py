"""Deleting what is no longer needed, some thousand rows at a time.

Each chunk is a transaction of its own: other writers get their turn between any two, and an
end in the middle leaves a library that is whole, with the rest to be deleted the next time.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass

from photosearch.store.database import Database
from photosearch.store.deletions import note_deleted
from photosearch.store.places import EMPTY, picture_changed
from photosearch.store.said import ANYTHING
from photosearch.types import FolderId

CHUNK = 900  # SQLite's old limit on variables is 999
# What was observed of a photo, which goes when the photo goes or gets another content.
OBSERVED = ("embedding", "done", "region", "miniature")
_ORPHANS = (
    "SELECT id FROM photo p WHERE files = 0 AND id > ?"
    " AND NOT EXISTS (SELECT 1 FROM file WHERE photo = p.id)"
    f" AND NOT ({ANYTHING}) ORDER BY id LIMIT {CHUNK}"
)


@dataclass(frozen=True, slots=True)
class Purged:
    """Photos that were deleted: the labels of their vectors, the keys of their thumbnails."""

    labels: tuple[int, ...]
    hashes: tuple[bytes, ...]


def purge(database: Database) -> Iterator[Purged]:
    """Delete photos that no file shows, present or gone, and of which the user said nothing.

    Yields after each chunk; the index and the thumbnails are the caller's. Places of faces that
    nothing speaks for any more go as well.
    """
    _sweep_places(database)
    last = 0
    while True:
        with database.transaction() as db:
            orphans = [row[0] for row in db.execute(_ORPHANS, (last,))]
            if not orphans:
                return
            last = orphans[-1]
            purged = _delete(db, orphans)
        yield purged


def _sweep_places(database: Database) -> None:
    with database.reading() as db:
        empty = [row[0] for row in db.execute(f"SELECT id FROM place l WHERE {EMPTY}")]
    for start in range(0, len(empty), CHUNK):
        with database.transaction() as db:
            db.executemany(
                f"DELETE FROM place AS l WHERE id = ? AND {EMPTY}",
                [(place,) for place in empty[start : start + CHUNK]],
            )


def _delete(db: sqlite3.Connection, photos: list[int]) -> Purged:
    marks = ", ".join("?" * len(photos))
    hashes = db.execute(f"SELECT hash FROM photo WHERE id IN ({marks})", photos).fetchall()
    labels = forget_observations(db, photos)
    db.execute(f"DELETE FROM words WHERE rowid IN ({marks})", photos)
    db.execute(f"DELETE FROM photo WHERE id IN ({marks})", photos)
    note_deleted(db, len(photos))
    return Purged(tuple(labels), tuple(row[0] for row in hashes))


def forget_observations(db: sqlite3.Connection, photos: list[int]) -> list[int]:
    """Delete what was observed of some photos; return the labels of their vectors."""
    marks = ", ".join("?" * len(photos))
    labels = db.execute(f"SELECT id FROM embedding WHERE photo IN ({marks})", photos).fetchall()
    for table in OBSERVED:
        db.execute(f"DELETE FROM {table} WHERE photo IN ({marks})", photos)
    picture_changed(db, photos)
    return [row[0] for row in labels]


def forget_files(database: Database, folder: FolderId, *, gone: bool) -> Iterator[int]:
    """Delete the files of a folder, or only those that are gone; yields how many each time."""
    which = "folder = ? AND state = 'gone'" if gone else "folder = ?"
    while True:
        with database.transaction() as db:
            count = db.execute(
                f"DELETE FROM file WHERE id IN (SELECT id FROM file WHERE {which} LIMIT {CHUNK})",
                (folder,),
            ).rowcount
        if not count:
            return
        yield count
