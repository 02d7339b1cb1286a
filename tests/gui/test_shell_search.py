"""Searching in the window, driven through its real widgets on a library in memory."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from gui.driving import Make, drop, files, press, searches, settled, shown
from gui.fake_library import FakeLibrary
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from photosearch.gui.browsing import HEAD
from photosearch.gui.grid.drag import mime_data
from photosearch.types import PhotoFilter

# the offscreen platform says this of every dialog with a fixed size
pytestmark = pytest.mark.qt_log_ignore("does not support propagateSizeHints")


# --- a large place ------------------------------------------------------------


def test_the_first_photos_of_a_large_place_are_there_before_the_rest(
    qtbot: QtBot, make: Make
) -> None:
    library = FakeLibrary(5000)
    library.latency.photos_s = 1.0
    window = make(library)
    qtbot.waitUntil(lambda: shown(window) == HEAD, timeout=5000)
    assert window.page.header.count.text() == "", "how many there are is not known yet"
    head = window.page.model.ids
    window.grid.select_ids([window.page.model.photo_at(3)])
    settled(qtbot, window, 5000)
    assert window.page.model.ids[:HEAD].tolist() == head.tolist()
    assert window.chosen().tolist() == [head[3]], "it stays selected"
    assert window.page.header.count.text() == "5,000"


# --- search -------------------------------------------------------------------


def test_typing_searches_once_after_a_moment_of_quiet(qtbot: QtBot, make: Make) -> None:
    library = FakeLibrary(100)
    window = make(library)
    settled(qtbot, window, 100)
    qtbot.keyClicks(window.search.field, "dog")
    qtbot.waitUntil(lambda: shown(window) == 10, timeout=5000)
    assert [request.text for request in searches(library)] == ["dog"]
    assert window.page.header.title.text() == "“dog”"
    assert window.page.header.count.text() == "10 photos"
    assert window.page.header.order.isVisible()


def test_escape_clears_the_search(qtbot: QtBot, make: Make) -> None:
    window = make(FakeLibrary(100))
    settled(qtbot, window, 100)
    qtbot.keyClicks(window.search.field, "dog")
    qtbot.waitUntil(lambda: shown(window) == 10, timeout=5000)
    press(qtbot, window.search.field, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: shown(window) == 100, timeout=5000)
    assert window.search.text() == ""
    assert not window.page.header.order.isVisible()


def test_escape_in_the_grid_leaves_the_search(qtbot: QtBot, make: Make) -> None:
    window = make(FakeLibrary(100))
    settled(qtbot, window, 100)
    qtbot.keyClicks(window.search.field, "dog")
    press(qtbot, window.search.field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: shown(window) == 10, timeout=5000)
    assert window.grid.hasFocus()
    press(qtbot, window.grid, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: shown(window) == 100, timeout=5000)


def test_an_overtaken_answer_is_dropped(qtbot: QtBot, make: Make) -> None:
    library = FakeLibrary(100)
    window = make(library)
    settled(qtbot, window, 100)
    gate = library.gates["search"] = threading.Event()
    qtbot.keyClicks(window.search.field, "dog")
    qtbot.waitUntil(lambda: len(searches(library)) == 1, timeout=5000)
    answers: list[Any] = []
    window.browser.answered.connect(answers.append)
    qtbot.keyClicks(window.search.field, " beach")
    qtbot.waitUntil(lambda: len(searches(library)) == 2, timeout=5000)
    gate.set()
    qtbot.waitUntil(lambda: shown(window) == 20, timeout=5000)
    assert [answer.request.text for answer in answers] == ["dog beach"]


def test_newest_first_sorts_the_best(qtbot: QtBot, make: Make) -> None:
    library = FakeLibrary(5000)
    window = make(library)
    settled(qtbot, window, 5000)
    qtbot.keyClicks(window.search.field, "dog")
    qtbot.waitUntil(lambda: shown(window) == 500, timeout=5000)
    best = window.page.model.ids.copy()
    qtbot.mouseClick(window.page.header.order.newest, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: shown(window) == 200, timeout=5000)
    newest = window.page.model.ids.copy()
    assert sorted(newest) == sorted(best[:200])
    assert list(newest) != list(best[:200])
    assert window.page.header.count.text() == "the 200 best, newest first"


def test_nothing_found_says_so_and_offers_a_model(qtbot: QtBot, make: Make) -> None:
    window = make(FakeLibrary(10, with_model=False))
    settled(qtbot, window, 10)
    qtbot.keyClicks(window.search.field, "zebra")
    qtbot.waitUntil(window.page.empty.isVisible, timeout=5000)
    assert "zebra" in window.page.empty.title.text()
    assert window.page.empty.card.isVisible()
    assert window.page.header.notice.isVisible()


def test_a_photo_of_the_grid_dropped_on_the_bar_finds_similar(qtbot: QtBot, make: Make) -> None:
    library = FakeLibrary(100)
    window = make(library)
    settled(qtbot, window, 100)
    assert drop(window.search, mime_data([library.photo_id(7)], ["/photos/x.jpg"]))
    qtbot.waitUntil(lambda: shown(window) == 10, timeout=5000)
    assert searches(library)[-1].like == (library.photo_id(7),)
    assert window.search.chip.isVisible()
    press(qtbot, window.search.field, Qt.Key.Key_Backspace)
    qtbot.waitUntil(lambda: shown(window) == 100, timeout=5000)
    assert not window.search.chip.isVisible()


def test_a_file_dropped_on_the_bar_finds_similar(qtbot: QtBot, make: Make) -> None:
    library = FakeLibrary(100)
    window = make(library)
    settled(qtbot, window, 100)
    assert drop(window.search, files("/elsewhere/100 % Strand.jpg"))
    qtbot.waitUntil(lambda: shown(window) == 10, timeout=5000)
    assert searches(library)[-1].like_paths == ("/elsewhere/100 % Strand.jpg",)
    assert not [verb for verb, _args in library.calls if verb == "add_folders"]


def test_a_search_stays_within_the_chosen_place(qtbot: QtBot, make: Make) -> None:
    library = FakeLibrary(100)
    library.favourites = set(range(50))
    window = make(library)
    settled(qtbot, window, 100)
    window.sidebar.choose(favourites=True)
    qtbot.waitUntil(lambda: shown(window) == 50, timeout=5000)
    qtbot.keyClicks(window.search.field, "dog")
    qtbot.waitUntil(lambda: shown(window) == 5, timeout=5000)
    assert searches(library)[-1].filter == PhotoFilter(favourites=True)
    assert "Favourites" in window.page.header.count.text()


def test_find_similar_leads_back_to_the_search_it_came_from(qtbot: QtBot, make: Make) -> None:
    library = FakeLibrary(2000)
    window = make(library)
    settled(qtbot, window, 2000)
    qtbot.keyClicks(window.search.field, "dog")
    qtbot.waitUntil(lambda: shown(window) == 200, timeout=5000)
    window.grid.verticalScrollBar().setValue(1234)
    dog, chip = window.page.model.ids[50], window.search.chip
    window.grid.select_ids([dog], scroll=False)
    for leave in (
        lambda: press(qtbot, window.grid, Qt.Key.Key_Escape),
        lambda: qtbot.mouseClick(chip._close, Qt.MouseButton.LeftButton),
        lambda: press(qtbot, window.search.field, Qt.Key.Key_Escape),
        lambda: press(qtbot, window.search.field, Qt.Key.Key_Backspace),
    ):
        window.photo_actions.find_similar([dog])
        qtbot.waitUntil(chip.isVisible, timeout=5000)
        qtbot.waitUntil(lambda: window.page.header.title.text() == "Similar photos", timeout=5000)
        assert window.grid.verticalScrollBar().value() == 0
        assert window.search.text() == ""
        assert "dog" in chip._close.toolTip()
        leave()
        qtbot.waitUntil(lambda: window.page.header.title.text() == "“dog”", timeout=5000)
        assert window.search.text() == "dog"
        assert not chip.isVisible()
        assert window.grid.verticalScrollBar().value() == 1234
        assert list(window.grid.selected_ids()) == [dog]
    window.grid.setFocus()
    press(qtbot, window.grid, Qt.Key.Key_Escape)  # the selection
    press(qtbot, window.grid, Qt.Key.Key_Escape)  # the search
    qtbot.waitUntil(lambda: shown(window) == 2000, timeout=5000)


def test_words_that_narrow_similar_photos_stay_when_the_photo_is_taken_away(
    qtbot: QtBot, make: Make
) -> None:
    library = FakeLibrary(100)
    window = make(library)
    settled(qtbot, window, 100)
    window.photo_actions.find_similar([library.photo_id(3)])
    qtbot.waitUntil(window.search.chip.isVisible, timeout=5000)
    qtbot.keyClicks(window.search.field, "cat")
    qtbot.waitUntil(lambda: [r.text for r in searches(library)][-1:] == ["cat"], timeout=5000)
    qtbot.mouseClick(window.search.chip._close, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: searches(library)[-1].like == (), timeout=5000)
    assert searches(library)[-1].text == "cat"
