"""The engine of the real window is killed: the status area says so, and that it runs again."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from photosearch.engine import health
from photosearch.engine.remote import RemoteEngine
from photosearch.gui import app as gui_app
from photosearch.gui.main_window import MainWindow
from photosearch.gui.status import engine as telling
from photosearch.library import Library
from photosearch.paths import Paths
from photosearch.settings.store import SettingsStore
from photosearch.types import EngineHealth

pytestmark = [
    pytest.mark.qt_log_ignore("This plugin does not support"),
    pytest.mark.skipif(sys.platform == "win32", reason="kills as only POSIX can"),
]


@pytest.fixture
def window(
    qapp: QApplication,
    qtbot: QtBot,
    home: Path,
    models: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[MainWindow]:
    monkeypatch.setattr(telling, "SHOWN_MS", 300)

    def factory() -> Library:
        places = Paths.below(home)
        library = Library(places, SettingsStore(places.settings_file), own_engine=True)
        library.add_model(str(models / "standin-clip"))
        return library

    begun = gui_app.Start(qapp, factory, [])
    qtbot.waitUntil(lambda: begun.window is not None, timeout=20_000)
    assert begun.window is not None
    yield begun.window
    begun.window.close()
    assert gui_app.end(begun) == 0
    begun.look.deleteLater()  # it follows the system's colours
    begun.deleteLater()
    qapp.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


def engine_of(window: MainWindow) -> RemoteEngine:
    engine = window._library._engine
    assert isinstance(engine, RemoteEngine)
    return engine


def pid_of(window: MainWindow) -> int:
    child = engine_of(window)._child
    return child.pid if child is not None and child.alive else 0


def test_the_engine_dies_and_mends_itself(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    fares = engine_of(window).health

    def says() -> str:
        return window.status.label.accessibleName()

    qtbot.waitUntil(lambda: not window.indexer.running, timeout=20_000)
    qtbot.waitUntil(lambda: pid_of(window) > 0, timeout=20_000)
    before, quiet = pid_of(window), says()
    os.kill(before, signal.SIGKILL)
    qtbot.waitUntil(lambda: "stopped and is being started again" in says(), timeout=20_000)
    qtbot.waitUntil(lambda: says() == quiet, timeout=20_000)
    assert pid_of(window) not in (0, before)
    assert fares.now is EngineHealth.WELL

    # Again and again: it is left alone for a while, and says what may help.
    monkeypatch.setattr(health, "RESTS_S", (2.0,))
    monkeypatch.setattr(health, "DEATHS", 2)
    for _ in range(2):
        if fares.now is EngineHealth.RESTING:
            break
        qtbot.waitUntil(lambda: pid_of(window) > 0, timeout=20_000)
        dying = pid_of(window)
        os.kill(dying, signal.SIGKILL)
        qtbot.waitUntil(lambda dying=dying: pid_of(window) != dying, timeout=20_000)
    qtbot.waitUntil(lambda: "crashed several times in a row" in says(), timeout=20_000)
    assert "another device or search model" in says()
    qtbot.waitUntil(lambda: says() == quiet, timeout=30_000)
    assert pid_of(window) > 0
