"""What an engine can do, and the values that go to it and come back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from photosearch.inference.entry import Entry
from photosearch.store.embeddings import StoredVectors
from photosearch.types import (
    DetectedFace,
    Ids,
    ModelKey,
    Pixels,
    Plan,
    RuntimeReport,
    Vector,
    Vectors,
)

PixelBatch = npt.NDArray[np.uint8]  # [n, h, w, 3]
AS_IT_IS = Plan()
IDLE_S = 300.0  # after which what is not used leaves memory


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """The model to work with, what to run it on, and where its vectors lie."""

    folder: Path
    key: ModelKey
    dimension: int
    database: Path
    indexes: Path
    provider: str = "auto"
    threads: int = 0
    picture_threads: int = 0  # for pictures, which nobody waits for; 0: as `threads`
    plan: Plan = AS_IT_IS
    idle_s: float = IDLE_S
    language: str = ""  # of queries, for models that must be told


@dataclass(frozen=True, slots=True)
class FaceChoice:
    """The face pack to work with, and what to run it on."""

    folder: Path
    key: ModelKey
    provider: str = "auto"
    threads: int = 0
    plan: Plan = AS_IT_IS
    idle_s: float = IDLE_S


@dataclass(frozen=True, slots=True)
class EngineState:
    """How the engine is: `index` is `exact`, `building` or `hnsw`."""

    device: str = ""  # "CPU", "CUDA", ...; empty until a model has run
    vectors: int = 0
    index: str = "exact"
    index_progress: float = 1.0
    notices: tuple[str, ...] = ()
    nodes: int = 0  # of the graphs on a device; 0 on the CPU, and where it cannot be told
    fallback_nodes: int = 0  # of those, how many the CPU runs
    runtime: RuntimeReport | None = None  # None until a model has run


@dataclass(frozen=True, slots=True)
class Encoded:
    """Vectors of pictures, and what made them: they are stored together."""

    vectors: Vectors  # [n, d], of unit length
    variant: str  # precision and device; vectors of two variants differ slightly


@dataclass(frozen=True, slots=True)
class FacePicture:
    """An upright picture to find faces in; `scale`: pixels of the original per pixel of it."""

    pixels: Pixels
    scale: float = 1.0
    fitted: Pixels | None = None  # what a detector sees of it first, if that was made already


@dataclass(frozen=True, slots=True)
class Detections:
    """The faces in each picture, and what made their vectors."""

    faces: tuple[tuple[DetectedFace, ...], ...]
    variant: str


class Engine(Protocol):
    """Encodes and searches with the models in use, and finds faces with one face pack.

    All methods may block; all are thread-safe.

    Calls name the model they mean by its key: `ModelError` when it is not in use any more.
    `EngineError` means the engine died: it will be started again at the next call.
    """

    def describe(self, folder: Path) -> Entry:
        """Read a model folder; `ModelError` says what is missing in it."""
        ...

    def use(self, *choices: ModelChoice) -> None:
        """Work with these models (loaded when first needed), or with none.

        The first is the one in use, which `state` tells of; others are prepared beside it.
        """
        ...

    def warm(self, key: ModelKey) -> None:
        """Load what a query needs, so that the first one is quick."""
        ...

    def encode(self, key: ModelKey, batch: PixelBatch) -> Encoded:
        """Return unit vectors [n, d] of model inputs; gives way to `encode_text`."""
        ...

    def use_faces(self, choice: FaceChoice | None) -> None:
        """Switch to a face pack (loaded when first needed), or to none."""
        ...

    def detect(self, key: ModelKey, pictures: Sequence[FacePicture]) -> Detections:
        """Return the faces in each picture; gives way to `encode_text`."""
        ...

    def encode_text(self, key: ModelKey, text: str) -> Vector:
        """Return the unit vector [d] of a text; all zeros when the model makes nothing of it."""
        ...

    def search(
        self, key: ModelKey, vector: Vector, k: int, allowed: Ids | None = None
    ) -> tuple[Ids, npt.NDArray[np.float32]]:
        """Return up to `k` photos and their cosines, best first; `allowed` are photo ids."""
        ...

    def search_text(
        self, key: ModelKey, text: str, k: int, allowed: Ids | None = None
    ) -> tuple[Ids, npt.NDArray[np.float32]] | None:
        """Do `encode_text` and `search` in one call; None when the model makes nothing of it."""
        ...

    def add(self, key: ModelKey, rows: StoredVectors) -> None:
        """Make vectors that are already in the library searchable at once.

        Those of a model that is not the first wait in the library until it is searched.
        """
        ...

    def remove(self, labels: Ids) -> None:
        """Take vectors out that are no longer in the library."""
        ...

    def refresh(self, key: ModelKey) -> None:
        """Take in what another program has written to the library; nothing for another model."""
        ...

    def save(self) -> None:
        """Write the vector index to its cache if it changed."""
        ...

    def state(self) -> EngineState: ...

    def renew(self) -> None:
        """Let go of what is loaded: the next call loads it anew, perhaps with another runtime."""
        ...

    def close(self) -> None: ...
