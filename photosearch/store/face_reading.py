"""Reading all faces of a face pack, again and again during a run: what was read is kept.

A face never changes, only comes and goes; what changes is whether its photo is there and wanted.
So a second reading reads new faces and walks over the numbers of the others.
"""

from __future__ import annotations

import sqlite3
import threading
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from photosearch.store.database import Database
from photosearch.store.face_table import FaceTable
from photosearch.store.places import LOST, wanted
from photosearch.types import Ids

_FACES = (
    "SELECT f.id, f.place, l.photo, f.score, f.sharpness, f.size_px, f.yaw, f.pitch, f.vector"
    " FROM face f CROSS JOIN place l ON l.id = f.place"
    " WHERE f.id > ? AND +f.model = ? AND length(f.vector) = ? ORDER BY f.id"
)
# Sums tell of faces that went: numbers are not used twice.
_STILL_THERE = (
    "SELECT count(*), coalesce(sum(id), 0), coalesce(max(id), 0) FROM face"
    " WHERE model = ? AND id <= ?"
)
_LOST = f"SELECT l.id FROM place l WHERE {LOST.format(model='?')} ORDER BY l.id"
# The day of a photo: days since the first of January of the year 1, as `date.toordinal` counts.
_PHOTOS = (
    "SELECT p.id, iif(p.date_source = 'file', NULL,"
    " julianday(substr(p.taken_at, 1, 10)) - 1721424.5)"
    f" FROM photo p WHERE p.files > 0 AND {wanted('p.id')} ORDER BY p.id"
)
_PHOTO: Final = np.dtype([("id", np.int64), ("day", np.float32)])
_FACE: Final = np.dtype(
    [(name, np.int64) for name in ("id", "place", "photo")]
    + [(name, np.float32) for name in ("score", "sharpness", "size_px", "yaw", "pitch")]
)
_SPARE: Final = 16  # room for a sixteenth more
_AT_ONCE: Final = 2048  # faces
_FLOAT16: Final = np.dtype("<f2")
KEPT_BYTES: Final = 1 << 28  # of vectors; more are read each time

_Rows = npt.NDArray[np.void]


@dataclass(frozen=True, slots=True)
class _Kept:
    """Faces of a pack by ascending place, whether wanted or not, and what tells them apart."""

    model: int
    newest: int
    stamp: tuple[int, ...]
    rows: _Rows
    vectors: npt.NDArray[np.float16]


class FaceReading:
    """Reads tables of faces; safe to use from several threads."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.Lock()
        self._kept: _Kept | None = None

    def table(self, model: int) -> FaceTable:
        """Return the faces of a face pack on photos that are there and wanted."""
        with self._lock, self._database.reading() as db:
            dimension = db.execute("SELECT dimension FROM model WHERE id = ?", (model,)).fetchone()
            kept = _read(db, model, int(dimension[0]) if dimension else 0, self._kept)
            self._kept = kept if kept.vectors.nbytes <= KEPT_BYTES else None
            photos = np.fromiter(db.execute(_PHOTOS), _PHOTO)
            lost = np.fromiter((row[0] for row in db.execute(_LOST, (model,))), np.int64)
        return _table(kept, photos, lost)


def _read(db: sqlite3.Connection, model: int, dimension: int, kept: _Kept | None) -> _Kept:
    if kept is not None:
        still = db.execute(_STILL_THERE, (model, kept.newest)).fetchone()
        if kept.model != model or still != kept.stamp:
            kept = None
    newest = db.execute("SELECT coalesce(max(id), 0) FROM face").fetchone()[0]
    if kept is not None and newest == kept.newest:
        return kept
    new = _new_faces(db, model, kept.newest if kept else 0, dimension)
    rows = np.concatenate([part for part, _ in new])
    if kept is None:
        vectors = np.concatenate([part for _, part in new])
    else:
        rows = np.concatenate([kept.rows, rows])
        vectors = _appended(kept.vectors, [part for _, part in new])
    order = np.argsort(rows["place"], kind="stable")
    if np.any(np.diff(order) != 1):
        rows, vectors = rows[order], vectors[order]
    stamp = db.execute(_STILL_THERE, (model, newest)).fetchone()
    return _Kept(model, newest, stamp, rows, vectors)


def _appended(
    before: npt.NDArray[np.float16], parts: list[npt.NDArray[np.float16]]
) -> npt.NDArray[np.float16]:
    """Return vectors with more behind them; in the same memory as long as there is room in it,
    which tables handed out before do not reach into."""
    start, count = len(before), len(before) + sum(len(part) for part in parts)
    whole = before.base
    if not isinstance(whole, np.ndarray) or whole.ndim != 2 or len(whole) < count:
        whole = np.empty((count + count // _SPARE, before.shape[1]), _FLOAT16)
        whole[:start] = before
    for part in parts:
        whole[start : start + len(part)] = part
        start += len(part)
    return whole[:count]


def _new_faces(
    db: sqlite3.Connection, model: int, after: int, dimension: int
) -> list[tuple[_Rows, npt.NDArray[np.float16]]]:
    """Return faces with numbers above `after`, a part at a time: never all of them twice."""
    size = dimension * _FLOAT16.itemsize
    whole = np.dtype([*_FACE.descr, ("vector", np.void, size)])
    found = iter(db.execute(_FACES, (after, model, size)) if size else ())
    parts: list[tuple[_Rows, npt.NDArray[np.float16]]] = []
    while not parts or len(parts[-1][0]):
        read = np.fromiter(islice(found, _AT_ONCE), whole)
        rows = np.empty(len(read), _FACE)
        for name in _FACE.names or ():
            rows[name] = read[name]
        vectors = np.ascontiguousarray(read["vector"]).view(_FLOAT16)
        parts.append((rows, vectors.reshape(len(read), dimension)))
    return parts


def _table(kept: _Kept, photos: _Rows, lost: Ids) -> FaceTable:
    rows, vectors = kept.rows, kept.vectors
    at = np.searchsorted(photos["id"], rows["photo"])
    there = at < len(photos)
    there[there] = photos["id"][at[there]] == rows["photo"][there]
    there &= ~np.isin(rows["place"], lost)
    if not there.all():
        rows, vectors, at = rows[there], vectors[there], at[there]
    return FaceTable(
        faces=_frozen(rows["place"]),
        photos=_frozen(rows["photo"]),
        vectors=_frozen(vectors, copy=False),
        score=_frozen(rows["score"]),
        sharpness=_frozen(rows["sharpness"]),
        size_px=_frozen(rows["size_px"]),
        yaw=_frozen(rows["yaw"]),
        pitch=_frozen(rows["pitch"]),
        days=_frozen(photos["day"][at]),
    )


def _frozen(array: npt.NDArray[Any], *, copy: bool = True) -> npt.NDArray[Any]:
    array = np.array(array, copy=True) if copy else array.view()
    array.setflags(write=False)
    return array
