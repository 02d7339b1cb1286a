"""What each model has left in the library, what waits for it, and taking all of it out again.

Deleting goes some thousand rows at a time, each a transaction of its own: an end in the middle
leaves a library that is whole, in which the rest of the photos waits for that model.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from photosearch.errors import StoreError
from photosearch.store.database import Database
from photosearch.store.embeddings import PENDING
from photosearch.types import FolderId, ModelKey

_ROWS = 2000  # deleted at once: some 20 ms
_PAGES = 2000  # given back to the disk at once: 0.2 s
_INCREMENTAL = 2  # of PRAGMA auto_vacuum
_WRITTEN_ANEW_BYTES = 1 << 30  # 10 s; a writer waits 30 s before it gives up
_REACHABLE = (
    "EXISTS (SELECT 1 FROM file w WHERE w.photo = p.id AND w.state <> 'gone'"
    " AND w.folder NOT IN ({away}))"
)


@dataclass(frozen=True, slots=True)
class StoredModel:
    """A model that has been used; `vectors` are of photos, or of faces."""

    number: int
    key: ModelKey
    name: str
    dimension: int
    vectors: int
    faces: int

    @property
    def bytes(self) -> int:
        """How much its vectors take, without what holds them together."""
        return 2 * self.dimension * (self.vectors + self.faces)


@dataclass(frozen=True, slots=True)
class Outlook:
    """Photos that wait for a model: all, those that need their originals, those out of reach."""

    photos: int
    originals: int = 0
    unreachable: int = 0


class ModelTable:
    """The table `model`, and the rows that name one."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> tuple[StoredModel, ...]:
        """Return every model that has been used, with what it has left."""
        with self._database.reading() as db:
            rows = db.execute("SELECT id, key, name, dimension FROM model ORDER BY id").fetchall()
            vectors = dict(db.execute("SELECT model, count(*) FROM embedding GROUP BY model"))
            faces = dict(db.execute("SELECT model, count(*) FROM face GROUP BY model"))
        return tuple(
            StoredModel(
                number=row[0],
                key=ModelKey(row[1]),
                name=row[2],
                dimension=row[3],
                vectors=vectors.get(row[0], 0),
                faces=faces.get(row[0], 0),
            )
            for row in rows
        )

    def outlook(
        self, model: int | None, small_px: int, long_px: int, away: Sequence[FolderId]
    ) -> Outlook:
        """Count the photos that wait for a model, None for one that is new.

        `originals` are those whose short side is beyond `small_px`, or whose long side is beyond
        `long_px`; those of them are unreachable that lie in folders that are `away` only.
        """
        large = f"(min(p.width, p.height) > {int(small_px)} OR max(p.width, p.height) > {long_px})"
        reached = _REACHABLE.format(away=", ".join(str(int(folder)) for folder in away))
        with self._database.reading() as db:
            row = db.execute(
                f"SELECT count(*), total({large}), total({large} AND NOT {reached})"
                f" {PENDING.format(where='p.id > ?')}",
                (0, model or 0),  # no model has the number 0
            ).fetchone()
        return Outlook(int(row[0]), int(row[1]), int(row[2]))

    def waiting(self, model: int | None) -> Outlook:
        """Count the photos that wait for a model, None for one that is new."""
        with self._database.reading() as db:
            query = f"SELECT count(*) {PENDING.format(where='p.id > ?')}"
            return Outlook(int(db.execute(query, (0, model or 0)).fetchone()[0]))

    def would_lose(self, current: int, other: int | None) -> int:
        """Count the photos with a vector of the current model that wait for the other one."""
        with self._database.reading() as db:
            pending = PENDING.format(where="p.id > ?")
            row = db.execute(
                f"SELECT count(*) {pending}"
                " AND EXISTS (SELECT 1 FROM embedding WHERE model = ? AND photo = p.id)",
                (0, other or 0, current),
            ).fetchone()
        return int(row[0])

    def forget_vectors(self, model: int) -> Iterator[int]:
        """Delete a search model's vectors; the photos wait for it again. Yields rows deleted."""
        last = 0
        while True:
            with self._database.transaction() as db:
                row = db.execute(
                    "SELECT max(photo), count(*) FROM (SELECT photo FROM embedding"
                    " WHERE model = ? AND photo > ? ORDER BY photo LIMIT ?)",
                    (model, last, _ROWS),
                ).fetchone()
                if not row[1]:
                    db.execute(
                        "DELETE FROM done WHERE stage = 'embed' AND model = ? AND photo > ?",
                        (model, last),
                    )
                    return
                span = (model, last, row[0])
                db.execute(
                    "DELETE FROM done WHERE stage = 'embed' AND model = ? AND photo > ?"
                    " AND photo <= ?",
                    span,
                )
                db.execute(
                    "DELETE FROM embedding WHERE model = ? AND photo > ? AND photo <= ?", span
                )
                last = row[0]
            yield int(row[1])

    def forget_faces(self, model: int) -> Iterator[int]:
        """Delete what a face pack saw; what the user said of faces stays. Yields rows deleted."""
        with self._database.transaction() as db:  # first: what is not done is seen anew
            db.execute("DELETE FROM done WHERE stage = 'faces' AND model = ?", (model,))
        while True:
            with self._database.transaction() as db:
                count = db.execute(
                    "DELETE FROM face WHERE id IN (SELECT id FROM face WHERE model = ? LIMIT ?)",
                    (model, _ROWS),
                ).rowcount
            if not count:
                return
            yield count

    def file_bytes(self) -> int:
        """Return how large the library file is, once what was written last has reached it."""
        with self._database.reading() as db:
            return _number(db, "PRAGMA page_count") * _number(db, "PRAGMA page_size")

    def give_back(self) -> Iterator[int]:
        """Give free pages of the library file back to the disk; yields how many pages are left.

        A library that an earlier version began cannot do that piece by piece: one that is small
        is written anew, while others wait; in a large one the pages are used by what comes next.
        """
        with self._database.reading() as db:
            piecewise = _number(db, "PRAGMA auto_vacuum") == _INCREMENTAL
            if not piecewise:
                size = self.file_bytes()
                if size > _WRITTEN_ANEW_BYTES or shutil.disk_usage(self._folder).free < 2 * size:
                    return
                db.execute("VACUUM")
        before = None
        while piecewise and (free := self._give_some()) and free != before:
            before = free  # as long as it shrinks: others may free pages all the time
            yield free
        # The file shrinks when the log is worked in; a reader may stand in the way.
        with suppress(StoreError), self._database.reading() as db:
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def _give_some(self) -> int:
        with self._database.reading() as db:
            # As a script: only that goes through all its steps.
            db.executescript(f"PRAGMA incremental_vacuum({_PAGES})")
            return _number(db, "PRAGMA freelist_count")

    @property
    def _folder(self) -> Path:
        return self._database.path.parent


def _number(db: sqlite3.Connection, query: str) -> int:
    return int(db.execute(query).fetchone()[0])
