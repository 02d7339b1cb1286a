"""Which drives the photos of a folder lay on when they were last seen."""

from __future__ import annotations

from collections.abc import Mapping

from photosearch.store.database import Database
from photosearch.types import FolderId


class Drives:
    """The table `drive`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, folder: FolderId) -> dict[bytes, bytes]:
        """Return where each drive was mounted, by the directory from which on photos lie on it."""
        with self._database.reading() as db:
            rows = db.execute("SELECT dir, mount FROM drive WHERE folder = ?", (folder,))
            return dict(rows.fetchall())

    def put(self, folder: FolderId, mounts: Mapping[bytes, bytes]) -> None:
        """Remember the drives of a folder instead of those it had."""
        if self.of(folder) == mounts:
            return
        with self._database.transaction() as db:
            db.execute("DELETE FROM drive WHERE folder = ?", (folder,))
            db.executemany(
                "INSERT INTO drive (folder, dir, mount) SELECT id, ?, ? FROM folder WHERE id = ?",
                [(place, mount, folder) for place, mount in mounts.items()],
            )
