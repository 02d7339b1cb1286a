"""How many photos were ever deleted from a library: it tells whether some were since a moment.

It is kept where SQLite keeps the highest number that each table gave, under a name of its own.
"""

from __future__ import annotations

import sqlite3
from typing import Final

_NAME: Final = "photo, deleted"


def deleted(db: sqlite3.Connection) -> int:
    """Return how many photos were deleted."""
    return _number(db, _NAME)


def last_given(db: sqlite3.Connection) -> int:
    """Return the highest number that a photo ever had."""
    return _number(db, "photo")


def note_deleted(db: sqlite3.Connection, count: int) -> None:
    """Add to the number, in the transaction that deletes."""
    add = "UPDATE sqlite_sequence SET seq = seq + ? WHERE name = ?"
    if not db.execute(add, (count, _NAME)).rowcount:
        db.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", (_NAME, count))


def _number(db: sqlite3.Connection, name: str) -> int:
    row = db.execute("SELECT max(seq) FROM sqlite_sequence WHERE name = ?", (name,)).fetchone()
    return int(row[0] or 0)
