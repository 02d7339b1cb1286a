"""One search model in use, and what has been loaded of it: its two towers and recent texts.

Knows nothing of the vectors it made; those are on a shelf.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from photosearch.engine.gate import Gate
from photosearch.engine.idling import Idling, Kept
from photosearch.engine.protocol import Encoded, ModelChoice, PixelBatch
from photosearch.engine.running import Running
from photosearch.engine.trying import Trying
from photosearch.errors import ModelError
from photosearch.inference import runtimes
from photosearch.inference.encoders import (
    OWN,
    ImageEncoder,
    TextEncoder,
    open_image_encoder,
    open_text_encoder,
)
from photosearch.inference.hub.verifying import Suspicion
from photosearch.inference.memory import NoMemoryError
from photosearch.inference.model_folder import IMAGE_GRAPH, TEXT_GRAPH
from photosearch.types import Device, Plan, Tower, Vector

_TEXTS_KEPT = 256
_FOREIGN = (
    "The search model does not know the language “{}” of the setting search.language: searches "
    "are taken for its usual language."
)
NOT_PREPARED = (
    "The faster form of {name} cannot be used: {reason} The model runs as it is; it can be "
    "measured anew."
)

_Tower = TypeVar("_Tower", ImageEncoder, TextEncoder)
_Made = TypeVar("_Made")
Open = Callable[[Path, Device, int, Tower], _Tower]


class LoadedModel:
    """Towers are loaded when first needed; safe to use from several threads."""

    def __init__(
        self, choice: ModelChoice, gate: Gate, trying: Trying, idling: Idling | None = None
    ) -> None:
        """`gate` is the device's: one run at a time, queries before pictures."""
        self.choice = choice
        self.running = Running()
        self.first = True  # the one in use: its text tower stays for queries
        self._gate = gate
        self._trying = trying
        self._suspicion = Suspicion(choice.folder)
        self._distrusted = False  # what was prepared of the model
        self._device: Device | None = None
        idling = idling or Idling()
        self._image: Kept[ImageEncoder] = Kept(self._image_tower, idling, self)
        self._text: Kept[TextEncoder] = Kept(self._text_tower, idling, self)
        self._texts: OrderedDict[tuple[str, str], Vector] = OrderedDict()
        self._speaks: dict[str, bool] = {}  # the languages of queries that came
        self._lock = threading.Lock()

    def becomes(self, choice: ModelChoice) -> bool:
        """Go on with this choice, if only the language of queries is another one in it."""
        if replace(self.choice, language=choice.language) != choice:
            return False
        self.choice = choice
        return True

    def foreign(self) -> tuple[str, ...]:
        """Return that the model does not know the language of queries, where it must."""
        language = self.choice.language
        return () if self._speaks.get(language, True) else (_FOREIGN.format(language),)

    def encode(self, batch: PixelBatch) -> Encoded:
        """Return unit vectors of model inputs; gives way to queries."""

        def see(encoder: ImageEncoder) -> Encoded:
            with self._gate.patient():
                return Encoded(encoder.encode(batch), encoder.variant)

        return self._work(self._image, see)

    def encode_text(self, text: str) -> Vector:
        """Return the unit vector of a text, perhaps from an earlier time."""
        language = self.choice.language
        with self._lock:
            known = self._texts.get((language, text))
            if known is not None:
                self._texts.move_to_end((language, text))
                return known

        def understand(encoder: TextEncoder) -> tuple[Vector, bool]:
            with self._gate.urgent():
                return encoder.encode([text], language)[0], encoder.speaks(language)

        vector, speaks = self._work(self._text, understand)
        with self._lock:
            self._speaks[language] = speaks
            self._texts[language, text] = vector
            while len(self._texts) > _TEXTS_KEPT:
                self._texts.popitem(last=False)
        return vector

    def warm(self) -> None:
        """Load what a query needs."""
        self._text.get()

    def let_go(self, now: float) -> float | None:
        """Let go of towers that nobody uses; return when the next will be due."""
        idle_s = self.choice.idle_s
        due = [self._image.let_go(now, idle_s)]
        if not self.first:
            due.append(self._text.let_go(now, idle_s))
        return min((at for at in due if at is not None), default=None)

    def _work(self, kept: Kept[_Tower], work: Callable[[_Tower], _Made]) -> _Made:
        """Let a tower work. Where it fails, damaged files are named, and a graph that was
        prepared of sound ones is given up for the model's own."""
        tower = kept.get()
        try:
            return work(tower)
        except NoMemoryError:
            raise
        except ModelError as error:
            own = tower.graph.path.is_relative_to(self.choice.folder.absolute())
            damage = self._suspicion.damage()
            if own and not damage:
                raise
            kept.drop()  # it is read anew, perhaps repaired by then
            if damage:
                raise ModelError(damage) from error
            self._distrusted = True
            self.running.note(NOT_PREPARED.format(name=self.choice.folder.name, reason=error))
            return work(kept.get())
        finally:
            kept.used()

    def _image_tower(self) -> ImageEncoder:
        threads = self.choice.picture_threads or self.choice.threads
        tower = self._open(open_image_encoder, "image", threads)
        self.running.opened("network for pictures", tower.session)
        return tower

    def _text_tower(self) -> TextEncoder:
        tower = self._open(open_text_encoder, "text", self.choice.threads)
        self.running.opened("network for words", tower.session)
        return tower

    def _open(self, open_tower: Open[_Tower], half: str, given: int) -> _Tower:
        """Open a tower as the plan says; as the model has it where that does not load."""
        choice, device = self.choice, self._choose()
        plan = choice.plan if choice.plan.device == device.id else Plan()
        threads = given or plan.threads
        tower: Tower = getattr(plan, half)
        if tower.graph and not self._distrusted:
            try:
                return open_tower(choice.folder, device, threads, tower)
            except ModelError as error:
                self.running.note(NOT_PREPARED.format(name=choice.folder.name, reason=error))
        return open_tower(choice.folder, device, threads, OWN)

    def _choose(self) -> Device:
        with self._lock:
            if self._device is None:
                choice = self.choice
                graphs = (choice.folder / IMAGE_GRAPH, choice.folder / TEXT_GRAPH)
                self._device, notice = self._trying.choose(
                    choice.provider, runtimes.report(), choice.key, graphs
                )
                self.running.chosen(notice)
            return self._device
