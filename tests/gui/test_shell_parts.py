"""Parts of the window by themselves: words, themes, icons, remembered sizes, start and end."""

from __future__ import annotations

import json
import os
import subprocess
import threading
from pathlib import Path
from xml.etree import ElementTree

import pytest
from gui.fake_library import FakeLibrary
from PySide6.QtCore import QMimeData, Qt, QTimer
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication, QMessageBox
from pytestqt.qtbot import QtBot

from photosearch.errors import StoreError
from photosearch.gui import app as gui_app
from photosearch.gui import icons, resources, text, theme, window_state
from photosearch.gui.actions import Desktop
from photosearch.gui.directories import Directories
from photosearch.gui.dropping import dropped_paths
from photosearch.gui.grid import file_url
from photosearch.gui.sidebar import Sidebar
from photosearch.gui.status.area import StatusArea, sentence
from photosearch.jobs import Runner
from photosearch.types import Folder, FolderId, Progress, Stage, Subfolder

pytestmark = pytest.mark.qt_log_ignore("does not support propagateSizeHints")


# --- words --------------------------------------------------------------------


def test_the_status_sentence(qapp: QApplication) -> None:
    progress = Progress(Stage.LOOK, 1204, 8430, 31.4, 233.0)
    assert sentence(progress) == ("Looking at photos 1,204 of 8,430  ·  31 photos/s  ·  4 min left")
    assert sentence(Progress(Stage.SCAN, 0, 0)) == "Looking for photos…"
    assert sentence(Progress(Stage.SCAN, 1, 0)) == "Looking for photos…  ·  1 photo"
    held = Progress(Stage.EMBED, 3, 10, 2.0, 4.0, paused=True)
    assert sentence(held) == "Learning what photos show 3 of 10  ·  paused"
    assert all(sentence(Progress(stage, 1, 2)) for stage in Stage)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(3, "a few seconds"), (41, "40 s"), (61, "1 min"), (3600, "1 h"), (5400, "1 h 30 min")],
)
def test_durations(qapp: QApplication, seconds: float, words: str) -> None:
    assert text.duration(seconds) == words


def test_names_that_are_not_utf8_can_be_shown(qapp: QApplication) -> None:
    name = b"caf\xe9.jpg".decode("utf-8", "surrogateescape")
    assert text.shown(name) == "caf\ufffd.jpg"
    assert text.shown("مرحبا.jpg") == "مرحبا.jpg"


def test_a_dropped_name_that_is_not_utf8_survives(qapp: QApplication) -> None:
    path = "/photos/" + b"caf\xe9 100%".decode("utf-8", "surrogateescape")
    mime = QMimeData()
    mime.setUrls([file_url(path), file_url("/photos/plain/")])
    assert dropped_paths(mime) == (path, "/photos/plain")


# --- looks --------------------------------------------------------------------


def contrast(one: str, other: str) -> float:
    def light(colour: str) -> float:
        parts = QColor(colour).getRgbF()[:3]
        lin = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
        return 0.2126 * lin[0] + 0.7152 * lin[1] + 0.0722 * lin[2]

    high, low = sorted((light(one), light(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("side", [theme.LIGHT, theme.DARK, theme.VIEWER])
def test_words_can_be_read(side: theme.Colours) -> None:
    for ground in (side.canvas, side.chrome, side.field, side.raised):
        assert contrast(side.text, ground) >= 7
        assert contrast(side.quiet, ground) >= 4.5
    assert contrast(side.on_accent, side.accent) >= 4.5
    assert contrast(side.warn, side.chrome) >= 4.5


def test_the_theme_changes_live(qapp: QApplication, qtbot: QtBot) -> None:
    look = theme.Theme(qapp, "light")
    assert qapp.palette().window().color() == QColor(theme.LIGHT.chrome)
    with qtbot.waitSignal(look.changed):
        look.want("dark")
    assert qapp.palette().window().color() == QColor(theme.DARK.chrome)
    button = icons.IconButton("heart", "Favourite")
    qtbot.addWidget(button)
    dark = button.icon().pixmap(20, 20).toImage()
    look.want("light")
    assert button.icon().pixmap(20, 20).toImage() != dark
    look.deleteLater()


def test_the_system_is_followed_unless_a_side_is_chosen(qapp: QApplication) -> None:
    hints = qapp.styleHints()
    look = theme.Theme(qapp, "system")
    for scheme, side in (
        (Qt.ColorScheme.Dark, theme.DARK),
        (Qt.ColorScheme.Light, theme.LIGHT),
        (Qt.ColorScheme.Dark, theme.DARK),
    ):
        hints.colorSchemeChanged.emit(scheme)
        assert qapp.palette().window().color() == QColor(side.chrome)
        assert side.canvas in qapp.styleSheet()
    look.want("light")
    hints.colorSchemeChanged.emit(Qt.ColorScheme.Dark)
    assert qapp.palette().window().color() == QColor(theme.LIGHT.chrome)
    look.want("system")
    assert qapp.palette().window().color() == QColor(theme.DARK.chrome), "as the system is by now"
    look.want("light")
    look.deleteLater()


def test_every_drawing_is_an_svg_and_can_be_painted(qapp: QApplication) -> None:
    drawings = sorted((resources.folder() / "icons").glob("*.svg"))
    assert len(drawings) > 25
    for path in drawings:
        ElementTree.parse(path)
        image = icons.pixmap(path.stem, QColor("black"), 24, 2.0).toImage()
        assert image.width() == 48
        opaque = sum(
            image.pixelColor(x, y).alpha() > 0 for x in range(0, 48, 2) for y in range(0, 48, 2)
        )
        assert opaque > 5, path.name
    assert not icons.app_icon().isNull()


# --- sidebar and status -------------------------------------------------------


def trees(below: dict[FolderId, tuple[Subfolder, ...]]) -> dict[FolderId, Directories]:
    return {folder: Directories.of(inside) for folder, inside in below.items()}


def test_the_sidebar_keeps_what_is_open_and_chosen(qtbot: QtBot) -> None:
    bar = Sidebar()
    qtbot.addWidget(bar)
    one = Folder(FolderId(1), "/photos/" + "x" * 200, 30)
    two = Folder(FolderId(2), "/media/usb/Old", 5, offline=True)
    below = {
        FolderId(1): (Subfolder(FolderId(1), b"a/b", 7), Subfolder(FolderId(1), b"a", 3)),
        FolderId(2): (),
    }
    bar.set_folders((one, two), trees(below))
    bar._items[("folder", 1, b"")].setExpanded(True)
    item = bar._items[("folder", 1, b"a")]
    assert item.data(0, Qt.ItemDataRole.UserRole + 1) == 10, "counts include what is below"
    assert "offline" in bar._items[("folder", 2, b"")].data(0, Qt.ItemDataRole.AccessibleTextRole)
    bar.tree.setCurrentItem(item)
    item.setExpanded(True)
    more = {**below, FolderId(1): (*below[FolderId(1)], Subfolder(FolderId(1), b"a/\xff", 1))}
    bar.set_folders((one, two), trees(more))
    assert bar.tree.currentItem() is item
    assert item.isExpanded()
    assert bar.place().filter.dir == b"a"
    assert bar._items[("folder", 1, b"a/\xff")].text(0) == "\ufffd"
    bar.set_folders((two,), trees({FolderId(2): ()}))
    assert bar.place().title == "Photos"
    bar.set_folders((), {})
    assert bar.tree.topLevelItemCount() == 3
    bar.grab()


def test_ten_thousand_directories_hold_nobody_up(qtbot: QtBot) -> None:
    bar = Sidebar()
    qtbot.addWidget(bar)
    bar.show()
    folder = Folder(FolderId(1), "/photos", 20_000)
    subs = tuple(
        Subfolder(FolderId(1), b"day %05d/%s" % (n, part), 1)
        for n in range(10_000)
        for part in (b"a", b"b")
    )
    bar.set_folders((folder,), trees({FolderId(1): subs}))
    item = bar._items[("folder", 1, b"")]
    assert item.childCount() == 0, "nobody sees them"
    item.setExpanded(True)
    assert 0 < item.childCount() <= 500, "rows come in portions"
    more = (*subs, Subfolder(FolderId(1), b"day 00000b", 5), Subfolder(FolderId(1), b"z", 1))
    bar.set_folders((folder,), trees({FolderId(1): more}))
    qtbot.waitUntil(lambda: item.childCount() == 10_002, timeout=20_000)
    names = [item.child(row).text(0) for row in range(item.childCount())]
    assert names[:3] == ["day 00000", "day 00000b", "day 00001"]
    assert names[-1] == "z"
    assert names == sorted(names)
    first = item.child(0)
    first.setExpanded(True)
    assert [first.child(row).text(0) for row in range(first.childCount())] == ["a", "b"]
    bar.set_folders((folder,), trees({FolderId(1): subs[1:]}))
    assert item.childCount() == 10_000
    assert [first.child(row).text(0) for row in range(first.childCount())] == ["b"]


def test_the_status_is_quiet_when_nothing_is_on(qtbot: QtBot) -> None:
    area = StatusArea()
    qtbot.addWidget(area)
    area.resize(1000, 40)
    area.show()
    area.show_library(8430, 1)
    assert area.label.text() == "8,430 photos  ·  up to date"
    assert not area.bar.isVisible()
    assert not area.failures.isVisible()
    area.show_progress(Progress(Stage.LOOK, 1, 2))
    assert area.bar.isVisible()
    assert area.pause.isVisible()


def test_copied_files_carry_urls_and_paths(qtbot: QtBot) -> None:
    runner = Runner()
    Desktop(runner).copy_files(["/photos/a b.jpg", "/photos/ü.jpg"])
    mime = QApplication.clipboard().mimeData()
    assert [url.toLocalFile() for url in mime.urls()] == ["/photos/a b.jpg", "/photos/ü.jpg"]
    assert mime.text() == "/photos/a b.jpg\n/photos/ü.jpg"
    assert runner.shutdown(5)
    QApplication.clipboard().clear()  # offscreen, Qt crashes at exit with data left on it


@pytest.mark.skipif(os.name == "nt", reason="names are UTF-16 there")
def test_a_copied_path_leads_back_to_its_file(qtbot: QtBot, tmp_path: Path) -> None:
    odd = os.fsdecode(b"it's caf\xe9 \\ \xc3\xbc.jpg")
    paths = [str(tmp_path / name) for name in ("a b.jpg", "ü.jpg", odd)]
    for path in paths:
        Path(path).touch()
    runner = Runner()
    Desktop(runner).copy_paths(paths)
    mime = QApplication.clipboard().mimeData()
    assert dropped_paths(mime) == tuple(paths), "the URLs are exact"
    assert b"caf%E9" in bytes(mime.data("text/uri-list").data())
    lines = mime.text().split("\n")
    assert lines[:2] == paths[:2]
    assert "\ufffd" not in lines[2]
    found = subprocess.run(["bash", "-c", f"printf %s {lines[2]}"], capture_output=True, check=True)
    assert found.stdout == os.fsencode(paths[2]), "pasted into a shell, it is the path"
    assert runner.shutdown(5)
    QApplication.clipboard().clear()  # offscreen, Qt crashes at exit with data left on it


# --- remembered sizes, start and end ------------------------------------------


def test_window_state_round_trip_and_odd_files(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "window.json"
    state = window_state.WindowState("abc", 300, False, 200, True, True)
    window_state.save(path, state)
    assert window_state.load(path) == state
    path.write_text(json.dumps({"sidebar_px": "wide", "tile_px": 99, "unknown": 1}))
    assert window_state.load(path) == window_state.WindowState(tile_px=99)
    for odd in ("", "[1]", "{", "null"):
        path.write_text(odd)
        assert window_state.load(path) == window_state.WindowState()
    blocked = tmp_path / "file"
    blocked.write_text("")
    window_state.save(blocked / "window.json", state)  # a refusing disk is no error


def test_the_window_starts_remembers_and_ends(
    qapp: QApplication, qtbot: QtBot, tmp_path: Path
) -> None:
    path = tmp_path / "window.json"
    for tile_px in (150, 201):
        library = FakeLibrary(20, state_path=path)
        library.forbidden_thread = threading.get_ident()
        start = gui_app.Start(qapp, lambda made=library: made, ())  # type: ignore[misc]
        qtbot.waitUntil(lambda begun=start: begun.window is not None, timeout=5000)
        window = start.window
        assert window is not None
        qtbot.waitUntil(lambda shown=window: shown.page.model.rowCount() == 20, timeout=5000)
        if tile_px == 201:
            assert window.grid.tile_px == 150, "the first window's size is remembered"
        window.grid.setTilePx(tile_px)
        window.close()
        assert gui_app.end(start) == 0
        assert library.closed
        assert library.trespasses == []
        start.deleteLater()
    assert window_state.load(path).tile_px == 201


def test_run_window_returns_when_the_window_is_closed(qapp: QApplication, tmp_path: Path) -> None:
    library = FakeLibrary(20, state_path=tmp_path / "window.json")
    closer = QTimer(interval=100)

    def close() -> None:
        for widget in qapp.topLevelWidgets():
            if widget.objectName() == "mainWindow" and widget.isVisible():
                closer.stop()
                widget.close()

    closer.timeout.connect(close)
    closer.start()
    assert gui_app.run_window(lambda: library, []) == 0
    assert library.closed


def test_a_library_that_does_not_open_is_explained(qapp: QApplication) -> None:
    def refuse() -> FakeLibrary:
        raise StoreError("The library was made by a newer PhotoSearch. Update this one.")

    told: list[str] = []
    closer = QTimer(interval=50)

    def close() -> None:
        for widget in qapp.topLevelWidgets():
            if isinstance(widget, QMessageBox) and widget.isVisible():
                told.append(widget.informativeText())
                closer.stop()
                widget.close()

    closer.timeout.connect(close)
    closer.start()
    assert gui_app.run_window(refuse, []) == 1
    assert told == ["The library was made by a newer PhotoSearch. Update this one."]
