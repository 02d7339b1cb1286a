"""Starting a run: gathers what it works with, models and decoders as the settings say now.

One run at a time; knows nothing of what a run does.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import replace
from functools import partial

import numpy as np

from photosearch.engine.models import Models
from photosearch.engine.protocol import Engine
from photosearch.engine.requests import Decoder
from photosearch.indexing.reporting import Reporter
from photosearch.indexing.run import run
from photosearch.indexing.tools import Beside, Group, Repairs, Tools, TuneReport
from photosearch.media.answering import Answering
from photosearch.media.thumbs import ThumbStore
from photosearch.settings.speed import share
from photosearch.settings.store import SettingsStore
from photosearch.store import Store
from photosearch.types import AnyModel, Check, FolderId, IndexReport, ModelInfo, Report, Within

Batch = Callable[[AnyModel | None], int]
# Returns whether the model is run otherwise from now on.
Tune = Callable[[ModelInfo, Callable[[], int], TuneReport, Check], bool]


class Indexing:
    """Runs of a library."""

    def __init__(
        self,
        *,
        store: Store,
        thumbs: ThumbStore,
        face_thumbs: ThumbStore,
        decoder: Decoder,
        engine: Engine,
        models: Models,
        settings: SettingsStore,
        group: Group,
        batch: Batch,
        tune: Tune,
        repairs: Repairs,
        beside: Beside,
        answering: Answering,
    ) -> None:
        """`batch` tells how many photos a model sees at once, `tune` may measure it before."""
        self._store = store
        self._thumbs = thumbs
        self._face_thumbs = face_thumbs
        self._decoder = decoder
        self._engine = engine
        self._models = models
        self._settings = settings
        self._group = group
        self._batch = batch
        self._tune = tune
        self._repairs = repairs
        self._beside = beside
        self._answering = answering
        self._running = threading.Lock()

    def run(
        self,
        report: Report,
        check: Check,
        folders: Sequence[FolderId] | None,
        executor: Executor | None,
        within: Within | None,
    ) -> IndexReport:
        """Index some folders, or all, and whatever is left over from earlier runs."""
        self._settings.reload()
        decoders = share(self._settings.current).decoders
        own = None if executor else ThreadPoolExecutor(decoders, "decode")
        try:
            with self._running:
                roots = self._store.folders.roots()
                done = run(
                    self._tools(report, check, executor or own),  # type: ignore[arg-type]  # one is set
                    [root for root in roots if folders is None or root.id in folders],
                    within,
                )
            return replace(done, notices=self._repairs.mended(done.notices, check))
        finally:
            if own is not None:
                own.shutdown()

    def _tools(self, report: Report, check: Check, executor: Executor) -> Tools:
        settings = self._settings.current
        self._models.forget()  # a run looks at the models' files anew
        model, trouble = self._repairs.prepared(self._models.ready, check)
        pack, pack_trouble = None, ""
        if settings.faces.enabled:
            pack, pack_trouble = self._repairs.prepared(self._models.faces_ready, check)
        return Tools(
            store=self._store,
            thumbs=self._thumbs,
            face_thumbs=self._face_thumbs,
            decoder=self._decoder,
            engine=self._engine,
            executor=executor,
            reporter=Reporter(report),
            check=check,
            ahead=2 * share(settings).decoders + 2,
            batch=self._batch(model),
            model=model,
            trouble=trouble,
            wants_search=settings.search.enabled,
            beside=self._beside,
            pack=pack,
            pack_trouble=pack_trouble,
            group=self._group if pack else None,
            tune=self._tuned,
            warm=partial(self._warm, model) if model else None,
            answering=self._answering,
        )

    def _warm(self, model: ModelInfo) -> None:
        """Load what sees photos: the engine does so even for none."""
        spec = model.preprocess
        self._engine.encode(model.key, np.empty((0, spec.height, spec.width, 3), np.uint8))

    def _tuned(
        self, model: ModelInfo, waiting: Callable[[], int], report: TuneReport, check: Check
    ) -> int:
        """Let a model be measured if that pays; return how many photos it sees at once."""
        if self._tune(model, waiting, report, check):
            self._models.searching()  # the engine is told how to run it from now on
        return self._batch(model)
