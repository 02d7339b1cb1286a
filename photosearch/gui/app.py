"""Starting and ending the window: application, library opened beside it, orderly shutdown."""

from __future__ import annotations

import logging
import os
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtGui import QSessionManager
from PySide6.QtWidgets import QApplication, QDialog, QMessageBox

from photosearch import memory
from photosearch.errors import PhotoSearchError
from photosearch.gui import beginning, icons, language, mended, window_state
from photosearch.gui.background.starting import Starting
from photosearch.gui.background.staying import Staying
from photosearch.gui.garbage import Garbage
from photosearch.gui.instance.claim import Claim
from photosearch.gui.instance.listening import Listening
from photosearch.gui.instance.message import Request
from photosearch.gui.interrupts import Interrupts
from photosearch.gui.main_window import MainWindow
from photosearch.gui.power import Power
from photosearch.gui.reports.hooks import Hooks
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


class _Beside(Protocol):
    """What goes on beside the window until it is closed."""

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Opened:
    """What was read before there is a window."""

    library: Library
    state: window_state.WindowState
    found: beginning.Found


class Start(QObject):
    """Opens the library on a lane and then the window."""

    def __init__(
        self,
        app: QApplication,
        factory: LibraryFactory,
        paths: Sequence[str],
        *,
        hidden: bool = False,
    ):
        """`hidden`: show no window where the user lets the program work in the background."""
        super().__init__(app)
        self._app = app
        self._paths = tuple(paths)
        self._hidden = hidden
        self.library: Library | None = None
        self.window: MainWindow | None = None
        self.staying: Staying | None = None
        self.beginning: beginning.Beginning | None = None
        self._shown = False  # the window, or that there is one by an icon
        hooks = Hooks(self)
        hooks.unhandled.connect(self._on_unhandled)
        self._beside: tuple[_Beside, ...] = (hooks,)
        self.runner = Runner(self)
        self.look = Theme(app)
        self.look.setParent(self)  # it ends with this, not with the application
        self._box: QDialog | None = None  # that tells why there is no window
        self.exit_code = 0
        self._garbage = Garbage(self)
        self._splash = Splash()
        self._timer = QTimer(self, interval=SPLASH_AFTER_MS, singleShot=True)
        self._timer.timeout.connect(self._splash.show)
        if not hidden:
            self._timer.start()
        self._heed_desktop()
        self.runner.run(
            Lane.QUICK, opened, factory, on_success=self._on_opened, on_failure=self._on_failed
        )

    def _heed_desktop(self) -> None:
        """Learn when the session ends and, on macOS, what is dropped on the icon."""
        if sys.platform == "darwin":
            from photosearch.gui.dock import Dock

            dock = Dock(self._app, self)
            dock.dropped.connect(self._on_dropped)
            dock.quitting.connect(self._on_leaving)
        self._app.commitDataRequest.connect(self._on_leaving)

    def _on_opened(self, found: Opened) -> None:
        self._timer.stop()
        self._splash.close()
        self.library = library = found.library
        if self._box is not None:  # it is about to end
            return
        library.forbid_this_thread()
        appearance = library.settings.current.appearance
        language.speak(self._app, appearance.language)
        self.look.want(appearance.theme)
        self.window = window = MainWindow(library, self.runner, self.look, found.state)
        self.staying = staying = Staying(library, window, self)
        staying.openWanted.connect(self.come_forward)
        staying.quitWanted.connect(self.close)
        starting = Starting(library, self.runner, self)
        starting.said.connect(window.problems.said)
        self.beginning = beginning.Beginning(
            library, self.runner, window, found.found.seen_with(self._paths), self
        )
        self._beside += (
            staying,
            starting,
            self.beginning,
            Watching(library, window.news, window.upkeep, self),
            Power(library, self.runner, window.indexer, self),
            EngineTelling(library, window.status, self),
        )
        window_state.fit_to_screen(window)
        self._show(window)
        self._garbage.settled()

    def _show(self, window: MainWindow) -> None:
        """Show the window, or let it work unseen."""
        assert self.library is not None
        assert self.staying is not None
        self._app.setQuitOnLastWindowClosed(True)
        worth_it = self._paths or self.library.notices  # there is something to look at
        if self._hidden and self.staying.wanted and not worth_it:
            self.staying.begin_hidden()
        else:
            window.show()
        self._shown = True
        window.start(self._paths)
        mended.tell(self.library, window)

    def close(self) -> None:
        """End the program, whatever closing the window means."""
        if self.window is not None:
            self.window.quit()
        self._app.quit()

    def stop_beside(self) -> None:
        """End what goes on beside the window."""
        beside, self._beside = self._beside, ()
        for each in beside:
            each.close()

    def take(self, request: Request) -> bool:
        """Do what a later start was asked to; False when this program is about to end."""
        if self._box is not None or (self.window is not None and self.window.leaving):
            return False
        self._hidden = False  # somebody wants to see it
        self._on_dropped(request.paths)
        if self.window is not None:
            self.come_forward(request.token)
        return True

    def come_forward(self, token: str = "") -> None:
        """Show the window before all others, be it one that is hidden."""
        if self.window is not None:
            self._app.setQuitOnLastWindowClosed(True)
            come_forward(self.window, token)

    def _on_dropped(self, paths: tuple[str, ...]) -> None:
        if self.window is None:
            self._paths = (*self._paths, *paths)
        elif paths:
            self.window.news.add_folders(paths)

    def _on_leaving(self, _session: QSessionManager | None = None) -> None:
        """The session ends: closing is for good, or the computer could not shut down."""
        if self.staying is not None:
            self.staying.let_go()

    def _on_failed(self, error: Exception) -> None:
        if self._box is None:
            self._end_with(_("Your photo library could not be opened."), error)

    def _end_with(self, said: str, error: Exception) -> None:
        """Tell why there is no window; the program ends when that was read."""
        self._timer.stop()
        self._splash.close()
        self.exit_code = 1
        if isinstance(error, PhotoSearchError):
            box = QMessageBox()
            box.setIcon(QMessageBox.Icon.Warning)
            box.setWindowTitle("PhotoSearch")
            box.setText(said)
            box.setInformativeText(told(str(error)))
            self._box = box
        else:
            self._box = self._report(said, error)
        self._box.finished.connect(self._app.quit)
        self._box.open()

    def _report(self, said: str, error: Exception) -> QDialog:
        from photosearch.gui.reports import report
        from photosearch.gui.reports.dialog import ReportDialog

        made = report.at_once(report.of_error(error))
        return ReportDialog(said, _("This should not have happened."), made, self.runner, None)

    def _on_unhandled(self, error: Exception) -> None:
        """The border for everything unexpected in the program's own code."""
        if self.window is not None and self._shown:
            self.window.problems.tell(error)
            return
        log.error("Unexpected", exc_info=error)
        if self._box is None:
            self._end_with(_("PhotoSearch could not start."), error)


def opened(factory: LibraryFactory) -> Opened:
    """Open the library and read the window's state (on a lane)."""
    library = factory()
    return Opened(library, window_state.load(Path(library.state_path)), beginning.look(library))


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
    window.show()
    window.raise_()
    window.activateWindow()


def run_window(
    library_factory: LibraryFactory,
    paths: Sequence[str],
    claim: Claim | None = None,
    *,
    hidden: bool = False,
) -> int:
    """Show the window until it is closed and return the exit code.

    `library_factory` opens the library and is called on a lane. The caller has made sure that
    there is a display. `claim` is given up when the window closes. `hidden`: see `Start`.
    """
    memory.keep_little()
    existing = QApplication.instance()
    app = existing if isinstance(existing, QApplication) else QApplication(sys.argv[:1])
    app.setApplicationName("photosearch")
    app.setApplicationDisplayName("PhotoSearch")
    app.setDesktopFileName("photosearch")
    app.setWindowIcon(icons.app_icon())
    language.speak(app)  # the system's, until the settings are read
    app.setAttribute(Qt.ApplicationAttribute.AA_DontShowIconsInMenus)
    app.setQuitOnLastWindowClosed(False)
    start = Start(app, library_factory, paths, hidden=hidden)
    interrupts = Interrupts(start)
    interrupts.asked.connect(start.close)
    listening = Listening(claim or Claim(), start.take, start)
    try:
        code = app.exec()
    finally:
        listening.close()
        interrupts.stop()
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
