"""The cache file that keeps thumbnails, by content hash.

The cache may be deleted at any time; nothing in it is the only copy of anything.
"""

from __future__ import annotations

import logging
import shutil
import sqlite3
import threading
import zlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from photosearch.errors import StoreError

_VERSION = 2  # another number in the file: it is started anew
_WITHOUT_SUM = 1  # but of this one: its thumbnails are kept, and trusted
_ROOM = 64 << 10  # bytes without which SQLite cannot begin: it says that the disk has a fault
_CHUNK = 500  # keys in one statement
# The last: its tables are not those that were made here.
_DAMAGED = frozenset((sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR))
_CLOSED = frozenset((sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN))
_T = TypeVar("_T")

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Lent:
    """A connection, and the file it belongs to: the how-manieth since the program began."""

    connection: sqlite3.Connection
    generation: int


class ThumbStore:
    """Thumbnails by content hash in one SQLite file, usable from any thread.

    A damaged file, or one of another version, is deleted and started anew. A thumbnail that was
    spoiled in a sound file is not there: whoever misses it makes it again.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._generation = 0  # counts how often the file was started anew
        self._free: list[_Lent] = []
        self._closed = False
        self._run(lambda connection: None)

    def get(self, key: bytes) -> bytes | None:
        """Return the thumbnail, None when there is none."""

        query = "SELECT jpeg, sum FROM thumb WHERE key = ?"
        row = self._run(lambda connection: connection.execute(query, (key,)).fetchone())
        if row is None:
            return None
        jpeg, kept = row
        if not isinstance(jpeg, bytes) or kept not in (None, _sum(key, jpeg)):
            _log.warning("a thumbnail in %s was spoiled: it is made again", self._path)
            return None
        return jpeg

    def put_many(self, thumbs: Iterable[tuple[bytes, bytes]]) -> None:
        """Keep thumbnails, replacing what the keys had."""
        rows = [(key, jpeg, _sum(key, jpeg)) for key, jpeg in thumbs]

        def write(connection: sqlite3.Connection) -> None:
            with connection:
                connection.executemany("INSERT OR REPLACE INTO thumb VALUES (?, ?, ?)", rows)

        self._run(write)

    def has_many(self, keys: Iterable[bytes]) -> set[bytes]:
        """Return those of the keys that have a thumbnail."""
        wanted = list(keys)

        def read(connection: sqlite3.Connection) -> set[bytes]:
            found: set[bytes] = set()
            for part in _chunks(wanted):
                marks = ",".join("?" * len(part))
                rows = connection.execute(f"SELECT key FROM thumb WHERE key IN ({marks})", part)
                found.update(bytes(row[0]) for row in rows)
            return found

        return self._run(read)

    def some(self, count: int) -> tuple[bytes, ...]:
        """Return a few thumbnails, whichever they are: keys are hashes, so in no order."""
        found = (self.get(key) for key in self.keys(b"", count))
        return tuple(thumb for thumb in found if thumb)

    def keys(self, after: bytes, limit: int) -> list[bytes]:
        """Return keys above `after`, ascending."""
        query = "SELECT key FROM thumb WHERE key > ? ORDER BY key LIMIT ?"

        def read(connection: sqlite3.Connection) -> list[bytes]:
            return [bytes(row[0]) for row in connection.execute(query, (after, limit))]

        return self._run(read)

    def delete_many(self, keys: Iterable[bytes]) -> None:
        """Forget thumbnails; keys without one are no error."""
        rows = [(key,) for key in keys]

        def write(connection: sqlite3.Connection) -> None:
            with connection:
                connection.executemany("DELETE FROM thumb WHERE key = ?", rows)

        self._run(write)

    def delete_beginning(self, beginnings: Iterable[bytes]) -> None:
        """Forget all thumbnails whose keys begin with one of these."""
        # No key is as long as what is appended: nothing that begins so is greater.
        rows = [(beginning, beginning + b"\xff" * 64) for beginning in beginnings]

        def write(connection: sqlite3.Connection) -> None:
            with connection:
                connection.executemany("DELETE FROM thumb WHERE key BETWEEN ? AND ?", rows)

        self._run(write)

    def clear(self) -> None:
        """Forget all thumbnails and give the room back to the disk.

        The file is deleted, unless somebody works with it just now: then it is emptied.
        """
        with self._lock:
            if self._closed:
                raise StoreError("The thumbnail cache is closed.")
            self._generation += 1
            free, self._free = self._free, []
            for lent in free:
                lent.connection.close()
            if self._is_ours_alone():
                self._delete_files()
                return
        self._run(_emptied)

    def count(self) -> int:
        """Return how many thumbnails there are."""
        return self._run(lambda connection: _number(connection, "SELECT count(key) FROM thumb"))

    def size_bytes(self) -> int:
        """Return the bytes in use in the file."""

        def read(connection: sqlite3.Connection) -> int:
            pages = _number(connection, "PRAGMA page_count")
            free = _number(connection, "PRAGMA freelist_count")
            return (pages - free) * _number(connection, "PRAGMA page_size")

        return self._run(read)

    def close(self) -> None:
        """Close idle connections; those in use close when they are given back."""
        with self._lock:
            self._closed = True
            free, self._free = self._free, []
        for lent in free:
            lent.connection.close()

    def _run(self, work: Callable[[sqlite3.Connection], _T]) -> _T:
        """Do the work, a second time on a new file when this one turns out damaged."""
        try:
            generation = self._generation
            try:
                return self._once(work)
            except sqlite3.DatabaseError as error:
                if (getattr(error, "sqlite_errorcode", 0) & 0xFF) not in _DAMAGED:
                    raise
                self._start_anew(generation, str(error))
                return self._once(work)
        except (sqlite3.Error, OSError) as error:
            if self._says_full(error):
                raise StoreError(
                    f"The disk that holds the thumbnails {self._path} is full. Free some space, "
                    "then go on."
                ) from error
            if getattr(error, "sqlite_errorcode", 0) & 0xFF in _CLOSED:
                raise StoreError(
                    f"The thumbnail cache {self._path} cannot be written: check that its folder "
                    "is writable."
                ) from error
            raise StoreError(
                f"The thumbnail cache {self._path} cannot be used: {error}. "
                "It can be deleted: thumbnails are made again."
            ) from error

    def _says_full(self, error: Exception) -> bool:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if code != sqlite3.SQLITE_IOERR:
            return code == sqlite3.SQLITE_FULL
        try:
            return shutil.disk_usage(self._path.parent).free < _ROOM
        except OSError:
            return False

    def _once(self, work: Callable[[sqlite3.Connection], _T]) -> _T:
        lent = self._take()
        try:
            return work(lent.connection)
        finally:
            self._give(lent)

    def _take(self) -> _Lent:
        with self._lock:
            if self._closed:
                raise StoreError("The thumbnail cache is closed.")
            if self._free:
                return self._free.pop()
            return _Lent(self._connect(), self._generation)

    def _give(self, lent: _Lent) -> None:
        with self._lock:
            if not self._closed and lent.generation == self._generation:
                self._free.append(lent)
                return
        lent.connection.close()

    def _connect(self) -> sqlite3.Connection:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        # Lent to one thread after another, hence no thread check.
        connection = sqlite3.connect(self._path, timeout=10.0, check_same_thread=False)
        try:
            _prepare(connection)
        except sqlite3.Error:
            connection.close()
            raise
        return connection

    def _start_anew(self, generation: int, why: str) -> None:
        with self._lock:
            if generation != self._generation:
                return  # another thread did it
            _log.warning("The thumbnail cache %s is started anew: %s", self._path, why)
            self._generation += 1
            # Those who use the old file just now let go of it when they give it back.
            free, self._free = self._free, []
            for lent in free:
                lent.connection.close()
            self._delete_files()

    def _is_ours_alone(self) -> bool:
        """Whether nobody has the file open (holding the lock): only then it leaves the WAL mode."""
        try:
            connection = sqlite3.connect(self._path, timeout=0.2)
            try:
                mode = connection.execute("PRAGMA journal_mode = DELETE").fetchone()[0]
            finally:
                connection.close()
        except sqlite3.Error:
            return False
        return bool(mode == "delete")

    def _delete_files(self) -> None:
        for ending in ("", "-wal", "-shm"):
            self._path.with_name(self._path.name + ending).unlink(missing_ok=True)


def _prepare(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA page_size = 8192")  # suits rows of some 40 KB
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = OFF")  # worth no wait: it can be made again
    connection.execute("PRAGMA cache_size = -256")  # KiB; pictures are not read twice from here
    connection.text_factory = bytes  # a flipped bit may call a picture a text
    if _number(connection, "PRAGMA user_version") == _VERSION:
        return
    with connection:
        connection.execute("BEGIN IMMEDIATE")
        version = _number(connection, "PRAGMA user_version")
        if version == _VERSION:
            return
        if version == _WITHOUT_SUM:
            connection.execute("ALTER TABLE thumb ADD COLUMN sum INTEGER")
        else:
            connection.execute("DROP TABLE IF EXISTS thumb")
            connection.execute(
                "CREATE TABLE thumb (key BLOB NOT NULL UNIQUE, jpeg BLOB NOT NULL, sum INTEGER)"
            )
        connection.execute(f"PRAGMA user_version = {_VERSION}")


def _sum(key: bytes, jpeg: bytes) -> int:
    """Return what shows that a thumbnail is as it was, and that of its own photo (30 µs)."""
    return zlib.crc32(jpeg, zlib.crc32(key))


def _emptied(connection: sqlite3.Connection) -> None:
    with connection:
        connection.execute("DELETE FROM thumb")
    try:
        connection.execute("VACUUM")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    except sqlite3.OperationalError as error:  # others read: its room is used for what comes
        _log.info("the thumbnail cache keeps its size: %s", error)


def _number(connection: sqlite3.Connection, query: str) -> int:
    return int(connection.execute(query).fetchone()[0])


def _chunks(keys: Sequence[bytes]) -> Iterable[Sequence[bytes]]:
    for start in range(0, len(keys), _CHUNK):
        yield keys[start : start + _CHUNK]
