"""What a run works with, handed from stage to stage."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass

from photosearch.engine.decoders import Decoder
from photosearch.engine.protocol import Engine
from photosearch.indexing.reporting import Reporter
from photosearch.media.thumbs import ThumbStore
from photosearch.store import Store
from photosearch.types import Check, FacePackInfo, ModelInfo, Report

Group = Callable[[Report, Check], object]


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
    pack: FacePackInfo | None = None  # None: faces are not looked for
    pack_trouble: str = ""  # why the chosen face pack cannot be used
    group: Group | None = None  # finds out whose the faces are

    def forget_thumbnails(self, hashes: Sequence[bytes]) -> None:
        """Delete the small pictures of photos, those of their faces first: what a killed run
        leaves is then found by the photos' own."""
        self.face_thumbs.delete_beginning(hashes)
        self.thumbs.delete_many(hashes)
