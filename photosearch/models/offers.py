"""What one may choose: every model of the catalogue and of the user's own, and how far each is.

Speeds come from whoever measures; nothing here opens a model or the network.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from photosearch.engine.models import Models
from photosearch.errors import ModelError
from photosearch.models.getting import Getting, folder_bytes
from photosearch.models.turn import taken
from photosearch.settings.store import SettingsStore
from photosearch.store import Store
from photosearch.types import (
    AnyModel,
    CatalogueEntry,
    DownloadProgress,
    FacePackInfo,
    ModelKind,
    ModelOffer,
    OfferState,
    Preset,
    Speed,
)

_log = logging.getLogger(__name__)
SpeedOf = Callable[[CatalogueEntry | None, str], Speed | None]

# Presets that differ in nothing but how much they see, the smallest first.
_LADDER = ("light", "balanced", "better", "best")
_NIGHT_H = 8.0  # a library should be done overnight
_LEAST_PER_S = 2.0  # and a day's new photos while one has a coffee
_SMALL_LIBRARY = 10_000  # photos; smaller ones grow
_SHARE = 0.5  # of the machine's memory that a model may take
# Without a measured speed nothing larger is recommended than what any computer does in a night.
_UNMEASURED = ("light", "balanced")


class Offers:
    """The table of the settings pane, as values."""

    def __init__(
        self,
        getting: Getting,
        settings: SettingsStore,
        models: Models,
        store: Store,
        speed: SpeedOf | None = None,
    ) -> None:
        """`speed` returns how fast a model is here, None where nobody knows."""
        self._getting = getting
        self._settings = settings
        self._models = models
        self._store = store
        self.speed = speed

    def all(self) -> tuple[ModelOffer, ...]:
        """Return every model: first the catalogue in its order, then the user's own by name."""
        known = {model.name: model for model in self._models.all()}
        entries = self._getting.catalogue().entries
        photos = self._store.photos.count()
        offers = [
            self._offer(entry.name, entry, known.get(entry.name), photos) for entry in entries
        ]
        listed = {entry.name for entry in entries}
        own = [
            self._offer(name, None, known[name], photos) for name in sorted(known.keys() - listed)
        ]
        return (*offers, *own)

    def presets(self) -> tuple[Preset, ...]:
        """Return the choices in plain words, one of them recommended for this machine."""
        catalogue = self._getting.catalogue()
        entries = {entry.name: entry for entry in catalogue.entries}
        speeds = {
            preset.model: self._speed(entries[preset.model], preset.model)
            for preset in catalogue.presets
        }
        return recommended(
            catalogue.presets, entries, machine_memory(), speeds, self._store.photos.count()
        )

    def _offer(
        self, name: str, entry: CatalogueEntry | None, info: AnyModel | None, photos: int
    ) -> ModelOffer:
        kind = entry.kind if entry else _kind(info)
        partial = 0 if info else self._getting.partial(name)
        progress = self._getting.progress(name)
        if progress is None and partial:
            total = entry.download_bytes if entry else 0
            progress = DownloadProgress(name, "paused", partial, max(partial, total))
        speed = self._speed(entry, name)
        vectors, pending = self._work(kind, info, photos)
        owned = info is not None and self._getting.owns(info)
        return ModelOffer(
            name=name,
            kind=kind,
            title=entry.title if entry else name,
            state=self._state(name, info, partial),
            entry=entry,
            info=info,
            progress=progress,
            speed=speed,
            hours=_hours(kind, pending, speed),
            memory_bytes=entry.memory_bytes if entry else 0,
            download_bytes=entry.download_bytes if entry else 0,
            disk_bytes=folder_bytes(Path(info.folder)) if info and owned else _size(info, partial),
            vectors=vectors,
            accepted=self._getting.accepted(entry) if entry else True,
            problem=info.problem if info else "",
            owned=owned,
        )

    def _state(self, name: str, info: AnyModel | None, partial: int) -> OfferState:
        if self._getting.progress(name) is not None:
            return OfferState.DOWNLOADING
        if info is None:
            if not partial:
                return OfferState.AVAILABLE
            elsewhere = taken(self._getting.folder, name)  # another process may be at it
            return OfferState.DOWNLOADING if elsewhere else OfferState.PAUSED
        if info.problem:
            return OfferState.PROBLEM
        if info.in_use:
            return OfferState.IN_USE
        coming = self._settings.current.search.coming == name
        return OfferState.COMING if coming else OfferState.INSTALLED

    def _work(self, kind: ModelKind, info: AnyModel | None, photos: int) -> tuple[int, int]:
        """Return how many photos a search model has a vector of, and how many wait for one."""
        if kind is ModelKind.FACES:
            return 0, 0
        number = self._store.embeddings.find_model(info.key) if info else None
        if info is None or number is None:
            return 0, photos
        embeddings = self._store.embeddings
        return embeddings.count(info.key), embeddings.pending_count(number)

    def _speed(self, entry: CatalogueEntry | None, name: str) -> Speed | None:
        if self.speed is None:
            return None
        try:
            return self.speed(entry, name)
        except ModelError as error:  # a table without one number is still a table
            _log.warning("no speed of %s: %s", name, error)
            return None


@dataclass(frozen=True, slots=True)
class _Rung:
    """One preset of the ladder with what it would take."""

    preset: Preset
    memory_bytes: int
    speed: Speed | None


def recommended(
    presets: Sequence[Preset],
    entries: Mapping[str, CatalogueEntry],
    memory_bytes: int,
    speeds: Mapping[str, Speed | None],
    photos: int,
) -> tuple[Preset, ...]:
    """Mark the preset that sees most of those which this machine's memory and speed allow."""
    ladder = [
        _Rung(preset, entries[preset.model].memory_bytes, speeds.get(preset.model))
        for name in _LADDER
        for preset in presets
        if preset.name == name
    ]
    if not ladder:
        return tuple(presets)
    least = max(_LEAST_PER_S, max(photos, _SMALL_LIBRARY) / (_NIGHT_H * 3600))
    fits = [rung for rung in ladder if rung.memory_bytes <= _SHARE * memory_bytes]
    quick = [rung for rung in fits if _quick_enough(rung, least)]
    chosen = (quick or fits or ladder)[-1 if quick else 0]
    reason = _reason(chosen, ladder, fits, quick, memory_bytes)
    return tuple(
        replace(each, recommended=True, reason=reason) if each is chosen.preset else each
        for each in presets
    )


def _quick_enough(rung: _Rung, least: float) -> bool:
    if rung.speed is None:
        return rung.preset.name in _UNMEASURED
    return rung.speed.per_second >= least


def _reason(
    chosen: _Rung, ladder: list[_Rung], fits: list[_Rung], quick: list[_Rung], memory: int
) -> str:
    has = f"This computer has {memory / 2**30:.0f} GB of memory"
    if not fits:
        return f"{has}: the smallest model fits best."
    if not quick:
        return "The quickest is still slow on this computer, and the larger ones would be slower."
    if chosen.speed is None:
        return f"{has}; its speed has not been measured yet."
    does = f"about {_rounded(chosen.speed.per_second)} photos a second"
    if chosen is ladder[-1]:
        return f"{has} and does {does} with it."
    if len(fits) < len(ladder) and chosen is fits[-1]:
        return f"{has}, too little for the next larger one, and does {does} with it."
    return f"This computer does {does} with it; the next larger one would take too long."


def _rounded(number: float) -> str:
    return f"{number:.0f}" if number >= 10 else f"{number:.1f}"


def machine_memory() -> int:
    """Return how many bytes of memory this machine has."""
    import psutil

    return int(psutil.virtual_memory().total)


def _kind(info: AnyModel | None) -> ModelKind:
    return ModelKind.FACES if isinstance(info, FacePackInfo) else ModelKind.SEARCH


def _size(info: AnyModel | None, partial: int) -> int:
    return info.bytes_on_disk if info else partial


def _hours(kind: ModelKind, pending: int, speed: Speed | None) -> float | None:
    """Return the hours a search model takes for what waits; None where nobody knows."""
    if kind is not ModelKind.SEARCH or speed is None or speed.per_second <= 0:
        return None
    return pending / speed.per_second / 3600
