"""Faces as face packs saw them: which photos wait for it, what was found, and where."""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Sequence

import numpy as np

from photosearch.store.database import Database
from photosearch.store.embeddings import PendingPhoto, find_model, model_id
from photosearch.store.face_reading import FaceReading
from photosearch.store.face_table import FaceTable
from photosearch.store.matching import KnownPlace, Matches, match
from photosearch.store.places import (
    CHANGED,
    LOST,
    MISSED,
    SPOKEN,
    WORTH,
    add_place,
    drop_empty,
    in_sight,
    wanted,
)
from photosearch.types import Box, DetectedFace, FaceId, ModelKey, PhotoId, Vector

STAGE = "faces"
# True of a photo `p` of which a file can be read now: faces are looked for in originals.
_REACHABLE = (
    "(NOT EXISTS (SELECT 1 FROM folder WHERE offline = 1) OR EXISTS (SELECT 1 FROM file w"
    " JOIN folder d ON d.id = w.folder"
    " WHERE w.photo = p.id AND w.state <> 'gone' AND d.offline = 0))"
)
_PENDING = (
    f"FROM photo p WHERE p.files > 0 AND {{where}} AND {wanted('p.id')} AND {_REACHABLE}"
    " AND NOT EXISTS (SELECT 1 FROM done WHERE photo = p.id AND stage = 'faces' AND model = ?)"
    " AND NOT EXISTS (SELECT 1 FROM failure x JOIN file f ON f.id = x.file"
    "                 WHERE f.photo = p.id AND x.stage = 'faces')"
)
_INSERT = (
    "INSERT INTO face (place, model, x, y, width, height, landmarks, score, sharpness, size_px,"
    " yaw, pitch, roll, variant, vector) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_FLOAT16 = np.dtype("<f2")
_FLOAT32 = np.dtype("<f4")


class Faces:
    """The tables `place` and `face`, and `done` of the stage `faces`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._reading = FaceReading(database)

    def model_id(self, key: ModelKey, name: str, dimension: int) -> int:
        """Return the number of a face pack, giving it one if it is new."""
        return model_id(self._database, key, name, dimension)

    def find_model(self, key: ModelKey) -> int | None:
        """Return the number of a face pack that has been used; None for a new one."""
        return find_model(self._database, key)

    def pending(self, model: int, after: PhotoId, limit: int) -> tuple[PendingPhoto, ...]:
        """Return photos in which faces are to be looked for, with ids above `after`."""
        with self._database.reading() as db:
            rows = db.execute(
                f"SELECT p.id, p.hash {_PENDING.format(where='p.id > ?')} ORDER BY p.id LIMIT ?",
                (after, model, limit),
            ).fetchall()
        return tuple(PendingPhoto(PhotoId(row[0]), row[1]) for row in rows)

    def pending_among(self, model: int, photos: Sequence[int]) -> tuple[PendingPhoto, ...]:
        """Return those of `photos` in which faces are to be looked for, in the order given."""
        found: list[PendingPhoto] = []
        query = f"SELECT p.id, p.hash {_PENDING.format(where='p.id = ?')}"
        with self._database.reading() as db:
            for photo in photos:
                row = db.execute(query, (photo, model)).fetchone()
                if row is not None:
                    found.append(PendingPhoto(PhotoId(row[0]), row[1]))
        return tuple(found)

    def pending_count(self, model: int) -> int:
        """Return in how many photos faces are to be looked for: a walk through all of them."""
        with self._database.reading() as db:
            query = f"SELECT count(*) {_PENDING.format(where='p.id > ?')}"
            return int(db.execute(query, (0, model)).fetchone()[0])

    def write(
        self, model: int, variant: str, photo: PendingPhoto, faces: Sequence[DetectedFace]
    ) -> tuple[FaceId, ...]:
        """Write what was found in one photo; nothing when it was left out (see `write_many`)."""
        (written,) = self.write_many(model, variant, [(photo, faces)])
        return written or ()

    def write_many(
        self,
        model: int,
        variant: str,
        results: Sequence[tuple[PendingPhoto, Sequence[DetectedFace]]],
    ) -> tuple[tuple[FaceId, ...] | None, ...]:
        """Write what was found in a batch of photos, in one transaction.

        Each face takes the number of the place known there, or a new one. A photo that changed
        meanwhile is left out, or that another program did: None then.
        """
        written: list[tuple[FaceId, ...] | None] = []
        with self._database.transaction() as db:
            for photo, faces in results:
                wanted = db.execute(
                    "SELECT 1 FROM photo p WHERE id = ? AND hash = ? AND NOT EXISTS (SELECT 1"
                    " FROM done WHERE photo = p.id AND stage = 'faces' AND model = ?)",
                    (photo.id, photo.hash, model),
                ).fetchone()
                written.append(_write(db, model, variant, photo.id, faces) if wanted else None)
        return tuple(written)

    def table(self, model: int) -> FaceTable:
        """Return the faces of a face pack on photos that are there and wanted.

        Faces whose vector says nothing (not a number, all zero, of another length) are left out.
        """
        return self._reading.table(model)

    def count(self, model: int) -> int:
        """Return how many faces of a face pack there are on photos that are there and wanted."""
        with self._database.reading() as db:
            return int(
                db.execute(
                    "SELECT count(*) FROM face f JOIN place l ON l.id = f.place"
                    f" WHERE f.model = ? AND NOT {LOST.format(model='f.model')}"
                    f" AND {in_sight('l.photo')}",
                    (model,),
                ).fetchone()[0]
            )

    def crop_source(self, face: FaceId) -> tuple[PhotoId, bytes, Box] | None:
        """Return the photo of a face, its hash and the box; None when there is no such face."""
        with self._database.reading() as db:
            row = db.execute(
                "SELECT p.id, p.hash, l.x, l.y, l.width, l.height"
                " FROM place l JOIN photo p ON p.id = l.photo WHERE l.id = ?",
                (face,),
            ).fetchone()
        return (PhotoId(row[0]), row[1], Box(*row[2:])) if row else None


def _write(
    db: sqlite3.Connection, model: int, variant: str, photo: int, faces: Sequence[DetectedFace]
) -> tuple[FaceId, ...]:
    before = _known_places(db, model, photo)
    changed = {place.id for place in before if place.moved}
    found = match(
        before,
        [face.box for face in faces],
        [_unit(face.vector) for face in faces],
    )
    _settle_moved(db, model, photo, found)
    places: list[FaceId] = []
    for face, known in zip(faces, found.places, strict=True):
        box = face.box
        if known is None:
            place = add_place(db, photo, box)
        else:
            place = known
            db.execute("UPDATE place SET moved = 0 WHERE id = ?", (place,))
            # What the user drew holds as long as the picture is the one they drew it on.
            db.execute(
                "UPDATE place SET x = ?, y = ?, width = ?, height = ?, drawn = 0"
                " WHERE id = ? AND (NOT drawn OR ?)",
                (box.x, box.y, box.width, box.height, place, place in changed),
            )
        db.execute(_INSERT, (place, model, *_values(face, variant)))
        if known is not None:
            db.execute(
                f"UPDATE membership AS m SET worth ="
                f" (SELECT {WORTH} FROM place l WHERE l.id = m.place) WHERE place = ?",
                (place,),
            )
        places.append(FaceId(place))
    drop_empty(db, photo)
    db.execute(
        "INSERT OR REPLACE INTO done (photo, stage, model, count) VALUES (?, ?, ?, ?)",
        (photo, STAGE, model, len(faces)),
    )
    return tuple(places)


def _known_places(db: sqlite3.Connection, model: int, photo: int) -> list[KnownPlace]:
    rows = db.execute(
        f"SELECT l.id, l.x, l.y, l.width, l.height, l.moved, {SPOKEN},"
        " iif(l.moved IN (?, ?), (SELECT vector FROM face WHERE place = l.id AND model = ?), NULL)"
        " FROM place l WHERE l.photo = ? ORDER BY l.id",
        (
            CHANGED,
            MISSED,
            model,
            photo,
        ),  # a turned face may look like anybody: it is known by its place
    ).fetchall()
    return [
        KnownPlace(
            row[0],
            Box(*row[1:5]),
            moved=row[5] == CHANGED,
            spoken=bool(row[6]),
            vector=np.frombuffer(row[7], _FLOAT16).astype(np.float32) if row[7] else None,
        )
        for row in rows
    ]


def _settle_moved(db: sqlite3.Connection, model: int, photo: int, found: Matches) -> None:
    """Drop faces that no longer hold; those of the former picture stay until found again."""
    db.execute(
        "DELETE FROM face WHERE model = ?"
        " AND place IN (SELECT id FROM place WHERE photo = ? AND NOT moved)",
        (model, photo),
    )
    for place in found.places:
        if place is not None:
            db.execute(
                "DELETE FROM face WHERE place = (SELECT id FROM place WHERE id = ? AND moved)",
                (place,),
            )
    if found.places:  # a picture in which no face is seen says nothing of how it was turned
        db.execute(
            "UPDATE place SET moved = ? WHERE photo = ? AND moved = ?", (MISSED, photo, CHANGED)
        )
    db.executemany(
        "UPDATE place SET x = ?, y = ?, width = ?, height = ? WHERE id = ?",
        [(box.x, box.y, box.width, box.height, place) for place, box in found.turned.items()],
    )


def _values(face: DetectedFace, variant: str) -> tuple[object, ...]:
    vector = _unit(face.vector)
    return (
        face.box.x,
        face.box.y,
        face.box.width,
        face.box.height,
        np.ascontiguousarray(face.landmarks, _FLOAT32).tobytes(),
        _finite(face.score) or 0.0,
        _finite(face.sharpness),
        _finite(face.size_px) or 0.0,
        _finite(face.yaw),
        _finite(face.pitch),
        _finite(face.roll),
        variant,
        vector.astype(_FLOAT16).tobytes() if np.any(vector) else b"",
    )


def _unit(vector: Vector) -> Vector:
    """Return a vector of unit length; zeros where it says nothing."""
    norm = float(np.linalg.norm(vector.astype(np.float64)))
    if not math.isfinite(norm) or norm == 0:
        return np.zeros(vector.shape, np.float32)
    return (vector / norm).astype(np.float32)


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None
