"""Windows on libraries in memory, for all tests of the window."""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable, Iterator, Sequence

import pytest
from gui.driving import Make
from gui.fake_library import FakeLibrary
from PySide6.QtCore import QLocale, QObject, Qt, QTranslator
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from photosearch.gui import language
from photosearch.gui.main_window import MainWindow
from photosearch.gui.settings.desk import SettingsDesk
from photosearch.gui.settings.page import SettingsPage
from photosearch.gui.theme import Theme
from photosearch.gui.window_state import WindowState
from photosearch.jobs import Runner


@pytest.fixture(autouse=True)
def collected_here() -> Iterator[None]:
    """Collect the garbage of the test before, in this thread; as in the program no other does."""
    gc.collect()
    gc.freeze()  # what is left stays: the next look is a short one
    gc.disable()
    yield
    gc.enable()


@pytest.fixture(autouse=True, scope="session")
def nothing_left_to_paste(qapp: QApplication) -> Iterator[None]:
    """Empty the clipboard in the end: offscreen, Qt frees what is on it after Python has ended."""
    yield
    qapp.clipboard().clear()


@pytest.fixture(scope="session")
def outliving(qapp: QApplication) -> Iterator[QObject]:
    """A parent for what pool threads hold on to: the last of them must not destroy a `QObject`."""
    parent = QObject()
    yield parent
    parent.deleteLater()


@pytest.fixture
def speaking(qapp: QApplication) -> Iterator[Callable[[str], None]]:
    """Speak a language until the test is over."""
    yield lambda code: language.speak(qapp, code)
    for translator in qapp.findChildren(QTranslator):
        qapp.removeTranslator(translator)
    QLocale.setDefault(QLocale.system())
    language.catalogue.cache_clear()
    qapp.setLayoutDirection(Qt.LayoutDirection.LeftToRight)


@pytest.fixture
def make(qtbot: QtBot) -> Iterator[Make]:
    """Return a maker of started windows; each library forbids the window's thread."""
    runners: list[Runner] = []
    libraries: list[FakeLibrary] = []
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    look = Theme(app, "light")

    def build(
        library: FakeLibrary, paths: Sequence[str] = (), state: WindowState | None = None
    ) -> MainWindow:
        library.forbidden_thread = threading.get_ident()
        runner = Runner()
        runners.append(runner)
        libraries.append(library)
        window = MainWindow(library, runner, look, state)
        qtbot.addWidget(window)
        window.resize(1100, 700)
        window.show()
        window.start(paths)
        return window

    yield build
    for runner in runners:
        assert runner.shutdown(10)
    for library in libraries:
        assert library.trespasses == []
    look.deleteLater()
    app.setStyleSheet("")  # other tests look at widgets undressed


@pytest.fixture
def alone(qtbot: QtBot) -> Iterator[SettingsPage]:
    """Return a settings page as it is before other parts add to it."""
    runner = Runner()
    library = FakeLibrary()
    page = SettingsPage(library, runner, SettingsDesk(library, runner))
    qtbot.addWidget(page)
    page.resize(1100, 700)
    page.show()
    yield page
    assert runner.shutdown(10)
