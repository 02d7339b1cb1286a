"""Closing the window without ending the program, where the user wants that and there is a tray.

Knows the setting of it, the window and the tray.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QTimer, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QSystemTrayIcon

from photosearch.gui.text import _

if TYPE_CHECKING:
    from photosearch.gui.background.tray import Tray
    from photosearch.gui.main_window import MainWindow
    from photosearch.library import Library

STAY = "indexing.background"
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
        window: MainWindow,
        parent: QObject | None = None,
        *,
        tray_there: Callable[[], bool] = QSystemTrayIcon.isSystemTrayAvailable,
    ):
        """`tray_there` asks the desktop."""
        super().__init__(parent)
        self._library, self._window = library, window
        self._tray_there = tray_there
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

    # --- the setting ----------------------------------------------------------

    def _on_set(self, key: str) -> None:
        if key != STAY:
            return
        if self.wanted:
            self._take_up()
        else:
            self._put_away()
            if self._window.isHidden() and not self._window.leaving:
                self.openWanted.emit()  # else nobody could reach it any more


def no_tray() -> str:
    """Say that there is no tray."""
    return _(
        "This desktop shows no tray icons, so closing the window ends PhotoSearch as before."
        " Indexing goes on while the window is open."
    )
