"""Folders that are away, empty, nested, unreadable or a single file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from indexing_world import MODEL, World, cancelling, hash_of, names

from photosearch.errors import Cancelled
from photosearch.media import scan
from photosearch.types import Listing, PhotoId


def test_an_unplugged_root_keeps_its_photos(world: World, folder: Path) -> None:
    world.write(folder / "a.jpg", "picture")
    world.index()
    folder.rename(folder.with_name("away"))
    report = world.index()
    assert report.removed == 0
    (known,) = world.store.folders.all()
    assert known.offline
    assert known.photos == 1
    (summary,) = world.store.photos.summaries([PhotoId(world.photo("picture"))])
    assert summary.offline
    folder.with_name("away").rename(folder)
    assert world.index().unchanged == 1
    assert not world.store.folders.all()[0].offline


def test_an_empty_mount_point_is_offline(world: World, folder: Path) -> None:
    world.write(folder / "a.jpg", "picture")
    world.index()
    # As if the folder had been on another drive, of which only the mount point is left.
    with world.store.database.transaction() as db:
        db.execute("UPDATE folder SET volume = 'another'")
    (folder / "a.jpg").unlink()
    assert world.index().removed == 0
    assert world.store.folders.all()[0].offline
    world.write(folder / "b.jpg", "new")  # not empty: the drive was replaced
    assert world.index().removed == 1
    assert list(world.photos()) == [hash_of(b"new")]


def test_a_folder_emptied_on_the_same_drive_is_empty(world: World, folder: Path) -> None:
    path = world.write(folder / "a.jpg", "picture")
    world.index()
    path.unlink()
    assert world.index().removed == 1


def test_vectors_for_photos_on_an_unplugged_drive_wait(world: World, folder: Path) -> None:
    world.write(folder / "a.jpg", "picture")
    world.model = None
    world.index()
    world.thumbs.delete_many([hash_of(b"picture")])
    world.model = MODEL
    folder.rename(folder.with_name("away"))
    report = world.index()
    assert report.failed == ()
    assert world.engine.rows == {}
    folder.with_name("away").rename(folder)
    world.index()
    assert len(world.engine.rows) == 1
    assert world.thumbs.get(hash_of(b"picture"))


def test_nested_roots_are_absorbed(world: World) -> None:
    outer = world.folder("outer")
    world.write(outer / "in" / "side" / "a.jpg", "picture")
    single = world.write(outer / "b.jpg", "single")
    world.add(outer / "in", single)
    world.index()
    photos = world.photos()
    (root,) = world.add(outer)
    assert [f.id for f in world.store.folders.all()] == [root]
    assert world.add(outer / "in") == [root]
    report = world.index()
    assert (report.unchanged, report.found) == (2, 2)
    assert world.photos() == photos
    assert len(world.decoder.looked) == 2


def test_a_single_file_as_root(world: World) -> None:
    place = world.folder("place")
    path = world.write(place / "a.odd-name", "picture")
    world.write(place / "b.jpg", "not asked for")
    world.add(path)
    assert world.index().added == 1
    (photo,) = world.photos().values()
    (summary,) = world.store.photos.summaries([PhotoId(photo)])
    assert summary.path == str(path)
    world.write(path, "edited")
    assert world.index().updated == 1
    path.unlink()
    assert world.index().removed == 1
    assert world.photos() == {}
    place.joinpath("b.jpg").unlink()
    place.rmdir()
    world.index()
    assert world.store.folders.all()[0].offline


def test_what_cannot_be_listed_is_not_gone(
    world: World, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.write(folder / "a.jpg", "a")
    world.write(folder / "locked" / "b.jpg", "b")
    world.write(folder / "locked" / "in" / "c.jpg", "c")
    world.write(folder / "half" / "d.jpg", "d")
    world.index()
    (folder / "a.jpg").unlink()
    world.write(folder / "half" / "e.jpg", "e")
    real = scan.scan

    def without_permission(root: bytes, check: Callable[[], None], *more: Any) -> Iterator[Listing]:
        for listing in real(root, check, *more):
            if listing.dir == b"locked":
                yield Listing(b"locked", (), "permission denied")
            elif listing.dir == b"half":  # one entry of it could not be read
                yield replace(listing, files=listing.files[1:], unreadable="input/output error")
            elif not listing.dir.startswith(b"locked/"):
                yield listing

    monkeypatch.setattr(scan, "scan", without_permission)
    report = world.index()
    assert (report.removed, report.added) == (1, 1)
    assert set(world.photos()) == {hash_of(c) for c in (b"b", b"c", b"d", b"e")}
    assert any("locked cannot be read: permission denied" in n for n in report.notices)


def test_a_folder_removed_while_it_is_scanned(world: World, folder: Path) -> None:
    world.write(folder / "a.jpg", "picture")
    (root,) = world.store.folders.all()
    calls = 0

    def check() -> None:
        nonlocal calls
        calls += 1
        if calls == 2:
            world.store.folders.remove(root.id)

    assert world.index(check).added == 0
    assert world.ask("SELECT * FROM file") == []


def test_what_other_roots_left_over_makes_nothing_here_changed(world: World, folder: Path) -> None:
    other = world.folder("other")
    (here,) = [root.id for root in world.store.folders.roots()]
    world.write(folder / "a.jpg", "picture")
    world.index()
    world.add(other)
    for n in range(3):
        world.write(other / f"{n}.jpg", f"other {n}")
    with pytest.raises(Cancelled):
        world.index(cancelling(4))  # after the scan
    report = world.index(folders=[here])
    assert (report.found, report.added, report.unchanged) == (1, 3, 1)


def test_files_of_folders_that_are_away_are_not_looked_at(world: World, folder: Path) -> None:
    world.write(folder / "a.jpg", "picture")
    with pytest.raises(Cancelled):
        world.index(cancelling(2))
    assert names(world) == {"a.jpg": "new"}
    folder.rename(folder.with_name("unplugged"))
    report = world.index()
    assert (report.failed, world.decoder.looked) == ((), [])
    assert world.store.files.pending_count() == 0
    folder.with_name("unplugged").rename(folder)
    assert world.index().added == 1
