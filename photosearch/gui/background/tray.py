"""The icon in the tray and its menu: open the window, pause, quit."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QMenu, QSystemTrayIcon, QWidget

from photosearch.gui import icons
from photosearch.gui.text import _

SHOWN_MS = 6000
_Reason = QSystemTrayIcon.ActivationReason


class Tray(QObject):
    """Shows that the program is at work, and asks by signal; `window` lends the menu its look."""

    openWanted = Signal()
    holdWanted = Signal(bool)  # True: pause, False: go on
    quitWanted = Signal()

    def __init__(self, window: QWidget, parent: QObject | None = None):
        super().__init__(parent)
        self._shown: tuple[bool, bool, str] | None = None
        self.menu = QMenu(window)
        self.open = self.menu.addAction(_("Open PhotoSearch"))
        self.hold = self.menu.addAction("")
        self.menu.addSeparator()
        self.quit = self.menu.addAction(_("Quit"))
        self.menu.setDefaultAction(self.open)
        self.open.triggered.connect(self._on_open)
        self.hold.triggered.connect(self._on_hold)
        self.quit.triggered.connect(self._on_quit)
        self.icon = QSystemTrayIcon(icons.app_icon(), self)
        self.icon.setContextMenu(self.menu)
        self.icon.activated.connect(self._on_activated)
        self.icon.messageClicked.connect(self.openWanted)
        self.show_state(running=False, paused=False, why="")
        self.icon.show()

    def close(self) -> None:
        """Take the icon away."""
        self.icon.hide()
        self.icon.deleteLater()
        self.menu.deleteLater()
        self.deleteLater()

    def show_state(self, *, running: bool, paused: bool, why: str) -> None:
        """Show what is going on; `why` it is paused, where nobody asked for that."""
        if self._shown == (running, paused, why):
            return  # a run tells of itself ten times a second
        self._shown = running, paused, why
        self.hold.setText(_("Resume indexing") if paused else _("Pause indexing"))
        if paused:
            words = why or _("Indexing is paused")
        else:
            words = _("Indexing your photos") if running else _("Up to date")
        self.icon.setToolTip(_("PhotoSearch: {state}").format(state=words))

    def tell(self, sentence: str) -> None:
        """Say something beside the icon for a moment."""
        self.icon.showMessage("PhotoSearch", sentence, icons.app_icon(), SHOWN_MS)

    def _on_open(self) -> None:
        self.openWanted.emit()

    def _on_hold(self) -> None:
        self.holdWanted.emit(self._shown is None or not self._shown[1])

    def _on_quit(self) -> None:
        self.quitWanted.emit()

    def _on_activated(self, reason: _Reason) -> None:
        if reason in (_Reason.Trigger, _Reason.DoubleClick):
            self.openWanted.emit()
