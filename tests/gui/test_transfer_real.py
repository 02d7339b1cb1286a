"""Export and import in the settings, on the real library."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QFileDialog
from pytestqt.qtbot import QtBot

from photosearch.gui import app as gui_app
from photosearch.gui.main_window import MainWindow
from photosearch.library import Library
from photosearch.paths import Paths
from photosearch.settings.store import SettingsStore
from photosearch.types import FolderId, PhotoId

# the offscreen platform says this of windows with a smallest size
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")
LEFT = Qt.MouseButton.LeftButton
Open = Callable[[Path], MainWindow]


@pytest.fixture
def opened(qapp: QApplication, qtbot: QtBot) -> Iterator[Open]:
    """Return what starts the window on a home and shows the settings on privacy."""
    starts: list[gui_app.Start] = []

    def start(home: Path) -> MainWindow:
        places = Paths.below(home)

        def factory() -> Library:
            return Library(places, SettingsStore(places.settings_file, {}), own_engine=False)

        begun = gui_app.Start(qapp, factory, [])
        starts.append(begun)
        qtbot.waitUntil(lambda: begun.window is not None, timeout=20_000)
        assert begun.window is not None
        begun.window.settings.show()
        begun.window.frame.settings.show_section("privacy")
        return begun.window

    yield start
    for begun in starts:
        if begun.window is not None:
            begun.window.close()
        assert gui_app.end(begun) == 0
        begun.deleteLater()


def library_of(home: Path) -> Library:
    places = Paths.below(home)
    return Library(places, SettingsStore(places.settings_file, {}), own_engine=False)


@pytest.fixture
def pictures(photos: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "Pictures"
    folder.mkdir()
    for source in sorted((photos / "captioned" / "images").iterdir())[:3]:
        (folder / source.name).write_bytes(source.read_bytes())
    return folder


@pytest.fixture
def there(pictures: Path, tmp_path: Path) -> Path:
    """A home in which something was said: two favourites, a folder with a switch, a setting."""
    home = tmp_path / "there"
    library = library_of(home)
    try:
        (folder,) = library.add_folders([str(pictures)])
        library.set_folder_faces(folder.id, False)
        library.index(lambda _progress: None, lambda: None)
        library.set_favourite([PhotoId(1), PhotoId(2)], True)
        library.settings.set("search.results", 77)
    finally:
        library.close()
    return home


def choose(dialog: QFileDialog, path: Path) -> None:
    """Choose a file in a dialog, as its own button does."""
    dialog.fileSelected.emit(str(path))
    dialog.reject()


def test_out_of_one_window_and_into_another(
    opened: Open, qtbot: QtBot, there: Path, pictures: Path, tmp_path: Path
) -> None:
    file = tmp_path / "moved.json"
    panel = opened(there).frame.settings.privacy.transfer
    assert panel.isVisible()
    qtbot.mouseClick(panel.export_button, LEFT)
    (dialog,) = panel.window().findChildren(QFileDialog)
    assert dialog.acceptMode() == QFileDialog.AcceptMode.AcceptSave
    assert not dialog.testOption(QFileDialog.Option.DontConfirmOverwrite)
    choose(dialog, file)
    qtbot.waitUntil(lambda: "are in" in panel.result.text(), timeout=5000)
    assert "2 favourites" in panel.result.text()
    assert json.loads(file.read_bytes())["settings"] == {"search.results": 77}

    window = opened(tmp_path / "here")
    panel = window.frame.settings.privacy.transfer
    qtbot.mouseClick(panel.import_button, LEFT)
    choose(panel.window().findChildren(QFileDialog)[0], file)
    qtbot.waitUntil(lambda: "2 favourites" in panel.result.text(), timeout=5000)
    assert "2 photos of it are not here yet" in panel.result.text()
    qtbot.waitUntil(lambda: window.frame.settings.desk.value("search.results").value == 77)
    assert panel.folders_button.text() == "Add 1 folder from there"
    assert str(pictures) in panel.folders_button.toolTip()
    qtbot.mouseClick(panel.folders_button, LEFT)
    cards = window.frame.settings.folders.cards

    def indexed() -> bool:
        return bool(cards) and cards[FolderId(1)].folder.photos == 3 and not window.indexer.running

    qtbot.waitUntil(indexed, timeout=30_000)
    assert not cards[FolderId(1)].folder.faces, "as it was there"
    assert not panel.folders_button.isVisible()
    with ThreadPoolExecutor(1) as pool:  # the window's thread may not ask
        assert pool.submit(panel._library._store.favourites.count).result() == 2


def test_what_cannot_be_used_is_said_in_the_card(
    opened: Open, qtbot: QtBot, tmp_path: Path, pictures: Path
) -> None:
    panel = opened(tmp_path / "here").frame.settings.privacy.transfer
    photo = sorted(pictures.iterdir())[0]
    before = photo.read_bytes()
    panel.bring(str(photo))
    qtbot.waitUntil(lambda: "cannot be imported" in panel.result.text(), timeout=5000)
    assert panel.result.property("role") == "wrong"
    panel.export(str(photo))
    qtbot.waitUntil(lambda: "something else than an export" in panel.result.text(), timeout=5000)
    assert photo.read_bytes() == before
    qtbot.waitUntil(panel.import_button.isEnabled, timeout=5000)
    panel.export(str(tmp_path / "mine.json"))
    qtbot.waitUntil(lambda: "are in" in panel.result.text(), timeout=5000)
    assert panel.result.property("role") == "quiet"


def test_conflicts_are_named(opened: Open, qtbot: QtBot, tmp_path: Path) -> None:
    people = [{"id": 1, "name": "<b>Anna</b>", "birthday": "1980-02-03"}]
    file = tmp_path / "a.json"
    content = {"format": "photosearch-said", "version": 1, "people": people}
    file.write_text(json.dumps(content))
    panel = opened(tmp_path / "here").frame.settings.privacy.transfer
    panel.bring(str(file))
    qtbot.waitUntil(lambda: "New here: 1 name" in panel.result.text(), timeout=5000)
    people[0]["birthday"] = "1981-02-03"
    file.write_text(json.dumps(content))
    qtbot.waitUntil(panel.import_button.isEnabled, timeout=5000)
    panel.bring(str(file))
    said = "<b>Anna</b>: here 1980-02-03, there 1981-02-03"
    qtbot.waitUntil(lambda: said in panel.result.text(), timeout=5000)
    assert "Of 1 thing something else is said here" in panel.result.text()


def test_a_bug_in_an_import_is_reported(
    opened: Open, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_given: object) -> None:
        raise KeyError("of nobody")

    window = opened(tmp_path / "here")
    panel = window.frame.settings.privacy.transfer
    monkeypatch.setattr(panel._library.transfer, "bring", broken)
    panel.bring(str(tmp_path / "a.json"))
    qtbot.waitUntil(lambda: window.problems.dialog is not None, timeout=5000)
    assert window.problems.dialog is not None
    assert "KeyError" in window.problems.dialog.text.toPlainText()
    window.problems.dialog.close()
    assert "of nobody" not in panel.result.text()
