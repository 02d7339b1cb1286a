"""Which models there are, which of each kind is chosen, and making the engine work with them.

Knows the registry, the settings and the engine; nothing of photos.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from photosearch.engine.protocol import Engine, FaceChoice, ModelChoice
from photosearch.errors import EngineError, ModelError
from photosearch.inference.registry import ModelRegistry
from photosearch.names import is_text
from photosearch.paths import Paths
from photosearch.settings.speed import share
from photosearch.settings.store import SettingsStore
from photosearch.types import AnyModel, FacePackInfo, ModelInfo, Plan

_Model = TypeVar("_Model")
_SEARCH_SETTING = "search.model"
_COMING_SETTING = "search.coming"
_FACES_SETTING = "faces.model"
SWITCHED_OFF = (
    "Search by what photos show is switched off: they are found by their names, folders and dates."
)
_GONE = "The search model “{name}”, which was being prepared, is not there any more."


@dataclass(frozen=True, slots=True)
class _Known:
    """What was chosen as of a stamp, and why a choice cannot be followed."""

    stamp: object
    search: ModelInfo | None
    coming: ModelInfo | None
    faces: FacePackInfo | None
    no_search: str = ""
    no_coming: str = ""
    no_faces: str = ""


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
        self._lock = threading.Lock()
        self._known: _Known | None = None
        self._warmed: ModelInfo | None = None  # held beside those that are chosen

    def all(self) -> tuple[AnyModel, ...]:
        """Return every search model and face pack, their files looked at anew."""
        return self._look()[0]

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
        return self._chosen().search

    def coming(self) -> ModelInfo | None:
        """Return the search model that is prepared beside the one in use, if there is one."""
        return self._chosen().coming

    def no_coming(self) -> str:
        """Return a sentence when the model that is to come cannot be prepared, or nothing."""
        known = self._chosen()
        if known.coming is None or not known.coming.problem:
            return known.no_coming
        return f"“{known.coming.name}” cannot be prepared: {known.coming.problem}"

    def faces_in_use(self) -> FacePackInfo | None:
        """Return the face pack in use, as `in_use` does for the search model."""
        return self._chosen().faces

    def misused(self) -> tuple[str, ...]:
        """Return a sentence for each setting that names a model of the other kind."""
        known = self._chosen()
        return tuple(sentence for sentence in (known.no_search, known.no_faces) if sentence)

    def forget(self) -> None:
        """Look at the models' files anew the next time."""
        self._known = None

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
            self._settings.set(_FACES_SETTING, name)
        else:
            self._settings.set_all({_SEARCH_SETTING: name, _COMING_SETTING: ""})
        return replace(model, in_use=True)

    def remove(self, name: str) -> None:
        """Forget a model; its files stay."""
        self._registry.remove(name)
        for setting in (_SEARCH_SETTING, _COMING_SETTING, _FACES_SETTING):
            if self._settings.get(setting) == name:
                self._settings.set(setting, "")

    def searching(self) -> tuple[ModelInfo, ...]:
        """Make the engine use the search models that photos are prepared for, as far as they can
        be used: the one in use, and the one that is to come."""
        with self._lock:
            return self._tell_engine(self._chosen())

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
            known = self._chosen()
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

    def _tell_engine(self, known: _Known) -> tuple[ModelInfo, ...]:
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
            known = self._chosen()
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

    def _chosen(self) -> _Known:
        known = self._known
        if known is not None and known.stamp == self._stamp():
            return known
        return self._look()[1]

    def _look(self) -> tuple[tuple[AnyModel, ...], _Known]:
        stamp = self._stamp()
        chosen = self._settings.current
        names = {_SEARCH_SETTING: chosen.search.model, _FACES_SETTING: chosen.faces.model}
        next_name = chosen.search.coming if chosen.search.coming != chosen.search.model else ""
        models = tuple(
            replace(model, in_use=model.name == names[_setting(model)])
            for model in self._registry.list()
        )
        search = next((m for m in models if isinstance(m, ModelInfo) and m.in_use), None)
        searchers = [model for model in models if isinstance(model, ModelInfo)]
        coming = next((model for model in searchers if model.name == next_name), None)
        faces = next((m for m in models if isinstance(m, FacePackInfo) and m.in_use), None)
        kinds = {model.name: _setting(model) for model in models}
        known = _Known(
            stamp,
            search,
            coming,
            faces,
            no_coming=_GONE.format(name=next_name) if next_name and coming is None else "",
            no_search=_misused(_SEARCH_SETTING, names[_SEARCH_SETTING], kinds),
            no_faces=_misused(_FACES_SETTING, names[_FACES_SETTING], kinds),
        )
        # A problem may pass by itself, as when a drive is plugged in: it is not remembered.
        self._known = (
            None if any(each and each.problem for each in (search, coming, faces)) else known
        )
        return models, known

    def _stamp(self) -> object:
        """Return what changes when a model is added, removed or chosen, here or elsewhere."""
        current = self._settings.current
        chosen = current.search.model, current.search.coming, current.faces.model
        try:
            status = os.stat(self._paths.models_file)
        except OSError:
            return chosen, None
        return chosen, status.st_mtime_ns, status.st_ino


def _or_why_not(prepare: Callable[[], _Model]) -> tuple[_Model | None, str]:
    try:
        return prepare(), ""
    except ModelError as error:
        return None, str(error)


def _setting(model: AnyModel) -> str:
    """Return the setting that chooses models of this kind."""
    return _FACES_SETTING if isinstance(model, FacePackInfo) else _SEARCH_SETTING


def _misused(setting: str, name: str, kinds: dict[str, str]) -> str:
    """Return a sentence when a setting names a model of the other kind, or nothing."""
    if not name or kinds.get(name, setting) == setting:
        return ""
    if setting == _SEARCH_SETTING:
        return (
            f"“{name}” is a face pack, not a search model: it cannot search photos. "
            f"Choose a search model, and use the pack for faces with the setting {_FACES_SETTING}."
        )
    return (
        f"“{name}” is a search model, not a face pack: it cannot find faces. "
        f"Choose a face pack, and use the model for searching with the setting {_SEARCH_SETTING}."
    )
