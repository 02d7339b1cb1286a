"""The folders the user added, and the directories inside them."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType

from photosearch.store.database import Database
from photosearch.store.purging import forget_files
from photosearch.types import Folder, FolderId, Subfolder


@dataclass(frozen=True, slots=True)
class Root:
    """A folder as the scan needs it."""

    id: FolderId
    path: bytes
    single_file: bool
    volume: str
    offline: bool


Reaches = Callable[[bytes, bool], bool]  # (place with "/" between its parts, is one file)


def everywhere(_place: bytes, _single_file: bool) -> bool:
    """Reach every place."""
    return True


class Folders:
    """Adding, absorbing and removing folders; the photos on disk are never touched."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> tuple[Folder, ...]:
        """Return every folder with the number of photos in it, by path."""
        with self._database.reading() as db:
            rows = db.execute(
                "SELECT d.id, d.path, d.offline, d.single_file, d.faces,"
                " (SELECT count(DISTINCT f.photo) FROM file f"
                "  WHERE f.folder = d.id AND f.state <> 'gone' AND f.photo IS NOT NULL)"
                " FROM folder d ORDER BY d.path"
            ).fetchall()
        return tuple(
            Folder(
                id=FolderId(row[0]),
                path=os.fsdecode(row[1]),
                photos=row[5],
                offline=bool(row[2]),
                single_file=bool(row[3]),
                faces=bool(row[4]),
            )
            for row in rows
        )

    def roots(self) -> tuple[Root, ...]:
        with self._database.reading() as db:
            rows = db.execute(
                "SELECT id, path, single_file, volume, offline FROM folder ORDER BY path"
            ).fetchall()
        return tuple(Root(FolderId(r[0]), r[1], bool(r[2]), r[3], bool(r[4])) for r in rows)

    def subfolders(self, folder: FolderId) -> tuple[Subfolder, ...]:
        with self._database.reading() as db:
            rows = db.execute(
                "SELECT dir, count(DISTINCT photo) FROM file"
                " WHERE folder = ? AND state <> 'gone' AND photo IS NOT NULL"
                " GROUP BY dir ORDER BY dir",
                (folder,),
            ).fetchall()
        return tuple(Subfolder(folder, row[0], row[1]) for row in rows)

    def add(
        self, path: bytes, *, single_file: bool, volume: str, reaches: Reaches = everywhere
    ) -> FolderId:
        """Add `path`, or return the folder that covers it; folders inside it are absorbed.

        `reaches` says whether a scan from above would come to a place inside; what it would
        pass over, such as a hidden folder that the user named, stays a folder of its own.
        """
        with self._database.transaction() as db:
            known = db.execute("SELECT id, path, single_file FROM folder").fetchall()
            for id_, other, single in known:
                if _same(other, path):
                    return FolderId(id_)
                if (
                    not single
                    and is_below(path, other)
                    and reaches(inside(path, other), single_file)
                ):
                    return FolderId(id_)
            cursor = db.execute(
                "INSERT INTO folder (path, single_file, volume) VALUES (?, ?, ?)",
                (path, single_file, volume),
            )
            new = cursor.lastrowid
            assert new is not None
            if not single_file:
                for id_, other, single in known:
                    if is_below(other, path) and reaches(inside(other, path), bool(single)):
                        _absorb(db, id_, inside(other, path), bool(single), new)
            return FolderId(new)

    def remove(self, folder: FolderId) -> None:
        """Forget a folder and its files; photos without files go in `Photos.purge`."""
        for _ in forget_files(self._database, folder, gone=False):
            pass  # others write between the chunks
        with self._database.transaction() as db:
            db.execute("DELETE FROM folder WHERE id = ?", (folder,))

    def set_faces(self, folder: FolderId, on: bool) -> None:
        """Say whether faces are looked for in a folder; those found stay, out of sight when off."""
        with self._database.transaction() as db:
            db.execute("UPDATE folder SET faces = ? WHERE id = ?", (on, folder))

    def set_seen(self, folder: FolderId, *, offline: bool, volume: str | None = None) -> None:
        """Record whether the root was there at the last look, and on which drive."""
        with self._database.transaction() as db:
            db.execute(
                "UPDATE folder SET offline = ?, volume = coalesce(?, volume) WHERE id = ?",
                (offline, volume, folder),
            )


def _same(path: bytes, other: bytes, paths: ModuleType = os.path) -> bool:
    return _plain(path, paths) == _plain(other, paths)


def is_below(path: bytes, parent: bytes, paths: ModuleType = os.path) -> bool:
    """Whether `path` lies inside `parent` (not the same); `paths` says how paths are compared."""
    separator = paths.sep.encode()
    top = _plain(parent, paths).rstrip(separator)
    return not _same(path, parent, paths) and _plain(path, paths).startswith(top + separator)


def inside(path: bytes, parent: bytes, paths: ModuleType = os.path) -> bytes:
    """Return where `path` lies inside `parent`, with `/` between the parts."""
    separator: bytes = paths.sep.encode()
    return path[len(parent.rstrip(separator)) + 1 :].replace(separator, b"/")


def _plain(path: bytes, paths: ModuleType) -> bytes:
    """Return a path as the system compares it: on Windows letters of either case are the same."""
    plain: bytes = paths.normcase(path)
    return plain


def place_in(root: Root, path: bytes) -> tuple[bytes, bytes] | None:
    """Return (dir, name) of a path inside a root; None when it lies elsewhere."""
    if root.single_file:
        return (b"", os.path.basename(path)) if _same(path, root.path) else None
    if not is_below(path, root.path):
        return None
    directory, _, name = inside(path, root.path).rpartition(b"/")
    return directory, name


def _absorb(db: sqlite3.Connection, inner: int, prefix: bytes, single: bool, outer: int) -> None:
    """Hand the files of `inner` to `outer`, `prefix` being where it lies inside."""
    if single:
        prefix = prefix.rpartition(b"/")[0]
    rows = db.execute("SELECT id, dir FROM file WHERE folder = ?", (inner,)).fetchall()
    db.executemany(
        "UPDATE file SET folder = ?, dir = ? WHERE id = ?",
        [(outer, b"/".join(part for part in (prefix, d) if part), id_) for id_, d in rows],
    )
    db.execute("DELETE FROM folder WHERE id = ?", (inner,))
