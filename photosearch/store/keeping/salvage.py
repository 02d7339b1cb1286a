"""Reading what can be read of a damaged library into a new one, what the user said first."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from photosearch.store.keeping.damage import read_only
from photosearch.store.migrating import create, newest_format
from photosearch.store.said import NOT_LOOKED_AT
from photosearch.store.words import write_words

_log = logging.getLogger(__name__)
# In the order in which they are saved. Without one of these a library is not whole.
ESSENTIAL: Final = (
    *("owner_number", "person", "favourite", "folder", "photo", "place", "verdict", "file"),
)
_FURTHER: Final = (
    *("action", "action_change", "model", "region", "embedding", "face", "miniature", "done"),
    *("failure", "membership", "drive"),
)
_WITHOUT_ROWID: Final = frozenset(("action_change", "done", "failure"))
_ROWS: Final = 2000  # written at once
_JUMP: Final = 64  # rows passed over at first where none can be read
_TRIES: Final = 200  # jumps in one table: then the rest is given up


@dataclass(frozen=True, slots=True)
class Salvaged:
    """What came of it: rows of each table, and the tables of which some were lost."""

    rows: dict[str, int]
    lost: frozenset[str]

    @property
    def whole(self) -> bool:
        """Whether nothing is missing that could not be observed again."""
        return not self.lost.intersection(ESSENTIAL)


def salvage(damaged: Path, target: Path) -> Salvaged:
    """Make a new library of what can be read of a damaged one, which is not changed."""
    rows: dict[str, int] = {}
    lost: set[str] = set()
    with closing(create(target)) as new, closing(read_only(damaged)) as old:
        new.execute("PRAGMA foreign_keys = OFF")
        new.execute("PRAGMA synchronous = OFF")
        triggers = new.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        scripts = triggers.fetchall()
        for name, _ in scripts:
            new.execute(f"DROP TRIGGER {name}")
        new.execute("BEGIN")
        new.execute("DELETE FROM owner_number")
        for table in (*ESSENTIAL, *_FURTHER):
            rows[table], whole = _table(old, new, table)
            if not whole:
                lost.add(table)
                if table == "photo":
                    rows[table] += _hashes(old, new)
        _settle(new)
        for _, script in scripts:
            new.execute(script)
        new.execute("COMMIT")
        if rows["photo"]:
            _count_files(new)
    _log.info("read of the damaged library: %s; not whole: %s", rows, sorted(lost))
    return Salvaged(rows, frozenset(lost))


def _table(old: sqlite3.Connection, new: sqlite3.Connection, table: str) -> tuple[int, bool]:
    """Copy a table; return how many rows there are now, and whether they are all."""
    columns = _columns(old, table)
    if not columns:
        return 0, False
    names = list(columns.values())
    marks = ", ".join("?" * len(names))
    insert = f"INSERT OR IGNORE INTO {table} ({', '.join(names)}) VALUES ({marks})"
    refused = 0

    def write(batch: list[tuple[object, ...]]) -> None:
        nonlocal refused
        for row in batch:
            try:
                refused += 1 - new.execute(insert, row).rowcount
            except (sqlite3.Error, OverflowError):
                refused += 1

    listed = ", ".join(columns)
    if table in _WITHOUT_ROWID:
        whole = _read_straight(old, f"SELECT {listed} FROM {table} NOT INDEXED", write)
    else:
        whole = _read_by_rows(old, f"SELECT rowid, {listed} FROM {table} NOT INDEXED", write)
    count = new.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
    return int(count), whole and not refused


def _columns(old: sqlite3.Connection, table: str) -> dict[str, str]:
    """Return the name of each column in a damaged library, quoted, and its right one.

    A column whose name is damaged is known by its place. Where more than names is damaged, SQLite
    would take one value for another: then there are none.
    """
    query = f"PRAGMA table_xinfo({table})"
    try:
        found = old.execute(query).fetchall()
    except (sqlite3.DatabaseError, ValueError):
        return {}
    for version in range(newest_format(), 0, -1):
        with closing(create(":memory:", version)) as sound:
            right = sound.execute(query).fetchall()
        if right and [(row[0], *row[2:]) for row in found] == [(r[0], *r[2:]) for r in right]:
            quoted = ['"{}"'.format(row[1].replace('"', '""')) for row in found]
            return dict(zip(quoted, (row[1] for row in right), strict=True))
    return {}


def _hashes(old: sqlite3.Connection, new: sqlite3.Connection) -> int:
    """Save the hashes of lost photos, which stand in an index too; return how many.

    They wait for a look at their files, as photos do of which only what was said is known.
    """
    count = 0
    try:
        for row in old.execute("SELECT id, hash FROM photo INDEXED BY sqlite_autoindex_photo_1"):
            count += new.execute(
                "INSERT OR IGNORE INTO photo (id, hash, bytes, width, height, format)"
                " VALUES (?, ?, 0, 0, 0, ?)",
                (*row, NOT_LOOKED_AT),
            ).rowcount
    except sqlite3.DatabaseError:
        _log.info("the hashes of lost photos cannot be read either")
    return count


_Write = Callable[[list[tuple[object, ...]]], None]


def _read_straight(old: sqlite3.Connection, query: str, write: _Write) -> bool:
    cursor = None
    try:
        cursor = old.execute(query)
        while batch := cursor.fetchmany(1):
            write(batch)
    except sqlite3.DatabaseError:
        return False
    finally:
        if cursor is not None:
            cursor.close()
    return True


def _read_by_rows(old: sqlite3.Connection, query: str, write: _Write) -> bool:
    """Read rows in their order; where they cannot be read, jump ahead, further each time."""
    whole, last, jump, tries = True, -(1 << 62), _JUMP, 0
    while tries < _TRIES:
        cursor = None
        try:
            cursor = old.execute(f"{query} WHERE rowid > ? ORDER BY rowid", (last,))
            for row in cursor:
                if row[0] <= last:
                    raise sqlite3.DatabaseError("rows out of order")
                last, jump = row[0], _JUMP
                write([row[1:]])
            return whole
        except sqlite3.DatabaseError:
            whole = False
            last, jump, tries = max(last, 0) + jump, min(2 * jump, 1 << 20), tries + 1
        finally:
            if cursor is not None:
                cursor.close()
    return False


def _settle(db: sqlite3.Connection) -> None:
    """Make the rows agree after some were lost: none speaks of what is no longer there."""
    db.execute(
        "UPDATE person SET cover = NULL WHERE cover NOT IN"
        " (SELECT l.id FROM place l JOIN photo p ON p.id = l.photo)"
    )
    db.execute(
        "UPDATE file SET size = -1 WHERE photo IN (SELECT id FROM photo WHERE format = ?)",
        (NOT_LOOKED_AT,),
    )
    _drop_orphans(db)
    db.execute(
        "DELETE FROM done WHERE stage = 'embed' AND NOT EXISTS (SELECT 1 FROM embedding e"
        " WHERE e.photo = done.photo AND e.model = done.model)"
    )
    db.execute(
        "DELETE FROM done WHERE stage = 'faces' AND count > (SELECT count(*) FROM face f"
        " JOIN place l ON l.id = f.place WHERE l.photo = done.photo AND f.model = done.model)"
    )
    numbers = "SELECT coalesce(max(id), 0) FROM person"
    if db.execute("SELECT count(*) FROM owner_number").fetchone()[0] != 1:
        db.execute("DELETE FROM owner_number")
        db.execute(f"INSERT INTO owner_number {numbers}")
    db.execute(
        f"UPDATE owner_number SET last = max(last, ({numbers}),"
        " (SELECT coalesce(max(owner), 0) FROM membership))"
    )


def _drop_orphans(db: sqlite3.Connection) -> None:
    """Take out rows that speak of others that are not there."""
    for _ in range(5):  # a row that goes may be spoken of itself
        wrong = db.execute("PRAGMA foreign_key_check").fetchall()
        if not wrong:
            break
        for table, rowid, _parent, _number in wrong:
            if rowid is not None:
                db.execute(f"DELETE FROM {table} WHERE rowid = ?", (rowid,))
        for table, column, parent in (
            ("action_change", "action", "action"),
            ("action_change", "place", "place"),
            ("done", "photo", "photo"),
            ("failure", "file", "file"),
        ):
            db.execute(
                f"DELETE FROM {table} WHERE {column} IS NOT NULL"
                f" AND {column} NOT IN (SELECT id FROM {parent})"
            )


def _count_files(db: sqlite3.Connection) -> None:
    """Make what is derived from the rows fit them: counts of files, and words to search."""
    db.execute("BEGIN")
    db.execute(
        "UPDATE photo SET files = (SELECT count(*) FROM file f"
        " WHERE f.photo = photo.id AND f.state <> 'gone')"
    )
    write_words(db, [row[0] for row in db.execute("SELECT id FROM photo WHERE files > 0")])
    db.execute("COMMIT")
