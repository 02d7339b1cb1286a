"""Files on disk as the library knows them: what is there, what is pending, what is gone."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from photosearch.store.database import Database
from photosearch.store.purging import forget_files
from photosearch.store.words import write_words
from photosearch.types import FileEntry, FileId, FolderId, PhotoId

_NOT_FAILED = (
    "NOT EXISTS (SELECT 1 FROM failure x WHERE x.file = f.id AND x.stage IN ('look', 'read'))"
)


class KnownFile(NamedTuple):
    """A file as it was when last seen; a tuple for the reason that `FileEntry` is one."""

    id: FileId
    name: bytes
    size: int
    mtime_ns: int
    state: str
    has_photo: bool  # as 0 or 1
    sidecar_ns: int = 0


@dataclass(frozen=True, slots=True)
class PendingFile:
    """A file that waits to be looked at; `root` is its folder's path."""

    id: FileId
    root: bytes
    single_file: bool
    dir: bytes
    name: bytes
    mtime_ns: int
    photo: PhotoId | None  # what it showed before it changed
    has_sidecar: bool = False


@dataclass(frozen=True, slots=True)
class DiskChanges:
    """What one part of the disk has that the library has not, and the other way round."""

    folder: FolderId
    new: Sequence[tuple[bytes, FileEntry]] = ()  # (dir, entry)
    changed: Sequence[tuple[FileId, FileEntry]] = ()
    back: Sequence[FileId] = ()  # was gone, is there again as it was
    gone: Sequence[FileId] = ()

    def __bool__(self) -> bool:
        return bool(self.new or self.changed or self.back or self.gone)


# A changed file as large as what another changed file showed before may be that very picture.
_PENDING = {
    "new": "f.state = 'new'",
    "replaced": "f.state = 'changed' AND f.size IN (SELECT p.bytes FROM photo p"
    " JOIN file o ON o.photo = p.id WHERE o.state = 'changed')",
    "changed": "f.state = 'changed'",
}


class Files:
    """The table `file`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def in_dir(self, folder: FolderId, directory: bytes) -> dict[bytes, KnownFile]:
        """Return what is known directly in one directory, by name."""
        with self._database.reading() as db:
            rows = db.execute(
                "SELECT id, name, size, mtime_ns, state, photo IS NOT NULL, sidecar_ns FROM file"
                " WHERE folder = ? AND dir = ?",
                (folder, directory),
            )
            return {row[1]: KnownFile._make(row) for row in rows}

    def dirs(self, folder: FolderId) -> tuple[bytes, ...]:
        """Return every directory in which a file is known, gone or not (read from the index)."""
        with self._database.reading() as db:
            rows = db.execute("SELECT DISTINCT dir FROM file WHERE folder = ?", (folder,))
            return tuple(row[0] for row in rows)

    def spread(self, folder: FolderId, top: bytes, most: int) -> tuple[tuple[bytes, bytes], ...]:
        """Return (dir, name) of present files in `top` and below it, taken evenly; at most `most`.

        Walks through all of them.
        """
        below = "dir = ? OR (dir >= ? AND dir < ?)" if top else "1"
        bounds = (top, top + b"/", top + b"0") if top else ()
        with self._database.reading() as db:
            rows = db.execute(
                "SELECT dir, name FROM (SELECT dir, name, count(*) OVER () AS total,"
                " row_number() OVER (ORDER BY dir, name) - 1 AS row FROM file"
                f" WHERE folder = ? AND state <> 'gone' AND ({below}))"
                " WHERE row % ((total + ? - 1) / ?) = 0",
                (folder, *bounds, most, most),
            )
            return tuple(rows.fetchall())

    def present_count(self, folder: FolderId) -> int:
        with self._database.reading() as db:
            return int(
                db.execute(
                    "SELECT count(*) FROM file WHERE folder = ? AND state <> 'gone'", (folder,)
                ).fetchone()[0]
            )

    def apply(self, changes: DiskChanges) -> None:
        """Record changes on disk; photos stay until `Photos.purge`."""
        with self._database.transaction() as db:
            # The folder may have been removed meanwhile, and another program may have scanned it.
            db.executemany(
                "INSERT OR IGNORE INTO file (folder, dir, name, size, mtime_ns, sidecar_ns, state)"
                " SELECT id, ?, ?, ?, ?, ?, 'new' FROM folder WHERE id = ?",
                [
                    (d, e.name, e.size, e.mtime_ns, e.sidecar_ns, changes.folder)
                    for d, e in changes.new
                ],
            )
            db.executemany(
                "UPDATE file SET size = ?, mtime_ns = ?, sidecar_ns = ?,"
                " state = iif(photo IS NULL, 'new', 'changed') WHERE id = ?",
                [(e.size, e.mtime_ns, e.sidecar_ns, id_) for id_, e in changes.changed],
            )
            changed = [(id_,) for id_, _ in changes.changed]
            db.executemany("DELETE FROM failure WHERE file = ?", changed)
            db.executemany(
                "UPDATE file SET state = iif(photo IS NULL, 'new', 'known') WHERE id = ?",
                [(id_,) for id_ in changes.back],
            )
            # One that had changed comes back as changed: its size can then not be as remembered.
            db.executemany(
                "UPDATE file SET size = iif(state = 'changed', -1, size), state = 'gone'"
                " WHERE id = ?",
                [(id_,) for id_ in changes.gone],
            )
            write_words(db, _still_shown(db, [*changes.back, *changes.gone]))

    def pending(self, after: FileId, limit: int, which: str) -> tuple[PendingFile, ...]:
        """Return pending files with ids above `after`, of folders that are not offline.

        `which` is to be `new` first, then `replaced`, then `changed`: where a picture was copied,
        or saved over another, and then edited, its other place is known by the time the edit is
        looked at, and the edited one becomes a picture of its own.
        """
        with self._database.reading() as db:
            rows = db.execute(
                "SELECT f.id, d.path, d.single_file, f.dir, f.name, f.mtime_ns, f.photo,"
                " f.sidecar_ns <> 0 FROM file f JOIN folder d ON d.id = f.folder"
                f" WHERE f.state IN ('new', 'changed') AND {_PENDING[which]} AND f.id > ?"
                f" AND d.offline = 0 AND {_NOT_FAILED} ORDER BY f.id LIMIT ?",
                (after, limit),
            ).fetchall()
        return tuple(
            PendingFile(FileId(r[0]), r[1], bool(r[2]), r[3], r[4], r[5], r[6], bool(r[7]))
            for r in rows
        )

    def pending_count(self) -> int:
        with self._database.reading() as db:
            return int(
                db.execute(
                    "SELECT count(*) FROM file f JOIN folder d ON d.id = f.folder"
                    f" WHERE f.state IN ('new', 'changed') AND d.offline = 0 AND {_NOT_FAILED}"
                ).fetchone()[0]
            )

    def count(self) -> int:
        with self._database.reading() as db:
            return int(db.execute("SELECT count(*) FROM file WHERE state <> 'gone'").fetchone()[0])

    def forget_gone(self, folder: FolderId) -> Iterator[int]:
        """Delete the rows of files that are gone for good; yields how many, chunk by chunk."""
        return forget_files(self._database, folder, gone=True)

    def paths_of(self, photo: PhotoId) -> tuple[tuple[bytes, bool], ...]:
        """Return (path, offline) of every present file that shows a photo, reachable first."""
        with self._database.reading() as db:
            rows = db.execute(
                "SELECT d.path, d.single_file, f.dir, f.name, d.offline FROM file f"
                " JOIN folder d ON d.id = f.folder"
                " WHERE f.photo = ? AND f.state <> 'gone' ORDER BY d.offline, f.id",
                (photo,),
            ).fetchall()
        return tuple((full_path(r[0], bool(r[1]), r[2], r[3]), bool(r[4])) for r in rows)

    def reachable(self, photo: PhotoId) -> tuple[bytes, ...]:
        """Return the paths of a photo's files that are not on an unplugged drive."""
        return tuple(path for path, offline in self.paths_of(photo) if not offline)

    def photo_at(self, folder: FolderId, directory: bytes, name: bytes) -> PhotoId | None:
        with self._database.reading() as db:
            row = db.execute(
                "SELECT photo FROM file WHERE folder = ? AND dir = ? AND name = ?",
                (folder, directory, name),
            ).fetchone()
        return PhotoId(row[0]) if row and row[0] is not None else None


def full_path(root: bytes, single_file: bool, directory: bytes, name: bytes) -> bytes:
    """Join a folder's path, a directory inside it and a name."""
    if single_file:
        return root
    return root.rstrip(b"/") + b"".join(b"/" + part for part in (directory, name) if part)


def _still_shown(db: sqlite3.Connection, files: Sequence[FileId]) -> list[int]:
    """Return the photos of these files that some present file shows."""
    found: set[int] = set()
    for file in files:
        row = db.execute(
            "SELECT p.id FROM file f JOIN photo p ON p.id = f.photo WHERE f.id = ? AND p.files > 0",
            (file,),
        ).fetchone()
        if row is not None:
            found.add(row[0])
    return sorted(found)


def gone_twin(db: sqlite3.Connection, photo: int) -> int | None:
    """Return a file that showed this photo and is gone: the old place of a move."""
    row = db.execute(
        "SELECT id FROM file WHERE photo = ? AND state = 'gone' ORDER BY id LIMIT 1", (photo,)
    ).fetchone()
    return int(row[0]) if row else None
