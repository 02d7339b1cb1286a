"""A damaged library is noticed and mended, and what the user said is there afterwards."""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from kept_library import KeptLibrary, Said

from photosearch.errors import DamagedError, StoreError
from photosearch.store.keeping import recovery
from photosearch.store.keeping.keeper import Keeper
from photosearch.store.migrating import newest_format, set_format


def truncated(library: KeptLibrary) -> None:
    os.truncate(library.path, library.path.stat().st_size * 2 // 3)


def garbage_head(library: KeptLibrary) -> None:
    library.overwrite(0, os.urandom(100))


def zeroed_head(library: KeptLibrary) -> None:
    library.zero(1)


def half_zeroed(library: KeptLibrary) -> None:
    size = library.path.stat().st_size
    library.overwrite(size // 2, bytes(size // 2))


def all_zeroed(library: KeptLibrary) -> None:
    library.overwrite(0, bytes(library.path.stat().st_size))


def all_noise(library: KeptLibrary) -> None:
    library.path.write_bytes(random.Random(3).randbytes(library.path.stat().st_size))


def a_page_of_people(library: KeptLibrary) -> None:
    library.zero(library.pages_of("person")[0])


def a_page_of_verdicts(library: KeptLibrary) -> None:
    library.zero(library.pages_of("verdict")[0])


def a_page_of_photos(library: KeptLibrary) -> None:
    library.zero(library.pages_of("photo")[-1])


def a_page_of_an_index(library: KeptLibrary) -> None:
    library.zero(library.pages_of("verdict_by_person")[0])


def a_page_of_vectors(library: KeptLibrary) -> None:
    library.zero(library.pages_of("embedding")[0])


def gone(library: KeptLibrary) -> None:
    library.path.unlink()


def emptied(library: KeptLibrary) -> None:
    os.truncate(library.path, 0)


SEEN_AT_THE_START = (
    *(truncated, garbage_head, zeroed_head, half_zeroed, all_zeroed, all_noise, gone, emptied),
)
SEEN_LATER = (
    *(a_page_of_people, a_page_of_verdicts, a_page_of_photos),
    *(a_page_of_an_index, a_page_of_vectors),
)


@pytest.mark.parametrize("damage", [*SEEN_AT_THE_START, *SEEN_LATER])
def test_nothing_that_was_said_is_lost(
    library: KeptLibrary, said: Said, damage: Callable[[KeptLibrary], None]
) -> None:
    damage(library)
    if damage in SEEN_LATER:
        meet(library)
    world = library.open()
    assert library.said() == said
    assert "Your photos are untouched" in library.notices
    assert bool(library.asides()) == (damage not in (gone, emptied))
    world.index()
    assert library.said() == said, "still, when the photos were looked at again"
    assert len(world.photos()) == 30
    world.assert_sound()
    assert world.ask("PRAGMA quick_check") == [("ok",)]
    library.close()
    library.open()
    assert library.notices == "", "it is told once"
    assert library.said() == said


def meet(library: KeptLibrary) -> None:
    """Open a library whose damage does not show at once, and work with it until it does."""
    world = library.open()
    assert library.notices == ""
    with pytest.raises(DamagedError, match="start it again"):
        world.ask("SELECT * FROM person, verdict")
        world.ask("SELECT sum(length(hash)), max(taken_at), sum(width) FROM photo NOT INDEXED")
        world.ask("SELECT sum(length(vector)) FROM embedding NOT INDEXED")
        world.ask("SELECT count(*) FROM verdict INDEXED BY verdict_by_person WHERE person > 0")
        world.ask("SELECT sum(mtime_ns) FROM file NOT INDEXED")
        world.ask("SELECT sum(x) FROM place NOT INDEXED")
        world.ask("PRAGMA integrity_check")
        world.ask("INSERT INTO words (words) VALUES ('integrity-check')")
    with pytest.raises(DamagedError):  # nothing is written to it any more
        world.store.folders.add(b"/elsewhere", single_file=False, volume="")
    library.close()


def test_undo_survives_where_all_can_be_read(library: KeptLibrary, said: Said) -> None:
    a_page_of_an_index(library)
    meet(library)
    world = library.open()
    assert "nothing you said is lost" in library.notices
    assert world.ask("SELECT count(*) FROM embedding") == [(30,)], "nor computed again"
    assert world.store.journal.undo()
    assert world.store.journal.redo()
    assert library.said() == said


def back_up(library: KeptLibrary) -> None:
    library.open()
    assert library.keeper is not None
    library.keeper.after_run()
    assert len(library.keeper.backups.all()) == 1
    library.close()


def test_the_newest_sound_backup(library: KeptLibrary, said: Said) -> None:
    back_up(library)
    world = library.open()
    (place,) = world.ask("SELECT max(id) FROM place")[0]
    library.name("Dora", place)
    later = library.said()
    assert later != said
    library.close()
    all_noise(library)
    world = library.open()
    assert "restored from the backup of" in library.notices
    assert "came back from" in library.notices
    assert library.said() == later
    assert world.ask("SELECT count(*) FROM embedding") == [(30,)], "it was in the backup"
    assert world.index().stages.get("look", {"done": 0})["done"] == 0
    world.assert_sound()


def test_a_damaged_backup_is_passed_over(library: KeptLibrary, said: Said) -> None:
    back_up(library)
    (backup,) = (library.place / "backups").iterdir()
    data = bytearray(backup.read_bytes())
    data[4096 * 3 : 4096 * 9] = bytes(4096 * 6)
    backup.write_bytes(data)
    all_noise(library)
    library.open()
    assert "no sound backup" in library.notices
    assert library.said() == said
    assert backup.exists()


def test_only_a_backup_is_left(library: KeptLibrary, said: Said) -> None:
    back_up(library)
    for copy in library.place.glob("names-and-favourites*.json"):
        copy.unlink()
    gone(library)
    library.open()
    assert library.said() == said


def test_only_the_readable_file_is_left(library: KeptLibrary, said: Said) -> None:
    """The names come back at once, and are on the photos as these are found again."""
    for file in library.place.iterdir():
        if file.is_file() and file.name != "names-and-favourites.json":
            file.unlink()
    world = library.open()
    assert "3 names, 6 faces and 9 favourites came back" in library.notices
    assert library.said() == said
    assert world.photos() == {}
    moved = library.folder / "b"
    (library.folder / "a").rename(moved)  # found by what it shows, wherever it lies
    report = world.index()
    assert report.failed == ()
    assert library.said() == said
    assert len(world.photos()) == 30
    assert world.ask("SELECT count(*) FROM photo WHERE taken_at IS NULL") == [(0,)]
    assert world.ask("SELECT count(*) FROM place") == [(60,)], "no face is there twice"
    world.assert_sound()


def test_favourites_alone_are_told(library: KeptLibrary, said: Said) -> None:
    world = library.open()
    for table in ("action", "verdict", "person"):
        world.ask(f"DELETE FROM {table}")
    library.close()
    gone(library)
    library.open()
    assert "0 names, 0 faces and 9 favourites came back" in library.notices
    assert len(library.said().favourites) == 9


def test_a_photo_that_was_edited_meanwhile_is_known_by_its_place(
    library: KeptLibrary, said: Said
) -> None:
    gone(library)
    world = library.open()
    world.write(library.folder / "a" / "00.jpg", "retouched faces 2")
    world.index()
    found = library.said()
    assert len(found.favourites) == len(said.favourites)
    assert world.photo("retouched faces 2")
    assert {name for *_, name in found.verdicts} == {name for *_, name in said.verdicts}
    hashes = {key for key, *_ in found.verdicts}
    assert (
        world.ask("SELECT hash FROM photo WHERE id = ?", world.photo("retouched faces 2"))[0][0]
        in hashes
    )


def test_without_any_copy_it_is_built_anew(library: KeptLibrary, said: Said) -> None:
    for copy in library.place.glob("names-and-favourites*"):
        copy.unlink()
    all_noise(library)
    world = library.open()
    assert "built anew from your photos" in library.notices
    assert "No copy of names and favourites was found" in library.notices
    (aside,) = library.asides()
    assert str(aside) in library.notices
    world.add(library.folder)
    assert world.index().added == 30
    world.assert_sound()


def test_what_can_be_read_of_names_without_any_copy(library: KeptLibrary, said: Said) -> None:
    for copy in library.place.glob("names-and-favourites*"):
        copy.unlink()
    a_page_of_photos(library)
    meet(library)
    for copy in library.place.glob("names-and-favourites*"):
        copy.unlink()
    library.open()
    found = library.said()
    assert found.people == said.people
    assert found.folders == said.folders
    assert "could be read in the damaged file" in library.notices


def test_ended_between_any_two_steps(
    library: KeptLibrary, said: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    all_noise(library)
    kept = library.place.with_name("kept")
    shutil.copytree(library.place, kept)
    rename, replace = Path.rename, Path.replace

    class KilledError(BaseException):
        """What no code expects."""

    for stop in range(6):
        shutil.rmtree(library.place)
        shutil.copytree(kept, library.place)
        left = iter(range(stop))

        def step(do: Callable[..., Path], path: Path, target: Path, left: object = left) -> Path:
            if next(left, None) is None:  # type: ignore[call-overload]
                raise KilledError
            return do(path, target)

        with monkeypatch.context() as killing:
            killing.setattr(Path, "rename", lambda path, target: step(rename, path, target))
            killing.setattr(Path, "replace", lambda path, target: step(replace, path, target))
            try:
                library.open()
                library.close()
            except KilledError:
                pass
        library.open()
        assert library.said() == said
        assert len(library.asides()) == 1
        library.close()


def test_who_has_it_open_is_not_robbed(
    library: KeptLibrary, said: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("photosearch.store.keeping.occupancy.ALONE_WAIT_S", 0.1)
    a_page_of_people(library)
    world = library.open()
    with pytest.raises(DamagedError):
        world.ask("SELECT * FROM person")
    with pytest.raises(StoreError, match="another PhotoSearch has it open"):
        Keeper(library.path)
    library.close()
    library.open()
    assert library.said() == said


def test_a_disk_too_full_to_mend_changes_nothing(
    library: KeptLibrary, said: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    all_noise(library)
    before = library.path.read_bytes()

    def full(*_: object) -> sqlite3.Connection:
        raise sqlite3.OperationalError("database or disk is full")

    with monkeypatch.context() as filling:
        filling.setattr(recovery, "create", full)
        filling.setattr(recovery, "salvage", full)
        with pytest.raises(StoreError, match="Make room on the disk"):
            library.open()
    assert library.path.read_bytes() == before
    library.open()
    assert library.said() == said


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
def test_a_library_on_a_drive_that_is_away_is_not_replaced(
    library: KeptLibrary, said: Said
) -> None:
    drive = library.place / "drive"
    drive.mkdir()
    library.path.rename(drive / "library.db")
    library.path.symlink_to(drive / "library.db")
    drive.rename(library.place / "away")
    with pytest.raises(StoreError, match="Connect the drive"):
        library.open()
    assert library.path.is_symlink()
    (library.place / "away").rename(drive)
    library.open()
    assert library.said() == said
    assert not library.notices


@pytest.mark.skipif(sys.platform == "win32", reason="an open file stays there")
def test_deleted_while_it_is_open(library: KeptLibrary, said: Said) -> None:
    """No empty one takes its place, neither by who has it open nor by who comes next."""
    library.open()
    assert library.keeper is not None
    for part in library.place.glob("library.db*"):
        if part.name in ("library.db", "library.db-wal", "library.db-shm"):
            part.unlink()
    with pytest.raises(StoreError, match="is gone"):
        library.keeper.store.database.apart()
    assert not library.path.exists()
    library.abandon()
    library.open()
    assert library.said() == said
    assert "was gone" in library.notices


def test_a_file_that_was_begun_anew_is_no_library(library: KeptLibrary, said: Said) -> None:
    library.path.unlink()
    with closing(sqlite3.connect(library.path)) as db:
        db.execute("PRAGMA journal_mode = WAL")
    assert library.path.stat().st_size
    library.open()
    assert library.said() == said
    assert "was gone" in library.notices


def test_killed_with_its_log_gone(library: KeptLibrary) -> None:
    """What SQLite keeps beside the file is part of it: without it, what is left still serves."""
    library.fill()
    said = library.said()
    assert library.keeper is not None
    library.keeper.copy_said()
    before = library.place.with_name("before")
    shutil.copytree(library.place, before)  # as a kill leaves it
    library.close()
    wal = before / "library.db-wal"
    assert wal.stat().st_size > 0
    wal.unlink()
    other = KeptLibrary(before)
    other.folder = library.folder
    try:
        world = other.open()
        assert other.said() == said
        world.index()
        assert other.said() == said
        assert len(world.photos()) == 30
    finally:
        other.close()


def test_one_byte_flipped_anywhere(library: KeptLibrary, said: Said) -> None:
    """Whatever byte it is: the library opens, or is mended; never a traceback, never less said."""
    chance = random.Random(11)
    sound = library.path.read_bytes()
    others = {p: p.read_bytes() for p in library.place.iterdir() if p.is_file()}
    for _ in range(25):
        for path in set(library.place.iterdir()) - set(others):
            if path.is_file():
                path.unlink()
        for path, content in others.items():
            path.write_bytes(content)
        data = bytearray(sound)
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        library.path.write_bytes(data)
        try:
            library.open().ask("PRAGMA quick_check")
            library.world.index()
        except DamagedError:
            library.close()
            library.open()
        found = library.said()
        assert len(found.verdicts) >= len(said.verdicts) - 1  # a flip within a value says nothing
        assert len(found.favourites) >= len(said.favourites) - 1
        library.close()


# What a flipped bit makes of each part of the head of which something is known.
HEAD = [0, 15, *range(16, 20), 21, 23, *range(28, 32), 44, 47, 56, 59, *range(60, 64), 71, 80, 95]


@pytest.mark.parametrize("bit", [0, 2, 7])
def test_a_flipped_bit_in_the_head_is_no_newer_program(
    library: KeptLibrary, said: Said, bit: int
) -> None:
    sound = library.path.read_bytes()
    for at in HEAD:
        library.overwrite(at, bytes([sound[at] ^ 1 << bit]))
        library.open()
        assert library.said() == said, f"bit {bit} of byte {at}: {library.notices}"
        assert "newer" not in library.notices
        library.close()
        for aside in library.asides():
            aside.unlink()
        library.path.write_bytes(sound)


@pytest.mark.parametrize("number", [newest_format() + 1, newest_format() - 1, 9000, 131075, -4])
def test_a_format_that_contradicts_itself_is_damage(
    library: KeptLibrary, said: Said, number: int
) -> None:
    with closing(sqlite3.connect(library.path)) as db:
        db.execute(f"PRAGMA user_version = {number}")
    library.open()
    assert f"its format cannot be {number}" in library.notices
    assert "nothing you said is lost" in library.notices
    assert library.said() == said


def test_a_newer_library_is_never_mended(library: KeptLibrary, said: Said) -> None:
    with closing(sqlite3.connect(library.path)) as db:
        set_format(db, 9000)
        db.execute("DROP TABLE failure")
    with pytest.raises(StoreError, match="newer PhotoSearch"):
        library.open()
    assert library.asides() == []
