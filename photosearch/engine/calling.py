"""Calls to the engine process: each waits for its own answer, several are under way at once.

Knows one life of that process, and nothing of what it is asked.
"""

from __future__ import annotations

import logging
import subprocess
import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from typing import Any

from photosearch.engine.wire import Wire
from photosearch.errors import EngineError

_log = logging.getLogger(__name__)
_GOODBYE_S = 20.0  # for saving the index; a graph of a million vectors takes 6 s
_DIED = "The engine process ended unexpectedly; it is started again."

Start = Callable[[], tuple[subprocess.Popen[bytes], Wire]]


class Child:
    """One life of the engine process and the calls that wait for it."""

    def __init__(self, start: Start, died: Callable[[], None]) -> None:
        """`died` is called when it ends unasked."""
        self._process, self._wire = start()
        self._died = died
        self._asked = False  # to end
        self.fell = False  # it ended unasked
        self._lock = threading.Lock()
        self._waiting: dict[int, Future[Any]] = {}
        self._number = 0
        self._dead = False
        self._reader = threading.Thread(target=self._read, name="engine-replies", daemon=True)
        self._reader.start()

    @property
    def alive(self) -> bool:
        return not self._dead

    @property
    def pid(self) -> int:
        return self._process.pid

    def call(self, verb: str, *values: Any, timeout_s: float | None = None) -> Any:
        """Call and wait; `EngineError` when the child dies, or is too slow, before it answers."""
        future: Future[Any] = Future()
        with self._lock:
            if self._dead:
                raise EngineError(_DIED)
            self._number += 1
            number = self._number
            self._waiting[number] = future
        with suppress(OSError, ValueError):  # the reader notices the death and fails the call
            self._wire.send((number, verb, values))
        try:
            return future.result(timeout_s)
        except TimeoutError as error:
            if future.done():  # the child's own
                raise
            raise EngineError(f"The engine process does not answer ({verb}).") from error

    def end(self) -> None:
        """Let the child save and leave; kill it when it does not."""
        self._asked = True
        killer = threading.Timer(_GOODBYE_S, self._overdue)
        killer.start()
        self._wire.close_writer()  # waits for whoever writes to a child that does not read
        self._process.wait()
        killer.cancel()
        killer.join()
        self._reader.join()
        self._wire.close()

    def _overdue(self) -> None:
        _log.warning("the engine did not end by itself")
        self._process.kill()

    def kill(self) -> None:
        self._asked = True
        self._process.kill()

    def _read(self) -> None:
        """Hand out replies until the child ends or says something that cannot be understood."""
        try:
            while True:
                self._hand_out(*self._wire.receive())
        except (EOFError, OSError):
            pass
        except (ValueError, TypeError):
            _log.exception("the engine says something that cannot be understood")
        finally:
            self._process.kill()
            with self._lock:
                self.fell = not self._asked
                self._dead = True
                waiting, self._waiting = self._waiting, {}
            if self.fell:
                self._died()
            for future in waiting.values():
                future.set_exception(EngineError(_DIED))

    def _hand_out(self, number: int, good: bool, value: Any) -> None:
        with self._lock:
            future = self._waiting.pop(number, None)
        if future is None:
            return
        if good:
            future.set_result(value)
        else:
            future.set_exception(value)
