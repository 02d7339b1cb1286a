"""What a run works with, handed from stage to stage."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from photosearch.engine.protocol import Engine
from photosearch.engine.requests import Decoder
from photosearch.indexing.reporting import Reporter
from photosearch.media.answering import Answering
from photosearch.media.thumbs import ThumbStore
from photosearch.store import Store
from photosearch.types import Check, ConversionProgress, FacePackInfo, ModelInfo, Report

Group = Callable[[Report, Check], object]
TuneReport = Callable[[ConversionProgress], None]
# Measures a model if so many waiting photos are worth it; returns how many it sees at once.
Tune = Callable[[ModelInfo, Callable[[], int], TuneReport, Check], int]
_Model = TypeVar("_Model")


class Repairs(Protocol):
    """Mends fetched models whose files are damaged."""

    def prepared(
        self, prepare: Callable[[], tuple[_Model | None, str]], check: Check
    ) -> tuple[_Model | None, str]:
        """Return a model that is ready to use, repaired if need be, or why it cannot be used."""
        ...

    def mended(self, notices: tuple[str, ...], check: Check) -> tuple[str, ...]:
        """Return the notices of a run, and what came of models that failed in it."""
        ...


class Beside(Protocol):
    """Which search models photos are prepared for; the user may choose anew during a run."""

    def wanted(self) -> tuple[ModelInfo, ...]:
        """Return the models that the engine uses by now: the one in use, then the coming one."""
        ...

    def trouble(self) -> str:
        """Return a sentence when the coming model cannot be prepared, or nothing."""
        ...

    def arrived(self, model: ModelInfo, left: int) -> str:
        """Switch to a coming model that has seen all photos but `left` out of reach.

        Returns what the user should know.
        """
        ...


@dataclass(frozen=True, slots=True)
class Tools:
    """Everything a stage needs; `check` raises `Cancelled` and blocks while paused."""

    store: Store
    thumbs: ThumbStore
    face_thumbs: ThumbStore
    decoder: Decoder
    engine: Engine
    executor: Executor
    reporter: Reporter
    check: Check
    ahead: int  # files in the hands of decoders at once
    batch: int  # photos the model sees at once
    model: ModelInfo | None
    trouble: str = ""  # why the chosen model cannot be used
    wants_search: bool = True  # nobody misses vectors who switched them off
    beside: Beside | None = None  # asked for search models that are prepared beside it
    pack: FacePackInfo | None = None  # None: faces are not looked for
    pack_trouble: str = ""  # why the chosen face pack cannot be used
    group: Group | None = None  # finds out whose the faces are
    tune: Tune | None = None  # None: models run as they are
    warm: Callable[[], None] | None = None  # loads the search model; None: when it is needed
    answering: Answering = field(default_factory=Answering)  # asks folders that may hang

    def forget_thumbnails(self, hashes: Sequence[bytes]) -> None:
        """Delete the small pictures of photos, those of their faces first: what a killed run
        leaves is then found by the photos' own."""
        self.face_thumbs.delete_beginning(hashes)
        self.thumbs.delete_many(hashes)
