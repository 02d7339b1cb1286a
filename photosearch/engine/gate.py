"""Whose turn it is on a device: people before batches."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Gate:
    """A lock with two priorities: whoever holds it finishes, then the urgent go first."""

    def __init__(self) -> None:
        self._free = threading.Condition()
        self._held = False
        self._sharing = 0
        self._alone = 0  # who wait to be the only one: those who share let them in
        self._urgent = 0

    @contextmanager
    def urgent(self) -> Iterator[None]:
        """Hold the gate for someone who waits at the screen."""
        with self._free:
            self._urgent += 1
            try:
                while self._held or self._sharing:
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
            self._alone += 1
            try:
                while self._held or self._sharing or self._urgent:
                    self._free.wait()
            finally:
                self._alone -= 1
            self._held = True
        try:
            yield
        finally:
            self._leave()

    @contextmanager
    def shared(self) -> Iterator[None]:
        """Hold the gate for work in the background, together with others who share it."""
        with self._free:
            while self._held or self._urgent or self._alone:
                self._free.wait()
            self._sharing += 1
        try:
            yield
        finally:
            with self._free:
                self._sharing -= 1
                self._free.notify_all()

    def _leave(self) -> None:
        with self._free:
            self._held = False
            self._free.notify_all()
