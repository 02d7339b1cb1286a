"""The people pages on the real library: found, grouped, named, undone, and still so after all."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from gui.people_driving import LEFT, NONE
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from photosearch.gui import app as gui_app
from photosearch.gui.main_window import MainWindow
from photosearch.gui.people.person_tiles import name_box
from photosearch.library import Library
from photosearch.paths import Paths
from photosearch.settings.store import SettingsStore

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")
PATIENCE = 60_000
Open = Callable[[Path], MainWindow]


@pytest.fixture
def opened(qapp: QApplication, qtbot: QtBot, home: Path, models: Path) -> Iterator[Open]:
    """Return what starts the window, as the program does, with a face pack."""
    starts: list[gui_app.Start] = []

    def start(folder: Path) -> MainWindow:
        def factory() -> Library:
            places = Paths.below(home)
            library = Library(places, SettingsStore(places.settings_file), own_engine=True)
            library.add_model(str(models / "standin-faces"))
            return library

        begun = gui_app.Start(qapp, factory, [str(folder)])
        starts.append(begun)
        qtbot.waitUntil(lambda: begun.window is not None, timeout=20_000)
        assert begun.window is not None
        return begun.window

    yield start
    for begun in starts:
        if begun.window is not None:
            begun.window.close()
        assert gui_app.end(begun) == 0
        begun.deleteLater()


def test_from_a_folder_to_names(opened: Open, qtbot: QtBot, photos: Path, tmp_path: Path) -> None:
    folder = tmp_path / "photos"
    folder.mkdir()
    for person in ("person_01", "person_03"):
        for source in sorted((photos / "people" / "images" / person).iterdir())[:6]:
            shutil.copy(source, folder / f"{person}-{source.name}")
    window = opened(folder)
    qtbot.waitUntil(lambda: window.page.answered and window.isVisible(), timeout=PATIENCE)
    sidebar = window.sidebar  # there is no room for it on this screen
    sidebar.tree.setCurrentItem(sidebar._items[("people", 0, b"")])
    assert window.frame.among_people
    page, room = window.frame.people.people, window.frame.people
    qtbot.waitUntil(lambda: page.model.rowCount() == 2, timeout=PATIENCE)
    qtbot.waitUntil(lambda: not window.indexer.running, timeout=PATIENCE)
    view = page.view
    first = page.model.person(0)
    assert first is not None
    assert first.photos == 6
    qtbot.waitUntil(lambda: room.pictures.covers.face(first.cover) is not None, timeout=PATIENCE)
    where = name_box(view.visualRect(page.model.index(0, 0)), view.font()).center()
    qtbot.mouseClick(view.viewport(), LEFT, NONE, where)
    for name in ("Anna", "Ben"):
        QTest.keyClicks(view.editor, name)
        qtbot.keyClick(view.editor, Qt.Key.Key_Return)
    names = lambda: sorted(p.name for n in (0, 1) if (p := page.model.person(n)))  # noqa: E731
    qtbot.waitUntil(lambda: names() == ["Anna", "Ben"], timeout=PATIENCE)
    said = "Undo: Name Ben (Ctrl+Z)"
    qtbot.waitUntil(lambda: page.undo.undo.toolTip() == said, timeout=PATIENCE)
    view.setFocus()
    qtbot.keyClick(view, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: names() == ["", "Anna"], timeout=PATIENCE)
    page.grouping.strictnessWanted.emit(0.8)
    with qtbot.waitSignal(room.desk.groupEnded, timeout=PATIENCE):
        pass
    qtbot.waitUntil(lambda: "Anna" in names(), timeout=PATIENCE)
