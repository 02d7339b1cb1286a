"""The settings on the real library: the file, the environment, flags, and folders on disk."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from gui.driving import press
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QMessageBox, QPushButton
from pytestqt.qtbot import QtBot

from photosearch.gui import app as gui_app
from photosearch.gui.main_window import MainWindow
from photosearch.library import Library
from photosearch.paths import Paths
from photosearch.settings.store import SettingsStore
from photosearch.types import FolderId

# the offscreen platform says this of windows with a smallest size
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")
LEFT = Qt.MouseButton.LeftButton
Open = Callable[..., MainWindow]
FILE = """# mine
[search]
results = 77  # enough

[indexing]
speed = "gentle"
"""


@pytest.fixture
def opened(qapp: QApplication, qtbot: QtBot, home: Path) -> Iterator[Open]:
    """Return what starts the window on a library with a settings file, and shows the settings."""
    starts: list[gui_app.Start] = []

    def start(
        *folders: Path,
        environment: dict[str, str] | None = None,
        flags: dict[str, str] | None = None,
    ) -> MainWindow:
        places = Paths.below(home)
        places.create()
        places.settings_file.write_text(FILE)

        def factory() -> Library:
            store = SettingsStore(places.settings_file, environment or {}, flags)
            return Library(places, store, own_engine=False)

        begun = gui_app.Start(qapp, factory, [str(folder) for folder in folders])
        starts.append(begun)
        qtbot.waitUntil(lambda: begun.window is not None, timeout=20_000)
        assert begun.window is not None
        begun.window.settings.show()
        return begun.window

    yield start
    for begun in starts:
        if begun.window is not None:
            begun.window.close()
        assert gui_app.end(begun) == 0
        begun.deleteLater()


def text(home: Path) -> str:
    return Paths.below(home).settings_file.read_text()


def test_every_source_is_told(opened: Open) -> None:
    window = opened(
        environment={"PHOTOSEARCH_APPEARANCE_TILE_PX": "240"}, flags={"faces.strictness": "0.7"}
    )
    page = window.frame.settings
    badges = {
        key: (page.row(key).badge.text(), page.row(key).control.isEnabled())
        for key in ("search.results", "appearance.tile_px", "faces.strictness", "indexing.watch")
    }
    assert badges == {
        "search.results": ("Settings file", True),
        "appearance.tile_px": ("Environment", False),
        "faces.strictness": ("Command line", False),
        "indexing.watch": ("Default", True),
    }
    assert window.grid.tile_px == 240, "the environment decides, whatever was remembered"


def test_a_change_is_written_and_the_comments_stay(opened: Open, qtbot: QtBot, home: Path) -> None:
    page = opened().frame.settings
    page.show_section("search")
    row = page.row("search.results")
    box = row.control.focusProxy()
    assert box is not None
    box.setFocus()
    press(qtbot, box, Qt.Key.Key_Up)
    press(qtbot, box, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: "results = 78" in text(home), timeout=5000)
    assert text(home).startswith("# mine\n")
    qtbot.waitUntil(lambda: not page.desk.writing, timeout=5000)
    qtbot.mouseClick(row.reset, LEFT)
    qtbot.waitUntil(lambda: "results" not in text(home), timeout=5000)
    qtbot.waitUntil(lambda: row.badge.text() == "Default", timeout=5000)
    assert 'speed = "gentle"' in text(home)


@pytest.mark.parametrize("looking_at_settings", [False, True])
def test_a_file_damaged_while_the_window_is_open_is_told(
    opened: Open, qtbot: QtBot, home: Path, looking_at_settings: bool
) -> None:
    window = opened()
    if not looking_at_settings:
        window.settings.leave()
    file = Paths.below(home).settings_file
    file.write_bytes(b"[search]\nresults = \0\0\0")
    os.utime(file, (1000, 1000))  # nobody is writing it any more
    window.upkeep.refresh()
    qtbot.waitUntil(lambda: window.page.news.isVisibleTo(window.page), timeout=5000)
    said = window.page.news.label.text()
    aside = file.with_name("settings-damaged.toml")
    assert "The settings file was damaged. Your settings are as they were" in said
    assert str(aside) in said
    assert aside.read_bytes() == b"[search]\nresults = \0\0\0"
    assert text(home) == FILE
    assert window.frame.settings.desk.value("search.results").value == 77
    toast = window.frame.settings.toast
    assert (toast.isVisible() and toast.text() == said) is looking_at_settings


def test_a_file_that_cannot_be_read_is_kept_aside(opened: Open, qtbot: QtBot, home: Path) -> None:
    page = opened().frame.settings
    page.show_section("indexing")
    Paths.below(home).settings_file.write_text("this is [no toml")
    row = page.row("indexing.watch")
    switch = row.control.focusProxy()
    assert switch is not None
    qtbot.mouseClick(switch, LEFT)
    qtbot.waitUntil(lambda: row.badge.text() == "Settings file", timeout=5000)
    assert "watch = false" in text(home)
    aside = Paths.below(home).settings_file.with_name("settings-damaged.toml")
    assert aside.read_text() == "this is [no toml", "nothing is lost"


def test_a_folder_is_switched_and_parts_are_left_out(
    opened: Open, qtbot: QtBot, photos: Path, tmp_path: Path
) -> None:
    for number, source in enumerate(sorted((photos / "captioned" / "images").iterdir())[:4]):
        target = tmp_path / "photos" / ("Private" if number % 2 else "Trips")
        target.mkdir(parents=True, exist_ok=True)
        (target / source.name).write_bytes(source.read_bytes())
    window = opened(tmp_path / "photos")
    cards = window.frame.settings.folders.cards

    def counted(count: int) -> bool:
        return bool(cards) and cards[FolderId(1)].folder.photos == count

    qtbot.waitUntil(lambda: counted(4) and not window.indexer.running, timeout=30_000)
    card = cards[FolderId(1)]
    qtbot.mouseClick(card.search.switch, LEFT)
    qtbot.waitUntil(card.search.note.isVisible, timeout=5000)
    qtbot.waitUntil(lambda: not card.folder.search, timeout=5000)
    qtbot.mouseClick(card.patterns_button, LEFT)
    qtbot.keyClicks(card.patterns.field, "!Private")
    press(qtbot, card.patterns.field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: card.patterns.note.property("role") == "wrong", timeout=5000)
    assert "“!Private” cannot be used" in card.patterns.note.text()
    card.patterns.field.clear()
    qtbot.keyClicks(card.patterns.field, "private/")
    press(qtbot, card.patterns.field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: counted(2), timeout=30_000)
    assert [chip.pattern for chip in card.patterns.chips] == ["private/"]
    qtbot.waitUntil(lambda: not window.indexer.running, timeout=30_000)


def test_what_is_kept_is_counted_and_cleared(
    opened: Open, qtbot: QtBot, photos: Path, tmp_path: Path, home: Path
) -> None:
    (tmp_path / "photos").mkdir()
    source = min((photos / "captioned" / "images").iterdir())
    (tmp_path / "photos" / source.name).write_bytes(source.read_bytes())
    window = opened(tmp_path / "photos")
    cards, privacy = window.frame.settings.folders.cards, window.frame.settings.privacy
    qtbot.waitUntil(
        lambda: (
            bool(cards) and cards[FolderId(1)].folder.photos == 1 and not window.indexer.running
        ),
        timeout=30_000,
    )
    window.frame.settings.show_section("privacy")
    qtbot.waitUntil(lambda: "thumbnails" in privacy.rows, timeout=5000)
    row = privacy.rows["thumbnails"]
    before = row.thing.bytes_on_disk
    assert before > 0
    assert row.path.full_text().startswith(str(home))
    qtbot.mouseClick(row.clear, LEFT)
    (box,) = (each for each in window.findChildren(QMessageBox) if each.isVisible())
    clear = next(each for each in box.findChildren(QPushButton) if each.text() == "Clear")
    qtbot.mouseClick(clear, LEFT)
    qtbot.waitUntil(lambda: row.thing.bytes_on_disk < before, timeout=5000)
    assert window.frame.settings.toast.text().endswith("freed.")
