"""Closing the window without ending the program, where the user wants that and there is a tray.

Knows the settings of it and keeps the system's list of what starts with the computer in step.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QTimer, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QSystemTrayIcon

from photosearch.gui.background import autostart
from photosearch.gui.text import _
from photosearch.jobs import Lane, Runner
from photosearch.paths import Paths

if TYPE_CHECKING:
    from photosearch.gui.background.tray import Tray
    from photosearch.gui.main_window import MainWindow
    from photosearch.library import Library

log = logging.getLogger(__name__)
STAY, AUTOSTART = "indexing.background", "indexing.autostart"
LOOK_MS = 1000
LOOKS = 20  # a desktop that has just begun may show its tray later than it starts programs


class Staying(QObject):
    """Hides the window instead of closing it, and brings it back."""

    openWanted = Signal()
    quitWanted = Signal()
    _set = Signal(str)  # key of a setting; comes from any thread

    def __init__(
        self,
        library: Library,
        runner: Runner,
        window: MainWindow,
        parent: QObject | None = None,
        *,
        tray_there: Callable[[], bool] = QSystemTrayIcon.isSystemTrayAvailable,
        starter: autostart.Autostart | None = None,
    ):
        """`tray_there` asks the desktop; `starter` is what the system starts programs by."""
        super().__init__(parent)
        self._library, self._runner, self._window = library, runner, window
        self._tray_there = tray_there
        self._home = home_of(library.paths)
        self._starter = starter or autostart.of_system(self._home)
        self._told = self._let_go = False
        self._looks = 0
        self.tray: Tray | None = None
        self._looking = QTimer(self, interval=LOOK_MS)
        self._looking.timeout.connect(self._on_look)
        window.installEventFilter(self)
        for signal in (window.indexer.pausedChanged, window.indexer.progressed):
            signal.connect(self._show_state)
        window.indexer.stopped.connect(self._show_state)
        self._set.connect(self._on_set)
        self._stop = library.settings.subscribe(self._set.emit)
        self._keep_starting()
        if self.wanted:
            self._take_up()

    @property
    def wanted(self) -> bool:
        """Whether closing the window is not to end the program."""
        return self._library.settings.current.indexing.background

    @property
    def stays(self) -> bool:
        """Whether closing the window does not end the program now."""
        ending = self._let_go or self._window.leaving
        return self.wanted and not ending and self._tray_there()

    def begin_hidden(self) -> None:
        """Show no window as long as there is a tray, or one may come yet."""
        QGuiApplication.setQuitOnLastWindowClosed(False)
        if not self._tray_there():
            self._looks = LOOKS
            self._looking.start()

    def let_go(self) -> None:
        """Let the window close, because the session may be about to end."""
        self._let_go = True

    def close(self) -> None:
        """End with the program."""
        self._looking.stop()
        self._stop()
        self._window.removeEventFilter(self)
        self._put_away()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Close and watched is self._window and self.stays:
            event.ignore()
            self._hide()
            return True
        return super().eventFilter(watched, event)

    def _hide(self) -> None:
        QGuiApplication.setQuitOnLastWindowClosed(False)  # a dialog may be the last to close
        self._window.hide()
        if self.tray is not None and not self._told:
            self._told = True
            self.tray.tell(_("PhotoSearch goes on here. Its menu opens the window or quits."))

    # --- the tray -------------------------------------------------------------

    def _take_up(self) -> None:
        """Show the icon, or say that there is no place for it."""
        if not self._tray_there():
            if not self._looking.isActive() and self._window.isVisible():
                self._window.problems.said.emit(no_tray())
            return
        if self.tray is None:
            from photosearch.gui.background.tray import Tray

            self.tray = Tray(self._window, self)
            self.tray.openWanted.connect(self.openWanted)
            self.tray.quitWanted.connect(self.quitWanted)
            self.tray.holdWanted.connect(self._window.indexer.hold)
            self._show_state()

    def _put_away(self) -> None:
        tray, self.tray = self.tray, None
        if tray is not None:
            tray.close()

    def _on_look(self) -> None:
        self._looks -= 1
        if self._tray_there():
            self._looking.stop()
            self._take_up()
        elif not self._looks:
            self._looking.stop()
            self.openWanted.emit()
            self._window.problems.said.emit(no_tray())

    def _show_state(self, _what: object = None) -> None:
        if self.tray is not None:
            indexer = self._window.indexer
            why = _("Paused while on battery") if indexer.spares_battery else ""
            self.tray.show_state(running=indexer.running, paused=indexer.paused, why=why)

    # --- settings -------------------------------------------------------------

    def _on_set(self, key: str) -> None:
        if key == STAY:
            if self.wanted:
                self._take_up()
            else:
                self._put_away()
                if self._window.isHidden() and not self._window.leaving:
                    self.openWanted.emit()  # else nobody could reach it any more
        elif key == AUTOSTART:
            self._keep_starting()

    def _keep_starting(self) -> None:
        self._runner.run(
            Lane.QUICK,
            keep_starting,
            self._starter,
            self._library.settings.current.indexing.autostart,
            self._home,
            on_success=self._on_kept,
        )

    def _on_kept(self, problem: str) -> None:
        if problem:
            self._window.problems.said.emit(problem)


def no_tray() -> str:
    """Say that there is no tray."""
    return _(
        "This desktop shows no tray icons, so closing the window ends PhotoSearch as before."
        " Indexing goes on while the window is open."
    )


# --- on a lane ----------------------------------------------------------------


def keep_starting(starter: autostart.Autostart, wanted: bool, home: str) -> str:
    """Let the system start the program, or no longer; returns what went wrong, a sentence."""
    command = autostart.command(home)
    try:
        if wanted and not starter.is_on(command):
            starter.turn_on(command)
        elif not wanted:
            starter.turn_off()
    except OSError as error:
        log.warning("what starts with the computer cannot be written: %s", error)
        return _("Starting with the computer could not be set: {why}.").format(
            why=error.strerror or error
        )
    return ""


def home_of(paths: Paths) -> str:
    """Return the one folder below which everything lies; empty for the places of the system."""
    return str(paths.data) if paths == Paths.below(paths.data) else ""
