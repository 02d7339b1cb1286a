"""Rolling copies of the library: made beside the work, proven before an older one is dropped.

A small library is copied whole. Of a large one the copy leaves out what can be computed again
from thumbnails and photos (vectors, faces, miniatures, the words of full-text search): those
are 9 tenths of a library of a million photos, and are saved from a damaged file as far as it can
be read. What the user said, the photos and their files are in every copy.

Copies are numbered: their order does not depend on a clock.
"""

from __future__ import annotations

import logging
import os
import shutil
import sqlite3
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from photosearch.errors import StoreError
from photosearch.store.database import says_damage
from photosearch.store.keeping.damage import read_only, thorough_look
from photosearch.store.migrating import create, format_of, newest_format

_log = logging.getLogger(__name__)
KEPT: Final = 3
EVERY: Final = timedelta(days=1)
WHOLE_BYTES: Final = 256 << 20  # 2 s to copy
_GREW_BYTES: Final = 16 << 20
_STEM: Final = "library-backup-"
# What every copy holds; `done` only as far as nothing that is left out would be missed.
_TABLES: Final = (
    *("owner_number", "folder", "photo", "file", "favourite", "model", "person", "place"),
    *("verdict", "action", "action_change", "region", "failure", "drive"),
)
_PATH: Final = "CAST(? AS TEXT)"  # given as bytes: a path need not be text
_LOOKS: Final = "done WHERE stage NOT IN ('embed', 'faces')"


@dataclass(frozen=True, slots=True)
class Backup:
    """A copy that was made."""

    number: int
    path: Path

    @property
    def made(self) -> datetime | None:
        """When it was made, as its name says."""
        with suppress(ValueError):
            return datetime.strptime(self.path.stem.split("-", 3)[3], "%Y-%m-%d-%H%M")
        return None


class Backups:
    """The copies of one library."""

    def __init__(self, database: Path) -> None:
        self._database = database
        self.folder = database.with_name("backups")

    def all(self) -> list[Backup]:
        """Return every copy, the newest first."""
        found = []
        for path in self.folder.glob(f"{_STEM}*.db"):
            number = path.stem.removeprefix(_STEM).split("-")[0]
            if number.isdigit():
                found.append(Backup(int(number), path))
        return sorted(found, key=lambda backup: -backup.number)

    def due(self) -> bool:
        """Whether the newest is a day old, of a day that is yet to come by the clock, or of a
        library that was much smaller."""
        newest = next(iter(self.all()), None)
        if newest is None or newest.made is None:
            return True
        with suppress(OSError):
            size = self._database.stat().st_size
            if 2 * newest.path.stat().st_size + _GREW_BYTES < size <= WHOLE_BYTES:
                return True
        return not timedelta(0) <= datetime.now() - newest.made < EVERY

    def sound(self, backup: Backup) -> bool:
        """Whether a copy can be used; reads all of it."""
        try:
            with closing(read_only(backup.path)) as db:
                version = format_of(db)
                return 0 < version <= newest_format() and not thorough_look(db)
        except sqlite3.Error:
            return False

    def make(self, db: sqlite3.Connection) -> Backup:
        """Copy the library that `db` is a connection to, which nobody else uses meanwhile.

        `StoreError` says why there is no copy; `db.interrupt()` ends it. The copies before stay
        until the new one is proven.
        """
        number = max((backup.number for backup in self.all()), default=0) + 1
        name = f"{_STEM}{number:05}-{datetime.now():%Y-%m-%d-%H%M}.db"
        part = self.folder / f"{name}.part"
        try:
            self.folder.mkdir(exist_ok=True)
            for left in self.folder.glob("*.part*"):  # by one that was killed
                left.unlink(missing_ok=True)
            self._require_room()
            if self._database.stat().st_size <= WHOLE_BYTES:
                db.execute(f"VACUUM INTO {_PATH}", (os.fsencode(part),))
            else:
                _copy_what_matters(db, part)
            _prove(db, part)
            with part.open("rb+") as file:
                os.fsync(file.fileno())
            made = Backup(number, part.replace(self.folder / name))
        except (OSError, sqlite3.Error) as error:
            with suppress(OSError):
                part.unlink(missing_ok=True)
            if isinstance(error, sqlite3.Error) and says_damage(error):
                raise
            raise StoreError(f"The library could not be backed up: {error}.") from error
        for backup in self.all()[KEPT:]:
            backup.path.unlink(missing_ok=True)
        _log.info("backed up the library as %s", made.path)
        return made

    def _require_room(self) -> None:
        """Leave a disk alone that has hardly room for the library itself."""
        free = shutil.disk_usage(self.folder).free
        needed = min(self._database.stat().st_size, 2 * WHOLE_BYTES)
        if free < 2 * needed:
            raise StoreError(
                f"The disk of {self.folder} is almost full: the library is not backed up."
            )


def _copy_what_matters(db: sqlite3.Connection, target: Path) -> None:
    with closing(create(target)) as copy:
        triggers = copy.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
        ).fetchall()
        for name, _ in triggers:  # what they keep up to date is copied
            copy.execute(f"DROP TRIGGER {name}")
    db.execute(f"ATTACH {_PATH} AS copy", (os.fsencode(target),))
    try:
        db.execute("PRAGMA foreign_keys = OFF")
        db.execute("PRAGMA copy.synchronous = OFF")  # it is synced at the end
        db.execute("BEGIN")
        db.execute("DELETE FROM copy.owner_number")
        for source in (*_TABLES, _LOOKS):
            table = source.split()[0]
            db.execute(f"INSERT INTO copy.{table} SELECT * FROM main.{source}")
        db.execute("DELETE FROM copy.sqlite_sequence")
        db.execute("INSERT INTO copy.sqlite_sequence SELECT * FROM main.sqlite_sequence")
        for _, script in triggers:
            db.execute(script.replace("CREATE TRIGGER ", "CREATE TRIGGER copy.", 1))
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise
    finally:
        db.execute("DETACH copy")


def _prove(db: sqlite3.Connection, part: Path) -> None:
    """Refuse a copy that is not whole."""
    with closing(read_only(part)) as copy:
        if wrong := thorough_look(copy):
            raise OSError(f"the copy is damaged ({wrong})")
        for table in ("person", "verdict", "folder"):
            count = f"SELECT count(*) FROM {table}"
            if not copy.execute(count).fetchone()[0] and db.execute(count).fetchone()[0]:
                raise OSError(f"the copy has nothing in {table}")
