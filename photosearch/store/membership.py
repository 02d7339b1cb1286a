"""Whose each face is: what grouping reads and writes. What was said always holds."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from datetime import date

import numpy as np
import numpy.typing as npt

from photosearch.store.database import Database
from photosearch.store.face_table import FaceTable, Said
from photosearch.store.places import OWN, own_all_as_said
from photosearch.types import Check, Ids

_CHUNK = 2000  # rows between two looks at whether to go on
_MANY = 5000  # places for which all rows are read rather than each by itself
_DOUBT_STEP = 0.005  # a smaller change of a doubt is not worth a write
_OWN = OWN.format(
    also=" AND NOT EXISTS (SELECT 1 FROM verdict v WHERE v.place = l.id AND (v.says = 'no face'"
    " OR (v.says = 'is' AND v.person <> ?) OR (v.says = 'is not' AND v.person = ?)))"
)
_DISOWN = (
    "DELETE FROM membership WHERE place = ?"
    " AND NOT EXISTS (SELECT 1 FROM verdict v WHERE v.place = membership.place AND v.says = 'is')"
)
_VERDICTS = "SELECT place, says, coalesce(person, 0) FROM verdict"
_VERDICT = np.dtype([("place", np.int64), ("says", "U7"), ("person", np.int64)])
_ROW = np.dtype([("place", np.int64), ("owner", np.int64), ("doubt", np.float32)])


class Membership:
    """The tables `membership` and `owner_number`, and `verdict` as grouping needs it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def next_owner(self, count: int = 1) -> int:
        """Take `count` numbers for groups and return the first."""
        with self._database.transaction() as db:
            return take_numbers(db, count)

    def owners(self, table: FaceTable) -> Ids:
        """Return whose each row of a table is now, [n]; 0: nobody's."""
        return self._of(table)["owner"].copy()

    def doubts(self, table: FaceTable) -> npt.NDArray[np.float32]:
        """Return how doubtful the owner of each row is now, [n]; 0 is sure."""
        return self._of(table)["doubt"].copy()

    def said(self, table: FaceTable) -> Said:
        """Return what the user said of the faces of a table."""
        with self._database.reading() as db:
            rows = np.fromiter(db.execute(_VERDICTS), _VERDICT)
            days = db.execute("SELECT id, birthday FROM person WHERE birthday <> ''").fetchall()
        at = np.searchsorted(table.faces, rows["place"])
        here = at < len(table.faces)
        here[here] = table.faces[at[here]] == rows["place"][here]
        at, rows = at[here], rows[here]
        person = np.zeros(len(table.faces), np.int64)
        no_face = np.zeros(len(table.faces), np.bool_)
        is_, is_not = rows["says"] == "is", rows["says"] == "is not"
        person[at[is_]] = rows["person"][is_]
        no_face[at[rows["says"] == "no face"]] = True
        pairs = np.stack([at[is_not], rows["person"][is_not]], axis=1).astype(np.int64)
        pairs = pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))]
        for array in (person, no_face, pairs):
            array.setflags(write=False)
        born = {int(id_): date.fromisoformat(day).toordinal() for id_, day in days}
        return Said(person, pairs, no_face, born)

    def write_membership(
        self,
        places: Ids,
        owners: Ids,
        doubts: npt.NDArray[np.float32],
        *,
        whole: bool = False,
        check: Check | None = None,
    ) -> None:
        """Write whose faces are, all or nothing; see `write_owners`."""
        with self._database.transaction() as db:
            write_owners(db, places, owners, doubts, whole=whole, check=check)

    def _of(self, table: FaceTable) -> npt.NDArray[np.void]:
        with self._database.reading() as db:
            now = _everybody(db)
        found = np.zeros(len(table.faces), _ROW)
        _, here, there = np.intersect1d(
            table.faces, now["place"], assume_unique=True, return_indices=True
        )
        found[here] = now[there]
        return found


def take_numbers(db: sqlite3.Connection, count: int) -> int:
    """Take `count` numbers for persons and groups; part of the caller's transaction."""
    db.execute("UPDATE owner_number SET last = last + ?", (count,))
    return int(db.execute("SELECT last FROM owner_number").fetchone()[0]) - count + 1


def write_owners(
    db: sqlite3.Connection,
    places: Ids,
    owners: Ids,
    doubts: npt.NDArray[np.float32],
    *,
    whole: bool,
    check: Check | None,
) -> None:
    """Write whose faces are, as far as it differs; part of the caller's transaction.

    An owner of 0 is nobody. `whole` takes all other places from their owners, but for those whose
    the user said they are. A verdict wins over what is written.
    """
    now = _everybody(db) if whole or len(places) > _MANY else _owners_of(db, places)
    order = np.argsort(places)
    changed = order[_differing(now, places[order], owners[order], doubts[order])]
    rows = list(
        zip(places[changed].tolist(), owners[changed].tolist(), doubts[changed].tolist(),
            strict=True)
    )  # fmt: skip
    if whole:
        rows += [(place, 0, 0.0) for place in np.setdiff1d(now["place"], places).tolist()]
    for start in range(0, len(rows), _CHUNK):
        if check is not None:
            check()
        _write(db, rows[start : start + _CHUNK])
    own_all_as_said(db)


def _everybody(db: sqlite3.Connection) -> npt.NDArray[np.void]:
    rows = db.execute("SELECT place, owner, doubt FROM membership ORDER BY place")
    return np.fromiter(rows, _ROW)


def _owners_of(db: sqlite3.Connection, places: Ids) -> npt.NDArray[np.void]:
    rows = db.execute(
        "SELECT place, owner, doubt FROM membership"
        " WHERE place IN (SELECT value FROM json_each(?)) ORDER BY place",
        (json.dumps(places.tolist()),),
    )
    return np.fromiter(rows, _ROW)


def _differing(
    now: npt.NDArray[np.void], places: Ids, owners: Ids, doubts: npt.NDArray[np.float32]
) -> npt.NDArray[np.bool_]:
    """Tell which of the rows (ascending places) are not as they are now."""
    was_owner = np.zeros(len(places), np.int64)
    was_doubt = np.zeros(len(places), np.float32)
    _, here, there = np.intersect1d(places, now["place"], return_indices=True)
    was_owner[here] = now["owner"][there]
    was_doubt[here] = now["doubt"][there]
    doubt_differs = (owners != 0) & (np.abs(was_doubt - doubts) > _DOUBT_STEP)
    differs: npt.NDArray[np.bool_] = (was_owner != owners) | doubt_differs
    return differs


def _write(db: sqlite3.Connection, rows: Sequence[tuple[int, int, float]]) -> None:
    db.executemany(_DISOWN, [(place,) for place, owner, _ in rows if owner == 0])
    db.executemany(
        _OWN,
        [(owner, doubt, place, owner, owner) for place, owner, doubt in rows if owner != 0],
    )
