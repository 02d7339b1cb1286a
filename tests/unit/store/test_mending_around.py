"""What is around the tables is damaged: SQLite's log, what it knows of the tables, the lock."""

from __future__ import annotations

import os
import random
import sqlite3
from collections.abc import Callable
from contextlib import closing

import pytest
from kept_library import KeptLibrary, Said

from photosearch.errors import DamagedError, StoreError
from photosearch.store.keeping.occupancy import Occupancy
from photosearch.types import PhotoId


def test_the_lock_does_not_rest_on_what_is_in_its_file(
    library: KeptLibrary, said: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("photosearch.store.keeping.occupancy.WAIT_S", 0.1)
    monkeypatch.setattr("photosearch.store.keeping.occupancy.ALONE_WAIT_S", 0.1)
    lock = library.place / "library.db.lock"
    for rubbish in (b"rubbish\n", os.urandom(5000), library.path.read_bytes()):
        lock.write_bytes(rubbish)
        library.open()
        assert library.notices == ""
        assert library.said() == said
        lock.write_bytes(rubbish)  # while it is open
        with (
            pytest.raises(StoreError, match="another PhotoSearch has it open"),
            Occupancy(library.path).alone(),
        ):
            pass
        library.close()
    lock.write_bytes(b"rubbish\n")
    other = Occupancy(library.path)
    with other.alone(), pytest.raises(StoreError, match="being mended by another"):
        library.open()


def test_a_lock_that_cannot_be_had_is_not_blamed_on_another(
    library: KeptLibrary, said: Said
) -> None:
    lock = library.place / "library.db.lock"
    lock.unlink()
    lock.mkdir()
    with pytest.raises(StoreError, match="cannot be written"):
        library.open()


def without_its_log(library: KeptLibrary, say: Callable[[], None]) -> Said:
    """Say something that is copied, be killed, and lose what SQLite keeps beside the file."""
    assert library.keeper is not None
    held = closing(sqlite3.connect(library.path))  # so that the log is not merged
    with held as db:
        db.execute("BEGIN")
        db.execute("SELECT 1 FROM photo").fetchall()
        say()
        said = library.said()
        library.keeper.copy_said()
        left = {path.name: path.read_bytes() for path in library.place.glob("library.db*")}
        library.abandon()
    for name, content in left.items():
        (library.place / name).write_bytes(content)
    assert left["library.db-wal"]
    (library.place / "library.db-wal").write_bytes(b"")
    (library.place / "library.db-shm").unlink()
    return said


@pytest.mark.parametrize("what", ["favourites", "undo", "folder"])
def test_the_log_gone_with_what_is_not_in_the_journal(
    library: KeptLibrary, said: Said, what: str
) -> None:
    world = library.open()
    world.ask("PRAGMA wal_checkpoint(TRUNCATE)")
    folder = world.store.folders.all()[0].id
    photos = [PhotoId(row[0]) for row in world.ask("SELECT id FROM photo")]
    say: dict[str, Callable[[], object]] = {
        "favourites": lambda: world.store.favourites.set(photos, True),
        "undo": world.store.journal.undo,
        "folder": lambda: world.store.folders.set_exclude(folder, ["private*"]),
    }
    later = without_its_log(library, lambda: void(say[what]()))
    assert later != said
    library.open()
    assert library.said() == later
    assert "had lost what was written last" in library.notices
    library.close()
    library.open()
    assert library.said() == later
    assert library.notices == ""


def void(_: object) -> None:
    """Drop what something returns."""


def test_bits_flipped_in_the_schema(library: KeptLibrary, said: Said) -> None:
    """Seen at the start, whatever it makes of the tables: no name of a column is trusted."""
    chance = random.Random(5)
    sound = library.path.read_bytes()
    others = {p: p.read_bytes() for p in library.place.iterdir() if p.is_file()}
    page = library.page_bytes
    pages = [1, *library.pages_of("sqlite_schema")]
    schema = [at for n in pages for at in range(max(100, (n - 1) * page), n * page)]
    for turn in range(60):
        for path in set(library.place.iterdir()) - set(others):
            if path.is_file():
                path.unlink()
        for path, content in others.items():
            path.write_bytes(content)
        data = bytearray(sound)
        for _ in range(1 + turn % 3):
            data[chance.choice(schema)] ^= 1 << (7 if turn % 2 else chance.randrange(8))
        library.path.write_bytes(data)
        try:
            library.open()
            library.world.index()
        except DamagedError:
            library.close()
            library.open()
            library.world.index()
        assert library.said() == said
        library.close()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"birthday", b"birthdax"),
        (b"CREATE TABLE person", b"CREATE TABLE perso\xee"),
        (b"CREATE TRIGGER", b"CREATE TRIGGEZ"),
        (b"AFTER INSERT ON", b"AFTER INSERT OM"),
        (b"INTEGER", b"INTEGEZ"),  # no number of a row is what it was
    ],
)
def test_another_word_in_the_schema(
    library: KeptLibrary, said: Said, before: bytes, after: bytes
) -> None:
    data = library.path.read_bytes()
    assert before in data
    library.path.write_bytes(data.replace(before, after))
    library.open()
    assert "Your photos are untouched" in library.notices
    assert library.said() == said
    library.world.index()
