"""A million photos within the limits of the design; the shortest of several runs counts.

Other load on the machine only ever adds time: a run that was quick once is quick.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import numpy as np
import pytest
from gui.driving import Make, settled
from gui.fake_library import FakeLibrary
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from photosearch.gui.grid import PhotoGridView, PhotoModel
from photosearch.types import PhotoList

FRAME_MS = 16  # a screen shows 60 pictures a second; measured 2 to 9 ms
SHOW_MS = 50  # measured 9 ms
REPLACE_MS = 50  # carrying selection and place over to a changed list; measured 1 to 14 ms


def took_ms(action: Callable[[], object], repeat: int = 7) -> float:
    """Return the shortest of some runs: other load on the machine is not our business."""
    times = []
    for _ in range(repeat):
        start = time.perf_counter()
        action()
        times.append((time.perf_counter() - start) * 1000)
    return min(times)


@pytest.fixture(scope="module")
def million() -> PhotoList:
    return FakeLibrary(1_000_000, months=300).photos()


@pytest.fixture
def view(qtbot: QtBot, million: PhotoList) -> Iterator[PhotoGridView]:
    view = PhotoGridView(PhotoModel(lambda _ids, deliver: deliver(())))
    qtbot.addWidget(view)
    view.resize(1600, 1000)
    view.show()
    yield view


def model_of(view: PhotoGridView) -> PhotoModel:
    model = view.model()
    assert isinstance(model, PhotoModel)
    return model


def test_showing_a_million(view: PhotoGridView, million: PhotoList, qtbot: QtBot) -> None:
    def show() -> None:
        model_of(view).set_list(million, keep_place=False)
        view.viewport().repaint()

    def show_first() -> None:
        model_of(view).clear()
        model_of(view).set_list(million)
        view.viewport().repaint()

    for action in (show, show_first):
        ms = took_ms(action)
        print(f"{action.__name__} {ms:.1f} ms")
        assert ms < SHOW_MS


def test_frames(view: PhotoGridView, million: PhotoList) -> None:
    model_of(view).set_list(million)
    bar = view.verticalScrollBar()
    spots = iter(np.linspace(0, bar.maximum(), 12).astype(int).tolist() * 2)

    def jump() -> None:
        bar.setValue(next(spots))
        view.viewport().repaint()

    def scroll() -> None:
        bar.setValue(bar.value() + 37)
        view.viewport().repaint()

    widths = iter([1500, 1333, 1200, 1600] * 2)

    def resize() -> None:
        view.resize(next(widths), 1000)
        view.viewport().repaint()

    for name, action in (("jump", jump), ("scroll", scroll), ("resize", resize)):
        ms = took_ms(action)
        print(f"{name} {ms:.1f} ms")
        assert ms < FRAME_MS, name
    view.setTilePx(96)
    ms = took_ms(scroll)
    print(f"scroll with the smallest tiles {ms:.1f} ms")
    assert ms < FRAME_MS


def test_selecting_and_replacing(view: PhotoGridView, million: PhotoList) -> None:
    model = model_of(view)
    model.set_list(million)

    def select_all() -> None:
        view.selectionModel().clearSelection()
        view.selectAll()

    ms = took_ms(select_all)
    print(f"select all {ms:.1f} ms")
    assert ms < SHOW_MS
    assert len(view.selected_ids()) == 1_000_000
    view.selectionModel().clearSelection()
    view.verticalScrollBar().setValue(1_000_000)
    rng = np.random.default_rng(1)
    few = PhotoList(np.delete(million.ids, [5, 500_000, 999_990]), million.months)
    many = PhotoList(
        np.delete(million.ids, rng.choice(1_000_000, 2000, replace=False)), million.months
    )
    for name, photos in (("the same", million), ("few new", few), ("many new", many)):
        times = []
        for _ in range(3):
            model.set_list(photos)
            start = time.perf_counter()
            model.set_list(million)
            times.append((time.perf_counter() - start) * 1000)
        ms = min(times)
        print(f"{name} {ms:.1f} ms")
        assert ms < REPLACE_MS, name


@pytest.mark.qt_log_ignore("This plugin does not support")
def test_what_is_done_with_a_million_selected(qtbot: QtBot, make: Make) -> None:
    window = make(FakeLibrary(1_000_000, months=300))
    settled(qtbot, window, 1_000_000)
    window.grid.selectAll()
    ids = window.chosen()
    assert len(ids) == 1_000_000

    def menu() -> None:
        window.grid.contextMenuWanted.emit(QPoint(0, 0), ids)
        popup = QApplication.activePopupWidget()
        assert popup is not None
        popup.close()

    for name, action in (
        ("chosen", window.chosen),
        ("menu", menu),
        ("favourite", lambda: window.page.model.set_favourite(ids, True)),
        ("copy", lambda: window.photo_actions.copy_paths(ids)),
    ):
        ms = took_ms(action)
        print(f"{name} {ms:.1f} ms")
        assert ms < SHOW_MS, name
    QApplication.clipboard().clear()
