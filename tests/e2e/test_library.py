"""The library as the window uses it: an engine of its own, other threads, sudden ends."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest

from photosearch.errors import Cancelled, EngineError, PhotoSearchError, StoreError
from photosearch.library import Library
from photosearch.paths import Paths
from photosearch.settings.store import SettingsStore
from photosearch.types import Progress, SearchRequest, Stage

from .program import copy_photos

PHOTOS = 60


def open_library(home: Path) -> Library:
    paths = Paths.below(home)
    return Library(paths, SettingsStore(paths.settings_file, environment={}), own_engine=True)


@pytest.fixture
def folder(photos: Path, tmp_path: Path) -> Path:
    sources = sorted((photos / "classes" / "images").rglob("*.jpg"))[:PHOTOS:1]
    for source in sources:
        copy_photos([source], tmp_path / "photos" / source.parent.name)
    return tmp_path / "photos"


@pytest.fixture
def library(tmp_path: Path, folder: Path, models: Path) -> Iterator[Library]:
    made = open_library(tmp_path / "home")
    made.settings.set("indexing.batch", 4)
    made.add_model(str(models / "standin-clip"))
    made.add_folders([str(folder)])
    yield made
    made.close()
    assert children() == []
    assert [t.name for t in threading.enumerate() if t is not threading.main_thread()] == []


def children() -> list[int]:
    """Return the children of this process, dead ones that nobody waited for included."""
    if sys.platform != "linux":
        return []
    found = []
    for task in Path("/proc/self/task").iterdir():
        with suppress(OSError):  # a thread that has just ended
            found += [int(pid) for pid in (task / "children").read_text().split()]
    return found


def nothing(progress: Progress) -> None:
    """Tell nobody."""


def test_searching_while_indexing_and_paused(library: Library) -> None:
    go, paused = threading.Event(), threading.Event()
    seen: list[Progress] = []

    def report(progress: Progress) -> None:
        seen.append(progress)

    def check() -> None:
        if seen and seen[-1].stage == Stage.EMBED and seen[-1].done >= 8:
            paused.set()
            assert go.wait(60)

    with ThreadPoolExecutor(2) as decoding, ThreadPoolExecutor(1) as indexing:
        future = indexing.submit(library.index, report, check, None, decoding)
        assert paused.wait(60)
        during = library.search(SearchRequest("a leopard", content_only=True))
        assert 8 <= len(during.ids) < PHOTOS
        assert during.by_content
        library.set_favourite(during.ids.tolist()[:3], True)
        assert library.status().favourites == 3
        go.set()
        assert future.result(60).failed == ()
    assert len(library.search(SearchRequest("a leopard", content_only=True)).ids) == PHOTOS
    assert library.pending() == {"look": 0, "embed": 0, "faces": 0}


@pytest.mark.skipif(sys.platform != "linux", reason="finds children in /proc")
def test_children_that_are_killed_cost_nothing(library: Library) -> None:
    killed: list[int] = []
    turns = 0

    def check() -> None:
        nonlocal turns
        turns += 1
        if turns in (4, 8, 12):
            for pid in children():
                os.kill(pid, signal.SIGKILL)
                killed.append(pid)

    report = library.index(nothing, check)
    assert len(killed) >= 3
    assert (report.added, report.failed) == (PHOTOS, ())
    assert library.pending() == {"look": 0, "embed": 0, "faces": 0}
    assert len(library.search(SearchRequest("a leopard", content_only=True)).ids) == PHOTOS


def test_closed_while_indexing(tmp_path: Path, folder: Path, models: Path) -> None:
    library = open_library(tmp_path / "home")
    library.add_model(str(models / "standin-clip"))
    library.add_folders([str(folder)])
    begun = threading.Event()

    def report(progress: Progress) -> None:
        if progress.stage == Stage.LOOK:
            begun.set()

    with ThreadPoolExecutor(1) as indexing:
        future = indexing.submit(library.index, report, lambda: None)
        assert begun.wait(60)
        library.close()
        with pytest.raises((Cancelled, EngineError, StoreError)):
            future.result(30)
    assert children() == []
    with pytest.raises(PhotoSearchError):
        library.photos()
    again = open_library(tmp_path / "home")
    assert again.index(nothing, lambda: None).failed == ()
    assert again.status().photos == PHOTOS
    again.close()


def test_another_model_in_the_middle(library: Library, models: Path, tmp_path: Path) -> None:
    twin = tmp_path / "twin"
    twin.symlink_to(models / "standin-clip")
    library.index(nothing, lambda: None)
    library.remove_model("standin-clip")
    results = library.search(SearchRequest("leopard"))
    assert not results.by_content
    library.add_model(str(twin))
    assert library.search(SearchRequest("leopard")).by_content, "its vectors had stayed"
    assert library.pending()["embed"] == 0


def test_thumbnails_and_pictures_from_many_threads(library: Library) -> None:
    library.index(nothing, lambda: None)
    ids = library.photos().ids.tolist()
    with ThreadPoolExecutor(6) as threads:
        thumbs = list(threads.map(library.thumbnail, ids))
        pictures = list(threads.map(lambda id_: library.picture(id_, 64), ids[:8]))
    assert all(thumb and thumb.startswith(b"\xff\xd8") for thumb in thumbs)
    assert all(max(picture.shape[:2]) == 64 for picture in pictures)
    library.paths.thumbnails.unlink()
    library.remove_folder(library.folders()[0].id)
    assert library.photos().ids.tolist() == []
    assert library.thumbnail(ids[0]) is None
