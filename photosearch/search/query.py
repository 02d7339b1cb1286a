"""Answering a search: by words around a photo, by what it shows, by who is on it."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from photosearch.engine.decoders import Decoder
from photosearch.engine.protocol import Engine, InputRequest
from photosearch.errors import EngineError, MediaError, ModelError, StoreError
from photosearch.search.ranking import fuse
from photosearch.store import Store
from photosearch.types import (
    Ids,
    ModelInfo,
    PersonId,
    PhotoFilter,
    PhotoId,
    Query,
    Results,
    SearchRequest,
    Vector,
)

_SPARE = 50  # asked for beyond the limit: photos whose files are gone drop out
_NO_MODEL = "No search model is chosen: only names, folders, dates and cameras are searched."
_NOBODY = PersonId(0)  # who is on no photo
_UNKNOWN = "The search model makes nothing of these words."


@dataclass(frozen=True, slots=True)
class Sources:
    """What a search draws on."""

    store: Store
    engine: Engine
    decoder: Decoder
    model: ModelInfo | None


def narrowed(request: SearchRequest, understood: Query) -> SearchRequest:
    """Return the request with the people of its text in the filter and only words in the text.

    Who is asked for and not known is on no photo.
    """
    which = request.filter
    unknown = (_NOBODY,) if understood.unknown else ()
    people = tuple(dict.fromkeys((*which.people, *understood.people, *unknown)))
    without = tuple(dict.fromkeys((*which.without, *understood.without)))
    only = which.only or understood.only
    which = replace(which, people=people, without=without, only=only)
    return replace(request, text=understood.words, filter=which)


def answer(request: SearchRequest, sources: Sources) -> Results:
    """Return the best photos; what cannot be understood is a notice, never an exception.

    Scores are cosines where content alone ranks, else sums of reciprocal ranks. Where people
    are all that was asked for their photos come newest first, with equal scores.
    """
    began = time.perf_counter()
    notices: list[str] = []
    if _people_alone(request):
        ids = _newest(request, sources.store, notices)
        scores = np.ones(len(ids), np.float32)
        return _results(ids, scores, began, by_content=False, notices=notices)
    content: tuple[Ids, npt.NDArray[np.float32]] | None = None
    try:
        vector = _vector(request, sources, notices)
        if vector is not None and sources.model is not None:
            k = request.limit + _SPARE + len(request.like)
            allowed = _allowed(request.filter, sources.store)
            found = sources.engine.search(sources.model.key, vector, k, allowed)
            content = _present(sources, *found, request)
    except (ModelError, EngineError, MediaError, StoreError) as error:
        notices.append(str(error))
    words = _by_words(request, sources.store, notices, loose=content is None)
    if content is not None and not len(words):
        ids, scores = content[0][: request.limit], content[1][: request.limit]
    else:
        rankings = [words] if content is None else [words, content[0]]
        ids, scores = fuse(rankings, request.limit)
    return _results(ids, scores, began, by_content=content is not None, notices=notices)


def _results(
    ids: Ids,
    scores: npt.NDArray[np.float32],
    began: float,
    *,
    by_content: bool,
    notices: list[str],
) -> Results:
    ids.setflags(write=False)
    scores.setflags(write=False)
    took_ms = (time.perf_counter() - began) * 1000
    return Results(ids, scores, took_ms, by_content, tuple(notices))


def _people_alone(request: SearchRequest) -> bool:
    asked = request.text.strip() or request.like or request.like_paths
    return not asked and bool(request.filter.people or request.filter.without)


def _newest(request: SearchRequest, store: Store, notices: list[str]) -> Ids:
    try:
        return store.photos.newest_first(request.filter).ids[: request.limit]
    except StoreError as error:
        notices.append(str(error))
        return np.empty(0, np.int64)


def _allowed(which: PhotoFilter, store: Store) -> Ids | None:
    return None if which == PhotoFilter() else store.photos.matching(which)


def _by_words(request: SearchRequest, store: Store, notices: list[str], *, loose: bool) -> Ids:
    if request.content_only or not request.text.strip():
        return np.empty(0, np.int64)
    try:
        return store.words.search(request.text, request.limit, request.filter, loose=loose)
    except StoreError as error:
        if str(error) not in notices:
            notices.append(str(error))
        return np.empty(0, np.int64)


def _vector(request: SearchRequest, sources: Sources, notices: list[str]) -> Vector | None:
    """Return the mean direction of all that was asked for; None when there is nothing to ask."""
    if sources.model is None:
        if request.content_only or request.like or request.like_paths:
            notices.append(_NO_MODEL)
        return None
    parts: list[Vector] = []
    text = request.text.strip()
    if text:
        vector = sources.engine.encode_text(sources.model.key, text)
        if vector.any():
            parts.append(vector)
        else:
            notices.append(_UNKNOWN)
    parts += _like(request, sources, sources.model)
    if not parts:
        return None
    mean = np.mean(parts, axis=0)
    length = float(np.linalg.norm(mean))
    return (mean / length).astype(np.float32) if length > 1e-6 else None


def _like(request: SearchRequest, sources: Sources, model: ModelInfo) -> list[Vector]:
    known = sources.store.embeddings.of_photos(model.key, request.like)
    parts = [_unit(row) for row in known]
    if len(parts) < len(request.like):
        raise ModelError("This photo has no search vector yet: wait until it is indexed.")
    for path in request.like_paths:
        absolute = os.fsencode(os.path.abspath(path))  # a decoder stands in another folder
        request_ = InputRequest(None, (absolute,), model.preprocess)
        reply = sources.decoder.model_input(request_)
        if reply.pixels is None:
            raise MediaError(f"{path}: {reply.failure}")
        parts.append(sources.engine.encode(model.key, reply.pixels[np.newaxis]).vectors[0])
    return parts


def _unit(vector: Vector) -> Vector:
    length = float(np.linalg.norm(vector))
    return vector / length if length else vector


def _present(
    sources: Sources, ids: Ids, scores: npt.NDArray[np.float32], request: SearchRequest
) -> tuple[Ids, npt.NDArray[np.float32]]:
    """Leave out photos without a file, and the very photos that others should be like."""
    shown = sources.store.photos.present(ids.tolist())
    shown -= {int(PhotoId(photo)) for photo in request.like}
    keep = np.fromiter((id_ in shown for id_ in ids.tolist()), bool, len(ids))
    return ids[keep], scores[keep]
