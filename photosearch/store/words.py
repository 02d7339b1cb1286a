"""Full-text search over file names, folder names, dates and cameras (SQLite FTS5)."""

from __future__ import annotations

import os
import re
import sqlite3
import unicodedata
from collections.abc import Iterable

import numpy as np

from photosearch.store.database import Database
from photosearch.store.filters import NO_FILTER, condition
from photosearch.types import Ids, PhotoFilter

_WORD = re.compile(r"[^\W_]+", re.UNICODE)
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[^\W\d_])(?=\d)|(?<=\d)(?=[^\W\d_])")
# Not those of the locale: the library may be opened under another.
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
# Words that say nothing of a photo; what a sentence holds together is not asked of file names.
_SMALL = " a an and are as at by for from has in is it its my near of on or our the their to with "
_WEIGHTS = (4.0, 3.0, 2.0, 1.0)  # name, folder, date, camera: the nearer to the photo the more


class Words:
    """Photos by the words around them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def search(
        self, text: str, limit: int, which: PhotoFilter = NO_FILTER, *, loose: bool = False
    ) -> Ids:
        """Return those photos of a filter in which every word of `text` occurs, best first.

        The last word may be unfinished, as in search as one types. `loose`: photos in which
        only some of the words occur follow.
        """
        words = phrases(text)
        found = self._matching(" ".join(words), limit, which)
        if not loose or len(words) < 2 or len(found) >= limit:
            return found
        some = self._matching(" OR ".join(words), limit + len(found), which)
        return np.concatenate([found, some[~np.isin(some, found)]])[:limit]

    def _matching(self, query: str, limit: int, which: PhotoFilter) -> Ids:
        if not query:
            return np.empty(0, np.int64)
        where, values = condition(which)
        with self._database.reading() as db:
            # CROSS: the words first, whatever the filter; they are read as one ordered list.
            rows = db.execute(
                "SELECT w.rowid FROM words w CROSS JOIN photo p ON p.id = w.rowid"
                f" WHERE words MATCH ? AND {where}"
                f" ORDER BY bm25(words, {', '.join(map(str, _WEIGHTS))}), w.rowid DESC LIMIT ?",
                (query, *values, limit),
            ).fetchall()
        return np.fromiter((row[0] for row in rows), np.int64, len(rows))


def phrases(text: str) -> list[str]:
    """Return the words to look for as FTS5 phrases, in which nothing is an operator."""
    words = _WORD.findall(unicodedata.normalize("NFC", text))
    telling = [word for word in words if f" {word.casefold()} " not in _SMALL] or words
    found = [f'"{word}"' for word in telling]
    unfinished = words and telling[-1] is words[-1] and not text[-1:].isspace()
    if unfinished and len(words[-1]) > 1:
        found[-1] += "*"
    return found


def write_words(db: sqlite3.Connection, photos: Iterable[int]) -> None:
    """Write anew what can be searched of these photos; part of the caller's transaction."""
    for photo in photos:
        row = db.execute(
            "SELECT taken_at, camera_make, camera_model, lens FROM photo WHERE id = ?", (photo,)
        ).fetchone()
        if row is None:
            continue
        files = db.execute(
            "SELECT d.path, d.single_file, f.dir, f.name FROM file f"
            " JOIN folder d ON d.id = f.folder WHERE f.photo = ? AND f.state <> 'gone'",
            (photo,),
        ).fetchall()
        names = [_readable(name) for _, _, _, name in files]
        folders = [
            _folder_words(path, bool(single), directory) for path, single, directory, _ in files
        ]
        db.execute("DELETE FROM words WHERE rowid = ?", (photo,))
        db.execute(
            "INSERT INTO words (rowid, name, folder, date, camera) VALUES (?, ?, ?, ?, ?)",
            (
                photo,
                " ".join(dict.fromkeys(names)),
                " ".join(dict.fromkeys(folders)),
                _date_words(row[0]),
                " ".join(part for part in row[1:] if part),
            ),
        )


def _readable(name: bytes) -> str:
    """Return a name as words, also with humps and digits apart ("MyDog12" -> "My Dog 12")."""
    text = unicodedata.normalize("NFC", name.decode("utf-8", "replace"))
    apart = _HUMP.sub(" ", text)
    return text if apart == text else f"{text} {apart}"


def _folder_words(path: bytes, single: bool, directory: bytes) -> str:
    root = os.path.basename(os.path.dirname(path) if single else path)
    return " ".join(_readable(part) for part in (root, *directory.split(b"/")) if part)


def _date_words(taken_at: str | None) -> str:
    if not taken_at:
        return ""
    year, month, day = taken_at[:10].split("-")
    name = _MONTHS[int(month) - 1]
    return f"{year} {name} {name[:3]} {int(day)} {year}-{month}-{day} {year}-{month}"
