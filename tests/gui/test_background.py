"""Closing the window leaves the program at work where that is wanted, and only there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from gui.driving import Make, settled
from gui.fake_library import FakeLibrary
from PySide6.QtCore import QEvent
from PySide6.QtGui import QFileOpenEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from photosearch.gui.app import Start, end
from photosearch.gui.background import autostart
from photosearch.gui.background.starting import AUTOSTART, Starting
from photosearch.gui.background.staying import LOOKS, STAY, Staying
from photosearch.gui.background.tray import Tray
from photosearch.gui.dock import Dock
from photosearch.gui.instance.message import Request
from photosearch.gui.main_window import MainWindow

# the offscreen platform says this of windows with a smallest size, and of every tray icon
pytestmark = pytest.mark.qt_log_ignore(
    "This plugin does not support", "No such signal QPlatformNativeInterface::systemTrayWindow"
)


class Notes:
    """What the system starts, in memory."""

    def __init__(self) -> None:
        self.command: tuple[str, ...] = ()
        self.asked: list[str] = []

    def is_on(self, command: Sequence[str]) -> bool:
        return self.command == tuple(command)

    def turn_on(self, command: Sequence[str]) -> None:
        self.asked.append("on")
        self.command = tuple(command)

    def turn_off(self) -> None:
        self.asked.append("off")
        self.command = ()

    def renew(self, command: Sequence[str]) -> None:
        self.asked.append("renew")


class Desktop:
    """A desktop with a window, and perhaps a tray."""

    def __init__(self, qtbot: QtBot, make: Make) -> None:
        self.has_tray = True
        self.notes = Notes()
        self.qtbot = qtbot
        self.library = FakeLibrary(10)
        self.window: MainWindow = make(self.library)
        settled(qtbot, self.window, 10)
        self.staying = Staying(
            self.library,  # type: ignore[arg-type]
            self.window,
            self.window,
            tray_there=lambda: self.has_tray,
        )

    def set(self, key: str, value: bool) -> None:
        self.library.settings.set(key, value)
        QApplication.processEvents()

    @property
    def tray(self) -> Tray:
        assert self.staying.tray is not None
        return self.staying.tray


@pytest.fixture
def desktop(qtbot: QtBot, make: Make) -> Iterator[Desktop]:
    made = Desktop(qtbot, make)
    yield made
    made.staying.close()
    QApplication.setQuitOnLastWindowClosed(True)


def test_closing_ends_the_program_by_default(desktop: Desktop) -> None:
    assert desktop.staying.tray is None
    assert desktop.window.close()
    assert desktop.window.leaving


def test_closing_hides_the_window_where_that_is_wanted(desktop: Desktop) -> None:
    desktop.set(STAY, True)
    window, tray = desktop.window, desktop.tray
    assert tray.icon.isVisible() or not tray.icon.isSystemTrayAvailable()
    assert not window.close()
    assert window.isHidden()
    assert not window.leaving
    assert not QApplication.quitOnLastWindowClosed(), "the end of a dialog is not the program's"
    window.upkeep.rescan()
    settled(desktop.qtbot, window, 10)
    with desktop.qtbot.waitSignal(desktop.staying.openWanted):
        tray.open.trigger()
    with desktop.qtbot.waitSignal(desktop.staying.quitWanted):
        tray.quit.trigger()
    window.quit()
    assert window.leaving


def test_quitting_from_the_window_is_for_good(desktop: Desktop) -> None:
    desktop.set(STAY, True)
    desktop.window.top.quitWanted.emit()
    assert desktop.window.leaving
    assert desktop.window.isHidden()


def test_the_end_of_the_session_is_not_held_up(desktop: Desktop) -> None:
    desktop.set(STAY, True)
    desktop.staying.let_go()
    assert desktop.window.close()


def test_the_menu_pauses_and_says_why_it_waits(desktop: Desktop) -> None:
    desktop.set(STAY, True)
    tray, indexer = desktop.tray, desktop.window.indexer
    assert [action.text() for action in tray.menu.actions()] == [
        "Open PhotoSearch", "Pause indexing", "", "Quit",
    ]  # fmt: skip
    assert tray.icon.toolTip() == "PhotoSearch: Up to date"
    tray.hold.trigger()
    assert indexer.paused
    assert tray.hold.text() == "Resume indexing"
    assert tray.icon.toolTip() == "PhotoSearch: Indexing is paused"
    tray.hold.trigger()
    assert not indexer.paused
    indexer.set_on_battery(True)
    assert tray.icon.toolTip() == "PhotoSearch: Paused while on battery"
    tray.hold.trigger()
    assert not indexer.paused, "who says so indexes on battery as well"


def test_without_a_tray_it_says_so_and_closing_ends_it(desktop: Desktop) -> None:
    desktop.has_tray = False
    desktop.set(STAY, True)
    assert desktop.staying.tray is None
    assert "shows no tray icons" in desktop.window.page.news.label.text()
    assert desktop.window.close()


def test_a_hidden_start_waits_for_the_tray_and_then_shows_the_window(desktop: Desktop) -> None:
    desktop.has_tray = False
    desktop.library.settings.set(STAY, True)
    desktop.window.hide()
    desktop.staying.begin_hidden()
    looking = desktop.staying._looking
    assert looking.isActive()
    desktop.has_tray = True
    looking.timeout.emit()
    assert desktop.staying.tray is not None
    assert not looking.isActive()
    desktop.staying._put_away()
    desktop.has_tray = False
    desktop.staying.begin_hidden()
    with desktop.qtbot.waitSignal(desktop.staying.openWanted):
        for _ in range(LOOKS):
            looking.timeout.emit()
    assert not looking.isActive()


def test_switching_it_off_brings_a_hidden_window_back(desktop: Desktop) -> None:
    desktop.set(STAY, True)
    desktop.window.close()
    with desktop.qtbot.waitSignal(desktop.staying.openWanted):
        desktop.set(STAY, False)
    assert desktop.staying.tray is None


@pytest.fixture
def starting(desktop: Desktop, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], Starting]]:
    """Begin to follow the setting."""
    monkeypatch.setattr(autostart, "startable", lambda: True)
    made: list[Starting] = []

    def begin() -> Starting:
        library, runner = desktop.library, desktop.window._runner
        made.append(Starting(library, runner, desktop.window, starter=desktop.notes))  # type: ignore[arg-type]
        made[-1].said.connect(desktop.window.problems.said)
        return made[-1]

    yield begin
    for each in made:
        each.close()


def test_what_starts_with_the_computer_follows_the_setting(
    desktop: Desktop, starting: Callable[[], Starting]
) -> None:
    starting()
    desktop.set(AUTOSTART, True)
    desktop.qtbot.waitUntil(lambda: "--background" in desktop.notes.command, timeout=5000)
    desktop.library.settings.override(AUTOSTART, True, "environment")  # the same by another way
    desktop.set(AUTOSTART, False)
    desktop.qtbot.waitUntil(lambda: desktop.notes.command == (), timeout=5000)
    assert desktop.notes.asked == ["on", "off"], "and a start with the setting off asks nothing"


def test_a_start_with_the_setting_on_only_renews(
    desktop: Desktop, starting: Callable[[], Starting]
) -> None:
    desktop.set(AUTOSTART, True)
    starting()
    desktop.qtbot.waitUntil(lambda: bool(desktop.notes.asked), timeout=5000)
    assert desktop.notes.asked == ["renew"]


def test_what_goes_wrong_with_it_is_told(
    desktop: Desktop, starting: Callable[[], Starting], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(autostart, "startable", lambda: False)
    with desktop.qtbot.waitSignal(starting().said):
        desktop.set(AUTOSTART, True)
    assert "Install it first." in desktop.window.page.news.label.text()


# --- the whole start ----------------------------------------------------------


@pytest.fixture
def tray(monkeypatch: pytest.MonkeyPatch) -> None:
    """A desktop that has one."""
    there = "PySide6.QtWidgets.QSystemTrayIcon.isSystemTrayAvailable"
    monkeypatch.setattr(there, lambda: True)
    defaults = {**(Staying.__init__.__kwdefaults__ or {}), "tray_there": lambda: True}
    monkeypatch.setattr(Staying.__init__, "__kwdefaults__", defaults)


@pytest.fixture
def begin(
    qapp: QApplication, qtbot: QtBot, tmp_path: Path, tray: None
) -> Callable[..., tuple[Start, MainWindow]]:
    library = FakeLibrary(10, state_path=tmp_path / "window.json")

    def build(background: bool, paths: tuple[str, ...]) -> tuple[Start, MainWindow]:
        library.settings.set(STAY, background)
        start = Start(qapp, lambda: library, paths, hidden=True)  # type: ignore[arg-type, return-value]
        qtbot.waitUntil(lambda: start.window is not None, timeout=5000)
        assert start.window is not None
        return start, start.window

    return build


@pytest.mark.parametrize(
    ("background", "paths", "shown"),
    [(True, (), False), (False, (), True), (True, ("/photos/New",), True)],
)
def test_a_start_with_the_computer(
    begin: Callable[..., tuple[Start, MainWindow]],
    qtbot: QtBot,
    background: bool,
    paths: tuple[str, ...],
    shown: bool,
) -> None:
    start, window = begin(background, paths)
    assert window.isVisible() is shown
    settled(qtbot, window, 10 + 12 * len(paths))  # it works in any case
    assert start.take(Request(("/photos/Later",), ""))
    assert window.isVisible(), "a second start brings the hidden window forward"
    settled(qtbot, window, 22 + 12 * len(paths))
    start.close()
    assert window.leaving
    assert not start.take(Request((), "")), "who is about to end takes nothing any more"
    assert end(start) == 0
    start.deleteLater()


def test_a_drop_on_the_icon_of_macos(qapp: QApplication, qtbot: QtBot, tmp_path: Path) -> None:
    dock = Dock(qapp)
    name = str(tmp_path / "Ünïcode & 100%")
    with qtbot.waitSignal(dock.dropped) as told:
        QApplication.sendEvent(qapp, QFileOpenEvent(name))
    assert told.args == [(name,)]
    with qtbot.waitSignal(dock.quitting):
        dock.eventFilter(qapp, QEvent(QEvent.Type.Quit))
    qapp.removeEventFilter(dock)
    dock.deleteLater()
