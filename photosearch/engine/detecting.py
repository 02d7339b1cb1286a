"""The face pack in use: loaded when first needed, one run of a graph at a time on the device."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from photosearch.engine.gate import Gate
from photosearch.engine.protocol import Detections, FaceChoice, FacePicture
from photosearch.errors import ModelError
from photosearch.inference import probe, providers
from photosearch.types import ModelKey

if TYPE_CHECKING:
    from photosearch.inference.faces import FaceAnalyser

_NO_PACK = "No face pack is chosen."
_CHANGED = "The face pack was changed meanwhile."


@dataclass(eq=False, slots=True)
class _Loaded:
    """One face pack and what has been loaded of it."""

    choice: FaceChoice
    device: str = ""
    analyser: FaceAnalyser | None = None
    notices: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)


class Detecting:
    """Finds faces with the pack in use."""

    def __init__(self, gate: Gate) -> None:
        """`gate` is the device's: a query goes before the next run, not after a whole crowd."""
        self._gate = gate
        self._lock = threading.Lock()
        self._loaded: _Loaded | None = None

    def use(self, choice: FaceChoice | None) -> None:
        """Switch to a pack; what the one before held is let go."""
        with self._lock:
            if (self._loaded.choice if self._loaded else None) != choice:
                self._loaded = _Loaded(choice) if choice else None

    def detect(self, key: ModelKey, pictures: Sequence[FacePicture]) -> Detections:
        """Return the faces in each picture."""
        with self._lock:
            loaded = self._loaded
        if loaded is None:
            raise ModelError(_NO_PACK)
        if loaded.choice.key != key:
            raise ModelError(_CHANGED)
        analyser = _analyser(loaded, self._gate)
        found = tuple(analyser.analyse(each.pixels, each.scale) for each in pictures)
        return Detections(found, analyser.variant)

    def device(self) -> str:
        """Return what the pack runs on, nothing before it has."""
        loaded = self._loaded
        return loaded.device if loaded else ""

    def notices(self) -> list[str]:
        loaded = self._loaded
        return list(loaded.notices) if loaded else []

    def close(self) -> None:
        self.use(None)


def _analyser(loaded: _Loaded, gate: Gate) -> FaceAnalyser:
    from photosearch.inference.faces import open_face_analyser

    with loaded.lock:
        if loaded.analyser is None:
            choice = loaded.choice
            device, notice = providers.choose(choice.provider, probe.probe)
            analyser = open_face_analyser(choice.folder, device, choice.threads, gate.patient)
            loaded.notices = [each for each in (notice, analyser.notice) if each]
            loaded.device, loaded.analyser = device.name, analyser
        return loaded.analyser
