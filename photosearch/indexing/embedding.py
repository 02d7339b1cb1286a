"""The second stage: each photo without a vector of the current model gets one."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence

import numpy as np

from photosearch.engine.protocol import Encoded, InputReply, InputRequest, PixelBatch
from photosearch.errors import EngineError, ModelError, StoreError
from photosearch.indexing.tools import Tools
from photosearch.indexing.windowed import windowed
from photosearch.store.embeddings import PendingPhoto
from photosearch.types import ModelKey, Pixels

_log = logging.getLogger(__name__)
STAGE = "embed"


def embed(
    tools: Tools, number: int, inputs: Mapping[bytes, Pixels], photos: Sequence[PendingPhoto]
) -> None:
    """Embed some photos.

    `number` is the model's in the store; `inputs` are those at hand from looking, by hash:
    the others are made from thumbnails.
    """
    assert tools.model is not None
    spec = tools.model.preprocess

    def prepare(photo: PendingPhoto) -> InputReply | None:
        if photo.hash in inputs:
            return InputReply(inputs[photo.hash])
        paths = tuple(path for path, offline in tools.store.files.paths_of(photo.id) if not offline)
        thumbnail = tools.thumbs.get(photo.hash)
        if thumbnail is None and not paths:  # on a drive that is unplugged: it goes on waiting
            return None
        return tools.decoder.model_input(InputRequest(thumbnail, paths, spec))

    batch: list[tuple[PendingPhoto, Pixels]] = []
    for photo, reply in windowed(tools.executor, prepare, photos, tools.ahead + tools.batch):
        if reply is None:
            continue
        if reply.thumbnail:
            tools.thumbs.put_many([(photo.hash, reply.thumbnail)])
        if reply.pixels is None:
            tools.store.failures.add(photo.id, STAGE, reply.failure)
            tools.reporter.step(failed=1)
            continue
        batch.append((photo, reply.pixels))
        if len(batch) >= tools.batch:
            _write(tools, number, batch)
            batch = []
            tools.check()
    _write(tools, number, batch)


def _write(tools: Tools, number: int, batch: list[tuple[PendingPhoto, Pixels]]) -> None:
    if not batch:
        return
    assert tools.model is not None
    key = tools.model.key
    photos = [photo for photo, _ in batch]
    made = _encode(tools, key, np.stack([pixels for _, pixels in batch]))
    if made is None:
        photos, made = _one_by_one(tools, key, batch)
    if photos:
        rows = tools.store.embeddings.write(number, made.variant, photos, made.vectors)
        try:
            tools.engine.add(key, rows)
        except (EngineError, StoreError) as error:  # they are in the library: `refresh` has them
            _log.warning("vectors cannot be searched yet: %s", error)
    tools.reporter.step(len(batch), failed=len(batch) - len(photos), changed=True)


def _encode(tools: Tools, key: ModelKey, pixels: PixelBatch) -> Encoded | None:
    """Encode a batch, a second time if the engine died; None when it died again."""
    for _ in range(2):
        try:
            return tools.engine.encode(key, pixels)
        except EngineError as error:
            _log.warning("the engine died with a batch of %d: %s", len(pixels), error)
    return None


def _blame_the_model(tools: Tools, key: ModelKey, pixels: Pixels) -> None:
    """Raise `ModelError` when a black picture kills the engine too: no photo is at fault then."""
    try:
        tools.engine.encode(key, np.zeros((1, *pixels.shape), np.uint8))
    except EngineError as error:
        raise ModelError(
            "The search model crashes with every photo. Choose another model or device; "
            "until then photos are found by their names, folders and dates."
        ) from error


def _one_by_one(
    tools: Tools, key: ModelKey, batch: list[tuple[PendingPhoto, Pixels]]
) -> tuple[list[PendingPhoto], Encoded]:
    """Find out which photo of a batch kills the engine; it is listed as failed."""
    photos: list[PendingPhoto] = []
    made: list[Encoded] = []
    for photo, pixels in batch:
        try:
            made.append(tools.engine.encode(key, pixels[np.newaxis]))
            photos.append(photo)
        except EngineError:
            _blame_the_model(tools, key, pixels)
            tools.store.failures.add(photo.id, STAGE, "The search model crashed on it.")
    if not made:
        return [], Encoded(np.empty((0, 0), np.float32), "")
    return photos, Encoded(np.concatenate([each.vectors for each in made]), made[-1].variant)
