"""Whether a library file is damaged: a quick look at each start, a thorough one on suspicion."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from photosearch.store.database import says_damage
from photosearch.store.keeping.heads import HEAD, wrong_head
from photosearch.store.migrating import create, format_of, newest_format


def quick_look(path: Path) -> str:
    """Return what is wrong with the head of a file, or ""; an empty file is a new library.

    Other errors than damage (a folder in its place, no permission) are left to who opens it.
    """
    try:
        with path.open("rb") as file:
            head = file.read(HEAD)
            size = os.fstat(file.fileno()).st_size
    except OSError:
        return ""
    if not size:
        return ""
    return wrong_head(path, head, size) or _wrong_tables(path)


def _wrong_tables(path: Path) -> str:
    try:
        with closing(read_only(path)) as db:
            return _wrong_schema(db)
    except sqlite3.DatabaseError as error:
        return "" if _is_of_the_disk(error) else str(error)
    except (ValueError, OverflowError) as error:  # what SQLite quotes of it is no text
        return f"its tables cannot be read: {error!r}"


def _wrong_schema(db: sqlite3.Connection) -> str:
    """Compare the tables with those of an empty library of that format.

    Not word by word: the same tables are written differently by different versions of SQLite.
    """
    version = format_of(db)
    if version > newest_format():
        return ""
    names = _names(db)
    if not version:
        return "its format cannot be 0" if names else ""
    with closing(create(":memory:", version)) as sound:
        expected = _names(sound)
        if missing := expected - names:
            return "the {} {} is missing".format(*min(missing))
        for kind, name in sorted(expected):
            if kind == "table":
                query = f"PRAGMA table_xinfo({name})"
                columns = sound.execute(query).fetchall()
                if db.execute(query).fetchall() != columns:
                    return f"the table {name} has other columns"
                if not name.startswith("sqlite_"):
                    _compile(db, name, columns[0][1])
    return ""


def _names(db: sqlite3.Connection) -> set[tuple[str, str]]:
    query = "SELECT type, name FROM sqlite_master WHERE name NOT LIKE 'sqlite_stat%'"
    return {(str(row[0]), str(row[1])) for row in db.execute(query)}


def _compile(db: sqlite3.Connection, table: str, column: str) -> None:
    """Let SQLite read the conditions and triggers of a table, which it does only for writing."""
    db.execute(f"EXPLAIN INSERT INTO {table} ({column}) VALUES (NULL)")
    db.execute(f"EXPLAIN UPDATE {table} SET {column} = NULL")
    db.execute(f"EXPLAIN DELETE FROM {table}")


def _is_of_the_disk(error: sqlite3.Error) -> bool:
    """Whether an error is left to who opens the library: it says nothing of what is in it."""
    code = (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF
    return code not in (0, sqlite3.SQLITE_ERROR) and not says_damage(error)


def is_newer(path: Path) -> bool:
    """Whether a library was written by a newer program: it alone can mend it."""
    try:
        with closing(read_only(path)) as db:
            return format_of(db) > newest_format()
    except (sqlite3.Error, ValueError):
        return False


def is_blank(path: Path) -> bool:
    """Whether nothing was ever written to a file: a program makes one where its library went."""
    try:
        with closing(read_only(path)) as db:
            return not format_of(db) and not _names(db)
    except (sqlite3.Error, ValueError):
        return False


def thorough_look(db: sqlite3.Connection) -> str:
    """Return what is wrong with a whole library, or "": reads every page (some 0.5 GB a second)."""
    try:
        found = db.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.DatabaseError as error:
        if says_damage(error):
            return str(error)
        raise
    except UnicodeDecodeError as error:
        return str(error)
    return "" if found[0] == "ok" else str(found[0]).replace("\n", "; ")


def read_only(path: Path) -> sqlite3.Connection:
    """Open a library without changing it."""
    uri = path.absolute().as_uri() + "?mode=ro"
    return sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False)
