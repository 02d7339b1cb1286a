"""Collecting garbage, in the window's thread only.

Qt holds locks of its own while it asks objects that Python made, and in Python 3.11 any of these
questions may begin a collection. In a worker thread that ended with two threads waiting for each
other for ever: one with Qt's lock of the picture formats, one with the interpreter's. And what is
destroyed by a collection is destroyed where that runs: widgets belong to the window's thread.
"""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer

LOOK_MS = 500


class Garbage(QObject):
    """Collects now and then; nobody else does as long as it lives."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        gc.disable()
        timer = QTimer(self, interval=LOOK_MS)
        timer.timeout.connect(self._on_time)
        timer.start()

    def settled(self) -> None:
        """Never look again at what has been made until now: most of it stays."""
        gc.freeze()

    def _on_time(self) -> None:
        counts, limits = gc.get_count(), gc.get_threshold()
        for generation in (2, 1, 0):
            if counts[generation] > limits[generation]:
                gc.collect(generation)
                return
