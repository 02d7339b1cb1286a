"""Who has a library open: several programs share it, one that mends it must be alone.

The lock is SQLite's own on an empty file: readers share it, a writer has it alone, it ends with
the process however that ends, and works on every system. What somebody wrote into the file is
thrown away: it says nothing. A mark tells an orderly end from any
other: it is there while somebody has the library open, and who closes it last takes it away.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from photosearch.errors import StoreError
from photosearch.store.database import SUSPECT, open_mark

WAIT_S: Final = 60.0  # for another program that mends the library just now
ALONE_WAIT_S: Final = 5.0  # for others to close it


class Occupancy:
    """This program's share in a library."""

    def __init__(self, database: Path) -> None:
        self._lock = database.with_name(database.name + ".lock")
        self._mark = open_mark(database)
        self._connection: sqlite3.Connection | None = None
        self.unclean = False  # whether the last to have it open did not close it

    @property
    def suspect(self) -> bool:
        """Whether somebody met damage in the library, which is to be mended."""
        with suppress(OSError):
            return self._mark.read_text(encoding="ascii", errors="replace") == SUSPECT
        return False

    def enter(self) -> None:
        """Share the library from now on, when nobody mends it."""
        first = self._try_alone()
        with suppress(OSError):
            self.unclean |= first and self._mark.exists()
        self._connection = self._connect(WAIT_S)
        try:
            self._connection.execute("BEGIN")
            self._connection.execute("SELECT 1 FROM sqlite_master").fetchall()
        except sqlite3.Error as error:
            self._connection.close()
            self._connection = None
            if not _is_held(error):
                raise self._unusable(error) from error
            raise StoreError(
                f"The library is being mended by another PhotoSearch ({self._lock}). "
                "Try again in a while."
            ) from error
        if not self.suspect:
            with suppress(OSError):
                self._mark.touch()

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep everybody else out, who has it open already included."""
        self._release()
        connection = self._connect(ALONE_WAIT_S)
        try:
            try:
                connection.execute("BEGIN EXCLUSIVE")
            except sqlite3.Error as error:
                if not _is_held(error):
                    raise self._unusable(error) from error
                raise StoreError(
                    "The library is damaged, and another PhotoSearch has it open. Close all of "
                    "its windows and commands, then start it again: it will be mended."
                ) from error
            yield
        finally:
            connection.close()

    def clear_suspicion(self) -> None:
        """The library is sound, or has been mended."""
        self.unclean = False
        with suppress(OSError):
            self._mark.unlink()

    def leave(self) -> None:
        """End the share; the last takes the mark away."""
        self._release()
        if not self.suspect and self._try_alone():
            with suppress(OSError):
                self._mark.unlink()

    def _try_alone(self) -> bool:
        try:
            connection = self._connect(0.0)
        except StoreError:
            return False
        try:
            connection.execute("BEGIN EXCLUSIVE")
        except sqlite3.Error:
            return False
        finally:
            connection.close()
        return True

    def _release(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _connect(self, timeout_s: float) -> sqlite3.Connection:
        with suppress(OSError):
            if self._lock.stat().st_size:
                os.truncate(self._lock, 0)  # by its name: locks on it stay
        try:
            return sqlite3.connect(
                self._lock, timeout=timeout_s, isolation_level=None, check_same_thread=False
            )
        except sqlite3.Error as error:
            raise self._unusable(error) from error

    def _unusable(self, error: sqlite3.Error) -> StoreError:
        return StoreError(
            f"The library {self._lock.parent} cannot be written: check that its folder is "
            f"writable ({self._lock}: {error})."
        )


def _is_held(error: sqlite3.Error) -> bool:
    """Whether somebody else has the lock."""
    return (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF in (
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
    )
