"""The engine in a child process: the window never waits for the interpreter lock.

A crash of the model or its driver ends the child, not the program: calls in flight fail with
`EngineError`, and the next call starts a new child with the same model.
"""

from __future__ import annotations

import logging
import subprocess
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy.typing as npt

from photosearch.engine.protocol import (
    Detections,
    Encoded,
    EngineState,
    FaceChoice,
    FacePicture,
    ModelChoice,
    PixelBatch,
)
from photosearch.engine.wire import Wire, start_child
from photosearch.errors import EngineError
from photosearch.inference.registry import Entry
from photosearch.store.embeddings import StoredVectors
from photosearch.types import Ids, ModelKey, Vector

_log = logging.getLogger(__name__)
_GOODBYE_S = 20.0  # for saving the index; a graph of a million vectors takes 6 s
_START_S = 60.0
_DIED = "The engine process ended unexpectedly; it is started again."
_CLOSED = "The engine is closed."

Start = Callable[[], tuple[subprocess.Popen[bytes], Wire]]


class _Child:
    """One life of the engine process and the calls that wait for it."""

    def __init__(self, start: Start) -> None:
        self._process, self._wire = start()
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
                self._dead = True
                waiting, self._waiting = self._waiting, {}
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


class RemoteEngine:
    """An `Engine` that lives in a child; started at the first call that needs it."""

    def __init__(
        self,
        start: Start | None = None,
        *,
        log_file: Path | None = None,
        start_s: float = _START_S,
    ) -> None:
        """`log_file` is the child's own; one that takes longer than `start_s` is given up."""
        arguments = ["--engine", *([f"--log={log_file}"] if log_file else [])]
        self._start = start or (lambda: start_child(*arguments, gentle=False))
        self._start_s = start_s
        self._lock = threading.Lock()  # never held while a child is waited for
        self._child: _Child | None = None
        self._newborn: _Child | None = None
        self._coming: Future[_Child] | None = None
        self._choice: ModelChoice | None = None
        self._faces: FaceChoice | None = None
        self._closed = False

    def describe(self, folder: Path) -> Entry:
        entry: Entry = self._again("describe", folder)
        return entry

    def use(self, choice: ModelChoice | None) -> None:
        with self._lock:
            if choice == self._choice:
                return
            self._choice = choice
            child = self._child if self._child and self._child.alive else None
        if child is not None:
            with suppress(EngineError):  # the child that comes after is told when it starts
                child.call("use", choice)

    def use_faces(self, choice: FaceChoice | None) -> None:
        with self._lock:
            if choice == self._faces:
                return
            self._faces = choice
            child = self._child if self._child and self._child.alive else None
        if child is not None:
            with suppress(EngineError):  # the child that comes after is told when it starts
                child.call("use_faces", choice)

    def detect(self, key: ModelKey, pictures: Sequence[FacePicture]) -> Detections:
        found: Detections = self._call("detect", key, tuple(pictures))
        return found

    def encode(self, key: ModelKey, batch: PixelBatch) -> Encoded:
        encoded: Encoded = self._call("encode", key, batch)
        return encoded

    def encode_text(self, key: ModelKey, text: str) -> Vector:
        vector: Vector = self._again("encode_text", key, text)
        return vector

    def search(
        self, key: ModelKey, vector: Vector, k: int, allowed: Ids | None = None
    ) -> tuple[Ids, npt.NDArray[Any]]:
        found: tuple[Ids, npt.NDArray[Any]] = self._again("search", key, vector, k, allowed)
        return found

    def add(self, key: ModelKey, rows: StoredVectors) -> None:
        """Add rows; a new child would read them from the library itself."""
        with suppress(EngineError):
            self._call("add", key, rows)

    def remove(self, labels: Ids) -> None:
        child = self._running()
        if child is not None:  # a child yet to start will not find them in the library
            with suppress(EngineError):
                child.call("remove", labels)

    def refresh(self, key: ModelKey) -> None:
        child = self._running()
        if child is not None:
            with suppress(EngineError):
                child.call("refresh", key)

    def save(self) -> None:
        child = self._running()
        if child is not None:
            with suppress(EngineError):
                child.call("save")

    def state(self) -> EngineState:
        """Return how the engine is; a child that does not run has nothing to tell."""
        child = self._running()
        if child is None:
            return EngineState()
        try:
            state: EngineState = child.call("state")
        except EngineError:
            return EngineState()
        return state

    def close(self) -> None:
        with self._lock:
            self._closed = True
            child, self._child = self._child, None
            newborn, coming = self._newborn, self._coming
        if newborn is not None:
            newborn.kill()
        if coming is not None:
            coming.exception()  # who starts it ends it
        if child is not None:
            child.end()

    def _again(self, verb: str, *values: Any) -> Any:
        """Call something that can be repeated: once more when the engine died."""
        try:
            return self._call(verb, *values)
        except EngineError:
            return self._call(verb, *values)

    def _call(self, verb: str, *values: Any) -> Any:
        return self._ready().call(verb, *values)

    def _running(self) -> _Child | None:
        with self._lock:
            return self._child if self._child is not None and self._child.alive else None

    def _ready(self) -> _Child:
        """Return a child that answers: one caller starts it, the others wait for that."""
        with self._lock:
            if self._closed:
                raise EngineError(_CLOSED)
            before = self._child
            if before is not None and before.alive:
                return before
            self._child = None
            mine = self._coming is None
            coming = self._coming = self._coming or Future()
        if not mine:
            return coming.result()
        try:
            if before is not None:
                _log.warning("the engine died and is started again")
                before.end()
            coming.set_result(self._begin())
        except BaseException as error:  # whoever waits for this start must hear of it, too
            coming.set_exception(error)
            raise
        finally:
            with self._lock:
                self._coming = None
        return coming.result()

    def _begin(self) -> _Child:
        """Start a child and tell it the models; it is ours only once it has answered."""
        try:
            child = _Child(self._start)
        except OSError as error:
            raise EngineError(f"The engine process cannot be started: {error}.") from error
        faces: FaceChoice | None = None  # what the child was told
        try:
            while True:
                with self._lock:
                    if self._closed:
                        raise EngineError(_CLOSED)
                    self._newborn, chosen = child, (self._choice, self._faces)
                child.call("use", chosen[0], timeout_s=self._start_s)
                if chosen[1] != faces:
                    child.call("use_faces", chosen[1], timeout_s=self._start_s)
                    faces = chosen[1]
                with self._lock:
                    if chosen == (self._choice, self._faces) and not self._closed:
                        self._child = child
                        return child
        except BaseException:  # whatever it was, no child may be left behind
            child.kill()
            child.end()
            raise
        finally:
            with self._lock:
                self._newborn = None
