"""A piece of work that the user can see and cancel.

A job lives in the thread that made it (the window's) and only there; the worker thread never
holds one, so it cannot be destroyed there. Making and running jobs is the runner's business.
"""

from __future__ import annotations

from concurrent.futures import Future
from typing import Any

from PySide6.QtCore import QObject, Signal

from photosearch.errors import Cancelled
from photosearch.jobs.gate import Gate


class Job(QObject):
    """Tells in the window's thread how a piece of work goes.

    Exactly one of these comes to pass: `succeeded` then `finished`, `failed` then `finished`, or,
    after `cancel`, `finished` alone. Nothing but `finished` arrives once `cancel` was called; what
    was done or went wrong all the same is still told after `stop`.
    """

    progressed = Signal(object)
    succeeded = Signal(object)
    failed = Signal(object)
    finished = Signal()

    def __init__(self, gate: Gate, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._gate = gate
        self._future: Future[None] | None = None
        self._over = False
        self._stopped = False

    @property
    def gate(self) -> Gate:
        """The gate that the work passes: pause and resume it there."""
        return self._gate

    @property
    def cancelled(self) -> bool:
        """Whether the work was called off."""
        return self._gate.cancelled

    @property
    def over(self) -> bool:
        """Whether the outcome has been told."""
        return self._over

    def cancel(self) -> None:
        """Call the work off: it ends at its next check, or is never begun."""
        self._stopped = False
        self._call_off()

    def stop(self) -> None:
        """Call the work off as `cancel` does, for work that may be past its last check."""
        self._stopped = True
        self._call_off()

    def _call_off(self) -> None:
        self._gate.cancel()
        if self._future is not None:
            self._future.cancel()

    def follow(self, future: Future[None]) -> None:
        """Remember what carries the work (for the runner)."""
        self._future = future

    def tell_progress(self, value: Any) -> None:
        """Pass a report on (for the runner)."""
        if not self._over and not self.cancelled:
            self.progressed.emit(value)

    def tell_outcome(self, result: Any, error: Exception | None) -> None:
        """Pass the outcome on, once (for the runner)."""
        if self._over:
            return
        self._over = True
        try:
            if isinstance(error, Cancelled) or (self.cancelled and not self._stopped):
                return
            if error is not None:
                self.failed.emit(error)
            else:
                self.succeeded.emit(result)
        finally:
            self.finished.emit()
