"""Folders in the settings: switches, what is left out, adding, removing, looking for changes."""

from __future__ import annotations

import threading

import pytest
from gui.driving import Make, calls, choose_in_dialog, drop, files, press
from gui.fake_library import FakeLibrary
from gui.settings_driving import Settings, open_settings
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox, QPushButton
from pytestqt.qtbot import QtBot

from photosearch.errors import StoreError
from photosearch.gui.settings.folder_card import FolderCard
from photosearch.types import FolderId

# the offscreen platform says this of windows with a smallest size
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")
LEFT = Qt.MouseButton.LeftButton
LONG = "/media/anna/Archive/" + "a very long name of a folder/" * 12 + "Übergröße"


def folders(qtbot: QtBot, make: Make, library: FakeLibrary, photos: int = 20) -> Settings:
    there = open_settings(qtbot, make, library, "folders", photos)
    wanted = len(library._folders)
    qtbot.waitUntil(lambda: len(there.page.folders.cards) == wanted, timeout=5000)
    return there


def card(there: Settings, number: int = 1) -> FolderCard:
    return there.page.folders.cards[FolderId(number)]


def test_folders_are_listed_with_path_and_count(qtbot: QtBot, make: Make) -> None:
    library = FakeLibrary(20, folders=("/photos/Holidays", LONG))
    library.set_offline(FolderId(2), True)
    there = folders(qtbot, make, library)
    first, second = card(there), card(there, 2)
    assert (first.name.text(), first.path.text()) == ("Holidays", "/photos/Holidays")
    assert first.count.text() == "10 photos"
    assert not first.offline.isVisible()
    assert second.offline.isVisible()
    assert not second.reveal.isEnabled()
    qtbot.waitUntil(lambda: "…" in second.path.text(), timeout=5000)
    assert second.path.text().startswith("/media")
    assert second.path.text().endswith("Übergröße")
    assert second.path.toolTip() == LONG
    assert second.width() <= there.page.area.viewport().width()


@pytest.mark.parametrize(
    ("part", "verb", "said"),
    [
        ("search", "set_folder_search", "Photos in it are not found by what they show"),
        ("faces", "set_folder_faces", "not looked at for faces"),
    ],
)
def test_a_folder_is_switched_and_says_what_is_missing(
    qtbot: QtBot, make: Make, part: str, verb: str, said: str
) -> None:
    library = FakeLibrary(20)
    there = folders(qtbot, make, library)
    line = getattr(card(there), part)
    assert not line.note.isVisible()
    assert line.switch.accessibleName().startswith("Holidays: ")
    library.calls.clear()
    qtbot.mouseClick(line.switch, LEFT)
    qtbot.waitUntil(line.note.isVisible, timeout=5000)
    assert said in line.note.text()
    assert calls(library, verb) == [(1, False)]
    qtbot.waitUntil(lambda: bool(calls(library, "index")), timeout=5000)
    assert calls(library, "index")[-1] == ((1,),)
    line.switch.setFocus()
    press(qtbot, line.switch, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: not line.note.isVisible(), timeout=5000)
    assert calls(library, verb) == [(1, False), (1, True)]


def test_a_slow_library_holds_nothing_up(qtbot: QtBot, make: Make) -> None:
    library = FakeLibrary(20)
    there = folders(qtbot, make, library)
    library.gates["set_folder_search"] = gate = threading.Event()
    line = card(there).search
    qtbot.mouseClick(line.switch, LEFT)
    there.window.news.refresh()
    with qtbot.waitSignal(there.window.news.seen, timeout=5000, raising=False):
        gate.set()
    qtbot.waitUntil(line.note.isVisible, timeout=5000)
    assert not line.switch.isChecked()


def test_a_switch_that_fails_goes_back_and_says_why(qtbot: QtBot, make: Make) -> None:
    library = FakeLibrary(20)
    there = folders(qtbot, make, library)
    library.problems["set_folder_faces"] = StoreError("The library cannot be written.")
    switch = card(there).faces.switch
    qtbot.mouseClick(switch, LEFT)
    qtbot.waitUntil(there.page.toast.isVisible, timeout=5000)
    assert there.page.toast.text() == "The library cannot be written."
    assert switch.isChecked()


def test_what_is_off_for_all_folders_is_said_in_each(qtbot: QtBot, make: Make) -> None:
    library = FakeLibrary(20)
    library.settings.override("search.enabled", False, "file")
    there = folders(qtbot, make, library)
    line = card(there).search
    assert line.note.text() == "Switched off for all folders under Search model."
    library.settings.set("search.enabled", True)
    qtbot.waitUntil(lambda: not line.note.isVisible(), timeout=5000)


# --- what is left out -----------------------------------------------------------


def test_patterns_are_added_and_taken_out(qtbot: QtBot, make: Make) -> None:
    library = FakeLibrary(20)
    there = folders(qtbot, make, library)
    shown = card(there)
    assert shown.patterns_button.text() == "Leave something out…"
    qtbot.mouseClick(shown.patterns_button, LEFT)
    editor = shown.patterns
    assert editor.field.hasFocus()
    assert not editor.button.isEnabled()
    qtbot.keyClicks(editor.field, "Screenshots")
    press(qtbot, editor.field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: len(editor.chips) == 1, timeout=5000)
    assert editor.field.text() == ""
    qtbot.keyClicks(editor.field, " *.png ")
    qtbot.mouseClick(editor.button, LEFT)
    qtbot.waitUntil(lambda: len(editor.chips) == 2, timeout=5000)
    assert calls(library, "set_folder_exclude") == [
        (1, ("Screenshots",)),
        (1, ("Screenshots", "*.png")),
    ]
    assert calls(library, "index")[-1] == ((1,),)
    qtbot.keyClicks(editor.field, "*.png")
    press(qtbot, editor.field, Qt.Key.Key_Return)
    assert editor.note.text() == "This is left out already."
    editor.field.clear()
    first = editor.chips[0].cross
    first.setFocus()
    press(qtbot, first, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: len(editor.chips) == 1, timeout=5000)
    assert editor.chips[0].pattern == "*.png"
    assert editor.chips[0].cross.hasFocus(), "the next one, for who removes several"
    qtbot.mouseClick(shown.patterns_button, LEFT)
    assert not editor.isVisible()
    assert shown.patterns_button.text() == "Leaves out *.png"


def test_a_pattern_that_cannot_be_is_told_in_place(qtbot: QtBot, make: Make) -> None:
    library = FakeLibrary(20)
    there = folders(qtbot, make, library)
    qtbot.mouseClick(card(there).patterns_button, LEFT)
    editor = card(there).patterns
    qtbot.keyClicks(editor.field, "**")
    press(qtbot, editor.field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: editor.note.property("role") == "wrong", timeout=5000)
    assert "“**” cannot be used" in editor.note.text()
    assert editor.field.text() == "**", "to be mended"
    there.window.news.refresh()
    with qtbot.waitSignal(there.window.news.seen, timeout=5000):
        pass
    assert editor.note.property("role") == "wrong", "it stays until it is mended"
    press(qtbot, editor.field, Qt.Key.Key_Escape)
    assert editor.field.text() == ""
    assert editor.note.property("role") == "small"
    assert there.page.isVisible()
    assert library._folders[0].exclude == ()


# --- adding, removing, looking --------------------------------------------------


def test_a_folder_is_added_with_the_button(qtbot: QtBot, make: Make, tmp_path: object) -> None:
    library = FakeLibrary(20)
    there = folders(qtbot, make, library)
    qtbot.mouseClick(there.page.folders.add_button, LEFT)
    assert choose_in_dialog(there.window, str(tmp_path)) == "Add a photo folder"
    qtbot.waitUntil(lambda: len(there.page.folders.cards) == 2, timeout=5000)
    assert card(there, 2).path.full_text() == str(tmp_path)
    qtbot.waitUntil(lambda: not there.window.indexer.running, timeout=5000)


def test_a_folder_is_dropped(qtbot: QtBot, make: Make, tmp_path: object) -> None:
    there = folders(qtbot, make, FakeLibrary(20))
    assert there.window.frame.drop_area() == there.window.frame.rect()
    assert drop(there.window, files(str(tmp_path)))
    qtbot.waitUntil(lambda: len(there.page.folders.cards) == 2, timeout=5000)
    assert drop(there.window, files("/missing"))
    qtbot.waitUntil(there.page.toast.isVisible, timeout=5000)
    assert there.page.toast.text() == "There is no folder /missing."
    qtbot.waitUntil(lambda: not there.window.indexer.running, timeout=5000)


def test_removing_a_folder_is_asked(qtbot: QtBot, make: Make) -> None:
    library = FakeLibrary(20, folders=("/photos/A", "/photos/B"))
    there = folders(qtbot, make, library)
    qtbot.mouseClick(card(there).remove, LEFT)
    (box,) = there.window.findChildren(QMessageBox)
    assert box.text() == "Remove this folder from the library?"
    remove = next(each for each in box.findChildren(QPushButton) if each.text() == "Remove")
    qtbot.mouseClick(remove, LEFT)
    qtbot.waitUntil(lambda: list(there.page.folders.cards) == [2], timeout=5000)
    assert calls(library, "remove_folder") == [(1,)]


def test_changes_are_looked_for(qtbot: QtBot, make: Make) -> None:
    library = FakeLibrary(20, folders=("/photos/A", "/photos/B"))
    there = folders(qtbot, make, library)
    library.calls.clear()
    qtbot.mouseClick(there.page.folders.again, LEFT)
    qtbot.waitUntil(lambda: calls(library, "index") == [((),)], timeout=5000)
    qtbot.waitUntil(lambda: not there.window.indexer.running, timeout=5000)
    assert there.page.folders.said.text().startswith("Up to date. Last checked at ")
    qtbot.mouseClick(card(there, 2).again, LEFT)
    qtbot.waitUntil(lambda: calls(library, "index")[1:] == [((2,),)], timeout=5000)


def test_without_folders_it_says_what_to_do(qtbot: QtBot, make: Make) -> None:
    there = folders(qtbot, make, FakeLibrary(), 0)
    assert there.page.folders.empty.isVisible()
    assert not there.page.folders.again.isVisible()


def test_single_photos_take_little_room_and_many_wait(qtbot: QtBot, make: Make) -> None:
    library = FakeLibrary(20)
    library.add_folders([f"/photos/IMG_{number}.jpg" for number in range(40)])
    library.calls.clear()
    there = open_settings(qtbot, make, library, "folders", 60)
    qtbot.waitUntil(lambda: len(there.page.folders.cards) == 30, timeout=5000)
    assert card(there, 2).height() < card(there).height() / 2
    assert not card(there, 2).search.isVisible()
    assert there.page.folders.more.text() == "Show 11 more"
    qtbot.mouseClick(there.page.folders.more, LEFT)
    assert len(there.page.folders.cards) == 41
    assert not there.page.folders.more.isVisible()
