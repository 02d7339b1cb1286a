"""The format of a library: which one it has, how a new one is made, and an old one brought up."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterator
from importlib import resources
from pathlib import Path

from photosearch.errors import StoreError

_log = logging.getLogger(__name__)
_STAMP = 0x50530000  # "PS" and a format, in `application_id`: what `user_version` says, once more
NO_FORMAT = "its format cannot be"  # begins an error that means damage


def format_of(db: sqlite3.Connection) -> int:
    """Return the format of a library, 0 for an empty file, perhaps a newer one than is known here.

    It stands there twice, so that a flipped bit is no newer format: then `sqlite3.DatabaseError`
    is raised. Libraries of the first formats have it once.
    """
    number = int(db.execute("PRAGMA user_version").fetchone()[0])
    stamp = int(db.execute("PRAGMA application_id").fetchone()[0])
    if stamp != _STAMP + number and (stamp or not 0 <= number <= newest_format()):
        raise sqlite3.DatabaseError(f"{NO_FORMAT} {number}")
    return number


def set_format(db: sqlite3.Connection, number: int) -> None:
    """Write which format a library has."""
    db.execute(f"PRAGMA user_version = {number}")
    db.execute(f"PRAGMA application_id = {_STAMP + number}")


def newest_format() -> int:
    """Return the format of a library that this program makes."""
    return _migrations()[-1][0]


def create(path: Path | str, version: int | None = None) -> sqlite3.Connection:
    """Make an empty library without a log beside it, and return a connection to it.

    It is of the newest format, or of an older one.
    """
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
        for number, script in _migrations():
            if version is None or number <= version:
                _apply(connection, number, script)
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def migrate(connection: sqlite3.Connection, path: Path) -> None:
    """Bring a library to the newest format, or a new file to its first; the old one is kept.

    `StoreError` when a newer program wrote it.
    """
    version = format_of(connection)
    steps = _migrations()
    newest = steps[-1][0]
    if version > newest:
        raise StoreError(
            f"The library {path} was written by a newer PhotoSearch (format {version}, this "
            f"program knows {newest}). Install the newer program to open it."
        )
    if 0 < version < newest:
        _back_up(connection, path, version)
    for number, script in steps:
        if number > version:
            _apply(connection, number, script)


def _migrations() -> list[tuple[int, str]]:
    folder = resources.files("photosearch.store") / "migrations"
    found = [
        (int(entry.name[:4]), entry.read_text(encoding="utf-8"))
        for entry in folder.iterdir()
        if entry.name.endswith(".sql")
    ]
    return sorted(found)


def _apply(connection: sqlite3.Connection, number: int, script: str) -> None:
    """Run one migration in one transaction; a concurrent start waits and finds it done."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        if format_of(connection) < number:
            for statement in _statements(script):
                connection.execute(statement)
            set_format(connection, number)
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:  # SQLite itself rolls back when the disk is full
            connection.execute("ROLLBACK")
        raise


def _statements(script: str) -> Iterator[str]:
    pending = ""
    *parts, rest = script.split(";")
    for part in parts:
        pending += part + ";"
        if sqlite3.complete_statement(pending):
            yield pending
            pending = ""
    yield pending + rest  # a comment, or one that was not ended


def _back_up(connection: sqlite3.Connection, path: Path, version: int) -> None:
    target = path.with_name(f"{path.stem}-before-format-{version + 1}.db")
    copy = sqlite3.connect(target)
    try:
        connection.backup(copy)
    finally:
        copy.close()
    _log.info("backed up the library before migrating from format %d", version)
