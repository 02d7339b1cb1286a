"""How a stage is worked off: one batch is in the engine while the next one is gathered.

Pool threads prepare inputs, threads of this module's own wait for the engine, the calling thread
writes what comes back, in order. A photo that kills the engine is found and listed; the run goes
on.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Generic, TypeVar

from photosearch.errors import EngineError, ModelError, PhotoSearchError, RestingError, StoreError
from photosearch.indexing.stages import ModelStage
from photosearch.indexing.tools import Tools
from photosearch.indexing.windowed import windowed
from photosearch.store.embeddings import PendingPhoto

_log = logging.getLogger(__name__)
_AT_ONCE = 2  # batches in the engine: through with one, it finds the next there
_Input = TypeVar("_Input")
_Made = TypeVar("_Made")


def work_off(
    tools: Tools, stage: ModelStage[_Input, _Made], photos: Iterable[PendingPhoto]
) -> None:
    """Give photos what the stage makes.

    `ModelError` when the model is no good, or while the engine rests. However it ends, all
    that the engine made by then is kept, unless the library is what fails.
    """
    waiting: list[PendingPhoto] = []
    inputs: list[_Input] = []
    with ThreadPoolExecutor(_AT_ONCE, "calculate") as threads:
        line = _Line(tools, stage, threads)
        try:
            for photo, prepared in windowed(tools.executor, stage.prepare, photos, stage.ahead):
                if prepared.input is None:
                    if prepared.failure:
                        tools.store.failures.add(photo.id, stage.stage, prepared.failure)
                        tools.reporter.step(failed=1)
                    tools.check()
                    continue
                waiting.append(photo)
                inputs.append(prepared.input)
                if stage.is_full(inputs):
                    line.give(_Batch(waiting, inputs))
                    waiting, inputs = [], []
            if waiting:
                line.give(_Batch(waiting, inputs))
            line.finish()
        except StoreError:
            line.leave()
            raise
        except PhotoSearchError:
            line.keep()
            raise


@dataclass(frozen=True, slots=True)
class _Batch(Generic[_Input]):
    photos: Sequence[PendingPhoto]
    inputs: Sequence[_Input]


class _Line(Generic[_Input, _Made]):
    """Batches on their way through the engine."""

    def __init__(
        self, tools: Tools, stage: ModelStage[_Input, _Made], threads: ThreadPoolExecutor
    ) -> None:
        self._tools = tools
        self._stage = stage
        self._threads = threads
        self._under_way: deque[tuple[_Batch[_Input], Future[_Made]]] = deque()
        self._at_once = 1  # until the engine has answered: one that dies at once dies seldom

    def give(self, batch: _Batch[_Input]) -> None:
        """Hand a batch to the engine, as soon as there is room for it."""
        future = self._threads.submit(self._calculate, batch.inputs)
        self._under_way.append((batch, future))
        self._take_all_but(self._at_once - 1)

    def finish(self) -> None:
        """Wait for what is under way, and write it."""
        self._take_all_but(0)

    def keep(self) -> None:
        """Write what the engine makes of the batches under way; the others go on waiting."""
        while self._under_way:
            batch, future = self._under_way.popleft()
            if future.exception() is None:
                self._write(batch, future.result())

    def leave(self) -> None:
        """Write nothing more: the batches under way are made anew when the library is well."""
        lost = sum(len(batch.photos) for batch, _ in self._under_way)
        if lost:
            _log.warning("%d photos on their way through the engine wait for another run", lost)
        self._under_way.clear()

    def _calculate(self, inputs: Sequence[_Input]) -> _Made:
        """Let the engine work. While it rests no input is to blame, and the stage ends."""
        try:
            return self._stage.calculate(inputs)
        except RestingError as error:
            raise ModelError(str(error)) from error

    def _take_all_but(self, left: int) -> None:
        while len(self._under_way) > left:
            self._take(*self._under_way.popleft())
            self._tools.check()

    def _take(self, batch: _Batch[_Input], future: Future[_Made]) -> None:
        try:
            made = future.result()
        except EngineError as error:
            _log.warning("the engine died with a batch of %d: %s", len(batch.inputs), error)
            wait([other for _, other in self._under_way])  # any of them may have been its death
            self._at_once = 1
            self._once_more(batch)
        else:
            self._at_once = _AT_ONCE
            self._write(batch, made)

    def _once_more(self, batch: _Batch[_Input]) -> None:
        try:
            made = self._calculate(batch.inputs)
        except EngineError as error:
            _log.warning("the engine died with a batch of %d: %s", len(batch.inputs), error)
            self._one_by_one(batch)
        else:
            self._write(batch, made)

    def _one_by_one(self, batch: _Batch[_Input]) -> None:
        """Find out which photos of a batch kill the engine; they are listed, and counted."""
        for photo, one in zip(batch.photos, batch.inputs, strict=True):
            self._tools.check()  # each may cost two engines
            try:
                made = self._calculate([one])
            except EngineError:
                self._blame_the_model(one)
                self._tools.store.failures.add(photo.id, self._stage.stage, self._stage.crashed)
                self._tools.reporter.step(failed=1)
            else:
                self._write(_Batch([photo], [one]), made)

    def _blame_the_model(self, one: _Input) -> None:
        """Raise `ModelError` when a harmless input kills the engine too: no photo is at fault."""
        try:
            self._calculate([self._stage.harmless(one)])
        except EngineError as error:
            raise ModelError(self._stage.broken) from error

    def _write(self, batch: _Batch[_Input], made: _Made) -> None:
        self._stage.write(batch.photos, batch.inputs, made)
        self._tools.reporter.step(len(batch.photos), changed=self._stage.shows)
