"""One at a time on a device, people before batches."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Gate:
    """A lock with two priorities: whoever holds it finishes, then the urgent go first."""

    def __init__(self) -> None:
        self._free = threading.Condition()
        self._held = False
        self._urgent = 0

    @contextmanager
    def urgent(self) -> Iterator[None]:
        """Hold the gate for someone who waits at the screen."""
        with self._free:
            self._urgent += 1
            try:
                while self._held:
                    self._free.wait()
            finally:
                self._urgent -= 1
            self._held = True
        try:
            yield
        finally:
            self._leave()

    @contextmanager
    def patient(self) -> Iterator[None]:
        """Hold the gate for work in the background."""
        with self._free:
            while self._held or self._urgent:
                self._free.wait()
            self._held = True
        try:
            yield
        finally:
            self._leave()

    def _leave(self) -> None:
        with self._free:
            self._held = False
            self._free.notify_all()
