"""Whether the computer runs on its battery, and that indexing waits meanwhile.

Asks the system now and then, on a lane: some take long to answer.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from photosearch.gui.indexer import Indexer
from photosearch.jobs import Lane, Runner

if TYPE_CHECKING:
    from photosearch.library import Library

EVERY_MS = 5000
SETTING = "indexing.pause_on_battery"


class Power(QObject):
    """Tells the indexer whether a battery is to be spared, from its making on."""

    _set = Signal(str)  # key of a setting; comes from any thread

    def __init__(
        self,
        library: Library,
        runner: Runner,
        indexer: Indexer,
        parent: QObject | None = None,
        *,
        on_battery: Callable[[], bool] | None = None,
    ):
        """`on_battery` reads the state of the computer."""
        super().__init__(parent)
        self._library, self._runner, self._indexer = library, runner, indexer
        self._read = on_battery or runs_on_battery
        self._asking = False
        self._set.connect(self._on_set)
        self._stop = library.settings.subscribe(self._hear)
        self._timer = QTimer(self, interval=EVERY_MS)
        self._timer.timeout.connect(self.look)
        self._timer.start()
        self.look()

    def look(self) -> None:
        """Ask the system, unless it is being asked."""
        if self._asking:
            return
        self._asking = True
        self._runner.run(
            Lane.QUICK,
            is_to_be_spared,
            self._library,
            self._read,
            on_success=self._indexer.set_on_battery,
            on_finish=self._on_asked,
        )

    def close(self) -> None:
        """Ask no more."""
        self._timer.stop()
        self._stop()

    def _hear(self, key: str) -> None:
        self._set.emit(key)

    def _on_asked(self) -> None:
        self._asking = False

    def _on_set(self, key: str) -> None:
        if key == SETTING:
            self.look()


# --- on a lane ----------------------------------------------------------------


def is_to_be_spared(library: Library, on_battery: Callable[[], bool]) -> bool:
    """Tell whether there is a battery in use that the user wants to spare."""
    return library.settings.current.indexing.pause_on_battery and on_battery()


def runs_on_battery() -> bool:
    """Tell whether the computer runs on its battery; one without a battery does not."""
    import psutil

    read = getattr(psutil, "sensors_battery", None)  # some systems have no such thing
    try:
        battery = read() if read is not None else None
    except (OSError, RuntimeError, ValueError):
        return False
    return battery is not None and battery.power_plugged is False
