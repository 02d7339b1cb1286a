"""Changing the search model: the new one is prepared beside the old one and takes over when done.

All there is to remember is in the settings (the model in use and the one to come) and in the
library (who has a vector of which), so that a change goes on after anything that may happen.
Search is never without a model in between: both settings are written at once, and what a query
needs of the new model is loaded before.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from contextlib import nullcontext

from photosearch.engine.models import Models
from photosearch.errors import ModelError, PhotoSearchError, SettingsError
from photosearch.models.costing import SpeedOf, cost_of
from photosearch.models.leaving import Leaving
from photosearch.paths import Paths
from photosearch.settings.store import SettingsStore
from photosearch.store import Store
from photosearch.types import (
    AnyModel,
    CatalogueEntry,
    FacePackInfo,
    Leftover,
    ModelInfo,
    ModelKind,
    Switch,
    SwitchCost,
)

_log = logging.getLogger(__name__)
Lookup = Callable[[str], CatalogueEntry | None]

_IN_USE, _COMING = "search.model", "search.coming"
_LEAST = 0.5  # of what the old model finds: with less a change waits for drives that are away
NOTHING_COMES = "No search model is being prepared."


class Switching:
    """The search model in use, the one to come, and what the ones before have left."""

    def __init__(
        self,
        paths: Paths,
        settings: SettingsStore,
        store: Store,
        models: Models,
        *,
        lookup: Lookup = lambda name: None,
        speed: SpeedOf = lambda entry, name: None,
        fetched: Callable[[AnyModel], bool] = lambda model: False,
    ) -> None:
        """`lookup` asks the catalogue, for models that are not here yet; `speed` says how fast
        one is here; `fetched` whether the program itself put a model's files where they are."""
        self._paths = paths
        self._settings = settings
        self._store = store
        self._models = models
        self._lookup = lookup
        self.speed = speed
        self.leaving = Leaving(paths, store, models, fetched)
        self._deciding = threading.RLock()  # while the settings are changed
        self._wish = 0  # grows with everything the user asks: what was asked before yields to it

    # --- what the user asks for ---

    def cost(self, name: str) -> SwitchCost:
        """Return what choosing a model would take; `ModelError` when nobody knows the model."""
        entry = self._lookup(name)
        found = next((model for model in self._models.all() if model.name == name), None)
        model = found if isinstance(found, ModelInfo) else None
        if model is None and (entry is None or entry.kind is not ModelKind.SEARCH):
            raise ModelError(f"There is no search model “{name}”.")
        speed = self.speed(entry, name)
        return cost_of(
            name, model=model, entry=entry, speed=speed, store=self._store, paths=self._paths
        )

    def choose(self, name: str) -> Switch | None:
        """Prepare a model beside the one in use; None when it is in use at once.

        At once: where nothing would be lost by it, because nothing is found with the model in
        use, or as much with the new one. Choosing the model in use gives the coming one up.
        `ModelError` says why a model cannot be used.
        """
        wish = self._asked()
        model = self._usable(name)
        current = self._models.in_use()
        if isinstance(model, FacePackInfo) or (current is not None and current.key == model.key):
            self._use(name)
            return None
        self._refuse_environment()
        # The new one may succeed where others failed.
        self._store.failures.forget_stage("embed")
        if current is None or current.problem or not self._loses(current, model):
            self._take_over(model, lambda: self._wish == wish)
            return None
        with self._deciding:
            if self._wish == wish:
                self._settings.set(_COMING, model.name)
        self._models.forget()
        self._models.searching()
        return self.current()

    def current(self) -> Switch | None:
        """Return how far the coming model is; None when there is none."""
        coming, model = self._models.coming(), self._models.in_use()
        if coming is None:
            return None
        embeddings = self._store.embeddings
        waiting = self._store.models.waiting(embeddings.find_model(coming.key)).photos
        done = embeddings.count(coming.key)
        speed = self.speed(self._lookup(coming.name), coming.name)
        return Switch(
            coming=coming.name,
            current=model.name if model else "",
            done=done,
            total=done + waiting,
            seconds_left=waiting / speed.per_second if speed and speed.per_second else None,
        )

    def now(self) -> None:
        """Use the coming model from now on, though not all photos have a vector of it yet."""
        wish = self._asked()
        coming = self._models.coming()
        if coming is None:
            raise ModelError(self._models.no_coming() or NOTHING_COMES)
        self._usable(coming.name)  # its files are looked at anew
        self._take_over(coming, lambda: self._wish == wish)

    def go_back(self) -> None:
        """Give the coming model up; its vectors stay, for when it is chosen again."""
        self._asked()
        with self._deciding:
            if self._settings.current.search.coming:
                self._settings.set(_COMING, "")
        self._models.forget()
        self._models.searching()

    def leftovers(self) -> tuple[Leftover, ...]:
        """Return the models that are neither in use nor to come, with what they hold."""
        self._settings.reload()
        return self.leaving.all()

    def delete(self, name: str, *, files: bool, vectors: bool) -> int:
        """Delete what a model holds; returns the bytes that the disk has again.

        `ModelError` for a model in use or to come, and for files that are not ours.
        """
        self._settings.reload()
        return self.leaving.delete(name, files=files, vectors=vectors)

    # --- what a run asks (`indexing.tools.Beside`) ---

    def wanted(self) -> tuple[ModelInfo, ...]:
        """Return the models that the engine uses by now: the one in use, then the coming one."""
        return self._models.searching()

    def trouble(self) -> str:
        """Return a sentence when the coming model cannot be prepared, or nothing."""
        if not self._settings.current.search.enabled or not (why := self._models.no_coming()):
            return ""
        model = self._models.in_use()
        return f"{why} Search goes on with “{model.name}”." if model else why

    def arrived(self, model: ModelInfo, left: int) -> str:
        """Switch to a coming model that has seen all photos but `left` out of reach."""
        self._settings.reload()
        coming, before = self._models.coming(), self._models.in_use()
        if coming is None or coming.key != model.key:
            return ""
        waiting = f"{left:,} photos, on drives that are not there, have no vector of it yet"
        if before is not None and left and self._too_few(before, model):
            return (
                f"“{model.name}” is ready, but {waiting}: search goes on with “{before.name}” "
                "until they are there, or until you switch."
            )
        try:
            if not self._take_over(model, lambda: self._comes(model)):
                return ""
        except PhotoSearchError as error:
            return str(error)
        said = f"Search now uses “{model.name}”."
        return f"{said} {waiting[0].upper()}{waiting[1:]}: they follow." if left else said

    # ---

    def _usable(self, name: str) -> ModelInfo | FacePackInfo:
        models = self._models.all()
        model = next((each for each in models if each.name == name), None)
        if model is None:
            known = ", ".join(each.name for each in models) or "none"
            raise ModelError(f"There is no model “{name}”. Registered models: {known}.")
        if model.problem:
            raise ModelError(model.problem)
        return model

    def _loses(self, current: ModelInfo, model: ModelInfo) -> int:
        """Count the photos that would not be found any more if the model were used at once."""
        if not self._settings.current.search.enabled:
            return 0
        before = self._store.embeddings.find_model(current.key)
        if before is None:
            return 0
        number = self._store.embeddings.find_model(model.key)
        return self._store.models.would_lose(before, number)

    def _too_few(self, before: ModelInfo, model: ModelInfo) -> bool:
        embeddings = self._store.embeddings
        return embeddings.count(model.key) < _LEAST * embeddings.count(before.key)

    def _asked(self) -> int:
        """Note that the user asks for something; returns its number."""
        with self._deciding:
            self._settings.reload()
            self._wish += 1
            return self._wish

    def _comes(self, model: ModelInfo) -> bool:
        """Whether a model is still the one to come, here or by another program's word."""
        self._settings.reload()
        coming = self._models.coming()
        return coming is not None and coming.key == model.key

    def _take_over(self, model: ModelInfo, wanted: Callable[[], bool]) -> bool:
        """Use a model from now on: what a query needs is there before anybody can ask for it.

        Loading that takes seconds; False when it is not `wanted` any more by then.
        """
        self._refuse_environment()
        enabled = self._settings.current.search.enabled
        with self._models.warmed(model) if enabled else nullcontext(), self._deciding:
            if not wanted():
                return False
            self._use(model.name)
            return True

    def _use(self, name: str) -> None:
        self._models.use(name)
        self._models.forget()
        self._models.searching()

    def _refuse_environment(self) -> None:
        """Raise `SettingsError` where the choice would not take effect."""
        for key in (_IN_USE, _COMING):
            if self._settings.sources.get(key) == "environment":
                raise SettingsError(
                    f"The search model is given by {self._settings.variable(key)} in the "
                    "environment: change it there."
                )
