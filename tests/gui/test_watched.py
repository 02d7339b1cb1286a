"""New photos in a watched folder can be searched within seconds: real folders, model, window."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from photosearch.gui import app as gui_app
from photosearch.gui.main_window import MainWindow
from photosearch.gui.watching import Watching
from photosearch.library import Library
from photosearch.paths import Paths
from photosearch.settings.store import SettingsStore
from photosearch.types import SearchRequest

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")
WITHIN_S = 3.0
TRIES = 4  # of which one has to be so fast: other work on the machine is nobody's fault


def copy_photos(sources: list[Path], target: Path) -> Path:
    target.mkdir(parents=True, exist_ok=True)
    for source in sources:
        shutil.copyfile(source, target / source.name)
    return target


@pytest.fixture
def pictures(photos: Path) -> list[Path]:
    return sorted((photos / "captioned" / "images").iterdir())


@pytest.fixture
def window(
    qapp: QApplication, qtbot: QtBot, models: Path, tmp_path: Path, pictures: list[Path]
) -> Iterator[MainWindow]:
    """A window on a folder with five photos, indexed and watched."""
    folder = copy_photos(pictures[:5], tmp_path / "photos")

    def factory() -> Library:
        places = Paths.below(tmp_path / "home")
        library = Library(places, SettingsStore(places.settings_file), own_engine=True)
        library.add_model(str(models / "standin-clip"))
        return library

    start = gui_app.Start(qapp, factory, [str(folder)])
    qtbot.waitUntil(lambda: start.window is not None, timeout=20_000)
    window = start.window
    assert window is not None
    shows(qtbot, window, 5)
    (watching,) = start.findChildren(Watching)
    qtbot.waitUntil(lambda: len(watching._watch._held) == 1, timeout=20_000)
    yield window
    window.close()
    assert gui_app.end(start) == 0
    start.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)  # its theme ends with it


def shows(qtbot: QtBot, window: MainWindow, count: int) -> None:
    def settled() -> bool:
        return window.page.model.rowCount() == count and not window.indexer.running

    qtbot.waitUntil(settled, timeout=60_000)


def test_a_new_photo_is_found_within_three_seconds(
    qtbot: QtBot, window: MainWindow, tmp_path: Path, pictures: list[Path]
) -> None:
    # The window's thread may not search itself: another library asks the same database.
    places = Paths.below(tmp_path / "home")
    library = Library(places, SettingsStore(places.settings_file), own_engine=False)
    request = SearchRequest("a photo", content_only=True)
    took: list[float] = []
    try:
        for count, source in enumerate(pictures[5 : 5 + TRIES], 6):

            def is_found(count: int = count) -> bool:
                model = library.model()
                assert model is not None
                library._engine.refresh(model.key)
                return len(library.search(request).ids) == count

            began = time.monotonic()
            shutil.copyfile(source, tmp_path / "photos" / source.name)
            qtbot.waitUntil(is_found, timeout=60_000)
            took.append(time.monotonic() - began)
            shows(qtbot, window, count)
            if took[-1] < WITHIN_S:
                break
    finally:
        library.close()
    print(f"found after {', '.join(f'{each:.2f}' for each in took)} s")
    assert min(took) < WITHIN_S


def test_the_window_follows_what_happens_on_disk(
    qtbot: QtBot, window: MainWindow, tmp_path: Path, pictures: list[Path]
) -> None:
    folder = tmp_path / "photos"
    copy_photos(pictures[5:8], folder / "new" / "deep")
    shows(qtbot, window, 8)
    (folder / "new").rename(folder / "moved")
    (folder / pictures[0].name).unlink()
    shows(qtbot, window, 7)
    window._library.settings.set("indexing.watch", False)
    copy_photos(pictures[8:9], folder)
    window.upkeep.rescan()  # by hand; nothing else does it now
    shows(qtbot, window, 8)
