"""The window on the real library with real photos and models: threads, models, and its pulse."""

from __future__ import annotations

import shutil
import statistics
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from gui.driving import press, settled, shown
from PySide6.QtCore import QElapsedTimer, QObject, Qt, QThread, QTimer
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from photosearch.engine.decoders import DecoderPool
from photosearch.gui import app as gui_app
from photosearch.gui.main_window import MainWindow
from photosearch.library import Library
from photosearch.paths import Paths
from photosearch.settings.store import SettingsStore

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")
LONGEST_GAP_MS = 150
BEAT_MS = 5
Open = Callable[..., gui_app.Start]


@pytest.fixture
def opened(qapp: QApplication, qtbot: QtBot, home: Path) -> Iterator[Open]:
    """Return what starts the window on the library of this test, as the program does."""
    starts: list[gui_app.Start] = []

    def start(*paths: Path, models: Sequence[Path] = ()) -> gui_app.Start:
        def factory() -> Library:
            places = Paths.below(home)
            library = Library(places, SettingsStore(places.settings_file), own_engine=True)
            for model in models:
                library.add_model(str(model))
            return library

        begun = gui_app.Start(qapp, factory, [str(path) for path in paths])
        starts.append(begun)
        qtbot.waitUntil(lambda: begun.window is not None, timeout=20_000)
        return begun

    yield start
    for begun in starts:
        if begun.window is not None:
            begun.window.close()
        assert gui_app.end(begun) == 0
        begun.deleteLater()


def window_of(start: gui_app.Start) -> MainWindow:
    assert start.window is not None
    return start.window


def some_photos(photos: Path, target: Path, count: int) -> Path:
    """Copy so many different photos; beyond those there are, again with a byte more."""
    images = sorted((photos / "captioned" / "images").iterdir())
    target.mkdir()
    for number in range(count):
        source = images[number % len(images)]
        copy = target / f"{number:03}-{source.name}"
        copy.write_bytes(source.read_bytes() + bytes(number // len(images)))
    return target


def test_threads_of_the_window(
    opened: Open, qtbot: QtBot, photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_on: set[str] = set()
    look = DecoderPool.look

    def watched(self: DecoderPool, *args: Any, **more: Any) -> Any:
        thread = QThread.currentThread()
        looked_on.add(thread.objectName() or threading.current_thread().name)
        return look(self, *args, **more)

    monkeypatch.setattr(DecoderPool, "look", watched)
    start = opened(some_photos(photos, tmp_path / "photos", 6))
    settled(qtbot, window_of(start), 6)
    library = start.library
    assert library is not None
    for verb in (library.photos, library.status, library.folders):
        with pytest.raises(RuntimeError, match="window's thread must not"):
            verb()
    assert looked_on == {"lane-decode"}


def test_a_second_model_is_used_and_the_first_can_be_used_again(
    opened: Open, qtbot: QtBot, models: Path, photos: Path, tmp_path: Path
) -> None:
    for name in ("first", "second"):
        shutil.copytree(models / "standin-clip", tmp_path / name)
    start = opened(some_photos(photos, tmp_path / "photos", 2))
    window = window_of(start)
    qtbot.waitUntil(window.page.model_banner.isVisible, timeout=20_000)

    def marked() -> list[str]:
        """Return the models that are marked, without the device that may stand behind a name."""
        actions = window.top.models.actions()
        return [action.text().partition(" on ")[0] for action in actions if action.isChecked()]

    def in_use(name: str) -> None:
        qtbot.waitUntil(lambda: marked() == [name], timeout=20_000)
        qtbot.waitUntil(lambda: not window.indexer.running, timeout=20_000)
        assert start.library is not None
        assert start.library.settings.current.search.model == name

    for name in ("first", "second"):
        window.news.add_model(str(tmp_path / name))
        in_use(name)
        said = f"The search model {name} is in use."
        qtbot.waitUntil(lambda said=said: window.page.news.label.text() == said, timeout=20_000)
        assert "search model" not in window.page.model_banner.label.text()  # but a face pack
    use_first = next(a for a in window.top.models.actions() if a.text() == "Use first")
    use_first.trigger()
    in_use("first")


class Pulse(QObject):
    """A timer that notes how long the event loop was away."""

    def __init__(self) -> None:
        super().__init__()
        self.gaps_ms: list[float] = []
        self._clock = QElapsedTimer()
        self._timer = QTimer(self, interval=BEAT_MS, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._on_beat)

    def start(self) -> None:
        self._clock.start()
        self._timer.start()

    def stop(self) -> None:
        self._timer.stop()

    def _on_beat(self) -> None:
        self.gaps_ms.append(self._clock.nsecsElapsed() / 1e6)
        self._clock.start()


def test_the_window_answers_while_it_indexes(
    opened: Open, qtbot: QtBot, photos: Path, models: Path, tmp_path: Path
) -> None:
    folder = some_photos(photos, tmp_path / "photos", 100)
    window = window_of(opened(models=[models / "standin-clip"]))
    qtbot.waitUntil(window.page.empty.isVisible, timeout=20_000)
    pulse = Pulse()
    pulse.start()
    window.news.add_folders((str(folder),))
    qtbot.waitUntil(lambda: window.indexer.running, timeout=20_000)
    qtbot.waitUntil(lambda: window.page.model.rowCount() > 0, timeout=60_000)
    qtbot.keyClicks(window.search.field, "a dog", delay=30)
    qtbot.waitUntil(lambda: not window.indexer.running, timeout=120_000)
    pulse.stop()
    median, longest = statistics.median(pulse.gaps_ms), max(pulse.gaps_ms)
    print(f"{len(pulse.gaps_ms)} beats, median {median:.1f} ms, longest {longest:.1f} ms")
    assert len(pulse.gaps_ms) > 50
    assert longest < LONGEST_GAP_MS


def test_a_face_named_in_the_viewer_is_found_by_its_name(
    opened: Open, qtbot: QtBot, photos: Path, models: Path, tmp_path: Path
) -> None:
    folder = some_photos(photos, tmp_path / "photos", 2)
    shutil.copy(photos / "groups" / "images" / "detection4.jpg", folder)
    packs = [models / "standin-clip", models / "standin-faces"]
    window = window_of(opened(folder, models=packs))
    window.activateWindow()
    settled(qtbot, window, 3)
    viewer, layer = window.viewer, window.viewer.faces.layer
    window.looking.open(0)
    for _photo in range(2):  # the one with three people may be any of them
        qtbot.waitUntil(lambda: viewer._summary is not None, timeout=20_000)
        if viewer.bar.name.text() != "detection4.jpg":
            press(qtbot, viewer, Qt.Key.Key_Right)
    qtbot.waitUntil(lambda: len(layer.faces) == 3, timeout=20_000)
    press(qtbot, viewer, Qt.Key.Key_Tab)
    press(qtbot, layer, Qt.Key.Key_Return)
    qtbot.keyClicks(viewer.faces.editor.field, "Zoe Berg")
    with qtbot.waitSignal(viewer.peopleChanged, timeout=20_000):
        press(qtbot, viewer.faces.editor.field, Qt.Key.Key_Return)
    assert [face.name for face in layer.faces] == ["Zoe Berg", "", ""]
    window.focus_search()
    qtbot.keyClicks(window.search.field, "zoe b")
    popup = window.frame.search_people.popup
    qtbot.waitUntil(popup.isVisible, timeout=20_000)
    press(qtbot, window.search.field, Qt.Key.Key_Down)
    press(qtbot, window.search.field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: len(window.search.field.chips()) == 1, timeout=20_000)
    qtbot.waitUntil(lambda: shown(window) == 1, timeout=20_000)
    press(qtbot, window.search.field, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert window.search.text() == "zoe b"
