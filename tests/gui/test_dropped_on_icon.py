"""On macOS folders come as events: dropped on the program's icon, or opened with it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from gui.fake_library import FakeLibrary
from PySide6.QtGui import QFileOpenEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from photosearch.gui import app as gui_app


def test_folders_dropped_on_the_icon_are_added(
    qapp: QApplication, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = FakeLibrary(20, state_path=tmp_path / "window.json")
    with monkeypatch.context() as mac:
        mac.setattr(sys, "platform", "darwin")
        start = gui_app.Start(qapp, lambda: library, ("/named",))  # type: ignore[arg-type, return-value]
    early, late = tmp_path / "early", tmp_path / "late"
    assert QApplication.sendEvent(qapp, QFileOpenEvent(str(early)))  # before there is a window
    assert start._paths == ("/named", str(early))
    qtbot.waitUntil(lambda: start.window is not None, timeout=5000)
    assert start.window is not None
    added: list[tuple[str, ...]] = []
    monkeypatch.setattr(start.window.news, "add_folders", added.append)
    assert QApplication.sendEvent(qapp, QFileOpenEvent(str(late)))
    assert added == [(str(late),)]
    monkeypatch.undo()
    start.window.close()
    assert gui_app.end(start) == 0
    start.deleteLater()
