"""The window as a whole, driven through its real widgets on a library in memory."""

from __future__ import annotations

import itertools
import threading

import pytest
from gui.driving import Make, action, drop, files, press, settled, shown
from gui.fake_library import FakeLibrary
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QMessageBox, QWidget
from pytestqt.qtbot import QtBot

from photosearch.errors import ModelError
from photosearch.gui.grid.drag import mime_data
from photosearch.types import Failure, Folder

# the offscreen platform says this of every dialog with a fixed size
pytestmark = pytest.mark.qt_log_ignore("does not support propagateSizeHints")


# --- adding and indexing ------------------------------------------------------


def test_dropping_a_folder_adds_and_indexes_it(qtbot: QtBot, make: Make) -> None:
    library = FakeLibrary(per_new_folder=12)
    window = make(library)
    qtbot.waitUntil(window.page.empty.isVisible, timeout=5000)
    assert window.page.empty.title.text() == "Drop photo folders here"
    assert drop(window, files("/photos/Ferien in Österreich", "/photos/B"))
    settled(qtbot, window, 24)
    added = [args for verb, args in library.calls if verb == "add_folders"]
    assert added == [(("/photos/Ferien in Österreich", "/photos/B"),)]
    assert window.grid.isVisible()
    assert not window.drops.veil.isVisible()


def test_our_own_photos_are_not_added_when_dropped_on_the_window(qtbot: QtBot, make: Make) -> None:
    library = FakeLibrary(10)
    window = make(library)
    settled(qtbot, window, 10)
    assert not drop(window, mime_data([library.photo_id(1)], ["/photos/x.jpg"]))


def test_paths_given_at_the_start_are_added(qtbot: QtBot, make: Make) -> None:
    window = make(FakeLibrary(), ["/photos/A"])
    settled(qtbot, window, 12)


def test_a_missing_folder_is_told_and_not_fatal(qtbot: QtBot, make: Make) -> None:
    window = make(FakeLibrary(), ["/missing/A"])
    qtbot.waitUntil(window.page.news.isVisible, timeout=5000)
    assert "/missing/A" in window.page.news.label.text()


def test_pause_and_resume(qtbot: QtBot, make: Make) -> None:
    library = FakeLibrary(per_new_folder=200)
    library.latency.index_step_s = 0.01
    window = make(library, ["/photos/A"])
    qtbot.waitUntil(lambda: "Looking at photos" in window.status.label.text(), timeout=5000)
    qtbot.mouseClick(window.status.pause, Qt.MouseButton.LeftButton)
    assert "paused" in window.status.label.text()
    assert window.status.pause.accessibleName() == "Resume"
    assert window.indexer.paused
    qtbot.wait(100)  # what was under way has ended by now
    before = sum(folder.indexed for folder in library._folders)
    qtbot.wait(200)
    assert sum(folder.indexed for folder in library._folders) == before < 200
    qtbot.mouseClick(window.status.pause, Qt.MouseButton.LeftButton)
    settled(qtbot, window, 200)
    assert "up to date" in window.status.label.text()


def test_photos_and_results_stream_in_and_selection_stays(qtbot: QtBot, make: Make) -> None:
    library = FakeLibrary(100, per_new_folder=150)
    window = make(library)
    settled(qtbot, window, 100)
    qtbot.keyClicks(window.search.field, "dog")
    qtbot.waitUntil(lambda: shown(window) == 10, timeout=5000)
    chosen = int(window.page.model.ids[4])
    window.grid.select_ids([chosen])
    library.latency.index_step_s = 0.01
    assert drop(window, files("/photos/More"))
    qtbot.waitUntil(lambda: 10 < shown(window) < 25 and window.indexer.running, timeout=8000)
    assert [int(photo) for photo in window.chosen()] == [chosen]
    settled(qtbot, window, 25)
    assert [int(photo) for photo in window.chosen()] == [chosen]


def test_one_run_at_a_time_and_the_next_after_it(qtbot: QtBot, make: Make) -> None:
    library = FakeLibrary(per_new_folder=30)
    library.latency.index_step_s = 0.005
    window = make(library, ["/photos/A"])
    qtbot.waitUntil(lambda: window.indexer.running, timeout=5000)
    assert drop(window, files("/photos/B"))
    settled(qtbot, window, 60)
    assert len([verb for verb, _args in library.calls if verb == "index"]) == 2


def test_failures_are_copied(qtbot: QtBot, make: Make) -> None:
    library = FakeLibrary(10)
    for name in ("bad.jpg", "worse.jpg"):
        library.add_failure(name, "The file is empty.")
    window = make(library)
    window.upkeep.show_failures()
    dialog, clipboard = window.failures, QApplication.clipboard()
    qtbot.waitUntil(lambda: dialog.model.rowCount() == 2, timeout=5000)
    lines = [f"{each.path}\tThe file is empty." for each in library.failing]
    qtbot.mouseClick(dialog.copy, Qt.MouseButton.LeftButton)
    assert clipboard.text().splitlines() == lines
    dialog.list.setCurrentIndex(dialog.model.index(1))
    qtbot.keyClick(dialog.list, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert clipboard.text().splitlines() == lines[1:]
    room = dialog.screen().availableSize()
    assert dialog.height() >= min(720, room.height() * 0.9 - 1)
    dialog.close()
    clipboard.clear()  # offscreen, Qt crashes at exit with data left on it


def test_failures_are_listed_and_retried(qtbot: QtBot, make: Make) -> None:
    library = FakeLibrary(10)
    library.add_failure("bad.jpg", "The file is empty.")
    library.add_failure("worse.jpg", "The file is cut short.")
    window = make(library)
    settled(qtbot, window, 10)
    qtbot.waitUntil(window.status.failures.isVisible, timeout=5000)
    assert window.status.failures.accessibleName() == "2 files could not be used"
    qtbot.mouseClick(window.status.failures, Qt.MouseButton.LeftButton)
    dialog = window.failures
    qtbot.waitUntil(lambda: dialog.model.rowCount() == 2, timeout=5000)
    assert not dialog.retry.isEnabled()
    dialog.list.setCurrentIndex(dialog.model.index(0))
    qtbot.mouseClick(dialog.retry, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: dialog.model.rowCount() == 1, timeout=5000)
    qtbot.mouseClick(dialog.retry_all, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: dialog.model.rowCount() == 0, timeout=5000)
    qtbot.waitUntil(lambda: not window.status.failures.isVisible(), timeout=5000)
    qtbot.waitUntil(lambda: not window.indexer.running, timeout=5000)
    assert [args for verb, args in library.calls if verb == "retry"] == [((1,),), ((2,),)]
    said = "Tried again: all could be used now."
    qtbot.waitUntil(lambda: dialog._note.text() == said, timeout=5000)
    dialog.close()


def test_another_try_that_fails_again_is_told(qtbot: QtBot, make: Make) -> None:
    library = FakeLibrary(10)
    library.add_failure("bad.jpg", "The file is empty.")
    library.add_failure("worse.jpg", "The file is cut short.")
    window = make(library)
    settled(qtbot, window, 10)
    library.stubborn = library.failing[:1]
    window.news.retry([failure.file for failure in library.failing])
    said = "Tried again: still 1 file could not be used."
    qtbot.waitUntil(lambda: window.page.news.label.text() == said, timeout=5000)


def test_a_list_read_before_the_other_try_does_not_decide_it(
    qtbot: QtBot, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = FakeLibrary(10)
    library.add_failure("bad.jpg", "The file is empty.")
    window = make(library)
    settled(qtbot, window, 10)
    library.stubborn = library.failing[:1]
    ran, read, calls = threading.Event(), library.failures, itertools.count()

    def late() -> tuple[Failure, ...]:  # the first is of before the run, and comes after it
        if next(calls):
            return read()
        assert ran.wait(5)
        return ()

    monkeypatch.setattr(library, "failures", late)
    window.indexer.stopped.connect(ran.set)
    label = window.page.news.label
    window.news.retry([failure.file for failure in library.failing])
    qtbot.waitUntil(lambda: label.text().startswith("Tried again"), timeout=5000)
    assert label.text() == "Tried again: still 1 file could not be used."


def test_the_strip_says_how_many_photos_are_selected(qtbot: QtBot, make: Make) -> None:
    window = make(FakeLibrary(20))
    settled(qtbot, window, 20)
    assert "selected" not in window.status.label.text()
    window.grid.selectAll()
    assert window.status.label.text().startswith("20 selected")
    window.grid.clear_selection()
    assert "selected" not in window.status.label.text()


# --- places -------------------------------------------------------------------


def test_favourites_are_filtered_and_the_heart_is_written(qtbot: QtBot, make: Make) -> None:
    library = FakeLibrary(20)
    window = make(library)
    settled(qtbot, window, 20)
    window.sidebar.choose(favourites=True)
    qtbot.waitUntil(window.page.empty.isVisible, timeout=5000)
    assert window.page.empty.title.text() == "No favourites yet"
    window.sidebar.choose()
    qtbot.waitUntil(lambda: shown(window) == 20, timeout=5000)
    photo = int(window.page.model.ids[2])
    qtbot.waitUntil(lambda: window.page.model.summary(photo) is not None, timeout=5000)
    window.grid.select_ids([photo])
    press(qtbot, window.grid, Qt.Key.Key_F)
    qtbot.waitUntil(lambda: len(library.favourites) == 1, timeout=5000)
    window.sidebar.choose(favourites=True)
    qtbot.waitUntil(lambda: list(window.page.model.ids) == [photo], timeout=5000)


def test_a_folder_can_be_chosen_and_removed(
    qtbot: QtBot, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = FakeLibrary(40, folders=("/photos/A", "/photos/B"))
    window = make(library)
    settled(qtbot, window, 40)
    tree = window.sidebar.tree
    qtbot.waitUntil(lambda: tree.topLevelItemCount() == 6, timeout=5000)
    tree.setCurrentItem(tree.topLevelItem(4))
    qtbot.waitUntil(lambda: shown(window) == 20, timeout=5000)
    assert window.page.header.title.text() == "A"
    asked: list[Folder] = []
    window.sidebar.removeWanted.connect(asked.append)
    menu = window.sidebar.folder_menu(window.sidebar._branches.folder(1), b"")
    action(menu, "Remove from library…").trigger()
    menu.close()
    box = window.findChild(QMessageBox)
    assert isinstance(box, QMessageBox)
    assert "stay where they are" in box.informativeText()
    remove = next(button for button in box.buttons() if button.text() == "Remove")
    qtbot.mouseClick(remove, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: tree.topLevelItemCount() == 5, timeout=5000)
    settled(qtbot, window, 20)
    assert window.sidebar.place().title == "Photos"


def test_a_model_is_offered_refused_with_a_sentence_and_used(qtbot: QtBot, make: Make) -> None:
    library = FakeLibrary(10, with_model=False)
    window = make(library)
    settled(qtbot, window, 10)
    qtbot.waitUntil(window.page.model_banner.isVisible, timeout=5000)
    window.news.add_model("/models/not-one")
    said = window.page.news.label
    qtbot.waitUntil(lambda: "visual/model.onnx is missing" in said.text(), timeout=5000)
    banner = window.page.model_banner
    assert "a search model" in banner.label.text()
    window.news.add_model("/models/my-clip")
    qtbot.waitUntil(lambda: "search model" not in banner.label.text(), timeout=5000)
    assert "a face pack" in banner.label.text()  # that is still missing, and may be dismissed
    qtbot.waitUntil(lambda: not window.indexer.running, timeout=5000)


def test_the_model_banner_can_be_dismissed_for_good(qtbot: QtBot, make: Make) -> None:
    window = make(FakeLibrary(10, with_model=False))
    settled(qtbot, window, 10)
    qtbot.waitUntil(window.page.model_banner.isVisible, timeout=5000)
    qtbot.mouseClick(window.page.model_banner.close_button, Qt.MouseButton.LeftButton)
    assert not window.page.model_banner.isVisible()
    window.upkeep.refresh()
    qtbot.wait(100)
    assert not window.page.model_banner.isVisible()
    assert window.state().model_banner_dismissed


def test_no_model_is_said_once_and_other_notices_always(qtbot: QtBot, make: Make) -> None:
    library = FakeLibrary(10, with_model=False)
    late = library.gates["status"] = threading.Event()  # the first run is over before it
    window = make(library)
    settled(qtbot, window, 10)
    assert not window.page.news.isVisible()
    late.set()
    qtbot.waitUntil(window.page.model_banner.isVisible, timeout=5000)
    qtbot.mouseClick(window.page.model_banner.close_button, Qt.MouseButton.LeftButton)
    window.upkeep.rescan()
    settled(qtbot, window, 10)
    assert not window.page.news.isVisible()
    library.index_notices = ("The folder /photos/B cannot be read.",)
    window.upkeep.rescan()
    qtbot.waitUntil(window.page.news.isVisible, timeout=5000)
    assert window.page.news.label.text() == "The folder /photos/B cannot be read."


def test_an_expected_error_is_a_sentence(qtbot: QtBot, make: Make) -> None:
    library = FakeLibrary(10)
    window = make(library)
    settled(qtbot, window, 10)
    library.problems["search"] = ModelError("The model’s folder is gone. Use another one.")
    qtbot.keyClicks(window.search.field, "dog")
    qtbot.waitUntil(window.page.news.isVisible, timeout=5000)
    assert window.page.news.label.text() == "The model’s folder is gone. Use another one."


def test_an_unexpected_error_opens_one_dialog_with_a_report(
    qtbot: QtBot, make: Make, caplog: pytest.LogCaptureFixture
) -> None:
    library = FakeLibrary(10)
    window = make(library)
    settled(qtbot, window, 10)
    library.problems["search"] = ZeroDivisionError("a bug")
    qtbot.keyClicks(window.search.field, "dog")
    qtbot.waitUntil(lambda: window.problems.dialog is not None, timeout=5000)
    dialog = window.problems.dialog
    assert dialog is not None
    assert "ZeroDivisionError: a bug" in dialog.text.toPlainText()
    dialog.copy_button.click()
    assert "ZeroDivisionError" in QApplication.clipboard().text()
    dialog.close()


# --- keyboard and accessibility -----------------------------------------------


def test_every_focusable_widget_says_what_it_is(qtbot: QtBot, make: Make) -> None:
    window = make(FakeLibrary(10, with_model=False))
    settled(qtbot, window, 10)
    nameless = [
        (type(widget).__name__, widget.objectName())
        for widget in window.findChildren(QWidget)
        if widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        and not widget.accessibleName()
        and not getattr(widget, "text", str)()
        and not widget.objectName().startswith("qt_")
    ]
    assert nameless == []


def test_keys_of_the_window(qtbot: QtBot, make: Make) -> None:
    window = make(FakeLibrary(10))
    settled(qtbot, window, 10)
    window.activateWindow()
    control = Qt.KeyboardModifier.ControlModifier
    window.grid.setFocus()
    press(qtbot, window.grid, Qt.Key.Key_F, control)
    assert window.search.field.hasFocus()
    press(qtbot, window.search.field, Qt.Key.Key_Down)
    assert window.grid.hasFocus()
    press(qtbot, window, Qt.Key.Key_F9)
    assert not window.sidebar.isVisible()
    size = window.status.tiles.value()
    press(qtbot, window.grid, Qt.Key.Key_Plus, control)
    assert window.grid.tile_px > size
    assert window.status.tiles.value() == window.grid.tile_px
    window.grid.select_ids([int(window.page.model.ids[1])])
    press(qtbot, window.grid, Qt.Key.Key_C, control | Qt.KeyboardModifier.ShiftModifier)
    qtbot.waitUntil(lambda: QApplication.clipboard().text().endswith(".jpg"), timeout=5000)


def test_closing_is_at_once_even_while_indexing(qtbot: QtBot, make: Make) -> None:
    library = FakeLibrary(per_new_folder=10_000)
    library.latency.index_step_s = 0.01
    window = make(library, ["/photos/A"])
    qtbot.waitUntil(lambda: shown(window) > 3, timeout=8000)
    window.close()
    assert not window.isVisible()
    qtbot.waitUntil(lambda: not window.indexer.running, timeout=5000)
    assert window.last_state.sidebar_px > 100
