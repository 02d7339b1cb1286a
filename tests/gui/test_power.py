"""Indexing waits while the computer runs on its battery, unless the user says otherwise."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from types import SimpleNamespace
from typing import Any

import psutil
import pytest
from gui.driving import Make, calls, settled
from gui.fake_library import FakeLibrary
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from photosearch.gui.indexer import Folders
from photosearch.gui.main_window import MainWindow
from photosearch.gui.power import Power, runs_on_battery
from photosearch.indexing.noticed import Look
from photosearch.types import FolderId

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")
ONE, TWO = FolderId(1), FolderId(2)


class Computer:
    """A computer that can be plugged out."""

    def __init__(self, qtbot: QtBot, make: Make) -> None:
        self.on_battery = False
        self._qtbot = qtbot
        self.library = FakeLibrary(10, per_new_folder=40)
        self.library.latency.index_step_s = 0.02
        self.window: MainWindow = make(self.library)
        runner = self.window._runner
        settled(qtbot, self.window, 10)
        self.power = Power(
            self.library, runner, self.window.indexer, self.window, on_battery=self.asked
        )

    def asked(self) -> bool:
        return self.on_battery

    def plug(self, *, in_: bool) -> None:
        self.on_battery = not in_
        self.power.look()
        self.until(lambda: self.window.indexer._on_battery is not in_)

    def until(self, true: Callable[[], bool]) -> None:
        self._qtbot.waitUntil(true, timeout=10_000)

    @property
    def text(self) -> str:
        return self.window.status.label.accessibleName()


@pytest.fixture
def computer(qtbot: QtBot, make: Make) -> Iterator[Computer]:
    made = Computer(qtbot, make)
    yield made
    made.power.close()


def test_a_run_waits_for_the_plug(qtbot: QtBot, computer: Computer) -> None:
    window = computer.window
    window.news.add_folders(["/more"])
    computer.until(lambda: window.indexer.running and "Looking" in computer.text)
    computer.plug(in_=False)
    assert computer.text.startswith("Paused while on battery")
    assert window.status.pause.accessibleName() == "Resume"
    assert window.indexer.running
    computer.plug(in_=True)
    assert "battery" not in computer.text
    settled(qtbot, window, 50)


def test_the_users_word_holds_until_the_plug_changes(qtbot: QtBot, computer: Computer) -> None:
    window = computer.window
    computer.plug(in_=False)
    window.news.add_folders(["/more"])
    computer.until(lambda: window.indexer.running and "battery" in computer.text)
    qtbot.mouseClick(window.status.pause, Qt.MouseButton.LeftButton)
    assert not window.indexer.paused
    settled(qtbot, window, 50)
    computer.plug(in_=True)
    computer.plug(in_=False)
    assert window.indexer.paused, "plugged in meanwhile: the word was for that time only"
    window.indexer.pause()
    computer.plug(in_=True)
    assert window.indexer.paused, "the user paused it, not the battery"
    assert not window.indexer.spares_battery
    window.indexer.resume()
    assert not window.indexer.paused


def test_a_battery_that_need_not_be_spared(computer: Computer) -> None:
    indexer = computer.window.indexer
    computer.plug(in_=False)
    assert indexer.paused
    computer.library.settings.set("indexing.pause_on_battery", False)
    computer.until(lambda: not indexer.paused)
    computer.library.settings.set("indexing.pause_on_battery", True)
    computer.until(lambda: indexer.paused)


@pytest.mark.parametrize(
    ("battery", "expected"),
    [
        (None, False),
        (SimpleNamespace(power_plugged=True), False),
        (SimpleNamespace(power_plugged=None), False),
        (SimpleNamespace(power_plugged=False), True),
        (OSError("no such file"), False),
    ],
)
def test_what_the_system_says(
    monkeypatch: pytest.MonkeyPatch, battery: Any, expected: bool
) -> None:
    def read() -> Any:
        if isinstance(battery, Exception):
            raise battery
        return battery

    monkeypatch.setattr(psutil, "sensors_battery", read, raising=False)
    assert runs_on_battery() is expected


def test_a_system_without_such_a_thing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(psutil, "sensors_battery", raising=False)
    assert runs_on_battery() is False


# --- looks at what changed ---


def within(folders: Folders) -> dict[FolderId, Sequence[bytes]]:
    return {folder: sorted(dirs) for folder, dirs in folders.within.items()}


def test_wanted_folders_add_up() -> None:
    some = Folders((ONE,), {ONE: (b"a",)}).also(Folders((TWO, ONE), {ONE: (b"b",), TWO: (b"",)}))
    assert (some.ids, within(some)) == ((ONE, TWO), {ONE: [b"a", b"b"], TWO: [b""]})
    whole = some.also(Folders((ONE,)))
    assert (whole.ids, within(whole)) == ((ONE, TWO), {TWO: [b""]})
    assert within(Folders((ONE,)).also(Folders((ONE,), {ONE: (b"a",)}))) == {}
    assert some.also(Folders(None)) == Folders(None)
    assert not Folders().wanted


def test_a_look_where_something_changed(qtbot: QtBot, make: Make) -> None:
    library = FakeLibrary(10)
    window = make(library)
    settled(qtbot, window, 10)
    before = len(calls(library, "index"))
    library._folders[0].count += 3
    window.upkeep.look_where(Look((ONE,), {ONE: (b"in",)}))
    settled(qtbot, window, 13)
    assert calls(library, "index")[before:] == [((ONE,),)]
    window.upkeep.look_where(Look((), {}))
    assert not window.indexer.running
