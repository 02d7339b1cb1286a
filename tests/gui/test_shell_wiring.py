"""What one part of the window asks reaches the part that does it; the desktop only takes notes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from gui.driving import Make, action, calls, choose_in_dialog, press, settled, shown
from gui.fake_library import FakeLibrary
from PySide6.QtCore import QObject, QPoint, Qt, Signal
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from photosearch.gui.main_window import MainWindow
from photosearch.types import PhotoId

# the offscreen platform says this of every dialog with a fixed size, and of menus
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")
CONTROL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


class RecordingDesktop(QObject):
    """Takes notes of what is asked of the desktop."""

    failed = Signal(str)

    def __init__(self, _runner: object, parent: QObject | None = None):
        super().__init__(parent)
        self.asked: list[tuple[str, Any]] = []

    def open(self, paths: Sequence[str]) -> None:
        self.asked.append(("open", list(paths)))

    def open_one(self, path: str) -> None:
        self.asked.append(("open_one", path))

    def reveal(self, path: str) -> None:
        self.asked.append(("reveal", path))

    def copy_files(self, paths: Sequence[str]) -> None:
        self.asked.append(("copy_files", list(paths)))

    def copy_paths(self, paths: Sequence[str]) -> None:
        self.asked.append(("copy_paths", list(paths)))


@pytest.fixture
def recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("photosearch.gui.main_window.Desktop", RecordingDesktop)


def asked(window: MainWindow) -> list[tuple[str, Any]]:
    desktop = window.desktop
    assert isinstance(desktop, RecordingDesktop)
    return desktop.asked


def first_paths(window: MainWindow, library: FakeLibrary, count: int) -> list[str]:
    numbers = [int(photo) - library.photo_id(0) for photo in window.page.model.ids[:count]]
    found = [library._summary(number) for number in numbers]
    return [summary.path for summary in found if summary is not None]


# --- photos -------------------------------------------------------------------


def test_what_the_viewer_asks_is_done(qtbot: QtBot, make: Make, recorded: None) -> None:
    library = FakeLibrary(20)
    window = make(library)
    settled(qtbot, window, 20)
    (path,) = first_paths(window, library, 1)
    window.looking.open(0)
    viewer = window.viewer
    qtbot.waitUntil(lambda: viewer._summary is not None, timeout=5000)
    for button, verb in (
        (viewer.bar.open, "open_one"),
        (viewer.bar.reveal, "reveal"),
    ):
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
        assert asked(window)[-1] == (verb, path)
        assert not viewer.toast.isVisible()
    for button, verb, said in (
        (viewer.bar.copy, "copy_files", "File copied"),
        (viewer.bar.path, "copy_paths", "Path copied"),
    ):
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
        assert asked(window)[-1] == (verb, [path])
        assert viewer.toast.isVisible()
        assert viewer.toast.text() == said
        assert viewer.rect().contains(viewer.toast.geometry())
    qtbot.mouseClick(viewer.bar.similar, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: shown(window) == 2, timeout=5000)
    assert not window.frame.viewing
    assert calls(library, "search")[-1][0].like == (int(viewer._ids[0]),)


def test_the_viewer_closes_on_the_photo_it_showed(qtbot: QtBot, make: Make) -> None:
    window = make(FakeLibrary(20))
    settled(qtbot, window, 20)
    window.grid.photoActivated.emit(3)
    assert window.frame.viewing
    press(qtbot, window.viewer, Qt.Key.Key_Right)
    press(qtbot, window.viewer, Qt.Key.Key_Escape)
    assert not window.frame.viewing
    assert window.chosen().tolist() == [int(window.page.model.ids[4])]


def menu_of(qtbot: QtBot, window: MainWindow, rows: int) -> QMenu:
    ids = window.page.model.ids[:rows]
    window.grid.select_ids([PhotoId(photo) for photo in ids.tolist()])
    window.grid.contextMenuWanted.emit(QPoint(50, 50), window.chosen())
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    return menu


def test_the_menu_of_a_photo(qtbot: QtBot, make: Make, recorded: None) -> None:
    library = FakeLibrary(30)
    window = make(library)
    settled(qtbot, window, 30)
    menu = menu_of(qtbot, window, 1)
    assert [each.text() for each in menu.actions() if not each.isSeparator()] == [
        "Open", "Find similar", "Favourite", "Open with default program",
        "Show in file manager", "Copy file", "Copy path",
    ]  # fmt: skip
    paths = first_paths(window, library, 1)
    for text, note in (
        ("Open with default program", ("open", paths)),
        ("Show in file manager", ("reveal", paths[0])),
        ("Copy file", ("copy_files", paths)),
        ("Copy path", ("copy_paths", paths)),
    ):
        action(menu, text).trigger()
        qtbot.waitUntil(lambda note=note: asked(window)[-1:] == [note], timeout=5000)  # type: ignore[misc]
    photo = int(window.page.model.ids[0])
    action(menu, "Favourite").trigger()
    qtbot.waitUntil(lambda: len(library.favourites) == 1, timeout=5000)
    menu.close()
    menu = menu_of(qtbot, window, 1)
    qtbot.waitUntil(lambda: window.page.model.are_favourites((PhotoId(photo),)), timeout=5000)
    assert "Remove from favourites" in [each.text() for each in menu.actions()]
    action(menu, "Open").trigger()
    assert window.viewer.photo() == photo
    window.viewer.close_viewer()
    action(menu, "Find similar").trigger()
    qtbot.waitUntil(lambda: shown(window) == 3, timeout=5000)
    assert calls(library, "search")[-1][0].like == (photo,)
    menu.close()


def test_the_menu_of_several_photos_counts_them(qtbot: QtBot, make: Make, recorded: None) -> None:
    library = FakeLibrary(30)
    window = make(library)
    settled(qtbot, window, 30)
    menu = menu_of(qtbot, window, 3)
    action(menu, "Copy 3 paths").trigger()
    note = ("copy_paths", first_paths(window, library, 3))
    qtbot.waitUntil(lambda: asked(window)[-1:] == [note], timeout=5000)
    assert window.page.news.label.text() == "3 paths copied"
    menu.close()


@pytest.mark.parametrize(
    ("keys", "verb"),
    [
        ((Qt.Key.Key_Return, CONTROL), "open"),
        ((Qt.Key.Key_R, CONTROL), "reveal"),
        ((Qt.Key.Key_C, CONTROL), "copy_files"),
        ((Qt.Key.Key_C, CONTROL | SHIFT), "copy_paths"),
    ],
)
def test_keys_of_the_grid(
    qtbot: QtBot,
    make: Make,
    recorded: None,
    keys: tuple[Qt.Key, Qt.KeyboardModifier],
    verb: str,
) -> None:
    library = FakeLibrary(10)
    window = make(library)
    settled(qtbot, window, 10)
    window.activateWindow()
    window.grid.select_ids([PhotoId(int(window.page.model.ids[0]))])
    window.grid.setFocus()
    press(qtbot, window.grid, *keys)
    qtbot.waitUntil(lambda: [note[0] for note in asked(window)] == [verb], timeout=5000)


def test_a_complaint_of_the_desktop_is_shown(qtbot: QtBot, make: Make, recorded: None) -> None:
    window = make(FakeLibrary(10))
    settled(qtbot, window, 10)
    window.desktop.failed.emit("No file manager could be found.")
    assert window.page.news.label.text() == "No file manager could be found."
    assert window.page._news_timer.isActive(), "for a moment"


# --- folders and files --------------------------------------------------------


def test_files_and_folders_are_revealed(qtbot: QtBot, make: Make, recorded: None) -> None:
    library = FakeLibrary(10)
    library.add_failure("bad.jpg", "The file is empty.")
    window = make(library)
    settled(qtbot, window, 10)
    window.upkeep.show_failures()
    qtbot.waitUntil(lambda: window.failures.model.rowCount() == 1, timeout=5000)
    window.failures.list.setCurrentIndex(window.failures.model.index(0))
    qtbot.mouseClick(window.failures.reveal, Qt.MouseButton.LeftButton)
    assert asked(window) == [("reveal", "/photos/Holidays/bad.jpg")]
    window.failures.close()
    menu = window.sidebar.folder_menu(window.sidebar._branches.folder(1), b"2023/Sea")
    action(menu, "Show in file manager").trigger()
    assert asked(window)[-1] == ("reveal", "/photos/Holidays/2023/Sea")
    menu.close()


def test_one_folder_is_looked_at_again_and_later_runs_are_joined(qtbot: QtBot, make: Make) -> None:
    library = FakeLibrary(10, folders=("/photos/A", "/photos/B"))
    window = make(library)
    settled(qtbot, window, 10)
    assert calls(library, "index") == [((),)], "all folders at the start"
    menu = window.sidebar.folder_menu(window.sidebar._branches.folder(2), b"")
    action(menu, "Look for changes").trigger()
    qtbot.waitUntil(lambda: not window.indexer.running, timeout=5000)
    menu.close()
    assert calls(library, "index")[1:] == [((2,),)]
    library._folders[0].count += 40
    library.latency.index_step_s = 0.01
    window.upkeep.rescan_one(1)  # type: ignore[arg-type]
    window.upkeep.rescan_one(1)  # type: ignore[arg-type]
    window.upkeep.rescan_one(2)  # type: ignore[arg-type]
    settled(qtbot, window, 50)
    assert calls(library, "index")[2:] == [((1,),), ((1, 2),)]


def test_the_menu_of_the_program(qtbot: QtBot, make: Make, tmp_path: Any) -> None:
    library = FakeLibrary(10)
    window = make(library)
    settled(qtbot, window, 10)
    menu = window.top.menu
    for text, title, verb in (
        ("Add folder…\tCtrl+O", "Add a photo folder", "add_folders"),
        ("Add photos…", "Add photos", "add_folders"),
    ):
        library.calls.clear()
        action(menu, text).trigger()
        path = str(tmp_path / title)
        assert choose_in_dialog(window, path) == title
        qtbot.waitUntil(
            lambda verb=verb, path=path: calls(library, verb) == [((path,),)],  # type: ignore[misc]
            timeout=5000,
        )
        qtbot.waitUntil(lambda: bool(calls(library, "index")), timeout=5000)
        qtbot.waitUntil(lambda: not window.indexer.running, timeout=5000)
    library.calls.clear()
    action(menu, "Look for changes\tF5").trigger()
    qtbot.waitUntil(lambda: len(calls(library, "index")) == 1, timeout=5000)
    qtbot.waitUntil(lambda: not window.indexer.running, timeout=5000)


def test_the_look_is_chosen_in_the_menu_and_kept(qtbot: QtBot, make: Make) -> None:
    library = FakeLibrary(10)
    window = make(library)
    settled(qtbot, window, 10)
    assert window.top.themes["system"].isChecked()
    light = QApplication.palette().window().color()
    window.top.themes["dark"].trigger()
    assert QApplication.palette().window().color().lightness() < light.lightness()
    qtbot.waitUntil(lambda: library.settings.current.appearance.theme == "dark", timeout=5000)


def test_of_two_copies_the_one_in_the_folder_looked_at_is_meant(
    qtbot: QtBot, make: Make, recorded: None
) -> None:
    library = FakeLibrary(40, folders=("/photos/A", "/photos/B"))
    window = make(library)
    settled(qtbot, window, 40)
    tree = window.sidebar.tree
    qtbot.waitUntil(lambda: tree.topLevelItemCount() == 6, timeout=5000)
    tree.setCurrentItem(tree.topLevelItem(4))
    place = window.sidebar.place().filter
    assert place.folder is not None
    qtbot.waitUntil(lambda: 0 < len(window.page.model.ids) < 40)
    library.calls.clear()
    window.page.model.refresh_summaries()
    window.grid.selectAll()
    press(qtbot, window.grid, Qt.Key.Key_C, CONTROL | SHIFT)
    window.looking.open(0)
    qtbot.waitUntil(lambda: window.viewer._summary is not None, timeout=5000)
    qtbot.waitUntil(lambda: bool(asked(window)), timeout=5000)
    places = [args[1] for verb, args in library.calls if verb in ("summaries", "details")]
    assert len(places) >= 2
    assert set(places) == {place}
