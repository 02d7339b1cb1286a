"""What was mended is told once, when the window opens; what cannot be opened says what to do."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest
from kept_library import KeptLibrary, Said
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication, QMessageBox
from pytestqt.qtbot import QtBot

from photosearch.cli import main
from photosearch.gui import app as gui_app
from photosearch.library import Library
from photosearch.paths import SHARE_VARIABLE, Paths
from photosearch.settings.store import SettingsStore
from photosearch.store.keeping.keeper import Keeper
from photosearch.store.migrating import set_format

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")
Begin = Callable[[], gui_app.Start]


@pytest.fixture
def begin(qapp: QApplication, home: Path, qtbot: QtBot) -> Iterator[Begin]:
    def factory() -> Library:
        paths = Paths.below(home)
        return Library(paths, SettingsStore(paths.settings_file, environment={}), own_engine=False)

    starts: list[gui_app.Start] = []

    def begun() -> gui_app.Start:
        start = gui_app.Start(qapp, factory, [])
        starts.append(start)
        qtbot.waitUntil(lambda: start.window is not None or start.exit_code > 0, timeout=20_000)
        return start

    yield begun
    for start in starts:
        if start.window is not None:
            start.window.close()
        gui_app.end(start)
        start.deleteLater()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.fixture
def said(home: Path) -> Said:
    library = KeptLibrary(home)
    library.fill()
    found = library.said()
    library.close()
    return found


def refusal(start: gui_app.Start) -> str:
    """Return the sentence with which the window did not open."""
    assert start.window is None
    assert start._box.isVisible()
    assert start._box.detailedText() == "", "no report of a fault: it is none"
    told = start._box.informativeText()
    start._box.close()
    return told


def test_a_mended_library(begin: Begin, home: Path, said: Said) -> None:
    (home / "library.db").write_bytes(b"rubbish" * 1000)
    (home / "settings.toml").write_text("[broken", encoding="utf-8")
    start = begin()
    assert start.window is not None
    box = start.window.findChild(QMessageBox, "mended")
    assert box is not None
    assert box.isVisible()
    told = box.informativeText()
    assert "Your photos are untouched" in told
    assert "3 names, 6 faces and 9 favourites came back" in told
    assert "library-damaged-" in told
    assert "The settings file" in told
    box.close()


def test_a_newer_library(begin: Begin, home: Path) -> None:
    home.mkdir()
    Keeper(home / "library.db").close()
    with closing(sqlite3.connect(home / "library.db")) as db:
        set_format(db, 9000)
    assert "Install the newer program" in refusal(begin())


# --- a home on a drive of another computer ---


@dataclass
class Mount:
    mountpoint: str
    fstype: str
    opts: str = "rw"


@pytest.fixture
def share(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    mounts = [Mount("/", "ext4"), Mount(os.path.realpath(home.parent), "cifs")]
    monkeypatch.setattr(psutil, "disk_partitions", lambda all: mounts)  # noqa: A006
    return home


def test_a_share_in_the_window(share: Path, begin: Begin) -> None:
    assert "network share" in (said := refusal(begin()))
    assert "--home" in said
    assert not share.exists()


def test_a_share_on_the_command_line(share: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main.run(["status", "--home", str(share)], lambda *_: 0) == 2
    assert "network share" in (said := capsys.readouterr().err)
    assert "--home" in said
    assert "Traceback" not in said
    assert not share.exists(), "nothing was made there"


def test_who_knows_better(
    share: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(SHARE_VARIABLE, "1")
    assert main.run(["folders", "list", "--json", "--home", str(share)], lambda *_: 0) == 0
    assert capsys.readouterr().out == '{"folders": []}\n'
