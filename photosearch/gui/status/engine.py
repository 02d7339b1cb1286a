"""What the status area says of the engine process: that it died, and that it is mended.

Knows the words for it, and that they stay long enough to be read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from photosearch.gui.status.area import StatusArea
from photosearch.gui.text import _
from photosearch.types import EngineHealth

if TYPE_CHECKING:
    from photosearch.library import Library

SHOWN_MS = 3000  # at least


def told(health: EngineHealth) -> str:
    """Say how the engine fares; nothing when it does well."""
    return {
        EngineHealth.WELL: "",
        EngineHealth.RESTARTING: _("The search engine stopped and is being started again…"),
        EngineHealth.RESTING: _(
            "The search engine crashed several times in a row and is tried again later: another "
            "device or search model in the settings may help"
        ),
    }[health]


class EngineTelling(QObject):
    """Keeps the status area in step with the engine's health."""

    _changed = Signal(object)  # EngineHealth; comes from any thread

    def __init__(self, library: Library, status: StatusArea, parent: QObject | None = None):
        super().__init__(parent)
        self._status = status
        self._health = library.engine_health
        self._well = QTimer(self, singleShot=True, interval=SHOWN_MS)
        self._well.timeout.connect(self._on_well)
        self._changed.connect(self._on_changed)
        self._stop = self._health.subscribe(self._hear)
        self._on_changed(self._health.now)

    def close(self) -> None:
        """Listen no more."""
        self._stop()

    def _hear(self, health: EngineHealth) -> None:
        self._changed.emit(health)

    def _on_changed(self, health: EngineHealth) -> None:
        if health is not EngineHealth.WELL:
            self._status.show_engine(told(health))
            self._well.start()
        elif not self._well.isActive():
            self._status.show_engine("")

    def _on_well(self) -> None:
        if self._health.now is EngineHealth.WELL:
            self._status.show_engine("")
