"""Single faces as the front ends show them: where each is, and whose."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Sequence
from typing import Any, Literal

from photosearch.store.database import Database
from photosearch.store.files import full_path
from photosearch.store.places import LOST, SAID_WHOSE, in_sight, shown
from photosearch.types import Box, FaceId, PersonFace, PersonId, PhotoId

Order = Literal["date", "doubt", "left"]

_FACES = (
    "SELECT l.id, l.photo, d.path, d.single_file, f.dir, f.name, min(d.offline),"
    " l.x, l.y, l.width, l.height, p.width, p.height,"
    " iif(p.date_source = 'file', NULL, p.taken_at), m.owner, o.name,"
    " (SELECT score FROM face WHERE place = l.id ORDER BY model = ?1 DESC, model DESC LIMIT 1),"
    f" {SAID_WHOSE}, m.doubt"
    " FROM {source} JOIN photo p ON p.id = l.photo"
    " JOIN file f ON f.photo = p.id AND f.state <> 'gone' JOIN folder d ON d.id = f.folder"
    " {membership} LEFT JOIN person o ON o.id = m.owner"
    " WHERE {where} GROUP BY l.id ORDER BY {order}"
)
_BY_PLACE = ("place l", "LEFT JOIN membership m ON m.place = l.id")
_BY_OWNER = ("membership m CROSS JOIN place l ON l.id = m.place", "")
_ORDER: dict[Order, str] = {
    "date": "p.taken_at DESC, l.id DESC",
    "doubt": f"iif({SAID_WHOSE}, 0, m.doubt) DESC, l.id",
    "left": "l.x + l.width / 2, l.id",
}
_UNSORTED = (
    "FROM face f WHERE f.model = ? AND NOT EXISTS"
    " (SELECT 1 FROM membership m WHERE m.place = f.place) AND NOT EXISTS"
    " (SELECT 1 FROM verdict v WHERE v.place = f.place AND v.says = 'no face') AND EXISTS"
    " (SELECT 1 FROM place l WHERE l.id = f.place"
    f" AND {in_sight('l.photo')} AND NOT {LOST.format(model='f.model')})"
)
_CHUNK = 500  # SQLite's old limit on variables is 999


class Portraits:
    """Faces with their photo, box and person. `model` is the face pack in use, 0 for none."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of_owner(self, owner: int, model: int, order: Order) -> tuple[PersonFace, ...]:
        """Return the faces of a person or group on photos that are there and wanted."""
        with self._database.reading() as db:
            where = f"m.owner = ?2 AND {in_sight('m.photo')}"
            return _faces(db, _BY_OWNER, where, (model, owner), order)

    def on_photo(self, photo: PhotoId, model: int) -> tuple[PersonFace, ...]:
        """Return the faces on a photo, from left to right."""
        with self._database.reading() as db:
            where = f"l.photo = ?2 AND {shown('?1')}"
            return _faces(db, _BY_PLACE, where, (model, photo), "left")

    def of(self, faces: Sequence[int], model: int) -> tuple[PersonFace, ...]:
        """Return these faces in the order asked; those not there are left out."""
        found: dict[int, PersonFace] = {}
        with self._database.reading() as db:
            for start in range(0, len(faces), _CHUNK):
                chunk = faces[start : start + _CHUNK]
                marks = ", ".join(f"?{number + 2}" for number in range(len(chunk)))
                rows = _faces(db, _BY_PLACE, f"l.id IN ({marks})", (model, *chunk), "left")
                found.update((row.id, row) for row in rows)
        return tuple(found[face] for face in faces if face in found)

    def unsorted(self, model: int, limit: int) -> tuple[PersonFace, ...]:
        """Return faces that belong to nobody, the largest first."""
        with self._database.reading() as db:
            rows = db.execute(
                f"SELECT f.place {_UNSORTED} ORDER BY f.size_px DESC, f.place LIMIT ?",
                (model, limit),
            ).fetchall()
        return self.of([row[0] for row in rows], model)

    def unsorted_count(self, model: int) -> int:
        with self._database.reading() as db:
            return int(db.execute(f"SELECT count(*) {_UNSORTED}", (model,)).fetchone()[0])


def _faces(
    db: sqlite3.Connection,
    tables: tuple[str, str],
    where: str,
    values: Sequence[object],
    order: Order,
) -> tuple[PersonFace, ...]:
    source, membership = tables
    query = _FACES.format(source=source, membership=membership, where=where, order=_ORDER[order])
    return tuple(_face(row) for row in db.execute(query, values))


def _face(row: tuple[Any, ...]) -> PersonFace:
    path = full_path(row[2], bool(row[3]), row[4], row[5])
    said = bool(row[17])
    return PersonFace(
        id=FaceId(row[0]),
        photo=PhotoId(row[1]),
        path=os.path.normpath(os.fsdecode(path)),
        box=Box(*row[7:11]),
        width=row[11],
        height=row[12],
        taken_at=row[13],
        person=None if row[14] is None else PersonId(row[14]),
        name=row[15] or "",
        score=row[16],
        said=said,
        doubt=0.0 if said or row[18] is None else row[18],
    )
