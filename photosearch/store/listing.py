"""Long lists out of SQLite: a million numbers at once, and where the months of a list begin.

Row by row a million ids take a second, most of it with the interpreter's lock held; joined to one
text by SQLite itself they take a fifth of that, and nobody waits for the lock meanwhile.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import numpy.typing as npt

from photosearch.types import Ids, MonthMark

_PIECE = 256 << 10  # bytes of text read at once: a millisecond with the lock held
_MONTH = 1_000_000  # what an id is multiplied by to make room for its month
# A month is year * 100 + month, 0 without a date.
_MONTH_OF = "coalesce(CAST(substr(p.taken_at, 1, 4) || substr(p.taken_at, 6, 2) AS INT), 0)"
_NEWEST = "ORDER BY p.taken_at DESC, p.id DESC"
_FIRST = (
    f"SELECT p.id, p.taken_at, {_MONTH_OF} FROM photo p"
    f" WHERE p.files > 0 AND {{which}} {_NEWEST} LIMIT 1"
)


@contextmanager
def one_moment(db: sqlite3.Connection) -> Iterator[None]:
    """Have all queries within see the library as it is at the first of them."""
    if db.in_transaction:
        yield
        return
    db.execute("BEGIN")
    try:
        yield
    finally:
        db.execute("COMMIT")


def numbers(db: sqlite3.Connection, query: str, values: Sequence[object] = ()) -> Ids:
    """Return what a query gives in its column `n`, whole numbers, in its order."""
    return _joined(list(_pieces(db, query, values)), np.int64)


def _joined(parts: list[npt.NDArray[Any]], kind: type[np.generic]) -> npt.NDArray[Any]:
    return np.concatenate(parts) if parts else np.empty(0, kind)


def _pieces(db: sqlite3.Connection, query: str, values: Sequence[object]) -> Iterator[Ids]:
    # SQLite sorts a subquery for any aggregate that may depend on the order, and this one does.
    joined = f"SELECT CAST(group_concat(n) AS BLOB) FROM ({query})"
    text: bytes = db.execute(joined, values).fetchone()[0] or b""
    at = 0
    while at < len(text):
        end = text.find(b",", at + _PIECE)
        end = len(text) if end < 0 else end
        yield np.fromstring(text[at:end].decode("ascii"), np.int64, sep=",")
        at = end + 1


def all_newest_first(db: sqlite3.Connection) -> tuple[Ids, tuple[MonthMark, ...]]:
    """Return every present photo, newest first, and where its months begin."""
    with one_moment(db):
        ids = numbers(db, f"SELECT p.id AS n FROM photo p WHERE p.files > 0 {_NEWEST}")
        firsts = list(_firsts(db))
    offsets = np.flatnonzero(np.isin(ids, [first for first, _month in firsts]))
    marks = zip(offsets.tolist(), firsts, strict=True)
    return ids, tuple(MonthMark(at, *divmod(month, 100)) for at, (_first, month) in marks)


def newest_first(
    db: sqlite3.Connection, where: str, values: Sequence[object], most: int | None = None
) -> tuple[Ids, tuple[MonthMark, ...]]:
    """Return the photos `p` of a condition, newest first, and where their months begin."""
    packed = f"p.id * {_MONTH} + {_MONTH_OF} AS n"
    limit = f"LIMIT {most}" if most is not None else ""
    query = f"SELECT {packed} FROM photo p WHERE {where} {_NEWEST} {limit}"
    ids: list[Ids] = []
    months: list[npt.NDArray[np.int32]] = []
    for piece in _pieces(db, query, values):
        photo, month = np.divmod(piece, _MONTH)
        ids.append(photo)
        months.append(month.astype(np.int32))
    return _joined(ids, np.int64), _marks(_joined(months, np.int32))


def _firsts(db: sqlite3.Connection) -> Iterator[tuple[int, int]]:
    """Yield the newest photo of each month and the month: one step in the index by date each."""
    row = db.execute(_FIRST.format(which="p.taken_at IS NOT NULL")).fetchone()
    while row is not None:
        yield row[0], row[2]
        before = _FIRST.format(which="p.taken_at < ?")
        row = db.execute(before, (row[1][:7],)).fetchone()
    row = db.execute(_FIRST.format(which="p.taken_at IS NULL")).fetchone()
    if row is not None:
        yield row[0], 0


def _marks(months: npt.NDArray[np.int32]) -> tuple[MonthMark, ...]:
    starts = np.flatnonzero(np.diff(months, prepend=-1))
    return tuple(
        MonthMark(int(start), *divmod(int(months[start]), 100)) for start in starts.tolist()
    )
