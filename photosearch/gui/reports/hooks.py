"""Where errors come to that nobody caught: in slots of the window, and in threads of our own.

Those from which Python goes on by itself, in `__del__` and the like, are only logged.
"""

from __future__ import annotations

import logging
import sys
import threading
from types import TracebackType
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

if TYPE_CHECKING:
    from sys import UnraisableHookArgs

log = logging.getLogger(__name__)


class Hooks(QObject):
    """Brings errors of every thread to this object's thread, until `close`."""

    unhandled = Signal(object)  # Exception

    def __init__(self, parent: QObject | None = None):
        super().__init__(parent)
        self._before = sys.excepthook, threading.excepthook, sys.unraisablehook
        sys.excepthook = self._on_exception
        threading.excepthook = self._on_thread_exception
        sys.unraisablehook = self._on_unraisable

    def close(self) -> None:
        """Let others have what comes from now on."""
        sys.excepthook, threading.excepthook, sys.unraisablehook = self._before

    def _on_exception(
        self, kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        if isinstance(error, Exception):
            self._tell(error)
        else:
            sys.__excepthook__(kind, error, trace)

    def _on_thread_exception(self, told: threading.ExceptHookArgs) -> None:
        if isinstance(told.exc_value, Exception):
            self._tell(told.exc_value)
        else:
            threading.__excepthook__(told)

    def _on_unraisable(self, told: UnraisableHookArgs) -> None:
        place = getattr(told.object, "__qualname__", type(told.object).__name__)
        kind = told.exc_type.__name__
        log.error("Unexpected, and passed over in %s: %s", place, kind, exc_info=told.exc_value)

    def _tell(self, error: Exception) -> None:
        try:
            self.unhandled.emit(error)
        except RuntimeError:  # the window is gone
            sys.__excepthook__(type(error), error, error.__traceback__)
