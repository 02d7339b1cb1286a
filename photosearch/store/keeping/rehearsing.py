"""A library in memory in which an import is tried out: nobody waits for it, and nothing stays.

It holds what the import looks at: all that was said, and the photos that a document speaks of.
How faces look, and what can be found on photos, is not there.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from typing import Final

from photosearch.store.database import Database
from photosearch.store.keeping.returning import known_photos
from photosearch.store.migrating import create

_WHOLE: Final = ("folder", "owner_number", "person", "verdict")
# By the column that says which photo. Files come before the photos that count them: they are
# counted already.
_OF_PHOTOS: Final = (
    ("file", "photo"),
    ("photo", "id"),
    ("place", "photo"),
    ("region", "photo"),
    ("membership", "photo"),
    ("favourite", "photo"),
)


@contextmanager
def rehearsal(database: Database, hashes: Iterable[bytes]) -> Iterator[sqlite3.Connection]:
    """Lend a library in memory with the photos of these hashes, as they are at this moment."""
    with closing(create(":memory:")) as db:
        with database.reading() as library:
            library.execute("BEGIN")  # reads only: others go on writing
            try:
                _fill(db, library, hashes)
            finally:
                library.execute("ROLLBACK")
        yield db


def _fill(db: sqlite3.Connection, library: sqlite3.Connection, hashes: Iterable[bytes]) -> None:
    photos = json.dumps([number for number, _ in known_photos(library, hashes).values()])
    db.execute("BEGIN")
    for table in _WHOLE:
        _copy(db, library, table)
    for table, column in _OF_PHOTOS:
        _copy(db, library, table, f"WHERE {column} IN (SELECT value FROM json_each(?))", photos)
    _copy(db, library, "sqlite_sequence")  # no new number is one of what is not here
    db.execute("COMMIT")


def _copy(
    db: sqlite3.Connection, library: sqlite3.Connection, table: str, where: str = "", *values: str
) -> None:
    rows = library.execute(f"SELECT * FROM {table} {where}", values)
    marks = ", ".join("?" * len(rows.description))
    db.execute(f"DELETE FROM {table}")
    db.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)
