"""The library file: versions, backups, damage, a full disk, threads."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from photosearch.errors import StoreError
from photosearch.store import Store, database, migrating
from photosearch.store.database import Database
from photosearch.store.migrating import set_format


def version(path: Path) -> int:
    with closing(sqlite3.connect(path)) as db:
        return int(db.execute("PRAGMA user_version").fetchone()[0])


@pytest.fixture
def newest() -> int:
    return migrating._migrations()[-1][0]


def test_made_once_and_opened_again(tmp_path: Path, newest: int) -> None:
    path = tmp_path / "deep" / "library.db"
    for _ in range(2):
        Store.open(path).close()
    assert version(path) == newest
    assert list(path.parent.glob("*before*")) == []


def test_a_newer_library_is_refused_untouched(tmp_path: Path) -> None:
    path = tmp_path / "library.db"
    Store.open(path).close()
    with closing(sqlite3.connect(path)) as db:
        set_format(db, 9000)
    with pytest.raises(StoreError, match=r"newer PhotoSearch \(format 9000"):
        Store.open(path)
    assert version(path) == 9000


@pytest.fixture
def older(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, newest: int) -> Iterator[Path]:
    """A library one migration behind."""
    path = tmp_path / "library.db"
    with closing(Database(path)) as db, db.transaction() as connection:
        connection.execute("INSERT INTO folder (path) VALUES (x'2f61')")
    steps = migrating._migrations()
    script = "ALTER TABLE folder ADD COLUMN note TEXT; CREATE TABLE extra (id INTEGER);\n"
    monkeypatch.setattr(migrating, "_migrations", lambda: [*steps, (newest + 1, script)])
    return path  # type: ignore[return-value]


def test_a_library_from_before_faces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All that was in it stays, and faces are looked for in its photos."""
    path = tmp_path / "library.db"
    steps = migrating._migrations()
    with monkeypatch.context() as former:
        former.setattr(migrating, "_migrations", lambda: steps[:1])
        with closing(Database(path)) as db, db.transaction() as connection:
            connection.execute("INSERT INTO folder (path) VALUES (x'2f61')")
            connection.execute(
                "INSERT INTO photo (hash, bytes, width, height, format)"
                " VALUES (x'01', 9, 4, 3, 'JPEG')"
            )
            connection.execute(
                "INSERT INTO file (folder, dir, name, size, mtime_ns, state, photo)"
                " VALUES (1, x'', x'62', 9, 9, 'known', 1)"
            )
            connection.execute("INSERT INTO favourite (photo) VALUES (1)")
    with closing(Store.open(path)) as store:
        assert store.favourites.count() == 1
        assert store.faces.pending_count(1) == 1
        assert store.persons.all(hidden=True) == ()


def test_a_library_from_before_patterns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its folders are searched as before, and nothing is left out of them."""
    path = tmp_path / "library.db"
    steps = migrating._migrations()
    with monkeypatch.context() as former:
        former.setattr(migrating, "_migrations", lambda: steps[:2])
        with closing(Database(path)) as db, db.transaction() as connection:
            connection.execute("INSERT INTO folder (path, faces) VALUES (x'2f61', 0)")
    with closing(Store.open(path)) as store:
        (folder,) = store.folders.all()
        assert (folder.search, folder.faces, folder.exclude) == (True, False, ())
    assert version(path.with_name("library-before-format-3.db")) == 2


def test_a_backup_before_a_migration(older: Path, newest: int) -> None:
    Database(older).close()
    assert version(older) == newest + 1
    (backup,) = older.parent.glob("*before*")
    assert backup.name == f"library-before-format-{newest + 1}.db"
    assert version(backup) == newest
    with closing(sqlite3.connect(backup)) as db:
        assert db.execute("SELECT path FROM folder").fetchall() == [(b"/a",)]
    with closing(sqlite3.connect(older)) as db:
        assert db.execute("SELECT path, note FROM folder").fetchall() == [(b"/a", None)]


def test_a_migration_that_fails_changes_nothing(
    older: Path, newest: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = migrating._migrations()[:-1]
    broken = "CREATE TABLE extra (id INTEGER);\nINSERT INTO nothing VALUES (1);\n"
    monkeypatch.setattr(migrating, "_migrations", lambda: [*steps, (newest + 1, broken)])
    with pytest.raises(StoreError, match="nothing"):
        Database(older)
    assert version(older) == newest
    with closing(sqlite3.connect(older)) as db:
        assert db.execute("SELECT name FROM sqlite_master WHERE name = 'extra'").fetchall() == []


def test_every_migration_can_be_split_into_statements() -> None:
    for _, script in migrating._migrations():
        assert "".join(migrating._statements(script)) == script
    odd = "CREATE TABLE a (x); -- with; a comment\nCREATE TABLE b (y)"
    assert list(migrating._statements(odd)) == [
        "CREATE TABLE a (x);",
        " -- with; a comment\nCREATE TABLE b (y)",
    ]


def test_begun_by_many_at_once(tmp_path: Path) -> None:
    path = tmp_path / "library.db"
    with ThreadPoolExecutor(6) as threads:
        for made in [threads.submit(Store.open, path) for _ in range(6)]:
            made.result().close()


def test_a_damaged_library(tmp_path: Path) -> None:
    path = tmp_path / "library.db"
    path.write_bytes(b"This is not a database." * 1000)
    with pytest.raises(StoreError, match=r"is damaged .*Your photos are untouched"):
        Store.open(path)
    path.unlink()
    Store.open(path).close()
    data = bytearray(path.read_bytes())
    data[4096:] = os.urandom(len(data) - 4096)
    path.write_bytes(data)
    with pytest.raises(StoreError, match="damaged"):
        store = Store.open(path)
        try:
            store.photos.count()
            store.folders.add(b"/x", single_file=False, volume="")
        finally:
            store.close()


def test_a_place_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="cannot be made"):
        Store.open(tmp_path / "file" / "library.db")
    (tmp_path / "library.db").mkdir()
    with pytest.raises(StoreError, match="cannot be"):
        Store.open(tmp_path / "library.db")


def test_a_full_disk(tmp_path: Path) -> None:
    with closing(Database(tmp_path / "library.db")) as db:
        with db.reading() as connection:
            pages = connection.execute("PRAGMA page_count").fetchone()[0]
            connection.execute(f"PRAGMA max_page_count = {pages + 2}")
        with pytest.raises(StoreError, match="is full"), db.transaction() as it:
            it.execute("INSERT INTO folder (path) VALUES (zeroblob(100000))")
        with db.reading() as connection:
            assert connection.execute("SELECT count(*) FROM folder").fetchone() == (0,)
            connection.execute("PRAGMA max_page_count = 1000000")
        with db.transaction() as it:  # and on it goes
            it.execute("INSERT INTO folder (path) VALUES (zeroblob(100000))")


def test_held_by_another_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "BUSY_TIMEOUT_S", 0.1)
    path = tmp_path / "library.db"
    with closing(Database(path)) as db, closing(sqlite3.connect(path)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="held by another program"), db.transaction():
            pass
        with db.reading() as connection:
            assert connection.execute("SELECT count(*) FROM folder").fetchone() == (0,)
        other.execute("ROLLBACK")


def test_all_or_nothing(tmp_path: Path) -> None:
    with closing(Database(tmp_path / "library.db")) as db:
        with pytest.raises(KeyError), db.transaction() as it:
            it.execute("INSERT INTO folder (path) VALUES (x'00')")
            with db.reading() as same:
                assert same.execute("SELECT count(*) FROM folder").fetchone() == (1,)
            raise KeyError
        with db.reading() as connection:
            assert connection.execute("SELECT count(*) FROM folder").fetchone() == (0,)
        with pytest.raises(RuntimeError, match="nest"), db.transaction(), db.transaction():
            pass
        with db.transaction() as it:
            it.execute("INSERT INTO folder (path) VALUES (x'00')")


def test_the_windows_thread_is_turned_away(tmp_path: Path) -> None:
    with closing(Database(tmp_path / "library.db")) as db:
        db.forbid_this_thread()
        with pytest.raises(RuntimeError, match="window"), db.reading():
            pass
        with pytest.raises(RuntimeError, match="window"), db.transaction():
            pass

        def count() -> int:
            with db.reading() as connection:
                return int(connection.execute("SELECT count(*) FROM folder").fetchone()[0])

        with ThreadPoolExecutor(1) as other:
            assert other.submit(count).result() == 0


def test_closed_while_in_use(tmp_path: Path) -> None:
    db = Database(tmp_path / "library.db")
    held, go = threading.Event(), threading.Event()

    def work() -> int:
        with db.reading() as connection:
            held.set()
            go.wait(10)
            return int(connection.execute("SELECT 1").fetchone()[0])

    with ThreadPoolExecutor(1) as threads:
        future = threads.submit(work)
        held.wait(10)
        db.close()
        go.set()
        assert future.result() == 1
    with pytest.raises(StoreError, match="closed"), db.reading():
        pass
    assert db._free == []


def test_connections_are_used_again(tmp_path: Path) -> None:
    with closing(Database(tmp_path / "library.db")) as db:

        def work(_: int) -> None:
            with db.reading() as connection:
                connection.execute("SELECT 1").fetchone()

        for _ in range(5):
            with ThreadPoolExecutor(3) as threads:
                list(threads.map(work, range(30)))
        assert len(db._free) <= 3
