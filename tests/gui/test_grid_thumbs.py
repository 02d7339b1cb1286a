"""Thumbnails: what is asked last comes first, bounded memory, failures, exact sizes."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Iterator

import pytest
from gui.fake_library import FakeLibrary, jpeg, paint
from PySide6.QtCore import QObject, QSize
from pytestqt.qtbot import QtBot

from photosearch.errors import StoreError
from photosearch.gui.grid import ThumbLoader
from photosearch.gui.grid.thumbs import FRAME_MS, TileSize, square
from photosearch.jobs import Lane, Runner
from photosearch.types import PhotoId

SIZE = TileSize(64)


@pytest.fixture
def runner(qapp: object) -> Iterator[Runner]:
    runner = Runner()
    yield runner
    assert runner.shutdown(10.0)


class Source(QObject):
    """Thumbnails on order; notes the order of asking and the threads."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[PhotoId] = []
        self.threads: set[int] = set()

    def fetch(self, photo: PhotoId) -> bytes | None:
        self.asked.append(photo)
        self.threads.add(threading.get_ident())
        if photo % 10 == 7:
            raise StoreError("The thumbnails cannot be read.")
        return jpeg(paint(int(photo), QSize(90, 60))) if photo % 10 != 9 else None


def numbers(*values: int) -> list[PhotoId]:
    return [PhotoId(v) for v in values]


def test_pictures_come_from_other_threads(qtbot: QtBot, runner: Runner, outliving: QObject) -> None:
    source = Source()
    loader = ThumbLoader(runner.executor(Lane.THUMBS), source.fetch, outliving)
    loader.want(numbers(1, 2, 3), SIZE)
    qtbot.waitUntil(lambda: all(loader.image(PhotoId(n)) is not None for n in (1, 2, 3)))
    assert threading.get_ident() not in source.threads
    image = loader.image(PhotoId(1))
    assert image is not None
    assert (image.width(), image.height()) == (64, 64)
    loader.want(numbers(1, 2, 3), SIZE)
    assert loader.waiting == 0
    assert sorted(source.asked) == [1, 2, 3]


def test_what_scrolled_away_is_not_loaded(qtbot: QtBot, runner: Runner, outliving: QObject) -> None:
    library = FakeLibrary(5000)
    library.latency.thumbnail_s = 0.002
    loader = ThumbLoader(runner.executor(Lane.THUMBS), library.thumbnail, outliving)
    wanted = []
    for page in range(20):
        wanted = [library.photo_id(page * 100 + n) for n in range(50)]
        loader.want(wanted, SIZE)
    qtbot.waitUntil(lambda: all(loader.image(p) is not None for p in wanted), timeout=20000)
    assert len([c for c in library.calls if c[0] == "thumbnail"]) < 50 + 20


def test_photos_without_thumbnail_have_failed(
    qtbot: QtBot, runner: Runner, outliving: QObject
) -> None:
    source = Source()
    loader = ThumbLoader(runner.executor(Lane.THUMBS), source.fetch, outliving)
    loader.want(numbers(7, 8, 9), SIZE)
    qtbot.waitUntil(lambda: loader.has_failed(PhotoId(7)) and loader.has_failed(PhotoId(9)))
    qtbot.waitUntil(lambda: loader.image(PhotoId(8)) is not None)
    loader.want(numbers(7, 9), SIZE)  # not asked again so soon
    assert loader.waiting == 0
    loader.forget(numbers(7))
    assert not loader.has_failed(PhotoId(7))


def test_memory_is_bounded(qtbot: QtBot, runner: Runner, outliving: QObject) -> None:
    room = 20 * 64 * 64 * 4
    loader = ThumbLoader(runner.executor(Lane.THUMBS), Source().fetch, outliving, cache_bytes=room)
    for start in range(0, 100, 20):
        wanted = numbers(*(start + n for n in range(20) if n % 10 < 7))
        loader.want(wanted, SIZE)
        qtbot.waitUntil(lambda w=wanted: all(loader.image(p) is not None for p in w))  # type: ignore[misc]
        assert loader.kept_bytes <= room
    assert loader.image(PhotoId(0)) is None
    loader.want(numbers(*(n for n in range(1000) if n % 10 < 7)), SIZE)
    assert loader.waiting <= 20


def test_another_size_replaces_the_picture(
    qtbot: QtBot, runner: Runner, outliving: QObject
) -> None:
    loader = ThumbLoader(runner.executor(Lane.THUMBS), Source().fetch, outliving)
    loader.want(numbers(1), SIZE)
    qtbot.waitUntil(lambda: loader.image(PhotoId(1)) is not None)
    loader.want(numbers(1), TileSize(120, 1.25))
    assert loader.image(PhotoId(1)) is not None  # the old one serves until the new one is here

    def is_new() -> bool:
        image = loader.image(PhotoId(1))
        return image is not None and image.width() == 120

    qtbot.waitUntil(is_new)


@pytest.mark.parametrize("shape", [(90, 60), (60, 90), (400, 20), (1, 300), (64, 64), (3000, 40)])
def test_squares_are_cropped_from_the_middle(qapp: object, shape: tuple[int, int]) -> None:
    image = square(jpeg(paint(3, QSize(*shape))), SIZE)
    assert image is not None
    assert (image.width(), image.height()) == (64, 64)
    assert image.pixelColor(0, 0).alpha() == 0  # round corners
    assert image.pixelColor(32, 32).alpha() == 255


@pytest.mark.no_qt_log  # Qt's JPEG reader complains
def test_bytes_that_are_no_picture(qapp: object) -> None:
    assert square(b"", SIZE) is None
    assert square(b"not a picture at all", SIZE) is None
    assert square(jpeg(paint(3, QSize(90, 60)))[:40], SIZE) is None


def test_closed_loader_asks_no_more(qtbot: QtBot, runner: Runner, outliving: QObject) -> None:
    source = Source()
    loader = ThumbLoader(runner.executor(Lane.THUMBS), source.fetch, outliving)
    loader.close()
    loader.want(numbers(1, 2), SIZE)
    runner.shutdown(10.0)
    assert not source.asked


def test_pictures_are_told_of_no_more_often_than_a_screen_shows_them(
    qtbot: QtBot, runner: Runner, outliving: QObject
) -> None:
    """Each telling repaints tiles; the first is not waited for."""
    source = Source()
    loader = ThumbLoader(runner.executor(Lane.THUMBS), source.fetch, outliving, least_bytes=1 << 24)
    told: list[tuple[float, tuple[PhotoId, ...]]] = []
    loader.loaded.connect(lambda photos: told.append((time.perf_counter(), photos)))
    wanted = [PhotoId(n) for n in range(1000, 1400) if n % 10 not in (7, 9)]
    loader.want(wanted, SIZE)
    qtbot.waitUntil(lambda: sum(len(photos) for _, photos in told) == len(wanted))
    assert sorted(photo for _, photos in told for photo in photos) == wanted
    pauses = [later - before for (before, _), (later, _) in itertools.pairwise(told)]
    assert pauses, "they did not all come at once"
    assert min(pauses) > (FRAME_MS - 3) / 1000
