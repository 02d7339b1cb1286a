"""The shape of a stage that gives photos something a model makes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from photosearch.store.embeddings import PendingPhoto
from photosearch.types import PhotoId, Stage

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
    def shown_as(self) -> Stage:
        """Under which name its progress is shown."""
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
        """Let the engine work; `EngineError` when it died. Called in several threads."""
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
