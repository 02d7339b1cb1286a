"""The face pack in use: loaded when first needed; how many pictures are looked at side by side.

A graph that sees one picture at a time uses several cores badly: on the processor each picture has
few threads, and several go side by side. Other devices run one graph at a time.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from photosearch.engine.gate import Gate
from photosearch.engine.idling import Idling, Kept
from photosearch.engine.protocol import Detections, FaceChoice, FacePicture
from photosearch.engine.running import Running
from photosearch.engine.trying import Trying
from photosearch.errors import ModelError
from photosearch.inference import runtimes
from photosearch.inference.fingerprint import DETECTION, RECOGNITION
from photosearch.inference.hub.verifying import Suspicion
from photosearch.inference.memory import NoMemoryError
from photosearch.inference.providers import CPU, side_by_side
from photosearch.types import DetectedFace, ModelKey

if TYPE_CHECKING:
    from photosearch.inference.faces import FaceAnalyser

_NO_PACK = "No face pack is chosen."
_CHANGED = "The face pack was changed meanwhile."


class _Loaded:
    """One face pack and what has been loaded of it."""

    def __init__(
        self, choice: FaceChoice, load: Callable[[_Loaded], FaceAnalyser], idling: Idling
    ) -> None:
        self.choice = choice
        self.running = Running()
        self.at_once = 1  # pictures
        self.places = threading.Semaphore(1)  # as many, whoever asks
        self._suspicion = Suspicion(choice.folder)
        self.analyser: Kept[FaceAnalyser] = Kept(lambda: load(self), idling, self)

    def blame(self, error: ModelError | None) -> None:
        """Raise `ModelError` where damaged files are to blame for what went wrong."""
        if damage := self._suspicion.damage():
            self.analyser.drop()  # it is read anew, perhaps repaired by then
            raise ModelError(damage) from error

    def let_go(self, now: float) -> float | None:
        """Let go of the pack when nobody uses it; return when that will be due."""
        return self.analyser.let_go(now, self.choice.idle_s)


class Detecting:
    """Finds faces with the pack in use."""

    def __init__(self, gate: Gate, trying: Trying, idling: Idling | None = None) -> None:
        """`gate` is the device's: a query goes before the next run, not after a whole crowd."""
        self._gate = gate
        self._trying = trying
        self._idling = idling or Idling()
        self._lock = threading.Lock()
        self._loaded: _Loaded | None = None

    def use(self, choice: FaceChoice | None) -> None:
        """Switch to a pack; what the one before held is let go."""
        with self._lock:
            before = self._loaded
            if (before.choice if before else None) == choice:
                return
            self._loaded = _Loaded(choice, self._analyser, self._idling) if choice else None
        if before is not None:
            self._idling.forget(before)

    def detect(self, key: ModelKey, pictures: Sequence[FacePicture]) -> Detections:
        """Return the faces in each picture."""
        with self._lock:
            loaded = self._loaded
        if loaded is None:
            raise ModelError(_NO_PACK)
        if loaded.choice.key != key:
            raise ModelError(_CHANGED)
        try:
            return self._detected(loaded, pictures)
        except NoMemoryError:
            raise
        except ModelError as error:
            loaded.blame(error)
            raise

    def _detected(self, loaded: _Loaded, pictures: Sequence[FacePicture]) -> Detections:
        analyser = loaded.analyser.get()

        def look(picture: FacePicture) -> tuple[DetectedFace, ...]:
            with loaded.places:
                return analyser.analyse(picture.pixels, picture.scale, picture.fitted)

        if loaded.at_once == 1 or len(pictures) == 1:
            found = tuple(map(look, pictures))
        else:
            with ThreadPoolExecutor(loaded.at_once, "faces") as threads:
                found = tuple(threads.map(look, pictures))
        loaded.analyser.used()
        if analyser.met_nonsense:  # of a single picture that costs a face; of a pack, all of them
            loaded.blame(None)
        return Detections(found, analyser.variant)

    def running(self) -> Running:
        """Return what the pack runs on."""
        loaded = self._loaded
        return loaded.running if loaded else Running()

    def close(self) -> None:
        self.use(None)

    def _analyser(self, loaded: _Loaded) -> FaceAnalyser:
        """Open a pack where it is to run."""
        from photosearch.inference.faces import open_face_analyser

        choice = loaded.choice
        graphs = (choice.folder / DETECTION, choice.folder / RECOGNITION)
        device, notice = self._trying.choose(choice.provider, runtimes.report(), choice.key, graphs)
        loaded.running.chosen(notice)
        threads = choice.threads or (choice.plan.threads if choice.plan.device == device.id else 0)
        turn, loaded.at_once = self._gate.patient, 1
        if device == CPU:
            loaded.at_once, threads = side_by_side(threads)
            turn = self._gate.shared
        loaded.places = threading.Semaphore(loaded.at_once)
        analyser = open_face_analyser(choice.folder, device, threads, turn)
        for part, session in analyser.sessions:
            loaded.running.opened(part, session)
        return analyser
