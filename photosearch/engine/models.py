"""Which models there are, which of each kind is chosen, and making the engine work with them.

Knows the registry, the settings and the engine; nothing of photos.
"""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass, replace
from pathlib import Path

from photosearch.engine.protocol import Engine, FaceChoice, ModelChoice
from photosearch.errors import ModelError
from photosearch.inference.registry import ModelRegistry
from photosearch.paths import Paths
from photosearch.settings.store import SettingsStore
from photosearch.types import AnyModel, FacePackInfo, ModelInfo

_SEARCH_SETTING = "search.model"
_FACES_SETTING = "faces.model"


@dataclass(frozen=True, slots=True)
class _Known:
    """What was chosen as of a stamp, and why a choice cannot be followed."""

    stamp: object
    search: ModelInfo | None
    faces: FacePackInfo | None
    no_search: str = ""
    no_faces: str = ""


class Models:
    """The registered models and those in use; safe to use from several threads."""

    def __init__(self, paths: Paths, settings: SettingsStore, engine: Engine) -> None:
        self._paths = paths
        self._settings = settings
        self._engine = engine
        self._registry = ModelRegistry(paths.models_file, engine.describe)
        self._lock = threading.Lock()
        self._known: _Known | None = None

    def all(self) -> tuple[AnyModel, ...]:
        """Return every search model and face pack, their files looked at anew."""
        return self._look()[0]

    def in_use(self) -> ModelInfo | None:
        """Return the search model in use; None when none is chosen or it is not registered.

        Its files are not looked at each time, only when the list or the choice has changed.
        """
        return self._chosen().search

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
        added = self._registry.add(Path(folder).absolute())
        pack = isinstance(added, FacePackInfo)
        current = self.faces_in_use() if pack else self.in_use()
        if current is None or current.problem or current.name == added.name:
            return self.use(added.name)
        return added

    def use(self, name: str) -> AnyModel:
        """Choose a model for what it can do; `ModelError` when it is not there or unusable."""
        models = self.all()
        model = next((m for m in models if m.name == name), None)
        if model is None:
            known = ", ".join(m.name for m in models) or "none"
            raise ModelError(f"There is no model “{name}”. Registered models: {known}.")
        if model.problem:
            raise ModelError(model.problem)
        self._settings.set(_setting(model), name)
        return replace(model, in_use=True)

    def remove(self, name: str) -> None:
        """Forget a model; its files stay."""
        self._registry.remove(name)
        chosen = self._settings.current
        if chosen.search.model == name:
            self._settings.set(_SEARCH_SETTING, "")
        if chosen.faces.model == name:
            self._settings.set(_FACES_SETTING, "")

    def prepare(self) -> ModelInfo | None:
        """Make the engine use the chosen search model; `ModelError` when it cannot be used."""
        with self._lock:
            known = self._chosen()
            model = known.search
            if model is None:
                self._engine.use(None)
                if known.no_search:
                    raise ModelError(known.no_search)
                return None
            if model.problem:
                raise ModelError(model.problem)
            devices = self._settings.current.devices
            self._engine.use(
                ModelChoice(
                    folder=Path(model.folder),
                    key=model.key,
                    dimension=model.dimension,
                    database=self._paths.database,
                    indexes=self._paths.indexes,
                    provider=devices.provider,
                    threads=devices.threads,
                )
            )
            return model

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
            devices = self._settings.current.devices
            self._engine.use_faces(
                FaceChoice(
                    folder=Path(pack.folder),
                    key=pack.key,
                    provider=devices.provider,
                    threads=devices.threads,
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
        models = tuple(
            replace(model, in_use=model.name == names[_setting(model)])
            for model in self._registry.list()
        )
        search = next((m for m in models if isinstance(m, ModelInfo) and m.in_use), None)
        faces = next((m for m in models if isinstance(m, FacePackInfo) and m.in_use), None)
        kinds = {model.name: _setting(model) for model in models}
        known = _Known(
            stamp,
            search,
            faces,
            no_search=_misused(_SEARCH_SETTING, names[_SEARCH_SETTING], kinds),
            no_faces=_misused(_FACES_SETTING, names[_FACES_SETTING], kinds),
        )
        # A problem may pass by itself, as when a drive is plugged in: it is not remembered.
        self._known = None if any(each and each.problem for each in (search, faces)) else known
        return models, known

    def _stamp(self) -> object:
        """Return what changes when a model is added, removed or chosen, here or elsewhere."""
        chosen = self._settings.current.search.model, self._settings.current.faces.model
        try:
            status = os.stat(self._paths.models_file)
        except OSError:
            return chosen, None
        return chosen, status.st_mtime_ns, status.st_ino


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
