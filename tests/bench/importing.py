"""What it costs to import what was said elsewhere of many photos that are not here yet.

Each is a favourite and shows somebody with a name. The import is one transaction: how long another
has to wait until it may write is the last column. The floor writes the same number of photos,
places, words and favourites, and nothing else.

    python -m tests.bench.importing --photos 100000
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

from photosearch.store import Store
from photosearch.store.keeping.bringing import bring
from photosearch.store.keeping.document import (
    Document,
    SaidFace,
    SaidPerson,
    SaidPhoto,
    SaidVerdict,
)
from photosearch.store.migrating import create
from photosearch.types import Box
from tests.bench import measure
from tests.bench.keeping import Beside, fill

_PEOPLE = 500
_SINCE = "2026-01-01 00:00:00"
_BOX = Box(0.1, 0.1, 0.2, 0.2)
_FLOOR = (
    "INSERT INTO photo (id, hash, bytes, width, height, format) VALUES (?1, randomblob(20), 1, 1, "
    "1, '')",
    "INSERT INTO place (id, photo, x, y, width, height) VALUES (?1, ?1, 0.1, 0.1, 0.2, 0.2)",
    "INSERT INTO verdict (place, person, says, source) VALUES (?1, 1, 'is', 'face')",
    "INSERT INTO favourite (photo) VALUES (?1)",
)


def document(photos: int) -> Document:
    return Document(
        people=tuple(SaidPerson(number, f"Somebody {number}") for number in range(_PEOPLE)),
        photos=tuple(_photos(photos)),
    )


def _photos(count: int) -> Iterator[SaidPhoto]:
    for number in range(count):
        verdict = SaidVerdict("is", number % _PEOPLE)
        yield SaidPhoto(
            number.to_bytes(4, "big") * 5,
            4_000_000 + number,
            4000,
            3000,
            favourite=_SINCE,
            faces=(SaidFace(_BOX, (verdict,)),),
        )


def floor(path: Path, photos: int) -> None:
    with closing(create(path)) as db:
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("INSERT INTO person (id, name, folded) VALUES (1, 'A', 'a')")
        db.execute("BEGIN")
        for statement in _FLOOR:
            db.executemany(statement, ((number,) for number in range(1, photos + 1)))
        db.execute("COMMIT")


def main() -> None:
    given = measure.parser(__doc__)
    given.add_argument("--photos", type=int, default=100_000, metavar="N")
    told = given.parse_args()
    home = measure.own_folder(told.work, "importing-home")
    home.mkdir(parents=True)
    path, rows = home / "library.db", list[list[str]]()
    fill(path, told.photos)
    what_they_say = document(told.photos)

    def row(what: str, file: Path, work: Callable[[], object]) -> None:
        measure.say(what)
        with Beside(file) as beside:
            seconds = measure.timed(work)
        rows.append([what, f"{seconds:.2f}", f"{beside.worst_ms:.0f}"])

    rows.append(
        ["floor", f"{measure.timed(lambda: floor(home / 'floor.db', told.photos)):.2f}", ""]
    )
    store = Store.open(path)
    try:

        def take(*, rehearse: bool = False) -> None:
            journal = store.journal
            bring(store.database, journal, what_they_say, "", lambda *_: None, rehearse=rehearse)

        row("a rehearsal", path, lambda: take(rehearse=True))
        row("the import", path, take)
        row("the same once more", path, take)
        row("undo", path, store.journal.undo)
    finally:
        store.close()
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("SELECT count(*) FROM photo").fetchone() == (2 * told.photos,)
    shutil.rmtree(home, ignore_errors=True)
    measure.print_table(
        f"{told.photos:,} waiting photos, each a favourite with a name, into a library of as many",
        ["what", "seconds", "another writes within (ms)"],
        rows,
    )


if __name__ == "__main__":
    main()
