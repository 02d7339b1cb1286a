"""One SQLite file: connections, transactions, and what its errors mean. Knows no table."""

from __future__ import annotations

import logging
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from photosearch.errors import DamagedError, StoreError
from photosearch.store.migrating import NO_FORMAT, migrate

_log = logging.getLogger(__name__)
BUSY_TIMEOUT_S = 30.0
CACHE_KIB = 1024  # of pages, in each connection: every thread of a window has one
SUSPECT = "damaged"  # what the mark beside a library says of it
_DAMAGED = frozenset((sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB))


def sqlite_version() -> str:
    """Return the version of the SQLite library in use."""
    return sqlite3.sqlite_version


def says_damage(error: sqlite3.Error) -> bool:
    """Whether an error means that the file itself is damaged."""
    if (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF in _DAMAGED:
        return True
    text = str(error)
    if "Could not decode to UTF-8" in text:  # what is no text where text was written
        return True
    # The program asks for nothing that it did not make.
    return text.startswith(("no such column", "no such table", "no such index", NO_FORMAT))


def open_mark(path: Path) -> Path:
    """Return the file that is beside a library while it is open, or after damage was met."""
    return path.with_name(path.name + ".open")


def note_damage(path: Path) -> None:
    """Let whoever opens the library next look at all of it, and mend it."""
    with suppress(OSError):
        open_mark(path).write_text(SUSPECT, encoding="ascii")


class Database:
    """Connections to the library, each used by one thread at a time.

    `reading()` gives a connection for queries, `transaction()` one that writes all or nothing;
    inside a transaction `reading()` gives that same connection, so reads see the writes.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._free: list[sqlite3.Connection] = []
        self._lock = threading.Lock()
        self._local = threading.local()
        self._closed = False
        self._damage = ""  # the sentence, once damage was met: nothing is written from then on
        self._forbidden_thread: int | None = None
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(f"The library {path} cannot be made: {error.strerror}.") from error
        with self._explained(), closing(_connect(path)) as connection:
            migrate(connection, path)

    @property
    def path(self) -> Path:
        return self._path

    def forbid_this_thread(self) -> None:
        """Refuse connections to the calling thread: the window's thread may never wait here."""
        self._forbidden_thread = threading.get_ident()

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Lend a connection for queries."""
        held: sqlite3.Connection | None = getattr(self._local, "transaction", None)
        if held is not None:
            yield held
            return
        connection = self._take()
        try:
            with self._explained():
                yield connection
        finally:
            self._give(connection)

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Lend a connection inside BEGIN IMMEDIATE; commit at the end, roll back on an error."""
        if getattr(self._local, "transaction", None) is not None:
            raise RuntimeError("transactions do not nest")
        if self._damage:
            raise DamagedError(self._damage)
        connection = self._take()
        try:
            with self._explained():
                connection.execute("BEGIN IMMEDIATE")
                self._local.transaction = connection
                try:
                    yield connection
                    connection.execute("COMMIT")
                except BaseException:
                    if connection.in_transaction:
                        connection.execute("ROLLBACK")
                    raise
        finally:
            self._local.transaction = None
            self._give(connection)

    def give_up(self, why: str) -> None:
        """Write no more: damage was found by who looked for it. The next start mends it."""
        self._damage = self._damage or _damaged(self._path, why)
        _log.error("%s", self._damage)
        note_damage(self._path)

    def apart(self) -> sqlite3.Connection:
        """Return a connection that nobody shares, for the caller to close."""
        with self._explained():
            return _connect_again(self._path)

    def close(self) -> None:
        """Close idle connections; those in use close when they are given back."""
        with self._lock:
            self._closed = True
            free, self._free = self._free, []
        for connection in free:
            connection.close()

    def _take(self) -> sqlite3.Connection:
        if threading.get_ident() == self._forbidden_thread:
            raise RuntimeError("the window's thread must not open the library")
        with self._lock:
            if self._closed:
                raise StoreError("The library is closed.")
            if self._free:
                return self._free.pop()
        with self._explained():
            return _connect_again(self._path)

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            with _explained(self._path):
                yield
        except DamagedError as error:
            if not self._damage:
                self._damage = str(error)
                _log.error("%s", error)
                note_damage(self._path)
            raise

    def _give(self, connection: sqlite3.Connection) -> None:
        with self._lock:
            if not self._closed:
                self._free.append(connection)
                return
        connection.close()


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.DatabaseError as error:
        if isinstance(error, sqlite3.IntegrityError | sqlite3.ProgrammingError):
            raise
        if not says_damage(error):
            raise StoreError(_sentence(path, str(error))) from error
        raise DamagedError(_damaged(path, str(error))) from error
    except UnicodeDecodeError as error:  # SQLite quotes what is damaged in its own error
        raise DamagedError(_damaged(path, str(error))) from error
    except OSError as error:
        raise StoreError(
            f"The library {path} cannot be used: {error.strerror or error}."
        ) from error


def _damaged(path: Path, why: str) -> str:
    return (
        f"The library file {path} is damaged ({why}). Your photos are untouched. Close "
        "PhotoSearch and start it again: it saves what can be read and mends the library."
    )


def _sentence(path: Path, detail: str) -> str:
    if "full" in detail:
        return f"The disk that holds the library {path} is full. Free some space, then go on."
    if "unable to open" in detail and not path.exists():
        return (
            f"The library file {path} is gone. Connect its drive; if it was deleted, close "
            "PhotoSearch and start it again: what you said comes back from its copies."
        )
    if "readonly" in detail or "unable to open" in detail:
        return f"The library {path} cannot be written: check that its folder is writable."
    if "locked" in detail:
        return f"The library {path} is held by another program. Close it, then try again."
    if "I/O" in detail:
        return (
            f"The disk that holds the library {path} cannot be read or written ({detail}). "
            "Check that it is still connected and has room."
        )
    return f"The library {path} cannot be used: {detail}."


def _connect(path: Path) -> sqlite3.Connection:
    new = not path.exists() or not path.stat().st_size
    return _prepared(path.absolute().as_uri(), new=new)


def _connect_again(path: Path) -> sqlite3.Connection:
    """Connect to a library that was there: where it went away, no empty one takes its place."""
    return _prepared(path.absolute().as_uri() + "?mode=rw", new=False)


def _prepared(uri: str, *, new: bool) -> sqlite3.Connection:
    connection = sqlite3.connect(
        uri, uri=True, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False
    )
    try:
        if new:  # before anything else: its file can shrink piece by piece
            connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA temp_store = MEMORY")
        connection.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
    except sqlite3.Error:
        connection.close()
        raise
    return connection
