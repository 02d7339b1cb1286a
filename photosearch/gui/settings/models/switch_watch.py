"""Follows a switch of the search model while it lasts, and tells when it is over.

Asks the library once a second on a lane, only while there is a switch; knows no widget.
"""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal

from photosearch.gui.settings.models.desk import ModelDesk
from photosearch.gui.settings.models.shelf import Shelf
from photosearch.jobs import Lane
from photosearch.types import Switch

EVERY_MS = 1000


class SwitchWatch(QObject):
    """Tells how far the coming model is."""

    changed = Signal(object)  # Switch or None
    ended = Signal(str)  # the model that was used before; it has made way

    def __init__(self, desk: ModelDesk):
        super().__init__(desk)
        self._desk = desk
        self._asking = False
        self.switch: Switch | None = None
        self._timer = QTimer(self, interval=EVERY_MS)
        self._timer.timeout.connect(self.ask)
        desk.seen.connect(self._on_shelf)

    def ask(self) -> None:
        """Look how far it is."""
        if self._asking:
            return
        self._asking = True
        self._desk.runner.run(
            Lane.INTERACTIVE,
            self._desk.library.switching.current,
            on_success=self._on_asked,
            on_failure=self._desk.failed.emit,
            on_finish=self._on_finished,
        )

    def _on_shelf(self, shelf: Shelf) -> None:
        self._show(shelf.switch)

    def _on_asked(self, switch: Switch | None) -> None:
        over = self.switch is not None and switch is None
        if over:
            self._desk.refresh()  # what it says tells whether the new one is in use
        else:
            self._show(switch)

    def _on_finished(self) -> None:
        self._asking = False

    def _show(self, switch: Switch | None) -> None:
        before, self.switch = self.switch, switch
        if (switch is not None) != self._timer.isActive():
            if switch is not None:
                self._timer.start()
            else:
                self._timer.stop()
        if switch != before:
            self.changed.emit(switch)
        if before is not None and switch is None and before.current:
            used = {
                offer.name
                for offer in self._desk.shelf.offers
                if offer.info is not None and offer.info.in_use
            }
            if before.coming in used or before.current not in used:
                self.ended.emit(before.current)
