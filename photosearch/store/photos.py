"""Browsing: which photos there are, by date, and what is known of each."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import numpy as np

from photosearch.store import listing
from photosearch.store.database import Database
from photosearch.store.deletions import deleted, last_given
from photosearch.store.files import full_path
from photosearch.store.filters import NO_FILTER, condition, elsewhere
from photosearch.store.looks import FACTS, Looked, Written, record
from photosearch.store.purging import Purged, purge
from photosearch.store.switches import switched_on
from photosearch.types import (
    DateSource,
    Facts,
    Ids,
    PhotoDetails,
    PhotoFilter,
    PhotoId,
    PhotoList,
    PhotoSummary,
)

_CHUNK = 500  # SQLite's old limit on variables is 999
# Of several files: one that can be read, in the folder one looks at, the one known longest.
_FIRST = "(d.offline * 2 + ({elsewhere})) << 60 | f.id"
_SUMMARY = (
    "SELECT p.id, d.path, d.single_file, f.dir, f.name, p.width, p.height, p.taken_at,"
    " EXISTS (SELECT 1 FROM favourite v WHERE v.photo = p.id), d.offline,"
    f" min({_FIRST})"  # the other columns are of the file that has it
    " FROM photo p JOIN file f ON f.photo = p.id AND f.state <> 'gone'"
    " JOIN folder d ON d.id = f.folder"
)
_BY_CONTENT = switched_on("p.id", "search")
# The index holds next to nothing; rows of photos lie all over the library.
_NOT_SHOWN = (
    "EXISTS (SELECT 1 FROM photo INDEXED BY photo_without_file"
    " WHERE id = asked.value AND files = 0)"
)


class Photos:
    """The table `photo`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        with database.reading() as db:
            self._deleted = deleted(db)

    def record(self, looks: Sequence[Looked], written: Written) -> None:
        """Write what looks at files gave, in one transaction; `written` adds up a run."""
        record(self._database, looks, written)

    def last(self) -> int:
        """Return the highest id there is, 0 in an empty library."""
        with self._database.reading() as db:
            return int(db.execute("SELECT coalesce(max(id), 0) FROM photo").fetchone()[0])

    def purge(self) -> Iterator[Purged]:
        """Delete photos without files of which the user said nothing; see `purging.purge`."""
        return purge(self._database)

    def count(self) -> int:
        with self._database.reading() as db:
            return int(db.execute("SELECT count(*) FROM photo WHERE files > 0").fetchone()[0])

    def known(self) -> int:
        """Return how many photos there are, with those that no file shows."""
        with self._database.reading() as db:
            return int(db.execute("SELECT count(*) FROM photo").fetchone()[0])

    def unknown(self, hashes: Sequence[bytes]) -> list[bytes]:
        """Return those of some content hashes that no photo has."""
        found: set[bytes] = set()
        with self._database.reading() as db:
            for start in range(0, len(hashes), _CHUNK):
                chunk = hashes[start : start + _CHUNK]
                query = f"SELECT hash FROM photo WHERE hash IN ({_marks_for(chunk)})"
                found.update(row[0] for row in db.execute(query, chunk))
        return [key for key in hashes if key not in found]

    def newest_first(self, which: PhotoFilter, most: int | None = None) -> PhotoList:
        """Return the photos of a filter, newest first, with their month headings; at `most`."""
        where, values = condition(which)
        with self._database.reading() as db:
            if which == PhotoFilter() and most is None:
                ids, months = listing.all_newest_first(db)
            else:
                ids, months = listing.newest_first(db, where, values, most)
        ids.setflags(write=False)
        return PhotoList(ids, months)

    def sort_newest_first(self, ids: Ids) -> Ids:
        """Return the same photos by date, newest first."""
        dates: dict[int, str] = {}
        with self._database.reading() as db:
            for chunk in _chunks(ids.tolist()):
                rows = db.execute(
                    "SELECT id, coalesce(taken_at, '') FROM photo"
                    f" WHERE id IN ({_marks_for(chunk)})",
                    chunk,
                )
                dates.update(rows.fetchall())
        order = sorted(ids.tolist(), key=lambda id_: (dates.get(id_, ""), id_), reverse=True)
        return np.array(order, np.int64)

    def matching(self, which: PhotoFilter, *, by_content: bool = False) -> Ids:
        """Return the ids of a filter, ascending; `by_content`: those found by what they show."""
        where, values = condition(which)
        where += f" AND {_BY_CONTENT}" if by_content else ""
        with self._database.reading() as db:
            found = f"SELECT p.id AS n FROM photo p WHERE {where} ORDER BY p.id"
            return listing.numbers(db, found, values)

    def present(self, ids: Sequence[int], *, by_content: bool = False) -> set[int]:
        """Return those of `ids` that a present file shows; `by_content` as for `matching`."""
        where = f"files > 0 AND {_BY_CONTENT}" if by_content else "files > 0"
        found: set[int] = set()
        with self._database.reading() as db:
            for chunk in _chunks(list(ids)):
                rows = db.execute(
                    f"SELECT id FROM photo p WHERE {where} AND id IN ({_marks_for(chunk)})", chunk
                )
                found.update(row[0] for row in rows)
        return found

    def missing(self, ids: Sequence[int], *, by_content: bool = False) -> set[int]:
        """Return those of `ids` that `present` does not.

        They are of photos that there were when this library was opened, or came since. Mostly all
        are there, and to look for the few that are not is five times as fast as for each of them.
        """
        with self._database.reading() as db:
            if deleted(db) != self._deleted:
                where = "NOT EXISTS (SELECT 1 FROM photo WHERE id = asked.value AND files > 0)"
            else:
                where = f"(asked.value > {last_given(db)} OR {_NOT_SHOWN})"
            if by_content:
                where = f"({where} OR NOT {switched_on('asked.value', 'search')})"
            query = f"SELECT value FROM json_each(?) AS asked WHERE {where}"
            return {int(row[0]) for row in db.execute(query, (json.dumps(list(ids)),))}

    def summaries(
        self, ids: Sequence[PhotoId], place: PhotoFilter = NO_FILTER
    ) -> tuple[PhotoSummary, ...]:
        """Return what the grid shows, in the order asked; unknown photos are left out.

        Of a photo with several files it is the one in the folder of `place`.
        """
        found: dict[int, PhotoSummary] = {}
        away, values = elsewhere(place)
        head = _SUMMARY.format(elsewhere=away)
        with self._database.reading() as db:
            for chunk in _chunks([int(id_) for id_ in ids]):
                query = f"{head} WHERE p.id IN ({_marks_for(chunk)}) GROUP BY p.id"
                for row in db.execute(query, [*values, *chunk]):
                    found[row[0]] = _summary(row)
        return tuple(found[int(id_)] for id_ in ids if int(id_) in found)

    def details(self, photo: PhotoId, place: PhotoFilter = NO_FILTER) -> PhotoDetails | None:
        """Return all that is known of one photo, first its file in `place`; None: it is gone."""
        away, values = elsewhere(place)
        query = f"{_SUMMARY.format(elsewhere=away)} WHERE p.id = ? GROUP BY p.id"
        with self._database.reading() as db:
            head = db.execute(query, [*values, photo]).fetchone()
            if head is None:
                return None
            facts = db.execute(
                f"SELECT bytes, {FACTS} FROM photo WHERE id = ?", (photo,)
            ).fetchone()
            files = db.execute(
                "SELECT d.path, d.single_file, f.dir, f.name, f.mtime_ns FROM file f"
                " JOIN folder d ON d.id = f.folder"
                " WHERE f.photo = ? AND f.state <> 'gone'"
                f" ORDER BY {_FIRST.format(elsewhere=away)}",
                [photo, *values],
            ).fetchall()
        return PhotoDetails(
            summary=_summary(head),
            facts=_facts(facts[1:]),
            paths=tuple(_path(row[0], row[1], row[2], row[3]) for row in files),
            file_bytes=facts[0],
            modified_at=_moment(files[0][4]),
        )

    def hashes(self, ids: Sequence[PhotoId]) -> dict[PhotoId, bytes]:
        """Return the content hash of each photo, the key of its thumbnail."""
        found: dict[PhotoId, bytes] = {}
        with self._database.reading() as db:
            for chunk in _chunks([int(id_) for id_ in ids]):
                rows = db.execute(
                    f"SELECT id, hash FROM photo WHERE id IN ({_marks_for(chunk)})", chunk
                )
                found.update((PhotoId(row[0]), row[1]) for row in rows)
        return found


def _chunks(ids: list[int]) -> Sequence[list[int]]:
    return [ids[start : start + _CHUNK] for start in range(0, len(ids), _CHUNK)]


def _marks_for(values: Sequence[object]) -> str:
    return ", ".join("?" * len(values))


def _path(root: bytes, single: int, directory: bytes, name: bytes) -> str:
    return os.path.normpath(os.fsdecode(full_path(root, bool(single), directory, name)))


def _summary(row: tuple[Any, ...]) -> PhotoSummary:
    id_, root, single, directory, name, width, height, taken_at, favourite, offline, _first = row
    return PhotoSummary(
        id=PhotoId(id_),
        name=os.fsdecode(name),
        width=width,
        height=height,
        taken_at=taken_at,
        favourite=bool(favourite),
        offline=bool(offline),
        path=_path(root, single, directory, name),
    )


def _facts(row: Sequence[Any]) -> Facts:
    values = list(row)
    source = values[5]
    values[5] = DateSource(str(source)) if source else None
    return Facts(*values)


def _moment(ns: int) -> str:
    try:
        return datetime.fromtimestamp(ns / 1e9).isoformat(timespec="seconds")
    except (ValueError, OverflowError, OSError):
        return ""
