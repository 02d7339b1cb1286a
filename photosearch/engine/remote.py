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
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy.typing as npt

from photosearch.engine.calling import Child, Start
from photosearch.engine.health import Health
from photosearch.engine.pack_in_use import PackInUse
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
from photosearch.inference.entry import Entry
from photosearch.store.embeddings import StoredVectors
from photosearch.types import Ids, ModelKey, Vector

_log = logging.getLogger(__name__)
_START_S = 60.0
_WORK = ("encode", "encode_text", "search_text", "detect", "warm")  # a model did something
_CLOSED = "The engine is closed."


class RemoteEngine:
    """An `Engine` that lives in a child; started at the first call that needs it."""

    def __init__(
        self,
        start: Start | None = None,
        *,
        log_file: Path | None = None,
        devices_file: Path | None = None,
        runtime: Callable[[], str] = str,
        start_s: float = _START_S,
        health: Health | None = None,
    ) -> None:
        """`log_file` is the child's own; one that takes longer than `start_s` is given up.

        `devices_file` keeps verdicts on devices; `runtime` returns the folder of a GPU pack;
        `health` hears how it fares.
        """
        self.health = health or Health()
        self._pack = PackInUse(runtime)

        def begin() -> tuple[subprocess.Popen[bytes], Wire]:
            given = {"log": log_file, "devices": devices_file, "runtime": self._pack.for_start()}
            arguments = (f"--{flag}={value}" for flag, value in given.items() if value)
            return start_child("--engine", *arguments, gentle=False)

        self._start = start or begin
        self._start_s = start_s
        self._lock = threading.Lock()  # never held while a child is waited for
        self._child: Child | None = None
        self._newborn: Child | None = None
        self._coming: Future[Child] | None = None
        self._choices: tuple[ModelChoice, ...] = ()
        self._faces: FaceChoice | None = None
        self._closed = False
        self._closing = threading.Event()
        self._mending = False  # a thread sees to it that there is an engine again

    def describe(self, folder: Path) -> Entry:
        entry: Entry = self._again("describe", folder)
        return entry

    def use(self, *choices: ModelChoice) -> None:
        with self._lock:
            if choices == self._choices:
                return
            self._choices = choices
            self.health.changed()
            child = self._child if self._child and self._child.alive else None
        if child is not None:
            with suppress(EngineError):  # the child that comes after is told when it starts
                child.call("use", *choices)

    def use_faces(self, choice: FaceChoice | None) -> None:
        with self._lock:
            if choice == self._faces:
                return
            self._faces = choice
            self.health.changed()
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

    def warm(self, key: ModelKey) -> None:
        self._again("warm", key)

    def search(
        self, key: ModelKey, vector: Vector, k: int, allowed: Ids | None = None
    ) -> tuple[Ids, npt.NDArray[Any]]:
        found: tuple[Ids, npt.NDArray[Any]] = self._again("search", key, vector, k, allowed)
        return found

    def search_text(
        self, key: ModelKey, text: str, k: int, allowed: Ids | None = None
    ) -> tuple[Ids, npt.NDArray[Any]] | None:
        found: tuple[Ids, npt.NDArray[Any]] | None
        found = self._again("search_text", key, text, k, allowed)
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
        notices = (self._pack.notice, *state.notices) if self._pack.notice else state.notices
        return replace(state, notices=notices)

    def renew(self) -> None:
        """End the child: the next call starts another, perhaps with another runtime."""
        with self._lock:
            child, self._child = self._child, None
        if child is not None:
            child.end()
        self.health.changed()
        self._pack.changed()

    def close(self) -> None:
        self._closing.set()
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
        answer = self._ready().call(verb, *values)
        if verb in _WORK:
            self.health.answered()
        return answer

    def _on_died(self) -> None:
        """Start another engine, also when nobody waits for one: the next query is answered."""
        self.health.died()
        with self._lock:
            if self._closed or self._mending:
                return
            self._mending = True
        threading.Thread(target=self._mend, name="engine-mending", daemon=True).start()

    def _mend(self) -> None:
        """Have an engine that runs; one that dies again and again is tried less and less often."""
        there = False
        while not there and not self._closing.wait(self.health.rest_s()):
            with suppress(EngineError):
                self._ready()
            with self._lock:
                there = self._child is not None and self._child.alive
                self._mending = not there

    def _running(self) -> Child | None:
        with self._lock:
            return self._child if self._child is not None and self._child.alive else None

    def _ready(self) -> Child:
        """Return a child that answers: one caller starts it, the others wait for that."""
        with self._lock:
            if self._closed:
                raise EngineError(_CLOSED)
            before = self._child
            if before is not None and before.alive:
                return before
            self.health.check()
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

    def _begin(self) -> Child:
        """Start a child and tell it the models; it is ours only once it has answered."""
        try:
            child = Child(self._start, self._on_died)
        except OSError as error:
            self.health.died()
            raise EngineError(f"The engine process cannot be started: {error}.") from error
        faces: FaceChoice | None = None  # what the child was told
        try:
            while True:
                with self._lock:
                    if self._closed:
                        raise EngineError(_CLOSED)
                    self._newborn, chosen = child, (self._choices, self._faces)
                child.call("use", *chosen[0], timeout_s=self._start_s)
                if chosen[1] != faces:
                    child.call("use_faces", chosen[1], timeout_s=self._start_s)
                    faces = chosen[1]
                with self._lock:
                    if chosen == (self._choices, self._faces) and not self._closed:
                        self._child = child
                        break
            self.health.started()
            return child
        except BaseException as error:  # whatever it was, no child may be left behind
            if isinstance(error, EngineError) and not self._closed:
                self._pack.died()
                if not child.fell:  # it does not answer
                    self.health.died()
            child.kill()
            child.end()
            raise
        finally:
            with self._lock:
                self._newborn = None
