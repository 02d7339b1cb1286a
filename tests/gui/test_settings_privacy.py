"""Privacy in the settings: what is kept, and clearing of what can be made again."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest
from gui.driving import Make, calls
from gui.fake_library import FakeLibrary
from gui.settings_driving import Settings, open_settings
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox, QPushButton
from pytestqt.qtbot import QtBot

from photosearch.errors import StoreError
from photosearch.gui.settings.privacy import PrivacyPanel

# the offscreen platform says this of windows with a smallest size
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")
LEFT = Qt.MouseButton.LeftButton


def privacy(qtbot: QtBot, make: Make, library: FakeLibrary) -> Settings:
    there = open_settings(qtbot, make, library, "privacy")
    qtbot.waitUntil(lambda: bool(there.page.privacy.rows), timeout=5000)
    return there


def answer(there: Settings, text: str) -> None:
    (box,) = (each for each in there.window.findChildren(QMessageBox) if each.isVisible())
    button = next(b for b in box.findChildren(QPushButton) if b.text().replace("&", "") == text)
    there.qtbot.mouseClick(button, LEFT)


def test_nothing_is_counted_before_somebody_looks(qtbot: QtBot, make: Make) -> None:
    library = FakeLibrary()
    there = open_settings(qtbot, make, library, "folders")
    assert calls(library, "storage.all") == []
    there.page.show_section("privacy")
    qtbot.waitUntil(lambda: bool(there.page.privacy.rows), timeout=5000)
    assert len(calls(library, "storage.all")) == 1


def test_what_is_kept_is_listed(qtbot: QtBot, make: Make) -> None:
    there = privacy(qtbot, make, FakeLibrary())
    panel = there.page.privacy
    assert panel.total.text() == "On this computer: 2.9 GB"
    library, thumbnails = panel.rows["library"], panel.rows["thumbnails"]
    assert library.amount.text() == "48.3 MB"
    assert library.path.full_text() == "/home/anna/.local/share/photosearch/library.db"
    assert not library.clear.isVisible(), "what the user said is never cleared"
    assert thumbnails.clear.isVisible()


def test_clearing_is_asked_and_done(qtbot: QtBot, make: Make) -> None:
    library = FakeLibrary()
    there = privacy(qtbot, make, library)
    row = there.page.privacy.rows["thumbnails"]
    qtbot.mouseClick(row.clear, LEFT)
    answer(there, "Cancel")
    assert calls(library, "storage.clear") == []
    library.gates["storage.clear"] = gate = threading.Event()
    qtbot.mouseClick(row.clear, LEFT)
    answer(there, "Clear")
    assert not row.clear.isEnabled(), "not twice"
    gate.set()
    qtbot.waitUntil(lambda: row.amount.text() == "nothing", timeout=5000)
    assert calls(library, "storage.clear") == [("thumbnails",)]
    assert there.page.toast.text() == "1.2 GB freed."
    assert there.page.privacy.total.text() == "On this computer: 1.7 GB"
    assert not row.clear.isEnabled()


def test_a_failure_is_said(qtbot: QtBot, make: Make) -> None:
    library = FakeLibrary()
    there = privacy(qtbot, make, library)
    library.problems["storage.clear"] = StoreError("The thumbnails are in use.")
    row = there.page.privacy.rows["thumbnails"]
    qtbot.mouseClick(row.clear, LEFT)
    answer(there, "Clear")
    qtbot.waitUntil(there.page.toast.isVisible, timeout=5000)
    assert there.page.toast.text() == "The thumbnails are in use."
    qtbot.waitUntil(row.clear.isEnabled, timeout=5000)


def test_the_file_manager_opens_where_it_lies(qtbot: QtBot, make: Make, tmp_path: Path) -> None:
    library = FakeLibrary()
    library.storage._home = str(tmp_path)
    asked: list[Any] = []
    there = privacy(qtbot, make, library)
    panel: PrivacyPanel = there.page.privacy
    panel.revealWanted.disconnect()
    panel.revealWanted.connect(asked.append)
    qtbot.mouseClick(panel.rows["settings"].reveal, LEFT)
    assert asked == [str(tmp_path / ".config/photosearch")], "the file is yet to be made"
