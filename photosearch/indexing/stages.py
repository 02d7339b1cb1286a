"""The shape of a stage that gives photos something a model makes, and how one is worked off.

Pool threads prepare inputs, the calling thread hands batches of them to the engine and writes
what comes back. A photo that kills the engine is found and listed; the run goes on.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from photosearch.errors import EngineError, ModelError
from photosearch.indexing.tools import Tools
from photosearch.indexing.windowed import windowed
from photosearch.store.embeddings import PendingPhoto
from photosearch.types import PhotoId, Stage

_log = logging.getLogger(__name__)
_Input = TypeVar("_Input")
_Made = TypeVar("_Made")


@dataclass(frozen=True, slots=True)
class Prepared(Generic[_Input]):
    """An input, or why there can be none; neither: the photo goes on waiting."""

    input: _Input | None = None
    failure: str = ""


class ModelStage(Protocol[_Input, _Made]):
    """A stage of one model. The database knows which photos wait for it."""

    @property
    def stage(self) -> Stage:
        """Under which name what is done and what failed is kept."""
        ...

    @property
    def told(self) -> Stage:
        """Under which name progress is told."""
        ...

    @property
    def shows(self) -> bool:
        """Whether what the user sees or finds changes with each batch."""
        ...

    @property
    def ahead(self) -> int:
        """How many photos may be in the hands of decoders, or wait for the engine."""
        ...

    @property
    def crashed(self) -> str:
        """What is said of a photo that kills the engine."""
        ...

    @property
    def broken(self) -> str:
        """What is said when every photo does."""
        ...

    def pending(self, after: PhotoId, limit: int) -> tuple[PendingPhoto, ...]: ...
    def pending_among(self, photos: Sequence[int]) -> tuple[PendingPhoto, ...]: ...
    def pending_count(self) -> int: ...

    def prepare(self, photo: PendingPhoto) -> Prepared[_Input]:
        """Make a photo's input; called in several threads."""
        ...

    def is_full(self, batch: Sequence[_Input]) -> bool:
        """Whether this is as much as the engine should be given at once."""
        ...

    def calculate(self, inputs: Sequence[_Input]) -> _Made:
        """Let the engine work; `EngineError` when it died."""
        ...

    def harmless(self, like: _Input) -> _Input:
        """Return an input of the same kind at which only a broken model dies."""
        ...

    def write(self, photos: Sequence[PendingPhoto], inputs: Sequence[_Input], made: _Made) -> None:
        """Write results in one transaction, and make them known."""
        ...

    def finish(self) -> None:
        """Wait for what `write` left to other threads."""
        ...


def work_off(
    tools: Tools, stage: ModelStage[_Input, _Made], photos: Sequence[PendingPhoto]
) -> None:
    """Give some photos what the stage makes; `ModelError` when the model is no good."""
    waiting: list[PendingPhoto] = []
    inputs: list[_Input] = []

    def flush() -> None:
        if waiting:
            _finish(tools, stage, waiting, inputs)
            waiting.clear()
            inputs.clear()
            tools.check()

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
            flush()
    flush()


def _finish(
    tools: Tools,
    stage: ModelStage[_Input, _Made],
    photos: Sequence[PendingPhoto],
    inputs: Sequence[_Input],
) -> None:
    failed = 0
    made = _twice(stage, inputs)
    if made is not None:
        stage.write(photos, inputs, made)
    else:
        failed = _one_by_one(tools, stage, photos, inputs)
    tools.reporter.step(len(photos), failed=failed, changed=stage.shows)


def _twice(stage: ModelStage[_Input, _Made], inputs: Sequence[_Input]) -> _Made | None:
    """Calculate, a second time if the engine died; None when it died again."""
    for _ in range(2):
        try:
            return stage.calculate(inputs)
        except EngineError as error:
            _log.warning("the engine died with a batch of %d: %s", len(inputs), error)
    return None


def _one_by_one(
    tools: Tools,
    stage: ModelStage[_Input, _Made],
    photos: Sequence[PendingPhoto],
    inputs: Sequence[_Input],
) -> int:
    """Find out which photos of a batch kill the engine; they are listed, and counted."""
    failed = 0
    for photo, one in zip(photos, inputs, strict=True):
        try:
            made = stage.calculate([one])
        except EngineError:
            _blame_the_model(stage, one)
            tools.store.failures.add(photo.id, stage.stage, stage.crashed)
            failed += 1
        else:
            stage.write([photo], [one], made)
    return failed


def _blame_the_model(stage: ModelStage[_Input, _Made], one: _Input) -> None:
    """Raise `ModelError` when a harmless input kills the engine too: no photo is at fault then."""
    try:
        stage.calculate([stage.harmless(one)])
    except EngineError as error:
        raise ModelError(stage.broken) from error
