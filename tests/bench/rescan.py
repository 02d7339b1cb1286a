"""A look for changes in 100,000 files of which none changed, beside the bare walk.

The floor is listing every directory with `os.scandir` and asking every file's status, and reading
what the library knows of each file, in one query: no comparison can do without either. The files
are a few bytes long: none of them is opened.

    python -m tests.bench.rescan --files 100000
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from pathlib import Path

import numpy as np

from photosearch.library import Library
from photosearch.media import scan
from photosearch.paths import Paths
from photosearch.settings.store import SettingsStore
from photosearch.store import Store
from tests.bench import filling, measure


def photo_files(work: Path, count: int) -> Path:
    """Return a folder with `count` small files; made when it is not there."""
    folder = work / f"rescan-{count}"
    done = folder / ".complete"
    if not done.exists():
        measure.say(f"making {count} files in {folder}")
        shutil.rmtree(folder, ignore_errors=True)
        for listing in filling.listings(count):
            directory = folder / os.fsdecode(listing.dir)
            directory.mkdir(parents=True)
            for entry in listing.files:
                (directory / os.fsdecode(entry.name)).write_bytes(bytes(filling.FILE_BYTES))
        done.touch()
    return folder


def walk(folder: str) -> int:
    """List everything and ask each file's status: the floor."""
    count = 0
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                count += walk(entry.path)
            else:
                entry.stat()
                count += 1
    return count


def read_table(database: Path) -> int:
    """Read all that is compared of each known file, without comparing it."""
    connection = sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True)
    try:
        rows = connection.execute(
            "SELECT id, dir, name, size, mtime_ns, state, photo IS NOT NULL, sidecar_ns FROM file"
        )
        return len(rows.fetchall())
    finally:
        connection.close()


def nothing() -> None:
    """Let the run go on."""


def fill(home: Path, folder: Path) -> None:
    """Write a library that knows every file as it is."""
    measure.say("writing the library")
    raw = os.fsencode(folder)
    store = Store.open(Paths.below(home).database)
    filling.add_files(store, folder, scan.scan(raw, nothing), scan.volume_id(raw))
    store.close()


def rescan(library: Library, count: int) -> float:
    """Return the seconds of one run in which nothing is to do."""
    done = library.index(lambda progress: None, nothing)
    if (done.found, done.unchanged) != (count, count) or done.failed:
        raise SystemExit(f"The library does not know the files as they are: {done}")
    return done.seconds


def main() -> None:
    given = measure.parser(__doc__)
    given.add_argument("--files", type=int, default=100_000, metavar="N")
    told = given.parse_args()
    folder = photo_files(told.work, told.files)
    home = measure.own_folder(told.work, "rescan-home")
    fill(home, folder)
    paths = Paths.below(home)
    library = Library(paths, SettingsStore(paths.settings_file), own_engine=False)
    try:
        walk(str(folder))  # what follows finds the directories in the system's cache
        walks: list[float] = []
        tables: list[float] = []
        runs: list[float] = []
        for _ in range(told.repeat):  # in turns: the machine is not always equally fast
            walks.append(measure.timed(lambda: walk(str(folder))))
            tables.append(measure.timed(lambda: read_table(paths.database)))
            runs.append(rescan(library, told.files))
    finally:
        library.close()
    wall_s = measure.median(
        told.repeat, lambda: measure.timed(lambda: measure.program("index", home=home))
    )
    shutil.rmtree(home, ignore_errors=True)
    walk_s, table_s, run_s = (float(np.median(each)) for each in (walks, tables, runs))
    floor_s = walk_s + table_s
    rows = [
        ["scandir and stat", f"{walk_s:.2f}", ""],
        ["reading the table", f"{table_s:.2f}", ""],
        ["**floor: both**", f"**{floor_s:.2f}**", ""],
        ["**the library's look for changes**", f"**{run_s:.2f}**", f"**{run_s / floor_s:.2f}**"],
        ["`photosearch index`, the whole process", f"{wall_s:.2f}", f"{wall_s / floor_s:.2f}"],
    ]
    measure.print_table(
        f"A look for changes in {told.files:,} unchanged files",
        ["what", "seconds", "of the floor"],
        rows,
    )


if __name__ == "__main__":
    main()
