"""Disks that vanish, fill up, tell odd times and names: nothing is lost, and the run goes on."""

from __future__ import annotations

import os
import shutil
import sqlite3
import unicodedata
from contextlib import closing
from pathlib import Path

import pytest
from indexing_world import MODEL, World, hash_of, like

from photosearch.engine.requests import LookReply, LookRequest
from photosearch.errors import StoreError
from photosearch.indexing import away
from photosearch.indexing.adding import add_folders, as_known
from photosearch.media import scan
from photosearch.types import Folder

# --- a folder or drive that vanishes ---


def test_a_folder_that_vanishes_while_it_is_looked_at(
    world: World, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(40):
        world.write(folder / f"{number:02}.jpg", f"picture {number}")
    away = folder.with_name("away")
    look = world.decoder.look

    def looking(request: LookRequest) -> LookReply:
        if request.path.endswith(b"20.jpg"):
            folder.rename(away)
        return look(request)

    monkeypatch.setattr(world.decoder, "look", looking)
    report = world.index()
    assert report.failed == ()
    assert "went away while it was being indexed" in " ".join(report.notices)
    assert world.store.folders.all()[0].offline
    assert 15 <= len(world.photos()) <= 20
    world.assert_sound()
    away.rename(folder)
    monkeypatch.setattr(world.decoder, "look", look)
    assert world.index().failed == ()
    assert len(world.photos()) == 40
    world.assert_sound()


@pytest.mark.parametrize("left", ["nothing", "an empty mount point"])
def test_a_drive_that_vanishes_while_it_is_scanned(
    world: World, folder: Path, monkeypatch: pytest.MonkeyPatch, left: str
) -> None:
    for number in range(12):
        world.write(folder / f"{number}" / "deep" / "a.jpg", f"picture {number}")
    world.index()
    away = folder.with_name("away")
    real = scan._list
    calls = 0

    def listing(path: bytes, *rest: object) -> object:
        nonlocal calls
        calls += 1
        if calls == 8:
            folder.rename(away)
            if left != "nothing":
                folder.mkdir()
                monkeypatch.setattr(scan, "volume_id", lambda _root: "another")
        return real(path, *rest)  # type: ignore[arg-type]

    with monkeypatch.context() as pulling:
        pulling.setattr(scan, "_list", listing)
        report = world.index()
    assert report.removed == 0
    assert sum("went away" in notice for notice in report.notices) == 1
    assert len(report.notices) == 1, "not one for each directory"
    assert len(world.photos()) == 12
    monkeypatch.undo()
    if folder.exists():
        folder.rmdir()
    away.rename(folder)
    assert world.index().removed == 0
    assert len(world.photos()) == 12
    world.assert_sound()


def test_vectors_wait_for_a_drive_that_vanishes_before_them(world: World, folder: Path) -> None:
    """What was looked at and has no thumbnail any more fails not: it waits."""
    from photosearch.engine.decode import model_input
    from photosearch.engine.requests import InputRequest
    from photosearch.types import Preprocess

    spec = Preprocess(2, 2, (0.5,) * 3, (0.5,) * 3)
    reply = model_input(InputRequest(None, (b"/nowhere/a.jpg",), spec))
    assert (reply.pixels, reply.failure) == (None, "")


def test_a_spoilt_thumbnail_gives_no_wrong_vector(world: World, folder: Path) -> None:
    world.write(folder / "a.jpg", "picture a")
    world.model = None
    world.index()
    with closing(sqlite3.connect(world.place / "thumbnails.db")) as cache:
        cache.execute("UPDATE thumb SET jpeg = CAST('small picture b' AS BLOB)")
        cache.commit()
    world.model = MODEL
    world.index()
    assert world.thumbs.get(hash_of(b"picture a")) == b"small picture a"
    world.assert_sound()


# --- files ---


def test_a_file_that_changes_while_it_is_read(
    world: World, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = world.write(folder / "a.jpg", "half")
    world.index()
    like(world, "half")
    world.write(path, "whole")
    look = world.decoder.look

    def looking(request: LookRequest) -> LookReply:
        reply = look(request)
        path.write_text("more than whole")  # behind its back
        return reply

    with monkeypatch.context() as writing:
        writing.setattr(world.decoder, "look", looking)
        world.index()
    assert list(world.photos()) == [hash_of(b"whole")]
    world.index()
    assert list(world.photos()) == [hash_of(b"more than whole")]
    assert world.favourites() == {hash_of(b"more than whole")}
    assert world.index().stages.get("look", {"done": 0})["done"] == 0, "and then it is quiet"
    world.assert_sound()


def test_vectors_are_not_made_of_what_a_file_shows_by_now(tmp_path: Path) -> None:
    """A model with a large input reads originals: one may have changed since it was looked at."""
    from PIL import Image

    from photosearch.engine.decode import model_input
    from photosearch.engine.requests import InputRequest
    from photosearch.types import Preprocess

    for name, colour in (("edited", "red"), ("copy", "blue")):
        Image.new("RGB", (64, 64), colour).save(tmp_path / f"{name}.png")
    edited, copy = (os.fsencode(tmp_path / f"{name}.png") for name in ("edited", "copy"))
    spec = Preprocess(8, 8, (0.5,) * 3, (0.5,) * 3)
    wanted = hash_of((tmp_path / "copy.png").read_bytes())
    reply = model_input(InputRequest(None, (edited, copy), spec, wanted))
    assert reply.pixels is not None
    assert reply.pixels[0, 0].tolist() == [0, 0, 255]
    reply = model_input(InputRequest(None, (edited,), spec, wanted))
    assert (reply.pixels, reply.failure, reply.thumbnail) == (None, "", b""), "it waits"


@pytest.mark.parametrize("seconds", [-86_400.0 * 400, 0.5, 4_102_444_800.0, 253_402_300_799.0])
def test_times_that_cannot_be(world: World, folder: Path, seconds: float) -> None:
    """Before 1970, on its first day, in the future: a time only has to stay what it was."""
    path = world.write(folder / "a.jpg", "picture")
    os.utime(path, (seconds, seconds))
    assert world.index().added == 1
    assert world.index().unchanged == 1
    world.write(path, "other")
    os.utime(path, (seconds - 3600, seconds - 3600))  # the clock was set back, then it was edited
    assert world.index().updated == 1
    assert list(world.photos()) == [hash_of(b"other")]


# --- names ---


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Photo.JPG", "photo.jpg"),
        (unicodedata.normalize("NFC", "Émile.jpg"), unicodedata.normalize("NFD", "Émile.jpg")),
    ],
)
def test_a_name_that_another_file_system_writes_otherwise(
    world: World, folder: Path, before: str, after: str
) -> None:
    world.write(folder / "Été" / before, "picture")
    world.index()
    like(world, "picture")
    (folder / "Été" / before).rename(folder / "Été" / after)
    (folder / "Été").rename(folder / unicodedata.normalize("NFD", "ÉTÉ"))
    report = world.index()
    assert (report.moved, report.added, report.removed) == (1, 0, 0)
    assert world.favourites() == {hash_of(b"picture")}
    assert len(world.engine.rows) == world.engine.encoded == 1


def test_one_folder_by_two_names(world: World) -> None:
    """As where case does not count, or accents are put together: here by links."""

    def add(path: Path) -> tuple[Folder, ...]:
        return add_folders(world.store, [str(path)], (), world.answering)

    folder = world.folder("Été")
    world.write(folder / "in" / "a.jpg", "picture")
    add(folder)
    for other in ("été", unicodedata.normalize("NFD", "Été")):
        (world.place / other).symlink_to(folder)
        (covering,) = add(world.place / other)
        assert covering.path == str(folder)
        (covering,) = add(world.place / other / "in")
        assert covering.path == str(folder)
    world.index()
    assert world.ask("SELECT count(*) FROM file") == [(1,)]
    (world.place / "ÉTÉ").mkdir()  # where case does count, these are two
    assert len(add(world.place / "ÉTÉ")) == 1
    assert len(world.store.folders.all()) == 2
    assert as_known(b"/a/b", [b"/A", b"/c"], world.answering) == b"/a/b"


@pytest.mark.skipif(os.name == "nt", reason="names are no bytes there")
def test_names_as_long_as_they_can_be_and_deep(world: World, folder: Path) -> None:
    raw = os.fsencode(folder)
    for depth in range(25):
        raw += b"/" + b"d%02d" % depth
    Path(os.fsdecode(raw)).mkdir(parents=True)
    names = [b"x" * 251 + b".jpg", b"\xff\xfe" + b"y" * 100 + b".jpg", "ß".encode() * 125 + b".jpg"]
    for name in names:
        with open(os.path.join(raw, name), "wb") as file:
            file.write(name)
    (Path(os.fsdecode(raw)) / "up").symlink_to(folder)
    assert world.index().added == 3
    report = world.index()
    assert (report.unchanged, report.failed, report.notices) == (3, (), ())
    shutil.rmtree(raw)
    assert world.index().removed == 3


# --- a full disk ---


def test_a_disk_that_fills_up_in_the_middle(
    world: World, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(200):
        world.write(folder / f"{number:03} {'x' * 150}.jpg", f"picture {number}")
    with world.store.database.reading() as db:
        (pages,) = db.execute("PRAGMA page_count").fetchone()
    full = pages + 20

    def limit(most: int) -> None:
        for _ in range(3):  # whichever connections there are
            with world.store.database.reading() as db:
                db.execute(f"PRAGMA max_page_count = {most}")

    limit(full)
    with pytest.raises(StoreError, match="is full"):
        world.index()
    assert world.ask("PRAGMA integrity_check") == [("ok",)]
    limit(1 << 30)
    world.index()
    assert len(world.photos()) == 200
    world.assert_sound()


def test_thumbnails_that_do_not_fit(world: World, folder: Path) -> None:
    with pytest.raises(StoreError, match="The disk that holds the thumbnails"):
        world.thumbs._run(raise_full)


def raise_full(db: sqlite3.Connection) -> None:
    (pages,) = db.execute("PRAGMA page_count").fetchone()
    db.execute(f"PRAGMA max_page_count = {pages}")
    try:
        db.execute("INSERT INTO thumb VALUES (x'00', zeroblob(100000), 0)")
    finally:
        db.execute("PRAGMA max_page_count = 1000000")
        db.rollback()


def test_an_index_that_cannot_be_saved_costs_no_run(
    world: World, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full() -> None:
        raise StoreError("The index could not be saved: no space left on device.")

    world.write(folder / "a.jpg", "picture")
    monkeypatch.setattr(world.engine, "save", full)
    report = world.index()
    assert report.added == 1
    assert "no space left" in report.notices[0]
    assert away.went_away(b"/a").startswith("The folder /a went away")
