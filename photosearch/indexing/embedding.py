"""The stage of search vectors: each photo without one of the current model gets one."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from photosearch.engine.protocol import Encoded
from photosearch.engine.requests import InputRequest
from photosearch.errors import EngineError, StoreError
from photosearch.indexing.stages import Prepared
from photosearch.indexing.tools import Tools
from photosearch.inference.hub.verifying import explained
from photosearch.store.embeddings import PendingPhoto
from photosearch.types import ModelInfo, PhotoId, Pixels, Stage

_BROKEN = (
    "The search model crashes with every photo. Choose another model or device; "
    "until then photos are found by their names, folders and dates."
)
_log = logging.getLogger(__name__)


class Embedding:
    """A `ModelStage` that makes search vectors from thumbnails, or from what a look left."""

    stage = Stage.EMBED
    crashed = "The search model crashed on it."

    def __init__(self, tools: Tools, model: ModelInfo, shown_as: Stage = Stage.EMBED) -> None:
        """`shown_as`: what progress calls it; a model that is to come has no part in search yet."""
        self.shown_as = shown_as
        self.shows = shown_as is Stage.EMBED
        self._tools = tools
        self._info = model
        self._rows = tools.store.embeddings
        self._model = self._rows.model_id(model.key, model.name, model.dimension)
        self.at_hand: Mapping[bytes, Pixels] = {}  # model inputs by content hash
        self.batch = tools.batch  # photos the model sees at once

    @property
    def ahead(self) -> int:
        return self._tools.ahead + self.batch

    @property
    def broken(self) -> str:
        return explained(Path(self._info.folder), _BROKEN)

    def pending(self, after: PhotoId, limit: int) -> tuple[PendingPhoto, ...]:
        return self._rows.pending(self._model, after, limit)

    def pending_among(self, photos: Sequence[int]) -> tuple[PendingPhoto, ...]:
        return self._rows.pending_among(self._model, photos)

    def pending_count(self) -> int:
        return self._rows.pending_count(self._model)

    def prepare(self, photo: PendingPhoto) -> Prepared[Pixels]:
        if photo.hash in self.at_hand:
            return Prepared(self.at_hand[photo.hash])
        tools = self._tools
        paths = tools.store.files.reachable(photo.id)
        thumbnail = tools.thumbs.get(photo.hash)
        if thumbnail is None and not paths:  # on a drive that is unplugged
            return Prepared()
        spec = self._info.preprocess
        reply = tools.decoder.model_input(InputRequest(thumbnail, paths, spec, photo.hash))
        if reply.thumbnail:
            tools.thumbs.put_many([(photo.hash, reply.thumbnail)])
        return Prepared(reply.pixels, reply.failure)

    def is_full(self, batch: Sequence[Pixels]) -> bool:
        return len(batch) >= self.batch

    def calculate(self, inputs: Sequence[Pixels]) -> Encoded:
        return self._tools.engine.encode(self._info.key, np.stack(inputs))

    def harmless(self, like: Pixels) -> Pixels:
        return np.zeros_like(like)

    def write(
        self, photos: Sequence[PendingPhoto], inputs: Sequence[Pixels], made: Encoded
    ) -> None:
        rows = self._rows.write(self._model, made.variant, photos, made.vectors)
        try:
            self._tools.engine.add(self._info.key, rows)
        except (EngineError, StoreError) as error:  # they are in the library: `refresh` has them
            _log.warning("vectors cannot be searched yet: %s", error)

    def finish(self) -> None:
        """Nothing is left to other threads."""
