"""The engine in this process: models and their vectors by key, one gate for the device."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy.typing as npt

from photosearch.engine.detecting import Detecting
from photosearch.engine.gate import Gate
from photosearch.engine.idling import Idling
from photosearch.engine.loaded import LoadedModel
from photosearch.engine.protocol import (
    Detections,
    Encoded,
    EngineState,
    FaceChoice,
    FacePicture,
    ModelChoice,
    PixelBatch,
)
from photosearch.engine.shelves import Shelves
from photosearch.engine.trying import Trying
from photosearch.errors import ModelError
from photosearch.inference.entry import Entry, read_entry
from photosearch.store.embeddings import StoredVectors
from photosearch.types import Ids, ModelKey, Vector

_NO_MODEL = "No search model is chosen."
_CHANGED = "The search model was changed meanwhile."


class InlineEngine:
    """An `Engine` whose work happens in the calling threads."""

    def __init__(
        self,
        *,
        build: bool = True,
        trying: Trying | None = None,
        notices: Sequence[str] = (),
        idling: Idling | None = None,
    ) -> None:
        """`build=False` is for a program that ends soon: no graph is begun that it cannot end.

        `notices` are of what was found out before, and belong into every state.
        """
        self._gate = Gate()
        self._trying = trying or Trying()
        self._notices = notices
        self._idling = idling or Idling()
        self._detecting = Detecting(self._gate, self._trying, self._idling)
        self._shelves = Shelves(build=build)
        self._lock = threading.Lock()
        self._loaded: dict[ModelKey, LoadedModel] = {}  # the first is the one in use
        self._choices: tuple[ModelChoice, ...] = ()

    def describe(self, folder: Path) -> Entry:
        return read_entry(folder)

    def use(self, *choices: ModelChoice) -> None:
        """Switch to these models; what others held is let go, what these hold stays."""
        with self._lock:
            if choices == self._choices:
                return
            before, self._choices = self._loaded, choices
            self._loaded = {
                choice.key: loaded
                if (loaded := before.get(choice.key)) and loaded.becomes(choice)
                else self._newly(choice)
                for choice in choices
            }
            for gone in before.values():
                if gone not in self._loaded.values():
                    gone.first = False  # whoever still loads its text tower must not keep it
                    self._idling.forget(gone)
            for number, loaded in enumerate(self._loaded.values()):
                loaded.first = number == 0
            dropped = self._shelves.use(choices)
        self._idling.stir()
        for shelf in dropped:
            shelf.save()
            shelf.close()

    def use_faces(self, choice: FaceChoice | None) -> None:
        self._detecting.use(choice)

    def detect(self, key: ModelKey, pictures: Sequence[FacePicture]) -> Detections:
        return self._detecting.detect(key, pictures)

    def encode(self, key: ModelKey, batch: PixelBatch) -> Encoded:
        return self._of(key).encode(batch)

    def encode_text(self, key: ModelKey, text: str) -> Vector:
        return self._of(key).encode_text(text)

    def warm(self, key: ModelKey) -> None:
        self._of(key).warm()
        self._shelves.get(key).warm()

    def search(
        self, key: ModelKey, vector: Vector, k: int, allowed: Ids | None = None
    ) -> tuple[Ids, npt.NDArray[Any]]:
        self._of(key)
        return self._shelves.get(key).search(vector, k, allowed)

    def search_text(
        self, key: ModelKey, text: str, k: int, allowed: Ids | None = None
    ) -> tuple[Ids, npt.NDArray[Any]] | None:
        vector = self._of(key).encode_text(text)
        return self._shelves.get(key).search(vector, k, allowed) if vector.any() else None

    def add(self, key: ModelKey, rows: StoredVectors) -> None:
        """Add rows to the model in use; those of one that is coming wait in the library."""
        with suppress(ModelError):  # another model by now: these rows wait in the library
            self._of(key)
            first = self._choices[:1]
            if first and first[0].key == key:
                self._shelves.get(key).add(rows)
            elif shelf := self._shelves.there(key):
                shelf.add(rows)

    def remove(self, labels: Ids) -> None:
        for shelf in self._shelves.all():  # one that is yet to be loaded will not find them
            shelf.remove(labels)

    def refresh(self, key: ModelKey) -> None:
        if shelf := self._shelves.there(key):  # one that is yet to be loaded reads everything
            shelf.refresh()

    def save(self) -> None:
        for shelf in self._shelves.all():
            shelf.save()

    def state(self) -> EngineState:
        """Return how the model in use is, the first."""
        with self._lock:
            loaded = next(iter(self._loaded.values()), None)
            coming = [each.running for each in self._loaded.values() if each is not loaded]
        shelf = self._shelves.there(loaded.choice.key) if loaded else None
        index = shelf.state() if shelf else None
        faces = self._detecting.running()
        running = loaded.running.joined(faces) if loaded else faces
        notices = (
            *self._notices,
            *running.notices,
            *(notice for each in coming for notice in each.notices),
            *(loaded.foreign() if loaded else ()),
            index.problem if index else "",
        )
        return EngineState(
            device=(loaded.running.device if loaded else "") or faces.device,
            vectors=index.count if index else 0,
            index=index.kind if index else "exact",
            index_progress=index.progress if index else 1.0,
            notices=tuple(dict.fromkeys(notice for notice in notices if notice)),
            nodes=running.placement.nodes,
            fallback_nodes=running.placement.fallback_nodes,
            runtime=running.runtime(),
        )

    def renew(self) -> None:
        """Nothing: a process cannot change its runtime."""

    def close(self) -> None:
        self._detecting.close()
        self.use()
        self._idling.close()

    def _newly(self, choice: ModelChoice) -> LoadedModel:
        return LoadedModel(choice, self._gate, self._trying, self._idling)

    def _of(self, key: ModelKey) -> LoadedModel:
        with self._lock:
            if not self._loaded:
                raise ModelError(_NO_MODEL)
            if key not in self._loaded:
                raise ModelError(_CHANGED)
            return self._loaded[key]
