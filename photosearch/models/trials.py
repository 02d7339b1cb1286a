"""Trying models before choosing one: the same photos, the same words, side by side.

Each model encodes all photos of the trial itself, also those it has vectors of already: what
is compared includes how long it takes. Nothing in the library changes.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from photosearch.engine.models import Models
from photosearch.engine.protocol import Engine
from photosearch.engine.requests import Decoder, InputRequest
from photosearch.errors import EngineError, ModelError, UsageError
from photosearch.media.thumbs import ThumbStore
from photosearch.store import Store
from photosearch.types import (
    Check,
    ModelInfo,
    PhotoFilter,
    PhotoId,
    Pixels,
    Preprocess,
    Trial,
    TrialProgress,
    TrialResult,
    Vectors,
)

_log = logging.getLogger(__name__)
LEAST, MOST = 2, 3  # models
PHOTOS = 200
_BATCH = 16
_OTHER_WORDS = "a photo"  # to load the text tower with: the query itself is timed
_NOTHING = "This model makes nothing of these words."

ReportTrial = Callable[[TrialProgress], None]


@dataclass(frozen=True, slots=True)
class _Sample:
    """A photo of a trial, and what its model input is made of."""

    photo: PhotoId
    thumbnail: bytes | None
    paths: tuple[bytes, ...]


class Trials:
    """Trials of installed search models on the user's own photos."""

    def __init__(
        self,
        store: Store,
        thumbs: ThumbStore,
        decoder: Decoder,
        models: Models,
        *,
        new_engine: Callable[[], Engine],
    ) -> None:
        """`new_engine` makes an engine for one trial, so that all its memory is free after it."""
        self._store = store
        self._thumbs = thumbs
        self._decoder = decoder
        self._models = models
        self._new_engine = new_engine

    def run(
        self,
        names: Sequence[str],
        query: str,
        report: ReportTrial,
        check: Check,
        photos: int = PHOTOS,
    ) -> Trial:
        """Search photos spread over the library with each model; a broken one says so.

        `UsageError` and `ModelError` say what cannot be tried; `check` ends a trial.
        """
        models = self._chosen(names)
        if not query.strip():
            raise UsageError("Say what to search for.")
        samples = self._samples(max(1, photos))
        engine = self._new_engine()
        try:
            with ThreadPoolExecutor(2, "trial") as pool:
                results = tuple(
                    self._try(engine, model, query, samples, _Told(report, check, pool))
                    for model in models
                )
        finally:
            engine.close()
        return Trial(query, max((len(each.photos) for each in results), default=0), results)

    def _chosen(self, names: Sequence[str]) -> list[ModelInfo]:
        if not LEAST <= len(set(names)) == len(names) <= MOST:
            raise UsageError("Choose two or three different models to compare.")
        known = {model.name: model for model in self._models.all()}
        chosen: list[ModelInfo] = []
        for name in names:
            model = known.get(name)
            if not isinstance(model, ModelInfo):
                searching = [each.name for each in known.values() if isinstance(each, ModelInfo)]
                raise ModelError(
                    f"There is no search model “{name}” here. "
                    f"There are: {', '.join(searching) or 'none'}."
                )
            chosen.append(model)
        return chosen

    def _samples(self, count: int) -> list[_Sample]:
        """Return photos from all over the library, the same each time."""
        ids = self._store.photos.newest_first(PhotoFilter()).ids
        places = np.unique(np.linspace(0, len(ids) - 1, min(count, len(ids))).astype(np.int64))
        chosen = [PhotoId(photo) for photo in ids[places].tolist()] if len(ids) else []
        found: list[_Sample] = []
        for photo, content in self._store.photos.hashes(chosen).items():
            thumbnail = self._thumbs.get(content)
            paths = self._store.files.reachable(photo)
            if thumbnail is not None or paths:
                found.append(_Sample(photo, thumbnail, paths))
        if not found:
            raise UsageError("There are no photos to try models on: add and index some first.")
        return found

    def _try(
        self, engine: Engine, model: ModelInfo, query: str, samples: list[_Sample], told: _Told
    ) -> TrialResult:
        if model.problem:
            return TrialResult(model.name, (), (), 0.0, 0.0, model.problem)
        engine.use(self._models.choice(model))  # the one before leaves memory
        try:
            photos, vectors, per_second = self._encode(engine, model, samples, told)
            engine.encode_text(model.key, _OTHER_WORDS)
            began = time.perf_counter()
            wanted = engine.encode_text(model.key, query)
            query_ms = (time.perf_counter() - began) * 1000
        except (ModelError, EngineError) as error:
            _log.warning("trying %s: %s", model.name, error)
            return TrialResult(model.name, (), (), 0.0, 0.0, str(error))
        if not wanted.any():
            return TrialResult(model.name, (), (), per_second, query_ms, _NOTHING)
        cosines = vectors @ wanted
        best = np.argsort(-cosines, kind="stable")
        return TrialResult(
            name=model.name,
            photos=tuple(int(photos[place]) for place in best),
            scores=tuple(float(cosines[place]) for place in best),
            per_second=per_second,
            query_ms=query_ms,
        )

    def _encode(
        self, engine: Engine, model: ModelInfo, samples: list[_Sample], told: _Told
    ) -> tuple[list[PhotoId], Vectors, float]:
        """Return the vectors of those photos that can be opened, and how many a second.

        What is timed is the model alone: in a run photos are opened beside it.
        """
        photos: list[PhotoId] = []
        parts: list[Vectors] = []
        seconds = 0.0
        for start in range(0, len(samples), _BATCH):
            told.check()
            told.report(TrialProgress(model.name, start, len(samples)))
            batch = samples[start : start + _BATCH]
            inputs = list(told.pool.map(lambda each: self._input(each, model.preprocess), batch))
            ready = [
                (each.photo, pixels)
                for each, pixels in zip(batch, inputs, strict=True)
                if pixels is not None
            ]
            if not ready:
                continue
            stack = np.stack([pixels for _, pixels in ready])
            if not parts:  # the first time it is loaded, too
                engine.encode(model.key, stack)
            began = time.perf_counter()
            parts.append(engine.encode(model.key, stack).vectors)
            seconds += time.perf_counter() - began
            photos += [photo for photo, _ in ready]
        told.report(TrialProgress(model.name, len(samples), len(samples)))
        if not parts:
            raise ModelError("None of the photos could be opened.")
        return photos, np.concatenate(parts), len(photos) / max(seconds, 1e-9)

    def _input(self, sample: _Sample, spec: Preprocess) -> Pixels | None:
        return self._decoder.model_input(InputRequest(sample.thumbnail, sample.paths, spec)).pixels


@dataclass(frozen=True, slots=True)
class _Told:
    """Who is told how far a trial is, who may end it, and who opens photos."""

    report: ReportTrial
    check: Check
    pool: Executor
