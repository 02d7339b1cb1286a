"""What the pane of models shows, read of the library at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from photosearch.gui.settings.models import machine
from photosearch.types import (
    Leftover,
    Measurement,
    ModelKind,
    ModelOffer,
    OfferState,
    Preset,
    Switch,
)

if TYPE_CHECKING:
    from photosearch.library import Library


@dataclass(frozen=True, slots=True)
class Shelf:
    """Everything that was read at once."""

    offers: tuple[ModelOffer, ...] = ()
    presets: tuple[Preset, ...] = ()
    switch: Switch | None = None
    leftovers: tuple[Leftover, ...] = ()
    measurements: Mapping[str, Measurement] = field(default_factory=dict)
    memory_bytes: int = 0  # of this machine; 0: not known

    def offer(self, name: str) -> ModelOffer | None:
        """Return a model by name."""
        return next((offer for offer in self.offers if offer.name == name), None)

    def in_use(self, kind: ModelKind) -> ModelOffer | None:
        """Return the model of a kind that answers now."""
        of_kind = (offer for offer in self.offers if offer.kind is kind)
        return next((offer for offer in of_kind if offer.state is OfferState.IN_USE), None)


def read_shelf(library: Library) -> Shelf:
    """Read everything the sections show (on a lane)."""
    offers = library.offers.all()
    here = [offer.name for offer in offers if offer.info is not None]
    measured = ((name, library.measuring.measurement(name)) for name in here)
    return Shelf(
        offers,
        library.offers.presets(),
        library.switching.current(),
        library.switching.leftovers(),
        {name: each for name, each in measured if each is not None},
        machine.memory_bytes(),
    )
