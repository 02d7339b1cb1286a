"""Copies of a library: the readable file of what was said, and rolling backups."""

from __future__ import annotations

import json
import os
import re
import sqlite3
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from kept_library import KeptLibrary

from photosearch.errors import DamagedError, StoreError
from photosearch.store.keeping import backups, keeper, salvage
from photosearch.store.keeping.backups import Backups
from photosearch.store.keeping.copies import NAME, Copies
from photosearch.store.keeping.document import (
    Document,
    SaidFace,
    SaidFolder,
    SaidPerson,
    SaidPhoto,
    SaidRegion,
    SaidVerdict,
    UnreadableError,
)
from photosearch.store.keeping.gathering import gather
from photosearch.store.keeping.returning import put
from photosearch.store.keeping.text import action_of, lines, parse, state_of
from photosearch.store.migrating import create
from photosearch.types import Box

DOCUMENT = Document(
    folders=(
        SaidFolder(b"/home/a/\xff\xe4", exclude=("*.tmp", "a\udcff")),
        SaidFolder(b"/one.jpg", True, "vol", False, False),
    ),
    people=(
        SaidPerson(3, "Zoë “Q” \u202e", birthday="1980-02-03", at="2026-01-01 00:00:00"),
        SaidPerson(4, hidden=True, stranger=True),
    ),
    photos=(
        SaidPhoto(b"\x01" * 20, 12, 4, 3, ((0, b"d/\xfe.jpg"), (1, b"one.jpg")), "2026-01-01"),
        SaidPhoto(
            b"\x02" * 20,
            13,
            4,
            3,
            faces=(
                SaidFace(
                    Box(0.1, 0.2, 0.3, 0.4),
                    (SaidVerdict("is", 3, "file", "zoe"), SaidVerdict("is not", 4)),
                    (3,),
                    drawn=True,
                    moved=2,
                ),
                SaidFace(Box(0.5, 0.2, 0.3, 0.4), (SaidVerdict("no face", None),)),
            ),
            regions=(SaidRegion("Zoë", Box(0.1, 0.2, 0.3, 0.4), "XMP"),),
        ),
    ),
    written="2026-11-26T10:31:00",
    said=4,
    state="0a1b",
    action=12,
    owner=40,
)


def text_of(document: Document) -> bytes:
    return "".join(lines(document)).encode()


def put_into(path: Path, document: Document) -> Document:
    """Return what a library says after it was told a document."""
    with closing(create(path)) as db:
        db.execute("BEGIN")
        put(db, document)
        db.execute("COMMIT")
        assert db.execute("PRAGMA foreign_key_check").fetchall() == []
        return gather(db)


# --- the document ---


def test_a_document_there_and_back() -> None:
    text = text_of(DOCUMENT)
    assert parse(text) == DOCUMENT
    assert (state_of(text[:300]), action_of(text[:300])) == ("0a1b", 12)
    content = json.loads(text)
    assert content["photos"][1]["faces"][0]["verdicts"][0]["person"] == 3
    assert max(map(len, text.splitlines())) < 800, "one entry a line"
    assert parse(text_of(Document())) == Document()


def test_by_hand_without_its_checksum() -> None:
    text = text_of(DOCUMENT).replace(b"1980-02-03", b"1981-02-03")
    with pytest.raises(UnreadableError, match="checksum"):
        parse(text)
    cut = re.sub(rb',\n"checksum": "\w+"', b"", text)
    assert parse(cut).people[0].birthday == "1981-02-03"


def test_every_byte_counts() -> None:
    text = text_of(DOCUMENT)
    for at in range(0, len(text) - 40, 97):
        damaged = bytearray(text)
        damaged[at] ^= 1
        with pytest.raises(UnreadableError):
            parse(bytes(damaged))
    for size in range(0, len(text) - 3, 97):
        with pytest.raises(UnreadableError):
            parse(text[:size])


def test_one_bad_entry_costs_no_other() -> None:
    content = json.loads(text_of(DOCUMENT))
    del content["checksum"]
    content["photos"][0]["hash"] = "no hash"
    content["people"].append({"id": "seven"})
    content["folders"].append(None)
    found = parse(json.dumps(content).encode())
    assert found.damaged == 3
    assert (found.folders, found.people) == (DOCUMENT.folders, DOCUMENT.people)
    assert found.photos == DOCUMENT.photos[1:]


@pytest.mark.parametrize(
    ("change", "why"), [({"version": 99}, "newer"), ({"format": "x"}, "does not hold")]
)
def test_what_is_no_document_of_ours(change: dict[str, object], why: str) -> None:
    content = {"format": "photosearch-said", "version": 1} | change
    with pytest.raises(UnreadableError, match=why):
        parse(json.dumps(content).encode())
    with pytest.raises(UnreadableError):
        parse(b"[" * 100_000)


def test_a_document_into_an_empty_library(tmp_path: Path) -> None:
    got = put_into(tmp_path / "library.db", DOCUMENT)
    assert got.folders == DOCUMENT.folders
    assert got.people[0] == DOCUMENT.people[0]
    assert [replace(person, at="") for person in got.people[1:]] == [DOCUMENT.people[1]]
    assert got.owner == 40, "no number is given twice"
    assert [photo.favourite for photo in got.photos] == ["2026-01-01", None]
    faces = [replace(face, verdicts=()) for face in got.photos[1].faces]
    assert faces == [replace(face, verdicts=()) for face in DOCUMENT.photos[1].faces]
    verdicts = [v for face in got.photos[1].faces for v in face.verdicts]
    assert [(v.says, v.person, v.source, v.called) for v in verdicts] == [
        ("is", 3, "file", "zoe"),
        ("is not", 4, "face", None),
        ("no face", None, "face", None),
    ]
    assert got.photos[1].regions == DOCUMENT.photos[1].regions


def test_twice_is_as_once_and_nothing_is_taken_away(tmp_path: Path) -> None:
    path = tmp_path / "library.db"
    with closing(create(path)) as db:
        db.execute("BEGIN")
        db.execute("INSERT INTO person (id, name, folded) VALUES (3, 'Otto', 'otto')")
        for _ in range(2):
            put(db, DOCUMENT)
        db.execute("COMMIT")
        got = gather(db)
    names = sorted(person.name for person in got.people)
    assert names == ["", "", "Otto", DOCUMENT.people[0].name][-len(names) :]
    assert sum(person.name == DOCUMENT.people[0].name for person in got.people) == 1
    assert got.verdicts <= 4
    assert got.favourites == 1
    assert len(got.photos[1].faces) == 2


# --- the readable file ---


@pytest.fixture
def library(tmp_path: Path) -> Iterator[KeptLibrary]:
    made = KeptLibrary(tmp_path / "home")
    yield made
    made.close()


def test_written_seconds_after_something_was_said(
    library: KeptLibrary, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeper, "LOOK_S", 0.02)
    library.fill()
    assert library.keeper is not None
    library.keeper.start()
    file, pause = library.place / NAME, threading.Event()

    def has(words: str) -> bool:
        return any(
            (file.exists() and words in file.read_text("utf-8")) or pause.wait(0.02)
            for _ in range(500)
        )

    assert has("Bêla")
    library.name("Newcomer", 30)
    assert has("Newcomer")
    before = file.stat().st_ino
    pause.wait(0.2)
    assert file.stat().st_ino == before, "not written when nothing was said"
    library.close()
    assert list(library.place.glob("*.part")) == []


def test_written_when_closed_and_only_then_where_nothing_runs(library: KeptLibrary) -> None:
    library.open()
    library.close()
    assert not (library.place / NAME).exists(), "nothing was said"
    library.fill()
    assert not (library.place / NAME).exists()
    said = library.said()
    library.close()
    document = parse((library.place / NAME).read_bytes())
    assert {person.name for person in document.people} == {name for name, *_ in said.people}
    assert {photo.hash for photo in document.photos if photo.favourite} == said.favourites
    library.open()
    (place,) = library.world.ask("SELECT max(id) FROM place")[0]
    library.verdict(place, "no face", None)
    library.close()
    assert parse((library.place / NAME).read_bytes()).verdicts == document.verdicts + 1


def test_older_generations(tmp_path: Path) -> None:
    copies = Copies(tmp_path / "library.db")
    for day in range(1, 9):
        for hour in (8, 9):
            written = f"2026-03-{day:02}T{hour:02}:00:00"
            copies.write(replace(DOCUMENT, written=written))
    names = [path.name for path in copies.all()]
    assert names == [NAME, *(f"names-and-favourites-{n:05}.json" for n in (7, 6, 5, 4))]
    assert parse(copies.all()[1].read_bytes()).written == "2026-03-07T09:00:00", "of a day the last"
    copies.newest.write_bytes(b"rubbish")
    found = copies.find()
    assert found is not None
    assert found.path == copies.all()[1]
    copies.write(DOCUMENT)
    assert copies.all()[1].read_bytes() == b"rubbish", "perhaps somebody can read it"


def test_much_less_does_not_take_the_place_of_more(tmp_path: Path) -> None:
    copies = Copies(tmp_path / "library.db")
    copies.write(DOCUMENT)
    copies.write(Document(written=DOCUMENT.written))
    found = copies.find()
    assert found is not None
    assert found.document == DOCUMENT


def test_what_says_most_does_not_age_out_under_nothing(tmp_path: Path) -> None:
    copies = Copies(tmp_path / "library.db")
    copies.write(replace(DOCUMENT, said=9, written="2026-01-01T00:00:00"))
    for day in range(2, 12):
        copies.write(replace(Document(), written=f"2026-01-{day:02}T00:00:00"))
    assert len(copies.all()) <= 6
    texts = [parse(path.read_bytes()) for path in copies.all()]
    assert [text.said for text in texts if text] == [9]
    for day in range(12, 20):
        copies.write(replace(DOCUMENT, said=9, written=f"2026-01-{day}T00:00:00"))
    assert len(copies.all()) == 5


def test_a_library_without_people_does_not_take_the_place_of_one_with(
    library: KeptLibrary,
) -> None:
    library.fill()
    world, keeper = library.world, library.keeper
    assert keeper is not None
    for table in ("verdict", "favourite"):
        world.ask(f"DELETE FROM {table}")
    keeper.copy_said()
    for table in ("action", "person", "folder"):
        world.ask(f"DELETE FROM {table}")
    keeper.copy_said()
    assert any(parse(path.read_bytes()).people for path in keeper.copies.all()[1:])


def test_a_full_disk_leaves_the_file_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copies = Copies(tmp_path / "library.db")
    copies.write(DOCUMENT)

    def full(_file: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StoreError, match="No space left"):
        copies.write(replace(DOCUMENT, people=()))
    assert parse(copies.newest.read_bytes()) == DOCUMENT
    assert [path.name for path in tmp_path.iterdir()] == [NAME]


# --- backups ---


def contents(path: Path, table: str) -> int:
    with closing(sqlite3.connect(path)) as db:
        return int(db.execute(f"SELECT count(*) FROM {table}").fetchone()[0])


@pytest.mark.parametrize("whole", [True, False])
def test_a_backup_holds_what_it_should(
    library: KeptLibrary, monkeypatch: pytest.MonkeyPatch, whole: bool
) -> None:
    if not whole:
        monkeypatch.setattr(backups, "WHOLE_BYTES", 1)
    library.fill()
    assert library.keeper is not None
    library.keeper.after_run()
    library.keeper.after_run()
    (backup,) = library.keeper.backups.all()
    said = library.said()
    library.close()
    assert (contents(backup.path, "embedding") > 0) == whole
    for table in ("photo", "file", "verdict", "person", "action", "favourite", "place"):
        assert contents(backup.path, table) == contents(library.path, table), table
    assert library.keeper is None
    for file in library.place.glob(f"{NAME[:5]}*"):
        file.unlink()
    library.path.write_bytes(b"rubbish")
    world = library.open()
    assert library.said() == said
    report = world.index()
    assert report.stages.get("look", {"done": 0})["done"] == 0, "photos are not read again"
    world.assert_sound()
    assert library.said() == said
    assert world.ask("SELECT sum(files) FROM photo") == [(30,)]
    assert world.store.journal.undo()


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a path is text")
@pytest.mark.parametrize("whole", [True, False])
def test_a_home_whose_path_is_no_text(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, whole: bool
) -> None:
    if not whole:
        monkeypatch.setattr(backups, "WHOLE_BYTES", 0)
        monkeypatch.setattr(Backups, "_require_room", lambda self: None)
    library = KeptLibrary(tmp_path / os.fsdecode(b"h\xff\xfe"))
    try:
        library.fill()
        said = library.said()
        assert library.keeper is not None
        library.keeper.after_run()
        (backup,) = library.keeper.backups.all()
        assert library.keeper.backups.sound(backup)
        library.close()
        for copy in library.place.glob("names-and-favourites*"):
            copy.unlink()
        library.path.unlink()
        library.open()
        assert "restored from the backup" in library.notices
        assert library.said() == said
    finally:
        library.close()


def test_the_thread_lives_on_whatever_fails(
    library: KeptLibrary, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(keeper, "LOOK_S", 0.01)
    world = library.fill()
    kept = library.keeper
    assert kept is not None
    copy_said, tried, left = kept.copy_said, threading.Event(), iter(range(3))

    def fails() -> bool:
        if next(left, None) is not None:
            raise UnicodeEncodeError("utf-8", "\udcff", 0, 1, "unforeseen")
        tried.set()
        return copy_said()

    monkeypatch.setattr(kept, "copy_said", fails)
    kept.start()
    assert tried.wait(10)
    assert "unforeseen" in caplog.text
    assert len(world.photos()) == 30


def test_three_are_kept_whatever_the_clock(
    library: KeptLibrary, monkeypatch: pytest.MonkeyPatch
) -> None:
    library.fill()
    assert library.keeper is not None
    clock = [datetime(2026, 3, 1, 12)]

    class Clock(datetime):
        @classmethod
        def now(cls, tz: object = None) -> datetime:  # type: ignore[override]
            return clock[0]

    monkeypatch.setattr(backups, "datetime", Clock)
    made = []
    for step in (timedelta(0), timedelta(hours=23), timedelta(days=2), timedelta(days=1)):
        clock[0] += step
        library.keeper.after_run()
        made.append([backup.number for backup in library.keeper.backups.all()])
    assert made == [[1], [1], [2, 1], [3, 2, 1]]
    clock[0] -= timedelta(days=400)  # set back: the newest is of a day to come
    library.keeper.after_run()
    newest, *_ = kept = library.keeper.backups.all()
    assert [backup.number for backup in kept] == [4, 3, 2]
    assert newest.made == clock[0]


def test_a_backup_that_fails_costs_no_other(
    library: KeptLibrary, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    library.fill()
    assert library.keeper is not None
    store = library.keeper.store.database
    rolling = Backups(library.path)
    with closing(store.apart()) as db:
        for _ in range(3):
            rolling.make(db)
        before = [backup.path for backup in rolling.all()]
        with monkeypatch.context() as broken:
            broken.setattr(backups, "thorough_look", lambda _db: "a page is wrong")
            with pytest.raises(StoreError, match="the copy is damaged"):
                rolling.make(db)
        with monkeypatch.context() as full:
            full.setattr(backups.shutil, "disk_usage", lambda _: type("Usage", (), {"free": 1000}))
            with pytest.raises(StoreError, match="almost full"):
                rolling.make(db)
    assert [backup.path for backup in rolling.all()] == before
    assert list(rolling.folder.glob("*.part*")) == []


def test_every_table_is_accounted_for(tmp_path: Path) -> None:
    """A new table is to be saved from a damaged file, or said here to be derived."""
    derived = {"grouped"}
    with closing(create(tmp_path / "library.db")) as db:
        tables = {row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type='table'")}
    known = {*salvage.ESSENTIAL, *salvage._FURTHER, *derived}
    assert {t for t in tables if not t.startswith(("words", "sqlite_"))} == known
    in_backup = {*backups._TABLES, "done"}
    left_out = {"embedding", "face", "miniature", "membership", *derived}
    assert in_backup | left_out == known


def test_after_an_end_that_was_not_orderly_all_is_looked_at(
    library: KeptLibrary, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeper, "LOOK_S", 0.02)
    monkeypatch.setattr(keeper, "CHECK_AFTER_S", 0.0)
    library.fill()
    said = library.said()
    assert library.keeper is not None
    library.keeper.copy_said()
    library.abandon()
    library.zero(library.pages_of("embedding")[0])
    library.open()
    assert library.notices == ""
    library.keeper.start()
    pause = threading.Event()
    assert any(library.keeper._occupancy.suspect or pause.wait(0.02) for _ in range(500))
    with pytest.raises(DamagedError, match="start it again"):  # from now on it says so
        library.world.store.folders.add(b"/elsewhere", single_file=False, volume="")
    library.close()
    library.open()
    assert "mended" not in library.notices
    assert "was damaged" in library.notices
    assert library.said() == said
