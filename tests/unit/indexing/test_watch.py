"""Watching folders: what is told after it is quiet, and what happens where the system does not."""

from __future__ import annotations

import errno
import logging
import os
import queue
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from photosearch.indexing import watch as watching
from photosearch.indexing.noticed import Look, Noticed
from photosearch.indexing.reach import on_network, refuses_library
from photosearch.indexing.watch import Pace, Watch
from photosearch.types import Folder, FolderId

ONE, TWO = FolderId(1), FolderId(2)
SOON = Pace(quiet_s=0.15, longest_s=2, check_s=0.1, look_s=600)


class Hands:
    """Watches and takes what is told."""

    def __init__(self) -> None:
        self.told: queue.Queue[Look] = queue.Queue()
        self.watches: list[Watch] = []

    def watch(self, folders: Sequence[Folder], pace: Pace = SOON, **more: Any) -> Watch:
        made = Watch(self.told.put, pace=pace, **more)
        self.watches.append(made)
        made.follow(folders)
        return made

    def next(self) -> Look:
        return self.told.get(timeout=20)

    def settle(self, path: Path) -> None:
        """Wait until a folder is watched: something that changes in it is told."""
        for number in range(100):
            (path / f"settle {number}.jpg").write_text("x")
            try:
                self.told.get(timeout=0.4)
            except queue.Empty:
                continue
            return
        pytest.fail(f"{path} is not watched")


@pytest.fixture
def hands() -> Iterator[Hands]:
    made = Hands()
    yield made
    for each in made.watches:
        each.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "photos"
    (path / "in").mkdir(parents=True)
    return path


def of(path: Path, number: FolderId = ONE, **more: Any) -> Folder:
    return Folder(number, str(path), **more)


# --- real folders ---


def test_files_that_come_change_move_and_go(hands: Hands, folder: Path) -> None:
    hands.watch([of(folder)])
    hands.settle(folder)
    photo = folder / "in" / "a.jpg"
    photo.write_text("x")
    assert hands.next() == Look((ONE,), {ONE: (b"in",)})
    photo.write_text("longer")
    assert hands.next() == Look((ONE,), {ONE: (b"in",)})
    photo.rename(folder / "b.jpg")
    assert hands.next() == Look((ONE,), {ONE: (b"", b"in")})
    (folder / "b.jpg").unlink()
    assert hands.next() == Look((ONE,), {ONE: (b"",)})
    (folder / "in" / "a.xmp").write_text("beside it")
    assert hands.next() == Look((ONE,), {ONE: (b"in",)})


def test_what_is_no_photo_is_no_change(hands: Hands, folder: Path) -> None:
    hands.watch([of(folder, exclude=("*.png", "cache/"))])
    hands.settle(folder)
    (folder / "in" / ".hidden").mkdir()
    (folder / "cache").mkdir()
    for name in ("notes.txt", "a.png", ".b.jpg", "in/.hidden/c.jpg", "cache/d.jpg"):
        (folder / name).write_text("x")
    (folder / "settle 0.jpg").read_bytes()
    (folder / "in" / "last.jpg").write_text("x")
    assert hands.next() == Look((ONE,), {ONE: (b"in",)})


def test_a_folder_that_comes_moves_or_goes_is_a_look_at_all(hands: Hands, folder: Path) -> None:
    hands.watch([of(folder)])
    hands.settle(folder)
    made = folder / "new" / "deep"
    made.mkdir(parents=True)
    (made / "a.jpg").write_text("x")
    assert hands.next() == Look((ONE,), {})
    (folder / "new").rename(folder / "other")
    assert hands.next() == Look((ONE,), {})
    shutil.rmtree(folder / "other")
    assert hands.next() == Look((ONE,), {})


@pytest.mark.skipif(os.name == "nt", reason="names there are Unicode")
def test_names_that_are_no_text(hands: Hands, folder: Path) -> None:
    hands.watch([of(folder)])
    hands.settle(folder)
    strange = os.path.join(os.fsencode(folder), b"caf\xe9")
    Path(os.fsdecode(strange)).mkdir()
    assert hands.next().folders == (ONE,)
    with open(os.path.join(strange, b"\xff.jpg"), "wb") as file:
        file.write(b"x")
    assert hands.next() == Look((ONE,), {ONE: (b"caf\xe9",)})


def test_thousands_of_changes_are_one_look(hands: Hands, folder: Path) -> None:
    hands.watch([of(folder)])
    hands.settle(folder)
    for number in range(3000):
        (folder / "in" / f"{number}.jpg").write_text("x")
    looks = [hands.next()]
    while True:
        try:
            looks.append(hands.told.get(timeout=1))
        except queue.Empty:
            break
    assert len(looks) <= 3, "it is not told before it is quiet"
    assert looks[-1].folders == (ONE,)


def test_single_photos_beside_others(hands: Hands, folder: Path) -> None:
    mine, other = folder / "mine.jpg", folder / "other.jpg"
    mine.write_text("x")
    hands.watch([of(mine, single_file=True), of(folder / "in", TWO)])
    hands.settle(folder / "in")
    other.write_text("x")
    mine.write_text("changed")
    look = hands.next()
    assert look.folders == (ONE,)


def test_a_folder_that_vanishes_and_comes_back(hands: Hands, folder: Path) -> None:
    hands.watch([of(folder)])
    hands.settle(folder)
    folder.rename(folder.with_name("away"))
    assert hands.next() == Look((ONE,), {})
    folder.mkdir()
    assert hands.next() == Look((ONE,), {})
    hands.settle(folder)


def test_no_longer_followed(hands: Hands, folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    watch = hands.watch([of(folder), of(other, TWO)])
    hands.settle(folder)
    watch.follow([of(other, TWO)])
    hands.settle(other)
    (folder / "a.jpg").write_text("x")
    (other / "a.jpg").write_text("x")
    assert hands.next().folders == (TWO,)
    watch.follow([])
    watch.close()
    assert hands.told.empty()


# --- a system that does not watch ---


@dataclass
class Refusing:
    """An observer that watches `most` places and then has no more room."""

    most: int
    error: int = errno.ENOSPC
    watched: set[str] = field(default_factory=set)

    def start(self) -> None: ...
    def stop(self) -> None: ...
    def join(self) -> None: ...

    def schedule(self, handler: object, path: str, **more: object) -> str:
        if len(self.watched) >= self.most:
            raise OSError(self.error, os.strerror(self.error))
        self.watched.add(path)
        return path

    def unschedule(self, watch: str) -> None:
        self.watched.remove(watch)


@pytest.mark.parametrize("most", [0, 1])
def test_too_few_watches_mean_a_look_now_and_then(
    hands: Hands, folder: Path, caplog: pytest.LogCaptureFixture, most: int
) -> None:
    """With one the folder itself is watched, and what is in it may not be."""
    observer = Refusing(most)
    with caplog.at_level(logging.INFO, "photosearch"):
        hands.watch([of(folder)], replace(SOON, look_s=0.3), observe=lambda: observer)
        assert hands.next() == Look((ONE,), {})
        assert hands.next() == Look((ONE,), {}), "again and again"
    (said,) = [record.getMessage() for record in caplog.records]
    assert "now and then" in said
    assert observer.watched == set()


def test_a_drive_of_another_computer_is_looked_at_now_and_then(
    hands: Hands, folder: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(watching, "on_network", lambda path: True)
    observer = Refusing(5)
    with caplog.at_level(logging.INFO, "photosearch"):
        hands.watch([of(folder)], replace(SOON, look_s=0.3), observe=lambda: observer)
        assert hands.next() == Look((ONE,), {})
    assert "another computer" in caplog.text
    assert observer.watched == set()


def test_drives_of_other_computers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import psutil

    @dataclass
    class Mount:
        mountpoint: str
        fstype: str
        opts: str = "rw"

    mounts = [Mount("/", "ext4"), Mount("/home/net", "nfs4"), Mount("/home/net/in", "ext4")]
    monkeypatch.setattr(psutil, "disk_partitions", lambda all: mounts)  # noqa: A006
    monkeypatch.setattr(os.path, "realpath", lambda path: path)
    assert on_network("/home/net/photos")
    assert on_network("/home/net")
    assert not on_network("/home/network")
    assert not on_network("/home/net/in/photos")
    assert on_network("\\\\server\\photos")
    assert refuses_library("/home/net")
    assert not refuses_library("/home/net/in")
    mounts[2].fstype = "9p"
    assert on_network("/home/net/in")
    assert not refuses_library("/home/net/in"), "folders of the host in a virtual machine, too"
    mounts[0].opts = "rw,remote"
    assert on_network("/home")


# --- what is noticed ---


def test_changes_are_collected_until_they_are_taken(tmp_path: Path) -> None:
    noticed = Noticed([of(tmp_path / "a"), of(tmp_path / "b", TWO)])
    assert not noticed
    path: Callable[[str], bytes] = lambda name: os.fsencode(tmp_path / name)  # noqa: E731
    assert not noticed.changed(path("c/x.jpg"), directory=False)
    assert noticed.changed(path("a/in/x.jpg"), directory=False)
    assert noticed.changed(path("b"), directory=True)
    assert noticed.changed(path("b/x.jpg"), directory=False)
    assert noticed.take() == Look((ONE, TWO), {ONE: (b"in",)})
    assert noticed.take() == Look((), {})
    for number in range(101):
        noticed.changed(path(f"a/{number}/x.jpg"), directory=False)
    assert noticed.take() == Look((ONE,), {})
    for _ in range(5001):
        noticed.changed(path("a/in/x.jpg"), directory=False)
    assert noticed.take() == Look((ONE,), {}), "some may have been dropped"
