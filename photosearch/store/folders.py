"""The folders the user added, and the directories inside them."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import ModuleType

from photosearch.store.database import Database
from photosearch.store.hearing import heard
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
    exclude: tuple[str, ...] = ()


# (place with "/" between its parts, is one file, the patterns of the folder it lies in)
Reaches = Callable[[bytes, bool, tuple[str, ...]], bool]


def everywhere(_place: bytes, _single_file: bool, _exclude: tuple[str, ...]) -> bool:
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
                "SELECT d.id, d.path, d.offline, d.single_file, d.faces, d.search, d.exclude"
                " FROM folder d ORDER BY d.path"
            ).fetchall()
            photos = _photos_in(db)
        return tuple(
            Folder(
                id=FolderId(row[0]),
                path=os.fsdecode(row[1]),
                photos=photos.get(row[0], 0),
                offline=bool(row[2]),
                single_file=bool(row[3]),
                faces=bool(row[4]),
                search=bool(row[5]),
                exclude=_patterns(row[6]),
            )
            for row in rows
        )

    def roots(self) -> tuple[Root, ...]:
        with self._database.reading() as db:
            rows = db.execute(
                "SELECT id, path, single_file, volume, offline, exclude FROM folder ORDER BY path"
            ).fetchall()
        return tuple(
            Root(FolderId(r[0]), r[1], bool(r[2]), r[3], bool(r[4]), _patterns(r[5])) for r in rows
        )

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
            known = db.execute("SELECT id, path, single_file, exclude FROM folder").fetchall()
            for id_, other, single, exclude in known:
                if _same(other, path):
                    return FolderId(id_)
                if (
                    not single
                    and is_below(path, other)
                    and reaches(inside(path, other), single_file, _patterns(exclude))
                ):
                    return FolderId(id_)
            heard(db)
            cursor = db.execute(
                "INSERT INTO folder (path, single_file, volume) VALUES (?, ?, ?)",
                (path, single_file, volume),
            )
            new = cursor.lastrowid
            assert new is not None
            if not single_file:
                for id_, other, single, _exclude in known:
                    if is_below(other, path) and reaches(inside(other, path), bool(single), ()):
                        _absorb(db, id_, inside(other, path), bool(single), new)
            return FolderId(new)

    def remove(self, folder: FolderId) -> None:
        """Forget a folder and its files; photos without files go in `Photos.purge`."""
        for _ in forget_files(self._database, folder, gone=False):
            pass  # others write between the chunks
        with self._database.transaction() as db:
            heard(db)
            db.execute("DELETE FROM folder WHERE id = ?", (folder,))

    def set_faces(self, folder: FolderId, on: bool) -> None:
        """Say whether faces are looked for in a folder; those found stay, out of sight when off."""
        with self._database.transaction() as db:
            heard(db)
            db.execute("UPDATE folder SET faces = ? WHERE id = ?", (on, folder))

    def set_search(self, folder: FolderId, on: bool) -> None:
        """Say whether photos of a folder are found by what they show; vectors stay when not."""
        with self._database.transaction() as db:
            heard(db)
            db.execute("UPDATE folder SET search = ? WHERE id = ?", (on, folder))

    def all_searched(self) -> bool:
        """Whether the photos of every folder are found by what they show."""
        with self._database.reading() as db:
            return not db.execute("SELECT 1 FROM folder WHERE search = 0 LIMIT 1").fetchone()

    def set_exclude(self, folder: FolderId, patterns: Sequence[str]) -> None:
        """Say what the next scan leaves out of a folder."""
        with self._database.transaction() as db:
            heard(db)
            db.execute("UPDATE folder SET exclude = ? WHERE id = ?", (json.dumps(patterns), folder))

    def set_seen(self, folder: FolderId, *, offline: bool, volume: str | None = None) -> None:
        """Record whether the root was there at the last look, and on which drive."""
        with self._database.transaction() as db:
            db.execute(
                "UPDATE folder SET offline = ?, volume = coalesce(?, volume) WHERE id = ?",
                (offline, volume, folder),
            )


def _photos_in(db: sqlite3.Connection) -> dict[int, int]:
    """Return the number of different photos in each folder.

    Copies inside a folder are only looked for where there are copies at all: in a million photos
    without any that saves most of the time.
    """
    shown = "state <> 'gone' AND photo IS NOT NULL"
    found: dict[int, int] = dict(
        db.execute(f"SELECT folder, count(*) FROM file WHERE {shown} GROUP BY folder")
    )
    different = db.execute("SELECT count(*) FROM photo WHERE files > 0").fetchone()[0]
    if sum(found.values()) > different:
        copies = db.execute(
            f"SELECT folder, count(*) - 1 FROM file WHERE {shown}"
            " GROUP BY photo, folder HAVING count(*) > 1"
        )
        for folder, more in copies:
            found[folder] -= more
    return found


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


def _patterns(stored: str) -> tuple[str, ...]:
    """Return patterns as they were given; JSON keeps names that are not UTF-8."""
    return tuple(json.loads(stored))


def _absorb(db: sqlite3.Connection, inner: int, prefix: bytes, single: bool, outer: int) -> None:
    """Hand the files of `inner` to `outer`, `prefix` being where it lies inside.

    What was left out of it stays so.
    """
    if single:
        prefix = prefix.rpartition(b"/")[0]
    else:
        _hand_over_patterns(db, inner, os.fsdecode(prefix), outer)
    rows = db.execute("SELECT id, dir FROM file WHERE folder = ?", (inner,)).fetchall()
    db.executemany(
        "UPDATE file SET folder = ?, dir = ? WHERE id = ?",
        [(outer, b"/".join(part for part in (prefix, d) if part), id_) for id_, d in rows],
    )
    drives = db.execute("SELECT dir, mount FROM drive WHERE folder = ?", (inner,)).fetchall()
    db.executemany(
        "INSERT OR IGNORE INTO drive (folder, dir, mount) VALUES (?, ?, ?)",
        [(outer, b"/".join(part for part in (prefix, d) if part), mount) for d, mount in drives],
    )
    db.execute("DELETE FROM folder WHERE id = ?", (inner,))


def _hand_over_patterns(db: sqlite3.Connection, inner: int, prefix: str, outer: int) -> None:
    query = "SELECT exclude FROM folder WHERE id = ?"
    below = [
        # With a slash before its end a pattern holds from its folder on, else at any depth.
        f"{prefix}/{each.lstrip('/')}" if "/" in each.rstrip("/") else f"{prefix}/**/{each}"
        for each in _patterns(db.execute(query, (inner,)).fetchone()[0])
    ]
    if below:
        before = _patterns(db.execute(query, (outer,)).fetchone()[0])
        both = json.dumps([*before, *below])
        db.execute("UPDATE folder SET exclude = ? WHERE id = ?", (both, outer))
