"""The engine in this process: towers loaded when first needed, one gate for the device."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

from photosearch.engine.detecting import Detecting
from photosearch.engine.gate import Gate
from photosearch.engine.protocol import (
    Detections,
    Encoded,
    EngineState,
    FaceChoice,
    FacePicture,
    ModelChoice,
    PixelBatch,
)
from photosearch.engine.shelf import Shelf
from photosearch.errors import ModelError
from photosearch.inference import probe, providers
from photosearch.inference.encoders import (
    ImageEncoder,
    TextEncoder,
    open_image_encoder,
    open_text_encoder,
)
from photosearch.inference.registry import Entry, read_entry
from photosearch.store.embeddings import StoredVectors
from photosearch.types import Ids, ModelKey, Vector

_TEXTS_KEPT = 256
_NO_MODEL = "No search model is chosen."
_CHANGED = "The search model was changed meanwhile."


@dataclass(eq=False, slots=True)
class _Loaded:
    """One model in use and what has been loaded of it."""

    choice: ModelChoice
    device: providers.Device | None = None
    image: ImageEncoder | None = None
    text: TextEncoder | None = None
    shelf: Shelf | None = None
    texts: OrderedDict[str, Vector] = field(default_factory=OrderedDict)
    notices: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)
    # Loading a tower takes seconds: a query does not wait for that of the pictures.
    image_lock: threading.Lock = field(default_factory=threading.Lock)
    text_lock: threading.Lock = field(default_factory=threading.Lock)


class InlineEngine:
    """An `Engine` whose work happens in the calling threads."""

    def __init__(self, *, build: bool = True) -> None:
        """`build=False` is for a program that ends soon: no graph is begun that it cannot end."""
        self._build = build
        self._gate = Gate()
        self._detecting = Detecting(self._gate)
        self._lock = threading.Lock()
        self._loaded: _Loaded | None = None

    def describe(self, folder: Path) -> Entry:
        return read_entry(folder)

    def use(self, choice: ModelChoice | None) -> None:
        """Switch to a model; what the one before held is let go."""
        with self._lock:
            before = self._loaded
            if (before.choice if before else None) == choice:
                return
            self._loaded = _Loaded(choice) if choice else None
        if before is not None:
            _close(before)

    def use_faces(self, choice: FaceChoice | None) -> None:
        self._detecting.use(choice)

    def detect(self, key: ModelKey, pictures: Sequence[FacePicture]) -> Detections:
        return self._detecting.detect(key, pictures)

    def encode(self, key: ModelKey, batch: PixelBatch) -> Encoded:
        loaded = self._current(key)
        with loaded.image_lock:
            if loaded.image is None:
                device = _device(loaded)
                loaded.image = open_image_encoder(
                    loaded.choice.folder, device, loaded.choice.threads
                )
                _note(loaded, loaded.image.session.notice)
            encoder = loaded.image
        with self._gate.patient():
            return Encoded(encoder.encode(batch), encoder.variant)

    def encode_text(self, key: ModelKey, text: str) -> Vector:
        loaded = self._current(key)
        with loaded.lock:
            known = loaded.texts.get(text)
            if known is not None:
                loaded.texts.move_to_end(text)
                return known
        with loaded.text_lock:
            if loaded.text is None:
                device = _device(loaded)
                loaded.text = open_text_encoder(loaded.choice.folder, device, loaded.choice.threads)
                _note(loaded, loaded.text.session.notice)
            encoder = loaded.text
        with self._gate.urgent():
            vector: Vector = encoder.encode([text])[0]
        with loaded.lock:
            loaded.texts[text] = vector
            while len(loaded.texts) > _TEXTS_KEPT:
                loaded.texts.popitem(last=False)
        return vector

    def search(
        self, key: ModelKey, vector: Vector, k: int, allowed: Ids | None = None
    ) -> tuple[Ids, npt.NDArray[np.float32]]:
        return self._shelf(key).search(vector, k, allowed)

    def add(self, key: ModelKey, rows: StoredVectors) -> None:
        with suppress(ModelError):  # another model by now: these rows wait in the library
            self._shelf(key).add(rows)

    def remove(self, labels: Ids) -> None:
        with self._lock:
            shelf = self._loaded.shelf if self._loaded else None
        if shelf is not None:  # one that is yet to be loaded will not find them
            shelf.remove(labels)

    def refresh(self, key: ModelKey) -> None:
        with self._lock:
            loaded = self._loaded
            shelf = loaded.shelf if loaded and loaded.choice.key == key else None
        if shelf is not None:  # one that is yet to be loaded reads everything
            shelf.refresh()

    def save(self) -> None:
        with self._lock:
            shelf = self._loaded.shelf if self._loaded else None
        if shelf is not None:
            shelf.save()

    def state(self) -> EngineState:
        with self._lock:
            loaded = self._loaded
        faces = self._detecting
        if loaded is None:
            return EngineState(faces.device(), notices=tuple(faces.notices()))
        index = loaded.shelf.state() if loaded.shelf else None
        notices = [*loaded.notices, *([index.problem] if index and index.problem else [])]
        notices += [notice for notice in faces.notices() if notice not in notices]
        return EngineState(
            device=loaded.device.name if loaded.device else faces.device(),
            vectors=index.count if index else 0,
            index=index.kind if index else "exact",
            index_progress=index.progress if index else 1.0,
            notices=tuple(notices),
        )

    def close(self) -> None:
        with self._lock:
            loaded, self._loaded = self._loaded, None
        self._detecting.close()
        if loaded is not None:
            _close(loaded)

    def _current(self, key: ModelKey) -> _Loaded:
        with self._lock:
            if self._loaded is None:
                raise ModelError(_NO_MODEL)
            if self._loaded.choice.key != key:
                raise ModelError(_CHANGED)
            return self._loaded

    def _shelf(self, key: ModelKey) -> Shelf:
        loaded = self._current(key)
        with loaded.lock:
            if loaded.shelf is None:
                choice = loaded.choice
                loaded.shelf = Shelf(
                    choice.database,
                    choice.dimension,
                    choice.key,
                    choice.indexes,
                    build=self._build,
                )
            return loaded.shelf


def _device(loaded: _Loaded) -> providers.Device:
    with loaded.lock:
        if loaded.device is None:
            loaded.device, notice = providers.choose(loaded.choice.provider, probe.probe)
            _note(loaded, notice)
        return loaded.device


def _note(loaded: _Loaded, notice: str) -> None:
    if notice and notice not in loaded.notices:
        loaded.notices.append(notice)


def _close(loaded: _Loaded) -> None:
    with loaded.lock:
        shelf, loaded.shelf = loaded.shelf, None
    if shelf is not None:
        shelf.save()
        shelf.close()
