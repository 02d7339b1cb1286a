"""The registered models: choosing among them, and making the engine work with those chosen.

Knows the registry, the settings and the engine; nothing of photos.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from photosearch.engine.chosen import COMING_SETTING, FACES_SETTING, SEARCH_SETTING, Choices, Chosen
from photosearch.engine.protocol import Engine, FaceChoice, ModelChoice
from photosearch.errors import EngineError, ModelError
from photosearch.inference.registry import ModelRegistry
from photosearch.names import is_text
from photosearch.paths import Paths
from photosearch.settings.speed import share
from photosearch.settings.store import SettingsStore
from photosearch.types import AnyModel, FacePackInfo, ModelInfo, Plan

_Model = TypeVar("_Model")
SWITCHED_OFF = (
    "Search by what photos show is switched off: they are found by their names, folders and dates."
)


class Models:
    """The registered models and those in use; safe to use from several threads."""

    def __init__(
        self,
        paths: Paths,
        settings: SettingsStore,
        engine: Engine,
        plan: Callable[[AnyModel], Plan] | None = None,
        reaches: Callable[[Path], bool] = lambda folder: True,
    ) -> None:
        """`plan` says how a model is run here, without it as its files are; `reaches` whether a
        folder answers: on a drive that hangs it is left alone."""
        self._plan = plan or (lambda model: Plan())
        self._paths = paths
        self._settings = settings
        self._engine = engine
        self._registry = ModelRegistry(paths.models_file, engine.describe, reaches)
        self._reaches = reaches
        self._choices = Choices(paths.models_file, settings, self._registry)
        self._lock = threading.Lock()
        self._warmed: ModelInfo | None = None  # held beside those that are chosen

    def all(self) -> tuple[AnyModel, ...]:
        """Return every search model and face pack, their files looked at anew."""
        return self._choices.look()[0]

    def folders(self) -> tuple[str, ...]:
        """Return the folders of all of them."""
        return tuple(model.folder for model in self.all())

    def named(self, name: str) -> AnyModel:
        """Return a registered model; `ModelError` when there is none of that name."""
        return self._registry.get(name)

    def in_use(self) -> ModelInfo | None:
        """Return the search model in use; None when none is chosen or it is not registered.

        Its files are not looked at each time, only when the list or the choice has changed.
        """
        return self._choices.now().search

    def coming(self) -> ModelInfo | None:
        """Return the search model that is prepared beside the one in use, if there is one."""
        return self._choices.now().coming

    def no_coming(self) -> str:
        """Return a sentence when the model that is to come cannot be prepared, or nothing."""
        known = self._choices.now()
        if known.coming is None or not known.coming.problem:
            return known.no_coming
        return f"“{known.coming.name}” cannot be prepared: {known.coming.problem}"

    def faces_in_use(self) -> FacePackInfo | None:
        """Return the face pack in use, as `in_use` does for the search model."""
        return self._choices.now().faces

    def misused(self) -> tuple[str, ...]:
        """Return a sentence for each setting that names a model of the other kind."""
        known = self._choices.now()
        return tuple(sentence for sentence in (known.no_search, known.no_faces) if sentence)

    def forget(self) -> None:
        """Look at the models' files anew the next time."""
        self._choices.forget()

    def add(self, folder: str) -> AnyModel:
        """Register the folder of a search model or a face pack; the first of each is used at once.

        `ModelError` says what is missing.
        """
        path = Path(folder).absolute()
        if not self._reaches(path):
            raise ModelError(f"The drive of {path} does not answer. Add the model when it does.")
        if not is_text(path.name):
            raise ModelError(f"The name of {path} is not written in UTF-8. Rename the folder.")
        added = self._registry.add(path)
        pack = isinstance(added, FacePackInfo)
        current = self.faces_in_use() if pack else self.in_use()
        if current is None:  # one in trouble may come back, with its drive: it stays chosen
            return self.use(added.name)
        return replace(added, in_use=current.name == added.name)

    def use(self, name: str) -> AnyModel:
        """Choose a model for what it can do; `ModelError` when it is not there or unusable."""
        models = self.all()
        model = next((m for m in models if m.name == name), None)
        if model is None:
            known = ", ".join(m.name for m in models) or "none"
            raise ModelError(f"There is no model “{name}”. Registered models: {known}.")
        if model.problem:
            raise ModelError(model.problem)
        if isinstance(model, FacePackInfo):
            self._settings.set(FACES_SETTING, name)
        else:
            self._settings.set_all({SEARCH_SETTING: name, COMING_SETTING: ""})
        return replace(model, in_use=True)

    def remove(self, name: str) -> None:
        """Forget a model; its files stay."""
        self._registry.remove(name)
        for setting in (SEARCH_SETTING, COMING_SETTING, FACES_SETTING):
            if self._settings.get(setting) == name:
                self._settings.set(setting, "")

    def searching(self) -> tuple[ModelInfo, ...]:
        """Make the engine use the search models that photos are prepared for, as far as they can
        be used: the one in use, and the one that is to come."""
        with self._lock:
            return self._tell_engine(self._choices.now())

    def ready(self) -> tuple[ModelInfo | None, str]:
        """Prepare the search model; return it, or why it cannot be used: the rest goes on."""
        return _or_why_not(self.prepare)

    def faces_ready(self) -> tuple[FacePackInfo | None, str]:
        """Prepare the face pack; return it, or why it cannot be used."""
        return _or_why_not(self.prepare_faces)

    def prepare(self) -> ModelInfo | None:
        """Make the engine use the chosen search model, and the one that is to come.

        `ModelError` when the chosen one cannot be used.
        """
        with self._lock:
            known = self._choices.now()
            self._tell_engine(known)
            if not self._settings.current.search.enabled:
                raise ModelError(SWITCHED_OFF)
            if known.search is None and known.no_search:
                raise ModelError(known.no_search)
            if known.search is not None and known.search.problem:
                raise ModelError(known.search.problem)
            return known.search

    @contextmanager
    def warmed(self, model: ModelInfo) -> Iterator[None]:
        """Have what a query needs of a model loaded while it is chosen.

        `ModelError` or `StoreError` when it cannot be.
        """
        self._warmed = model
        try:
            self.searching()
            with suppress(EngineError):  # it starts again by itself: the first query waits for it
                self._engine.warm(model.key)
            yield
        finally:
            self._warmed = None
            self.searching()

    def _tell_engine(self, known: Chosen) -> tuple[ModelInfo, ...]:
        """Make the engine use what can be used (holding the lock)."""
        on = self._settings.current.search.enabled
        wanted = [each for each in (known.search, known.coming) if on and each is not None]
        models = {model.key: model for model in wanted if not model.problem}
        warmed = self._warmed
        held = models if warmed is None else {**models, warmed.key: warmed}
        self._engine.use(*(self.choice(model) for model in held.values()))
        return tuple(models.values())

    def choice(self, model: ModelInfo) -> ModelChoice:
        """Return what an engine must know of a search model."""
        devices = self._settings.current.devices
        return ModelChoice(
            folder=Path(model.folder),
            key=model.key,
            dimension=model.dimension,
            database=self._paths.database,
            indexes=self._paths.indexes,
            provider=devices.provider,
            threads=devices.threads,
            plan=self._plan(model),
            idle_s=devices.idle_s,
            picture_threads=share(self._settings.current).threads,
            language=self._settings.current.search.language,
        )

    def prepare_faces(self) -> FacePackInfo | None:
        """Make the engine use the chosen face pack; `ModelError` when it cannot be used."""
        with self._lock:
            known = self._choices.now()
            pack = known.faces
            if pack is None:
                self._engine.use_faces(None)
                if known.no_faces:
                    raise ModelError(known.no_faces)
                return None
            if pack.problem:
                raise ModelError(pack.problem)
            self._engine.use_faces(
                FaceChoice(
                    folder=Path(pack.folder),
                    key=pack.key,
                    provider=self._settings.current.devices.provider,
                    threads=share(self._settings.current).threads,
                    plan=self._plan(pack),
                    idle_s=self._settings.current.devices.idle_s,
                )
            )
            return pack


def _or_why_not(prepare: Callable[[], _Model]) -> tuple[_Model | None, str]:
    try:
        return prepare(), ""
    except ModelError as error:
        return None, str(error)
