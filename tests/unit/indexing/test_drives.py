"""Drives inside a folder, and what they leave behind when they are not mounted."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from indexing_world import World, hash_of, like, names

from photosearch.engine.requests import LookReply, LookRequest
from photosearch.indexing import away
from photosearch.media import scan
from photosearch.store.files import Files

FOUR = {hash_of(content) for content in (b"near", b"far 1", b"far 2", b"deep")}


class Mounts:
    """Pretended drives: each is a folder somewhere, and moved to where it is mounted."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._mounted: list[bytes] = []
        real = scan._identity
        monkeypatch.setattr(os.path, "ismount", lambda path: os.fsencode(path) in self._mounted)

        def identity(path: bytes) -> tuple[int, int]:
            device, inode = real(path)
            inside = os.path.realpath(path) + b"/"
            on = [number for number, at in enumerate(self._mounted) if inside.startswith(at + b"/")]
            return device + 1000 * (max(on, default=-1) + 1), inode

        monkeypatch.setattr(scan, "_identity", identity)

    def mount(self, drive: Path, place: Path) -> None:
        if place.exists():
            place.rename(place.with_name("under"))  # what lies there is not seen meanwhile
        drive.rename(place)
        self._mounted.append(os.fsencode(os.path.realpath(place)))

    def unmount(self, place: Path, drive: Path) -> None:
        self._mounted.remove(os.fsencode(os.path.realpath(place)))
        place.rename(drive)
        if (under := place.with_name("under")).exists():
            under.rename(place)


@pytest.fixture
def mounts(monkeypatch: pytest.MonkeyPatch) -> Mounts:
    return Mounts(monkeypatch)


@pytest.fixture
def drive(world: World) -> Path:
    """A drive that is not mounted."""
    drive = world.folder("drive")
    world.write(drive / "1.jpg", "far 1")
    world.write(drive / "2.jpg", "far 2")
    world.write(drive / "in" / "deep.jpg", "deep")
    return drive


@pytest.fixture
def nested(world: World, folder: Path, drive: Path, mounts: Mounts) -> Path:
    """A mount point inside the folder, and everything indexed."""
    world.write(folder / "near.jpg", "near")
    place = folder / "usb"
    place.mkdir()
    mounts.mount(drive, place)
    assert world.index().added == 4
    like(world, "far 1")
    return place


@pytest.mark.parametrize("left", ["an empty folder", "a note", "a picture", "nothing", "a copy"])
def test_a_drive_inside_the_folder_that_is_not_there(
    world: World, nested: Path, drive: Path, mounts: Mounts, left: str
) -> None:
    folder = nested.parent
    mounts.unmount(nested, drive)
    if left == "nothing":
        nested.rmdir()
    elif left == "a copy":
        shutil.copy2(drive / "1.jpg", nested)
    elif left != "an empty folder":
        world.write(nested / ("new.jpg" if left == "a picture" else "note.txt"), "left behind")
    world.write(folder / "more.jpg", "more")
    for _ in range(2):
        report = world.index()
        assert report.removed == 0
        (notice,) = report.notices
        assert notice.startswith(f"The drive of {nested}, with photos of {folder}, is not there.")
        assert set(world.photos()) == FOUR | {hash_of(b"more")}
        assert report.failed == ()
    if nested.exists():
        shutil.rmtree(nested)
    mounts.mount(drive, nested)
    report = world.index()
    assert (report.removed, report.added, report.notices) == (0, 0, ())
    assert world.favourites() == {hash_of(b"far 1")}
    world.assert_sound()


def test_a_look_at_single_directories_spares_them_too(
    world: World, nested: Path, drive: Path, mounts: Mounts
) -> None:
    (root,) = world.store.folders.all()
    mounts.unmount(nested, drive)
    assert world.index(within={root.id: (b"", b"usb", b"usb/in")}).removed == 0
    assert set(world.photos()) == FOUR


def test_what_is_deleted_on_a_drive_that_is_there_is_gone(
    world: World, folder: Path, nested: Path
) -> None:
    (nested / "1.jpg").unlink()
    shutil.rmtree(nested / "in")
    assert world.index().removed == 2
    assert set(world.photos()) == {hash_of(b"near"), hash_of(b"far 2")}


def test_what_is_deleted_beside_a_drive_that_is_away_is_gone(
    world: World, folder: Path, nested: Path, drive: Path, mounts: Mounts
) -> None:
    mounts.unmount(nested, drive)
    (folder / "near.jpg").unlink()
    assert world.index().removed == 1
    assert set(world.photos()) == FOUR - {hash_of(b"near")}


def test_photos_copied_from_a_drive_to_its_place_need_it_no_more(
    world: World, nested: Path, drive: Path, mounts: Mounts
) -> None:
    mounts.unmount(nested, drive)
    shutil.rmtree(nested)
    shutil.copytree(drive, nested)
    report = world.index()
    assert (report.notices, report.unchanged) == ((), 4)
    (nested / "1.jpg").unlink()
    assert world.index().removed == 1


def test_one_photo_deleted_since_it_was_copied_from_a_drive_is_gone(
    world: World, nested: Path, drive: Path, mounts: Mounts
) -> None:
    mounts.unmount(nested, drive)
    shutil.rmtree(nested)
    shutil.copytree(drive, nested)
    (nested / "2.jpg").unlink()
    world.write(nested / "new.jpg", "new")
    report = world.index()
    assert (report.notices, report.added, report.removed) == ((), 1, 1)
    assert set(world.photos()) == FOUR - {hash_of(b"far 2")} | {hash_of(b"new")}


def test_most_of_a_drive_is_not_taken_for_gone_with_a_copy_of_some(
    world: World, nested: Path, drive: Path, mounts: Mounts
) -> None:
    for number in range(17):
        world.write(nested / f"more {number}.jpg", f"more {number}")
    world.index()
    mounts.unmount(nested, drive)
    shutil.rmtree(nested)
    shutil.copytree(drive, nested)
    for number in range(3):  # not copied yet
        (nested / f"more {number}.jpg").unlink()
    report = world.index()
    assert (report.removed, len(report.notices)) == (0, 1)
    world.write(nested / "more 2.jpg", "more 2")
    report = world.index()
    assert (report.removed, report.notices) == (2, ())


def test_what_lies_where_a_drive_was_is_looked_for_once(
    world: World, nested: Path, drive: Path, mounts: Mounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    mounts.unmount(nested, drive)
    shutil.rmtree(nested)
    shutil.copytree(drive, nested)
    looked: list[object] = []
    real = os.path.lexists
    monkeypatch.setattr(os.path, "lexists", lambda path: looked.append(path) or real(path))
    monkeypatch.setattr(away, "_SAMPLE", 2)
    (root,) = world.store.folders.all()
    assert world.index(within={root.id: (b"usb",)}).notices == ()
    assert len(set(looked)) == len(looked) == 2


def test_a_drive_inside_is_looked_for_once_however_many_of_its_photos_cannot_be_read(
    world: World, nested: Path, drive: Path, mounts: Mounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(5):
        world.write(nested / f"new {number}.jpg", f"new {number}")
    look, spread, asked = world.decoder.look, Files.spread, []

    def looking(request: LookRequest) -> LookReply:
        if drive.exists():
            return look(request)
        mounts.unmount(nested, drive)
        return look(request)

    def counted(files: Files, *where: Any) -> Any:
        asked.append(where)
        return spread(files, *where)

    monkeypatch.setattr(world.decoder, "look", looking)
    monkeypatch.setattr(Files, "spread", counted)
    assert world.index().failed == ()
    assert len(asked) == 1


def test_a_drive_that_is_left_out_is_not_waited_for(
    world: World, nested: Path, drive: Path, mounts: Mounts
) -> None:
    mounts.unmount(nested, drive)
    (root,) = world.store.folders.all()
    world.store.folders.set_exclude(root.id, ["/usb/"])
    report = world.index()
    assert (report.removed, report.notices) == (3, ())
    world.store.folders.set_exclude(root.id, [])
    world.write(nested / "new.jpg", "new")
    report = world.index()
    assert (report.added, report.notices) == (1, ()), "nor when its place is looked at again"


def test_a_drive_that_is_unmounted_while_it_is_scanned(
    world: World, nested: Path, drive: Path, mounts: Mounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = scan._list

    def listing(path: bytes, *rest: object) -> object:
        if path.endswith(b"usb/in"):
            mounts.unmount(nested, drive)
        return real(path, *rest)  # type: ignore[arg-type]

    with monkeypatch.context() as pulling:
        pulling.setattr(scan, "_list", listing)
        assert world.index().removed == 0
    assert set(world.photos()) == FOUR
    mounts.mount(drive, nested)
    assert world.index().unchanged == 4


def test_new_photos_on_a_drive_that_is_unmounted_before_they_are_looked_at(
    world: World, nested: Path, drive: Path, mounts: Mounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.write(nested / "new.jpg", "new")
    look = world.decoder.look

    def looking(request: LookRequest) -> LookReply:
        mounts.unmount(nested, drive)
        return look(request)

    with monkeypatch.context() as pulling:
        pulling.setattr(world.decoder, "look", looking)
        assert world.index().failed == ()
    assert names(world)["new.jpg"] == "new"
    mounts.mount(drive, nested)
    assert world.index().added == 1


@pytest.mark.parametrize("left", ["a picture", "a note"])
@pytest.mark.parametrize("below", ["", "Pictures"])
def test_a_folder_on_a_drive_that_left_something_behind(
    world: World, drive: Path, mounts: Mounts, below: str, left: str
) -> None:
    """Programs go on writing to a mount point when its drive is not there."""
    usb = world.place / "usb"
    (drive / "Pictures").mkdir()
    world.write(drive / "Pictures" / "4.jpg", "four")
    mounts.mount(drive, usb)
    world.add(usb / below)
    known = world.index().added
    mounts.unmount(usb, drive)
    world.write(usb / below / ("new.jpg" if left == "a picture" else "note.txt"), "left behind")
    report = world.index()
    assert (report.removed, report.added) == (0, 0)
    (notice,) = report.notices
    assert notice.startswith(f"The drive of the folder {usb / below} is not there;")
    assert world.store.folders.all()[0].offline
    shutil.rmtree(usb)
    mounts.mount(drive, usb)
    report = world.index()
    assert (report.unchanged, report.notices) == (known, ())
    assert not world.store.folders.all()[0].offline


def test_a_folder_copied_from_its_drive_to_its_place(
    world: World, drive: Path, mounts: Mounts
) -> None:
    usb = world.place / "usb"
    mounts.mount(drive, usb)
    world.add(usb)
    world.index()
    mounts.unmount(usb, drive)
    shutil.copytree(drive, usb)
    (usb / "1.jpg").unlink()
    world.write(usb / "new.jpg", "new")
    report = world.index()
    assert (report.added, report.removed, report.notices) == (1, 1, ())
    assert not world.store.folders.all()[0].offline


def test_a_single_photo_on_a_drive(world: World, drive: Path, mounts: Mounts) -> None:
    usb = world.place / "usb"
    mounts.mount(drive, usb)
    world.add(usb / "1.jpg")
    world.index()
    mounts.unmount(usb, drive)
    usb.mkdir()
    assert world.index().removed == 0
    assert world.store.folders.all()[0].offline
    usb.rmdir()
    mounts.mount(drive, usb)
    (usb / "1.jpg").unlink()
    assert world.index().removed == 1


def test_a_drive_reached_through_a_link(
    world: World, folder: Path, drive: Path, mounts: Mounts
) -> None:
    usb = world.place / "usb"
    mounts.mount(drive, usb)
    (folder / "link").symlink_to(usb / "in")
    assert world.index().added == 1
    mounts.unmount(usb, drive)
    assert world.index().removed == 0
    assert set(world.photos()) == {hash_of(b"deep")}
    mounts.mount(drive, usb)
    (folder / "link").unlink()
    assert world.index().removed == 1, "the user took the link away"


def test_a_folder_with_a_drive_that_another_absorbs(
    world: World, folder: Path, nested: Path, drive: Path, mounts: Mounts
) -> None:
    world.add(world.place)
    mounts.unmount(nested, drive)
    (drive / "in").rename(drive.with_name("elsewhere"))
    shutil.rmtree(drive)
    shutil.rmtree(drive.with_name("elsewhere"))
    assert world.index().removed == 0
    assert set(world.photos()) == FOUR


@pytest.fixture
def real_drive(folder: Path) -> Iterator[Path]:
    place = folder / "usb"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "none", str(place)]
    if (
        not shutil.which("mount")
        or subprocess.run(mount, capture_output=True, check=False).returncode
    ):
        pytest.skip("nothing can be mounted here")
    yield place
    if os.path.ismount(place):
        subprocess.run(["umount", "-l", str(place)], check=True)


def test_a_real_drive(world: World, folder: Path, real_drive: Path) -> None:
    world.write(folder / "near.jpg", "near")
    world.write(real_drive / "in" / "deep.jpg", "deep")
    assert world.index().added == 2
    subprocess.run(["umount", str(real_drive)], check=True)
    world.write(real_drive / "left.txt", "left behind")
    report = world.index()
    assert report.removed == 0
    assert "is not there" in report.notices[0]
    assert set(world.photos()) == {hash_of(b"near"), hash_of(b"deep")}
