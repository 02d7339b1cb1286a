"""Answering a search: by words around a photo, by what it shows, by who is on it."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from photosearch.engine.protocol import Engine
from photosearch.engine.requests import Decoder, InputRequest
from photosearch.errors import EngineError, MediaError, ModelError, StoreError
from photosearch.search.ranking import fuse
from photosearch.store import Store
from photosearch.types import (
    Ids,
    ModelInfo,
    PersonId,
    PhotoFilter,
    Query,
    Results,
    SearchRequest,
    Vector,
)

_SPARE = 50  # asked for beyond the limit: photos whose files are gone drop out
_NO_MODEL = "No search model is chosen: only names, folders, dates and cameras are searched."
_NOT_SEARCHED = "This photo is in a folder that is not searched by what photos show."
_NOBODY = PersonId(0)  # who is on no photo
_UNKNOWN = "The search model makes nothing of these words."
_Found: TypeAlias = tuple[Ids, npt.NDArray[np.float32]]  # best first


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
    content: _Found | None = None
    try:
        if sources.model is not None:
            content = _by_content(request, sources, sources.model, notices)
        elif request.content_only or request.like or request.like_paths:
            notices.append(_NO_MODEL)
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


def _by_content(
    request: SearchRequest, sources: Sources, model: ModelInfo, notices: list[str]
) -> _Found | None:
    """Return the photos that are nearest, but for those in folders not searched by content.

    As long as those are few they need not be known: enough of the others are among the nearest.
    """
    ask = _asking(request, sources, model, notices)
    k = request.limit + _SPARE + len(request.like)
    photos = sources.store.photos
    allowed = None
    if request.filter != PhotoFilter():
        allowed = photos.matching(request.filter, by_content=True)
    found = ask(k, allowed)
    if found is None:
        return None
    content = _present(sources, *found, request)
    if allowed is not None or len(found[0]) < k or len(content[0]) >= request.limit:
        return content
    if sources.store.folders.all_searched():
        return content
    found = ask(k, photos.matching(request.filter, by_content=True))
    return None if found is None else _present(sources, *found, request)


def _asking(
    request: SearchRequest, sources: Sources, model: ModelInfo, notices: list[str]
) -> Callable[[int, Ids | None], _Found | None]:
    """Return what asks the engine for so many of some photos; None when there is nothing to ask."""
    engine, text = sources.engine, request.text.strip()
    if text and not request.like and not request.like_paths:  # mostly: one call for both

        def by_text(k: int, allowed: Ids | None) -> _Found | None:
            found = engine.search_text(model.key, text, k, allowed)
            if found is None and _UNKNOWN not in notices:
                notices.append(_UNKNOWN)
            return found

        return by_text
    vector = _vector(request, sources, model, notices)

    def by_vector(k: int, allowed: Ids | None) -> _Found | None:
        return None if vector is None else engine.search(model.key, vector, k, allowed)

    return by_vector


def _by_words(request: SearchRequest, store: Store, notices: list[str], *, loose: bool) -> Ids:
    if request.content_only or not request.text.strip():
        return np.empty(0, np.int64)
    try:
        return store.words.search(request.text, request.limit, request.filter, loose=loose)
    except StoreError as error:
        if str(error) not in notices:
            notices.append(str(error))
        return np.empty(0, np.int64)


def _vector(
    request: SearchRequest, sources: Sources, model: ModelInfo, notices: list[str]
) -> Vector | None:
    """Return the mean direction of all that was asked for; None when there is nothing to ask."""
    parts: list[Vector] = []
    text = request.text.strip()
    if text:
        vector = sources.engine.encode_text(model.key, text)
        if vector.any():
            parts.append(vector)
        else:
            notices.append(_UNKNOWN)
    parts += _like(request, sources, model)
    if not parts:
        return None
    mean = np.mean(parts, axis=0)
    length = float(np.linalg.norm(mean))
    return (mean / length).astype(np.float32) if length > 1e-6 else None


def _like(request: SearchRequest, sources: Sources, model: ModelInfo) -> list[Vector]:
    known = sources.store.embeddings.of_photos(model.key, request.like)
    parts = [_unit(row) for row in known]
    if len(parts) < len(request.like):
        if len(sources.store.photos.present(request.like, by_content=True)) < len(request.like):
            raise ModelError(_NOT_SEARCHED)
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
) -> _Found:
    """Leave out photos without a file, and the very photos that others should be like."""
    left_out = sources.store.photos.missing(ids.tolist(), by_content=True)
    left_out |= {int(photo) for photo in request.like}
    if not left_out:
        return ids, scores
    keep = np.fromiter((id_ not in left_out for id_ in ids.tolist()), bool, len(ids))
    return ids[keep], scores[keep]
