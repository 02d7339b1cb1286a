"""Starting and ending the window: application, library opened beside it, orderly shutdown."""

from __future__ import annotations

import logging
import os
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QFileOpenEvent
from PySide6.QtWidgets import QApplication, QMessageBox

from photosearch.errors import PhotoSearchError
from photosearch.gui import icons, language, memory, mended, problems, window_state
from photosearch.gui.garbage import Garbage
from photosearch.gui.instance.claim import Claim
from photosearch.gui.instance.listening import Listening
from photosearch.gui.instance.message import Request
from photosearch.gui.interrupts import Interrupts
from photosearch.gui.main_window import MainWindow
from photosearch.gui.power import Power
from photosearch.gui.splash import Splash
from photosearch.gui.status.engine import EngineTelling
from photosearch.gui.text import _
from photosearch.gui.theme import Theme
from photosearch.gui.told import told
from photosearch.gui.watching import Watching
from photosearch.jobs import Lane, Runner

if TYPE_CHECKING:
    from photosearch.library import Library

log = logging.getLogger(__name__)

SPLASH_AFTER_MS = 600
CLOSE_S = 5.0
LibraryFactory = Callable[[], "Library"]


class Start(QObject):
    """Opens the library on a lane and then the window."""

    def __init__(self, app: QApplication, factory: LibraryFactory, paths: Sequence[str]):
        super().__init__(app)
        self._app = app
        self._paths = tuple(paths)
        self.library: Library | None = None
        self.window: MainWindow | None = None
        self._beside: tuple[Watching | Power | EngineTelling, ...] = ()
        self.runner = Runner(self)
        self.look = Theme(app)
        self.look.setParent(self)  # it ends with this, not with the application
        self._box: QMessageBox | None = None
        self.exit_code = 0
        self._garbage = Garbage(self)
        self._splash = Splash()
        self._timer = QTimer(self, interval=SPLASH_AFTER_MS, singleShot=True)
        self._timer.timeout.connect(self._splash.show)
        self._timer.start()
        if sys.platform == "darwin":  # elsewhere it would only cost time on every event
            app.installEventFilter(self)
        self.runner.run(
            Lane.QUICK, opened, factory, on_success=self._on_opened, on_failure=self._on_failed
        )

    def _on_opened(self, found: tuple[Library, window_state.WindowState]) -> None:
        self._timer.stop()
        self._splash.close()
        library, state = found
        self.library = library
        library.forbid_this_thread()
        appearance = library.settings.current.appearance
        language.speak(self._app, appearance.language)
        self.look.want(appearance.theme)
        sys.excepthook = self._on_exception
        self.window = MainWindow(library, self.runner, self.look, state)
        self._beside = (
            Watching(library, self.window.news, self.window.upkeep, self),
            Power(library, self.runner, self.window.indexer, self),
            EngineTelling(library, self.window.status, self),
        )
        window_state.fit_to_screen(self.window)
        self.window.show()
        self.window.start(self._paths)
        mended.tell(library, self.window)
        self._app.setQuitOnLastWindowClosed(True)
        self._garbage.settled()

    def close(self) -> None:
        """End the program as closing the window does; without a window yet, at once."""
        if self.window is None or not self.window.close():
            self._app.quit()

    def stop_beside(self) -> None:
        """End what goes on beside the window."""
        beside, self._beside = self._beside, ()
        for each in beside:
            each.close()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """On macOS, what is dropped on the program's icon comes as an event."""
        if isinstance(event, QFileOpenEvent) and event.file():
            self._add((event.file(),))
            return True
        return super().eventFilter(watched, event)

    def take(self, request: Request) -> bool:
        """Do what a later start was asked to; False when this program is about to end."""
        if self._box is not None or (self.window is not None and self.window.isHidden()):
            return False
        self._add(request.paths)
        if self.window is not None:
            come_forward(self.window, request.token)
        return True

    def _add(self, paths: tuple[str, ...]) -> None:
        if self.window is None:
            self._paths = (*self._paths, *paths)
        elif paths:
            self.window.news.add_folders(paths)

    def _on_failed(self, error: Exception) -> None:
        self._timer.stop()
        self._splash.close()
        self.exit_code = 1
        expected = isinstance(error, PhotoSearchError)
        box = QMessageBox()
        box.setIcon(QMessageBox.Icon.Warning)
        box.setWindowTitle("PhotoSearch")
        box.setText(_("Your photo library could not be opened."))
        box.setInformativeText(
            told(str(error)) if expected else _("This should not have happened.")
        )
        if not expected:
            box.setDetailedText(problems.report(error))
        box.finished.connect(self._app.quit)
        box.open()
        self._box = box

    def _on_exception(
        self,
        kind: type[BaseException],
        error: BaseException,
        trace: TracebackType | None,
    ) -> None:
        """The border for everything unexpected in the window's own code."""
        if isinstance(error, Exception) and self.window is not None:
            self.window.problems.tell(error)
        else:
            sys.__excepthook__(kind, error, trace)
            if self.window is None:  # without a window nobody could end the program
                self.exit_code = 1
                self._app.quit()


def opened(factory: LibraryFactory) -> tuple[Library, window_state.WindowState]:
    """Open the library and read the window's state (on a lane)."""
    library = factory()
    return library, window_state.load(Path(library.state_path))


def closed(library: Library, state: window_state.WindowState | None) -> None:
    """Write the window's state and close the library."""
    if state is not None:
        window_state.save(Path(library.state_path), state)
    library.close()


def come_forward(window: MainWindow, token: str = "") -> None:
    """Show the window before all others; the token is Wayland's leave to do so."""
    if token:
        os.environ["XDG_ACTIVATION_TOKEN"] = token  # Qt takes it from there, once
    window.setWindowState(window.windowState() & ~Qt.WindowState.WindowMinimized)
    window.raise_()
    window.activateWindow()


def run_window(
    library_factory: LibraryFactory, paths: Sequence[str], claim: Claim | None = None
) -> int:
    """Show the window until it is closed and return the exit code.

    `library_factory` opens the library and is called on a lane. The caller has made sure that
    there is a display. `claim` is given up when the window closes.
    """
    memory.give_back()
    existing = QApplication.instance()
    app = existing if isinstance(existing, QApplication) else QApplication(sys.argv[:1])
    app.setApplicationName("photosearch")
    app.setApplicationDisplayName("PhotoSearch")
    app.setDesktopFileName("photosearch")
    app.setWindowIcon(icons.app_icon())
    language.speak(app)  # the system's, until the settings are read
    app.setAttribute(Qt.ApplicationAttribute.AA_DontShowIconsInMenus)
    app.setQuitOnLastWindowClosed(False)
    hook = sys.excepthook
    start = Start(app, library_factory, paths)
    interrupts = Interrupts(start)
    interrupts.asked.connect(start.close)
    listening = Listening(claim or Claim(), start.take, start)
    try:
        code = app.exec()
    finally:
        listening.close()
        interrupts.stop()
        sys.excepthook = hook
    return end(start) or code or start.exit_code


def end(start: Start) -> int:
    """Stop the jobs and close the library; the window is hidden by now."""
    start.stop_beside()
    if not start.runner.shutdown(CLOSE_S):
        log.warning("Some work did not stop in time")
    if start.library is not None:
        state = start.window.last_state if start.window is not None else None
        # not on this thread: the window's thread never opens the database
        closing = threading.Thread(target=closed, args=(start.library, state), name="closing")
        closing.start()
        closing.join()
    if start.window is not None:
        start.window.deleteLater()
    return 0
