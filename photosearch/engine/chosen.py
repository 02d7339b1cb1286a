"""Which of the registered models the settings choose, and why a choice cannot be followed."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path

from photosearch.inference.registry import ModelRegistry
from photosearch.settings.store import SettingsStore
from photosearch.types import AnyModel, FacePackInfo, ModelInfo

SEARCH_SETTING = "search.model"
COMING_SETTING = "search.coming"
FACES_SETTING = "faces.model"
_GONE = "The search model “{name}”, which was being prepared, is not there any more."


@dataclass(frozen=True, slots=True)
class Chosen:
    """What is chosen as of a stamp, and why a choice cannot be followed."""

    stamp: object
    search: ModelInfo | None
    coming: ModelInfo | None
    faces: FacePackInfo | None
    no_search: str = ""
    no_coming: str = ""
    no_faces: str = ""


class Choices:
    """Compares the settings with the list of models, and remembers what came out."""

    def __init__(self, models_file: Path, settings: SettingsStore, registry: ModelRegistry) -> None:
        self._list = models_file
        self._settings = settings
        self._registry = registry
        self._known: Chosen | None = None

    def forget(self) -> None:
        """Look at the models' files anew the next time."""
        self._known = None

    def now(self) -> Chosen:
        """Return what is chosen; files are looked at only when the list or the choice changed."""
        known = self._known
        if known is not None and known.stamp == self._stamp():
            return known
        return self.look()[1]

    def look(self) -> tuple[tuple[AnyModel, ...], Chosen]:
        """Return all models, their files looked at anew, and what is chosen of them."""
        stamp = self._stamp()
        chosen = self._settings.current
        names = {SEARCH_SETTING: chosen.search.model, FACES_SETTING: chosen.faces.model}
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
        known = Chosen(
            stamp,
            search,
            coming,
            faces,
            no_coming=_GONE.format(name=next_name) if next_name and coming is None else "",
            no_search=_misused(SEARCH_SETTING, names[SEARCH_SETTING], kinds),
            no_faces=_misused(FACES_SETTING, names[FACES_SETTING], kinds),
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
            status = os.stat(self._list)
        except OSError:
            return chosen, None
        return chosen, status.st_mtime_ns, status.st_ino


def _setting(model: AnyModel) -> str:
    """Return the setting that chooses models of this kind."""
    return FACES_SETTING if isinstance(model, FacePackInfo) else SEARCH_SETTING


def _misused(setting: str, name: str, kinds: dict[str, str]) -> str:
    """Return a sentence when a setting names a model of the other kind, or nothing."""
    if not name or kinds.get(name, setting) == setting:
        return ""
    if setting == SEARCH_SETTING:
        return (
            f"“{name}” is a face pack, not a search model: it cannot search photos. "
            f"Choose a search model, and use the pack for faces with the setting {FACES_SETTING}."
        )
    return (
        f"“{name}” is a search model, not a face pack: it cannot find faces. "
        f"Choose a face pack, and use the model for searching with the setting {SEARCH_SETTING}."
    )
