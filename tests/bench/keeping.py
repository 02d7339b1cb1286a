"""What keeping a large library costs: looks whether something was said, copies, looks at all of it.

The library is generated: photos with files and vectors, faces with vectors, names on some of them.
None of this happens in the window's thread, and reading and copying let others read and write.

    python -m tests.bench.keeping --photos 1000000
"""

from __future__ import annotations

import shutil
import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from photosearch.store.database import Database
from photosearch.store.keeping import backups
from photosearch.store.keeping.backups import Backups
from photosearch.store.keeping.copies import Copies
from photosearch.store.keeping.damage import quick_look, thorough_look
from photosearch.store.keeping.gathering import outline, photos, state
from photosearch.store.keeping.keeper import Keeper
from tests.bench import measure

_SERIES = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count}) "
_FILL = (
    "INSERT INTO folder (path) VALUES (x'2f70686f746f73')",
    "INSERT INTO model (key, name, dimension) VALUES ('a', 'a', 512), ('b', 'b', 512)",
    "{photos} INSERT INTO photo (hash, bytes, width, height, format, taken_at) SELECT"
    " randomblob(20), 4000000 + i, 4000, 3000, 'JPEG',"
    " strftime('%Y-%m-%dT%H:%M:%S', 1000000000 + i * 500, 'unixepoch') FROM n",
    "{photos} INSERT INTO file (folder, dir, name, size, mtime_ns, state, photo) SELECT 1,"
    " CAST('trips/' || (i / 200) AS BLOB), CAST('IMG_' || i || '.jpg' AS BLOB),"
    " 4000000 + i, i * 1000000000, 'known', i FROM n",
    "{photos} INSERT INTO embedding (photo, model, variant, vector) SELECT i, 1, 'fp32',"
    " randomblob(1024) FROM n",
    "{photos} INSERT INTO done (photo, stage, model, count) SELECT i, 'embed', 1, 1 FROM n",
    "{faces} INSERT INTO place (photo, x, y, width, height) SELECT 1 + i % {count}, 0.1, 0.1,"
    " 0.2, 0.2 FROM n",
    "{faces} INSERT INTO face (place, model, x, y, width, height, landmarks, score, size_px,"
    " variant, vector) SELECT i, 2, 0.1, 0.1, 0.2, 0.2, randomblob(40), 0.9, 200, 'fp32',"
    " randomblob(1024) FROM n",
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500)"
    " INSERT INTO person (id, name, folded) SELECT i, 'Person ' || i, 'person ' || i FROM n",
    "{verdicts} INSERT INTO verdict (place, person, says, source) SELECT i, 1 + i % 500, 'is',"
    " 'group' FROM n",
    "INSERT INTO favourite (photo) SELECT id FROM photo WHERE id % 50 = 0",
)


def fill(path: Path, photos: int) -> None:
    """Write a library; a third as many faces as photos, a tenth of them with a name."""
    counts = {"photos": photos, "faces": photos // 3, "verdicts": photos // 10}
    with closing(Database(path)) as database, closing(database.apart()) as db:
        db.execute("PRAGMA synchronous = OFF")
        for statement in _FILL:
            series = {name: _SERIES.format(count=count) for name, count in counts.items()}
            db.execute("BEGIN")
            db.execute(statement.format(count=photos, **series))
            db.execute("COMMIT")


class Beside:
    """Looks again and again how long a small read and write take, while something goes on."""

    def __init__(self, path: Path) -> None:
        self.worst_ms = 0.0
        self._path = path
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look)

    def __enter__(self) -> Beside:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        with closing(sqlite3.connect(self._path, timeout=60, isolation_level=None)) as db:
            while not self._over.wait(0.02):
                began = time.perf_counter()
                db.execute("SELECT name FROM person WHERE id = 7").fetchone()
                db.execute("UPDATE person SET hidden = hidden WHERE id = 7")
                self.worst_ms = max(self.worst_ms, (time.perf_counter() - began) * 1000)


def main() -> None:
    given = measure.parser(__doc__)
    given.add_argument("--photos", type=int, default=100_000, metavar="N")
    told = given.parse_args()
    home = measure.own_folder(told.work, "keeping-home")
    path = home / "library.db"
    measure.say(f"writing a library of {told.photos:,} photos")
    fill(path, told.photos)
    size = path.stat().st_size
    rows: list[list[str]] = []

    def row(what: str, work: Callable[[], object], bytes_: Callable[[], int] = lambda: 0) -> None:
        measure.say(what)
        with Beside(path) as beside:
            seconds = measure.timed(work)
        megabytes = f"{bytes_() / 1e6:,.0f}" if bytes_() else ""
        rows.append([what, f"{seconds:,.3f}", megabytes, f"{beside.worst_ms:.0f}"])

    copies, rolling = Copies(path), Backups(path)
    with closing(Database(path)) as database, closing(database.apart()) as db:
        row("quick look at each start", lambda: quick_look(path), lambda: size)
        row("has anything been said? (every 5 s)", lambda: state(db))
        row("writing what was said, as text", lambda: copies.write(outline(db), photos(db)),
            lambda: copies.newest.stat().st_size)  # fmt: skip
        row("a thorough look (once a day)", lambda: thorough_look(db))
        row("a backup (once a day)", lambda: rolling.make(db),
            lambda: rolling.all()[0].path.stat().st_size)  # fmt: skip
    path.write_bytes(b"rubbish" * 1000)
    for rest in home.glob("library.db-*"):
        rest.unlink()
    began = time.perf_counter()
    keeper = Keeper(path)
    seconds = time.perf_counter() - began
    assert keeper.mended
    keeper.close()
    rows.append(["the backup put back, names from the text", f"{seconds:,.3f}", "", ""])
    shutil.rmtree(home, ignore_errors=True)
    kind = "whole" if size <= backups.WHOLE_BYTES else "without what can be computed again"
    measure.print_table(
        f"Keeping a library of {told.photos:,} photos, {size / 1e6:,.0f} MB (backups {kind})",
        ["what", "seconds", "MB", "another reads and writes within (ms)"],
        rows,
    )


if __name__ == "__main__":
    main()
