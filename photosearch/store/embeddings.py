"""Search vectors: float16 blobs per photo and model. Several models live side by side."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from photosearch.store.database import Database
from photosearch.store.switches import switched_on
from photosearch.types import Ids, ModelKey, PhotoId, Vectors

_log = logging.getLogger(__name__)
_ROWS = 8192
# Photos `p` that wait for a model; `{where}` comes first and its values before the model.
PENDING = (
    "FROM photo p WHERE p.files > 0 AND {where}"
    " AND NOT EXISTS (SELECT 1 FROM done WHERE photo = p.id AND stage = 'embed' AND model = ?)"
    " AND NOT EXISTS (SELECT 1 FROM failure x JOIN file f ON f.id = x.file"
    "                 WHERE f.photo = p.id AND x.stage = 'embed')"
    f" AND {switched_on('p.id', 'search')}"  # last: most photos have a vector
)
_FLOAT16 = np.dtype("<f2")


@dataclass(frozen=True, slots=True)
class PendingPhoto:
    """A photo without a vector of the current model."""

    id: PhotoId
    hash: bytes


@dataclass(frozen=True, slots=True)
class StoredVectors:
    """Rows of one model: `labels[i]` is the vector of `photos[i]`."""

    labels: Ids  # [n], ascending
    photos: Ids  # [n]
    vectors: npt.NDArray[np.float16]  # [n, d]


class Embeddings:
    """The tables `model`, `embedding` and `done` of the stage `embed`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def model_id(self, key: ModelKey, name: str, dimension: int) -> int:
        """Return the number of a model, giving it one if it is new."""
        return model_id(self._database, key, name, dimension)

    def find_model(self, key: ModelKey) -> int | None:
        """Return the number of a model that has been used; None for a new one."""
        return find_model(self._database, key)

    def pending(self, model: int, after: PhotoId, limit: int) -> tuple[PendingPhoto, ...]:
        """Return photos without a vector, with ids above `after`."""
        with self._database.reading() as db:
            rows = db.execute(
                f"SELECT p.id, p.hash {PENDING.format(where='p.id > ?')} ORDER BY p.id LIMIT ?",
                (after, model, limit),
            ).fetchall()
        return tuple(PendingPhoto(PhotoId(row[0]), row[1]) for row in rows)

    def pending_among(self, model: int, photos: Sequence[int]) -> tuple[PendingPhoto, ...]:
        """Return those of `photos` without a vector, in the order given."""
        found: list[PendingPhoto] = []
        query = f"SELECT p.id, p.hash {PENDING.format(where='p.id = ?')}"
        with self._database.reading() as db:
            for photo in photos:
                row = db.execute(query, (photo, model)).fetchone()
                if row is not None:
                    found.append(PendingPhoto(PhotoId(row[0]), row[1]))
        return tuple(found)

    def pending_count(self, model: int) -> int:
        """Return how many photos have no vector: a walk through all of them."""
        with self._database.reading() as db:
            query = f"SELECT count(*) {PENDING.format(where='p.id > ?')}"
            return int(db.execute(query, (0, model)).fetchone()[0])

    def write(
        self, model: int, variant: str, photos: Sequence[PendingPhoto], vectors: Vectors
    ) -> StoredVectors:
        """Write a batch in one transaction.

        Photos that changed meanwhile are left out, and those that another program embedded.
        """
        halves = vectors.astype(_FLOAT16)
        labels: list[int] = []
        kept: list[int] = []
        with self._database.transaction() as db:
            for row, photo in enumerate(photos):
                wanted = db.execute(
                    "SELECT 1 FROM photo WHERE id = ? AND hash = ? AND NOT EXISTS"
                    " (SELECT 1 FROM embedding WHERE model = ? AND photo = ? AND frame = 0)",
                    (photo.id, photo.hash, model, photo.id),
                ).fetchone()
                if wanted is None:
                    continue
                cursor = db.execute(
                    "INSERT INTO embedding (photo, model, variant, vector) VALUES (?, ?, ?, ?)",
                    (photo.id, model, variant, halves[row].tobytes()),
                )
                db.execute(
                    "INSERT OR REPLACE INTO done (photo, stage, model, count)"
                    " VALUES (?, 'embed', ?, 1)",
                    (photo.id, model),
                )
                assert cursor.lastrowid is not None
                labels.append(cursor.lastrowid)
                kept.append(row)
        return StoredVectors(
            labels=np.array(labels, np.int64),
            photos=np.array([photos[row].id for row in kept], np.int64),
            vectors=halves[kept],
        )

    def load(self, key: ModelKey, above: int = 0) -> Iterator[StoredVectors]:
        """Yield all vectors of a model with labels above `above`, in chunks.

        A row that is not of the model's length is passed over: one damaged row must not take
        all search away.
        """
        number, row_bytes = self._shape(key)
        while number:
            with self._database.reading() as db:
                rows = db.execute(
                    "SELECT id, photo, vector FROM embedding"
                    " WHERE id > ? AND +model = ? ORDER BY id LIMIT ?",
                    (above, number, _ROWS),
                ).fetchall()
            if not rows:
                return
            above = rows[-1][0]
            sound = [row for row in rows if len(row[2]) == row_bytes]
            if len(sound) < len(rows):
                _log.warning("%d damaged search vectors are passed over", len(rows) - len(sound))
            yield _stored(sound, row_bytes)

    def of_labels(self, key: ModelKey, labels: Sequence[int]) -> StoredVectors:
        """Return those of some labels that a model has, in the order given."""
        number, row_bytes = self._shape(key)
        found = []
        with self._database.reading() as db:
            for label in labels:
                row = db.execute(
                    "SELECT id, photo, vector FROM embedding WHERE id = ? AND model = ?",
                    (label, number),
                ).fetchone()
                if row is not None and len(row[2]) == row_bytes:
                    found.append(row)
        return _stored(found, row_bytes)

    def labels(self, key: ModelKey) -> Ids:
        """Return the labels of a model's vectors that `load` gives, ascending."""
        number, row_bytes = self._shape(key)
        with self._database.reading() as db:
            rows = db.execute(
                "SELECT id FROM embedding WHERE +model = ? AND length(vector) = ? ORDER BY id",
                (number, row_bytes),
            ).fetchall()
        return np.array([row[0] for row in rows], np.int64)

    def _shape(self, key: ModelKey) -> tuple[int, int]:
        """Return the number of a model, 0 for a new one, and the bytes of its vectors."""
        with self._database.reading() as db:
            row = db.execute("SELECT id, dimension FROM model WHERE key = ?", (key,)).fetchone()
        return (int(row[0]), int(row[1]) * _FLOAT16.itemsize) if row else (0, 0)

    def of_photos(self, key: ModelKey, photos: Sequence[PhotoId]) -> Vectors:
        """Return the vectors of those of `photos` that have one, [n, d]."""
        found: list[bytes] = []
        with self._database.reading() as db:
            for photo in photos:
                row = db.execute(
                    "SELECT e.vector FROM embedding e JOIN model m ON m.id = e.model"
                    " WHERE m.key = ? AND e.photo = ? AND e.frame = 0",
                    (key, photo),
                ).fetchone()
                if row is not None:
                    found.append(row[0])
        if not found:
            return np.empty((0, 0), np.float32)
        return np.frombuffer(b"".join(found), _FLOAT16).reshape(len(found), -1).astype(np.float32)

    def count(self, key: ModelKey) -> int:
        with self._database.reading() as db:
            return int(
                db.execute(
                    "SELECT count(*) FROM embedding e JOIN model m ON m.id = e.model"
                    " WHERE m.key = ?",
                    (key,),
                ).fetchone()[0]
            )


def _stored(rows: Sequence[tuple[int, int, bytes]], row_bytes: int) -> StoredVectors:
    return StoredVectors(
        labels=np.fromiter((row[0] for row in rows), np.int64, len(rows)),
        photos=np.fromiter((row[1] for row in rows), np.int64, len(rows)),
        vectors=np.frombuffer(b"".join(row[2] for row in rows), _FLOAT16).reshape(
            len(rows), row_bytes // _FLOAT16.itemsize
        ),
    )


def model_id(database: Database, key: ModelKey, name: str, dimension: int) -> int:
    """Return the number of a search model or face pack, giving it one if it is new."""
    with database.transaction() as db:
        db.execute(
            "INSERT OR IGNORE INTO model (key, name, dimension) VALUES (?, ?, ?)",
            (key, name, dimension),
        )
        return int(db.execute("SELECT id FROM model WHERE key = ?", (key,)).fetchone()[0])


def find_model(database: Database, key: ModelKey) -> int | None:
    """Return the number of a search model or face pack that has been used; None for a new one."""
    with database.reading() as db:
        row = db.execute("SELECT id FROM model WHERE key = ?", (key,)).fetchone()
    return int(row[0]) if row else None
