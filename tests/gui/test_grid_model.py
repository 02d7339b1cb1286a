"""The model of the grid: contents, summaries around what is in sight, and Qt's own tester."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from gui.fake_library import FakeLibrary
from PySide6.QtCore import QPersistentModelIndex, Qt
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from photosearch.gui.grid import PhotoModel, Role, file_url, photos_in
from photosearch.types import PhotoId, PhotoList, PhotoSummary


class Fetcher:
    """Answers at once, or when told."""

    def __init__(self, library: FakeLibrary, at_once: bool = True) -> None:
        self.library = library
        self.at_once = at_once
        self.asked: list[tuple[PhotoId, ...]] = []
        self.waiting: list[tuple[tuple[PhotoId, ...], Any]] = []

    def __call__(self, ids: tuple[PhotoId, ...], deliver: Any) -> None:
        self.asked.append(ids)
        if self.at_once:
            deliver(self.library.summaries(ids))
        else:
            self.waiting.append((ids, deliver))

    def answer(self) -> None:
        ids, deliver = self.waiting.pop(0)
        deliver(self.library.summaries(ids))


def listed(library: FakeLibrary, ids: Sequence[int] | None = None) -> PhotoList:
    whole = library.photos()
    return whole if ids is None else PhotoList(np.asarray(ids, np.int64), ())


@pytest.fixture
def library(qapp: object) -> FakeLibrary:
    return FakeLibrary(3000)


def test_model_is_clean(library: FakeLibrary, qtmodeltester: ModelTester) -> None:
    model = PhotoModel(Fetcher(library))
    qtmodeltester.check(model)
    photos = library.photos()
    model.set_list(photos)
    model.set_visible_range(0, 50)
    model.set_list(PhotoList(np.delete(photos.ids, [3, 4, 200, 2999]), photos.months))
    model.set_list(photos)
    model.set_results(photos.ids[::-7], np.linspace(1, 0, len(photos.ids[::-7])))
    model.clear()
    assert model.rowCount() == 0


def test_roles(library: FakeLibrary) -> None:
    model = PhotoModel(Fetcher(library))
    photos = library.photos()
    first = PhotoId(int(photos.ids[0]))
    library.set_favourite((first,), True)
    model.set_results(photos.ids[:10], np.linspace(0.9, 0.1, 10, dtype=np.float32))
    index = model.index(0)
    assert index.data(Role.ID) == first
    assert index.data(Role.ID) > 1 << 40
    assert index.data(Role.SUMMARY) is None
    assert index.data(Qt.ItemDataRole.AccessibleTextRole) == "Photo"
    model.set_visible_range(0, 10)
    summary: PhotoSummary = index.data(Role.SUMMARY)
    assert summary.id == first
    assert index.data(Role.FAVOURITE) is True
    assert index.data(Role.OFFLINE) is False
    assert index.data(Role.NAME) == summary.name
    assert index.data(Role.SCORE) == pytest.approx(0.9)
    assert "favourite" in index.data(Qt.ItemDataRole.AccessibleTextRole)
    assert summary.name in index.data(Qt.ItemDataRole.ToolTipRole)


def test_summaries_load_in_pages_around_what_is_in_sight(library: FakeLibrary) -> None:
    fetch = Fetcher(library)
    model = PhotoModel(fetch)
    model.set_list(library.photos())
    assert not fetch.asked
    model.set_visible_range(1000, 1040)
    loaded = [row for row in range(3000) if model.summary(model.photo_at(row)) is not None]
    assert loaded[0] <= 1000 - 100 and loaded[-1] >= 1040 + 100
    assert len(loaded) < 600
    before = len(fetch.asked)
    model.set_visible_range(1010, 1050)
    assert len(fetch.asked) == before


def test_only_the_newest_range_is_loaded_while_the_library_is_slow(library: FakeLibrary) -> None:
    fetch = Fetcher(library, at_once=False)
    model = PhotoModel(fetch)
    model.set_list(library.photos())
    for first in range(0, 2900, 100):
        model.set_visible_range(first, first + 40)
    assert len(fetch.waiting) <= 2
    while fetch.waiting:
        fetch.answer()
    assert model.summary(model.photo_at(2810)) is not None
    assert model.summary(model.photo_at(1500)) is None


def test_new_contents_keep_persistent_indexes(library: FakeLibrary) -> None:
    photos = library.photos()
    model = PhotoModel(Fetcher(library))
    model.set_list(PhotoList(np.delete(photos.ids, slice(100, 130)), ()))
    kept = QPersistentModelIndex(model.index(500))
    photo = model.photo_at(500)
    model.set_list(photos)
    assert kept.isValid()
    assert kept.row() == 530 == model.row_of(photo)
    model.set_list(PhotoList(np.delete(photos.ids, [0, 7]), ()))
    assert model.photo_at(kept.row()) == photo


def test_what_is_known_stays_until_newer_facts_come(library: FakeLibrary) -> None:
    fetch = Fetcher(library, at_once=False)
    model = PhotoModel(fetch)
    photos = library.photos()
    model.set_list(photos)
    model.set_visible_range(0, 20)
    while fetch.waiting:
        fetch.answer()
    first = model.photo_at(0)
    library.set_favourite((first,), True)
    model.set_list(photos)
    model.set_visible_range(0, 20)
    summary = model.summary(first)
    assert summary is not None
    assert not summary.favourite
    while fetch.waiting:
        fetch.answer()
    assert model.index(0).data(Role.FAVOURITE) is True


def test_favourite_shows_at_once(library: FakeLibrary, qtbot: QtBot) -> None:
    model = PhotoModel(Fetcher(library))
    model.set_list(library.photos())
    model.set_visible_range(0, 20)
    with qtbot.waitSignal(model.dataChanged):
        model.set_favourite((model.photo_at(3),), True)
    assert model.index(3).data(Role.FAVOURITE) is True


def test_an_answer_from_before_does_not_undo_a_click(library: FakeLibrary) -> None:
    fetch = Fetcher(library)
    model = PhotoModel(fetch)
    model.set_list(library.photos())
    model.set_visible_range(0, 20)
    fetch.at_once = False
    model.refresh_summaries()
    stale = [(deliver, library.summaries(ids)) for ids, deliver in fetch.waiting]
    model.set_favourite((model.photo_at(0),), True)
    for deliver, found in stale:
        deliver(found)
    assert model.index(0).data(Role.FAVOURITE) is True


def test_dragged_photos_are_ids_here_and_files_elsewhere(library: FakeLibrary) -> None:
    model = PhotoModel(Fetcher(library))
    model.set_list(library.photos())
    model.set_visible_range(0, 20)
    mime = model.mimeData([model.index(0), model.index(2)])
    assert photos_in(mime) == (model.photo_at(0), model.photo_at(2))
    first = model.summary(model.photo_at(0))
    assert first is not None
    assert next(url.toLocalFile() for url in mime.urls()) == first.path


def test_file_urls_carry_names_that_are_not_utf8() -> None:
    assert file_url("/a/b c#?%.jpg").toEncoded().data() == b"file:///a/b%20c%23%3F%25.jpg"
    assert file_url("/a/\udcff.jpg").toEncoded().data() == b"file:///a/%FF.jpg"
