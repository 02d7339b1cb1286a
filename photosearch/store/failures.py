"""Files that could not be used, each with its reason; retrying is forgetting the failure."""

from __future__ import annotations

import os
from collections.abc import Sequence

from photosearch.store.database import Database
from photosearch.store.files import full_path
from photosearch.types import Failure, FileId, FolderId, PhotoId


class Failures:
    """The table `failure`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self, folders: Sequence[FolderId] | None = None) -> tuple[Failure, ...]:
        """Return every failure of files that are there, by path."""
        with self._database.reading() as db:
            rows = db.execute(
                "SELECT x.file, d.path, d.single_file, f.dir, f.name, x.stage, x.reason, x.tries,"
                " f.folder FROM failure x JOIN file f ON f.id = x.file"
                " JOIN folder d ON d.id = f.folder"
                " WHERE f.state <> 'gone' ORDER BY d.path, f.dir, f.name"
            ).fetchall()
        wanted = None if folders is None else set(folders)
        return tuple(
            Failure(
                file=FileId(r[0]),
                path=os.path.normpath(os.fsdecode(full_path(r[1], bool(r[2]), r[3], r[4]))),
                stage=r[5],
                reason=r[6],
                tries=r[7],
            )
            for r in rows
            if wanted is None or r[8] in wanted
        )

    def count(self) -> int:
        with self._database.reading() as db:
            return int(
                db.execute(
                    "SELECT count(DISTINCT x.file) FROM failure x JOIN file f ON f.id = x.file"
                    " WHERE f.state <> 'gone'"
                ).fetchone()[0]
            )

    def forget(self, files: Sequence[FileId]) -> None:
        """Forget failures, so that the next run tries these files again."""
        with self._database.transaction() as db:
            db.executemany("DELETE FROM failure WHERE file = ?", [(id_,) for id_ in files])

    def forget_stage(self, stage: str) -> None:
        """Forget all failures of a stage: another model may succeed."""
        with self._database.transaction() as db:
            db.execute("DELETE FROM failure WHERE stage = ?", (stage,))

    def add(self, photo: PhotoId, stage: str, reason: str) -> None:
        """Record that a photo failed a stage, at the first of its files."""
        with self._database.transaction() as db:
            db.execute(
                "INSERT INTO failure (file, stage, reason)"
                " SELECT id, ?, ? FROM file WHERE photo = ? AND state <> 'gone' ORDER BY id LIMIT 1"
                " ON CONFLICT (file, stage) DO UPDATE SET reason = excluded.reason,"
                " tries = tries + 1, at = CURRENT_TIMESTAMP",
                (stage, reason, photo),
            )
