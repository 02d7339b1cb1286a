"""What a run works with, handed from stage to stage."""

from __future__ import annotations

from concurrent.futures import Executor
from dataclasses import dataclass

from photosearch.engine.decoders import Decoder
from photosearch.engine.protocol import Engine
from photosearch.indexing.reporting import Reporter
from photosearch.media.thumbs import ThumbStore
from photosearch.store import Store
from photosearch.types import Check, ModelInfo


@dataclass(frozen=True, slots=True)
class Tools:
    """Everything a stage needs; `check` raises `Cancelled` and blocks while paused."""

    store: Store
    thumbs: ThumbStore
    decoder: Decoder
    engine: Engine
    executor: Executor
    reporter: Reporter
    check: Check
    ahead: int  # files in the hands of decoders at once
    batch: int  # photos the model sees at once
    model: ModelInfo | None
    trouble: str = ""  # why the chosen model cannot be used
