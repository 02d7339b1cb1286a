"""What an engine can do, and the values that go to it and come back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from photosearch.inference.registry import Entry
from photosearch.store.embeddings import StoredVectors
from photosearch.types import (
    DetectedFace,
    Facts,
    Ids,
    ModelKey,
    Pixels,
    Preprocess,
    Vector,
    Vectors,
)

PixelBatch = npt.NDArray[np.uint8]  # [n, h, w, 3]


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


@dataclass(frozen=True, slots=True)
class FaceChoice:
    """The face pack to work with, and what to run it on."""

    folder: Path
    key: ModelKey
    provider: str = "auto"
    threads: int = 0


@dataclass(frozen=True, slots=True)
class EngineState:
    """How the engine is: `index` is `exact`, `building` or `hnsw`."""

    device: str = ""  # "CPU", "CUDA", ...; empty until a model has run
    vectors: int = 0
    index: str = "exact"
    index_progress: float = 1.0
    notices: tuple[str, ...] = ()


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


@dataclass(frozen=True, slots=True)
class Detections:
    """The faces in each picture, and what made their vectors."""

    faces: tuple[tuple[DetectedFace, ...], ...]
    variant: str


class Engine(Protocol):
    """Encodes and searches with one model at a time, and finds faces with one face pack.

    All methods may block; all are thread-safe.

    Calls name the model they mean by its key: `ModelError` when another is in use by now.
    `EngineError` means the engine died: it will be started again at the next call.
    """

    def describe(self, folder: Path) -> Entry:
        """Read a model folder; `ModelError` says what is missing in it."""
        ...

    def use(self, choice: ModelChoice | None) -> None:
        """Switch to a model (loaded when first needed), or to none."""
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

    def add(self, key: ModelKey, rows: StoredVectors) -> None:
        """Make vectors that are already in the library searchable; nothing for another model."""
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

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class LookRequest:
    """Read a file once: hash, facts, thumbnail, and the input of a model if one is chosen."""

    path: bytes
    name: str
    spec: Preprocess | None = None
    sidecar: bool = False  # there is an XMP file beside it


@dataclass(frozen=True, slots=True)
class LookReply:
    """What a look gave; `facts` is None when the file is no picture, `failure` says why not."""

    hash: bytes = b""
    size: int = 0
    mtime_ns: int = 0
    facts: Facts | None = None
    thumbnail: bytes = b""
    pixels: Pixels | None = None  # the model input [h, w, 3]
    failure: str = ""
    unread: bool = False  # the failure is one of reading: another try may succeed


@dataclass(frozen=True, slots=True)
class InputRequest:
    """Make a model input from a thumbnail, or from the original where that is too small."""

    thumbnail: bytes | None
    paths: tuple[bytes, ...]
    spec: Preprocess


@dataclass(frozen=True, slots=True)
class InputReply:
    """A model input [h, w, 3], and the thumbnail if it had to be made anew."""

    pixels: Pixels | None = None
    thumbnail: bytes = b""
    failure: str = ""


@dataclass(frozen=True, slots=True)
class PictureRequest:
    """Decode a picture for the screen; `within_px` bounds its long side."""

    path: bytes
    within_px: int | None


@dataclass(frozen=True, slots=True)
class PictureReply:
    pixels: Pixels | None = None
    failure: str = ""


@dataclass(frozen=True, slots=True)
class FaceRequest:
    """Decode a photo, large enough to find faces in, from one of its files."""

    paths: tuple[bytes, ...]
    hash: bytes  # of the content that is meant


@dataclass(frozen=True, slots=True)
class FaceReply:
    """Upright pixels [h, w, 3]; `scale` is pixels of the original per pixel.

    Neither pixels nor failure: no file has the content that is meant.
    """

    pixels: Pixels | None = None
    scale: float = 1.0
    failure: str = ""


DecodeRequest = LookRequest | InputRequest | PictureRequest | FaceRequest
