"""A library that was made before there were people, opened by this program."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from photosearch.library import Library
from photosearch.paths import Paths
from photosearch.settings.store import SettingsStore
from photosearch.store import migrating

from .program import copy_photos

KEPT = ("folder", "photo", "file", "favourite", "model", "embedding", "done", "words")


def open_library(home: Path) -> Library:
    paths = Paths.below(home)
    return Library(paths, SettingsStore(paths.settings_file, environment={}), own_engine=True)


def make_former(path: Path) -> None:
    """Make a library what it was in the first format, with all that it held then."""
    newer = path.with_name("newer.db")
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        db.execute("PRAGMA journal_mode = DELETE")
    path.rename(newer)
    number, script = migrating._migrations()[0]
    with closing(sqlite3.connect(path)) as db:
        db.executescript(script)
        for trigger in ("file_inserted", "file_deleted", "file_updated"):  # `files` is copied
            db.execute(f"DROP TRIGGER {trigger}")
        db.execute("ATTACH ? AS newer", (str(newer),))
        for table in KEPT:
            names = [row[1] for row in db.execute(f"PRAGMA main.table_info({table})")]
            listed = ", ".join(names)
            db.execute(f"INSERT INTO {table} ({listed}) SELECT {listed} FROM newer.{table}")
        db.commit()
        for statement in migrating._statements(script):
            if "CREATE TRIGGER" in statement:
                db.execute(statement)
        db.execute(f"PRAGMA user_version = {number}")
        db.commit()
    newer.unlink()


def test_names_already_in_the_files_come_in(photos: Path, models: Path, tmp_path: Path) -> None:
    place = tmp_path / "photos"
    copy_photos(sorted((photos / "formats/immich/metadata/faces").glob("*.jpg")), place)
    home = tmp_path / "home"
    library = open_library(home)
    try:
        library.add_model(str(models / "standin-clip"))
        library.add_folders([str(place)])
        library.index(lambda progress: None, lambda: None)
        photo = library.find(str(place / "portrait.jpg"))
        assert photo is not None
        library.set_favourite([photo], True)
    finally:
        library.close()
    make_former(Paths.below(home).database)
    library = open_library(home)
    try:
        assert library.people.names() == ()
        report = library.index(lambda progress: None, lambda: None)
        assert (report.unchanged, report.stages["look"]["done"]) == (2, 2)
        assert "embed" not in report.stages, "the pictures are the same, so vectors stay"
        assert library.status().favourites == 1
        assert {p.name: p.faces for p in library.people.names()} == {
            "Marie Curie": 2,
            "Pierre Curie": 2,
        }
        again = library.index(lambda progress: None, lambda: None)
        assert again.unchanged == 2
        assert "look" not in again.stages, "once"
    finally:
        library.close()
