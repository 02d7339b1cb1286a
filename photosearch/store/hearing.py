"""The number that grows with all that is said: who has the higher one heard more.

It is the highest that an entry of the journal ever had. What has no entry there takes a number too.
"""

from __future__ import annotations

import sqlite3


def heard(db: sqlite3.Connection) -> None:
    """Note, in the transaction that says it, that something was said outside the journal."""
    raise_to(db, last_heard(db) + 1)


def last_heard(db: sqlite3.Connection) -> int:
    """Return the number of what was said last."""
    row = db.execute("SELECT max(seq) FROM sqlite_sequence WHERE name = 'action'").fetchone()
    return int(row[0] or 0)


def raise_to(db: sqlite3.Connection, number: int) -> None:
    """Let the number be at least so high."""
    if number <= last_heard(db):
        return
    changed = db.execute("UPDATE sqlite_sequence SET seq = ? WHERE name = 'action'", (number,))
    if not changed.rowcount:
        db.execute("INSERT INTO sqlite_sequence (name, seq) VALUES ('action', ?)", (number,))
