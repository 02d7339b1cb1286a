"""One switch between who started a piece of work and the thread that does it.

Knows pausing and cancelling; knows nothing of Qt or of what the work is.
"""

from __future__ import annotations

import threading

from photosearch.errors import Cancelled


class Gate:
    """Lets work through, holds it while paused, turns it away for good once cancelled.

    `check` is called by the worker between items; the other methods by anyone, and none blocks.
    """

    def __init__(self) -> None:
        self._open = threading.Event()
        self._open.set()
        self._cancelled = threading.Event()

    @property
    def paused(self) -> bool:
        """Whether `check` would block now."""
        return not self._open.is_set()

    @property
    def cancelled(self) -> bool:
        """Whether `check` raises from now on."""
        return self._cancelled.is_set()

    def pause(self) -> None:
        """Hold the work at its next check; a cancelled gate cannot be paused."""
        self._open.clear()
        if self._cancelled.is_set():  # cancelled meanwhile: nobody may be left waiting
            self._open.set()

    def resume(self) -> None:
        """Let held work go on."""
        self._open.set()

    def cancel(self) -> None:
        """Make every check raise from now on, those that wait included."""
        self._cancelled.set()
        self._open.set()

    def check(self) -> None:
        """Return at once, wait while paused, or raise Cancelled."""
        self._open.wait()
        if self._cancelled.is_set():
            raise Cancelled("This was cancelled.")
