"""Which search models there are, which one is chosen, and making the engine work with it.

Knows the registry, the setting and the engine; nothing of photos.
"""

from __future__ import annotations

import os
import threading
from dataclasses import replace
from pathlib import Path

from photosearch.engine.protocol import Engine, ModelChoice
from photosearch.errors import ModelError
from photosearch.inference.registry import ModelRegistry
from photosearch.paths import Paths
from photosearch.settings.store import SettingsStore
from photosearch.types import ModelInfo

_SETTING = "search.model"


class Models:
    """The registered models and the one in use; safe to use from several threads."""

    def __init__(self, paths: Paths, settings: SettingsStore, engine: Engine) -> None:
        self._paths = paths
        self._settings = settings
        self._engine = engine
        self._registry = ModelRegistry(paths.models_file, engine.describe)
        self._lock = threading.Lock()
        self._known: tuple[object, ModelInfo | None] | None = None  # as of the stamp before it

    def all(self) -> tuple[ModelInfo, ...]:
        """Return every model, its files looked at anew."""
        stamp = self._stamp()
        name = self._settings.current.search.model
        models = tuple(replace(m, in_use=m.name == name) for m in self._registry.list())
        chosen = next((model for model in models if model.in_use), None)
        # A problem may pass by itself, as when a drive is plugged in: it is not remembered.
        self._known = None if chosen is not None and chosen.problem else (stamp, chosen)
        return models

    def in_use(self) -> ModelInfo | None:
        """Return the model in use; None when none is chosen or it is not registered.

        Its files are not looked at each time, only when the list or the choice has changed.
        """
        known = self._known
        if known is not None and known[0] == self._stamp():
            return known[1]
        return next((model for model in self.all() if model.in_use), None)

    def forget(self) -> None:
        """Look at the model's files anew the next time."""
        self._known = None

    def add(self, folder: str) -> ModelInfo:
        """Register a model folder; the first is used at once. `ModelError` says what is missing."""
        added = self._registry.add(Path(folder).absolute())
        current = self.in_use()
        return self.use(added.name) if current is None or current.problem else added

    def use(self, name: str) -> ModelInfo:
        """Choose a model; `ModelError` when it is not there or cannot be used."""
        models = self.all()
        model = next((m for m in models if m.name == name), None)
        if model is None:
            known = ", ".join(m.name for m in models) or "none"
            raise ModelError(f"There is no model “{name}”. Registered models: {known}.")
        if model.problem:
            raise ModelError(model.problem)
        self._settings.set(_SETTING, name)
        return replace(model, in_use=True)

    def remove(self, name: str) -> None:
        """Forget a model; its files stay."""
        self._registry.remove(name)
        if self._settings.current.search.model == name:
            self._settings.set(_SETTING, "")

    def prepare(self) -> ModelInfo | None:
        """Make the engine use the chosen model; `ModelError` when its files are gone."""
        with self._lock:
            model = self.in_use()
            if model is None:
                self._engine.use(None)
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

    def _stamp(self) -> object:
        """Return what changes when a model is added, removed or chosen, here or elsewhere."""
        try:
            status = os.stat(self._paths.models_file)
        except OSError:
            return self._settings.current.search.model, None
        return self._settings.current.search.model, status.st_mtime_ns, status.st_ino
