"""The table of models, and which preset is recommended on machines that are made up."""

from __future__ import annotations

import pytest
import tiny_models
from hub_server import Hub

from photosearch.errors import Cancelled, ModelError
from photosearch.inference.catalogue import load
from photosearch.models.offers import recommended
from photosearch.types import CatalogueEntry, ModelOffer, OfferState, Speed

from .conftest import MODEL, World

GIB = 2**30
# Photos a second as two cores do them: the table of the design, scaled by GFLOPs.
TWO_CORES = {"light": 36, "balanced": 28, "better": 9, "best": 1.4}


def offer(world: World, name: str = MODEL) -> ModelOffer:
    return next(each for each in world.library.offers.all() if each.name == name)


def choice(
    memory: float, speeds: dict[str, float] | None = None, photos: int = 0, faster: float = 1
) -> tuple[str, str]:
    """Return the name of the recommended preset and the reason."""
    catalogue = load()
    entries = {entry.name: entry for entry in catalogue.entries}
    per = {
        preset.model: Speed(speeds[preset.name] * faster, True)
        for preset in catalogue.presets
        if speeds and preset.name in speeds
    }
    presets = recommended(catalogue.presets, entries, int(memory * GIB), per, photos)
    assert [each.name for each in presets] == [each.name for each in catalogue.presets]
    (chosen,) = [each for each in presets if each.recommended]
    assert all(not each.reason for each in presets if not each.recommended)
    return chosen.name, chosen.reason


@pytest.mark.parametrize(
    ("memory", "faster", "photos", "expected", "reason"),
    [
        (4, 1, 0, "light", "too little for the next larger one"),
        (16, 1, 0, "better", "would take too long"),
        (16, 20, 0, "best", "has 16 GB of memory and does about 28 photos a second"),
        (6.5, 20, 0, "better", "too little for the next larger one"),
        (16, 1, 500_000, "balanced", "would take too long"),
        (16, 0.01, 0, "light", "The quickest is still slow"),
        (1, 1, 0, "light", "the smallest model fits best"),
    ],
)
def test_the_recommendation(
    memory: float, faster: float, photos: int, expected: str, reason: str
) -> None:
    chosen, why = choice(memory, TWO_CORES, photos, faster)
    assert chosen == expected
    assert reason in why


def test_without_a_measured_speed() -> None:
    assert choice(16) == (
        "balanced",
        "This computer has 16 GB of memory; its speed has not been measured yet.",
    )
    assert choice(4)[0] == "light"


def test_what_is_not_here(world: World) -> None:
    found = offer(world)
    assert found.state is OfferState.AVAILABLE
    assert found.entry is not None
    assert found.download_bytes == found.entry.download_bytes
    assert (found.disk_bytes, found.vectors, found.hours, found.owned) == (0, 0, None, False)
    assert found.accepted
    assert not offer(world, "buffalo_l").accepted


def test_states_of_a_model(hub: Hub, world: World) -> None:
    def stop() -> None:
        if hub.served:
            states.append(offer(world).state)
            raise Cancelled("Stopped.")

    states: list[OfferState] = []
    with pytest.raises(Cancelled):
        world.library.getting.get(MODEL, lambda progress: None, stop)
    assert states == [OfferState.DOWNLOADING]
    paused = offer(world)
    assert paused.state is OfferState.PAUSED
    assert paused.progress is not None
    assert paused.progress.done_bytes == paused.disk_bytes > 0

    world.get()
    assert offer(world).state is OfferState.IN_USE
    assert offer(world).owned
    assert offer(world).disk_bytes >= offer(world).info.bytes_on_disk  # type: ignore[union-attr]
    world.library.settings.set("search.model", "")
    assert offer(world).state is OfferState.INSTALLED
    world.library.settings.set("search.coming", MODEL)
    assert offer(world).state is OfferState.COMING
    (world.folder / MODEL / "config.json").unlink()
    assert offer(world).state is OfferState.PROBLEM
    assert "config.json" in offer(world).problem


def test_models_of_ones_own_come_last(world: World) -> None:
    world.add(tiny_models.write(world.library.paths.data / "elsewhere" / "mine"))
    own = world.library.offers.all()[-1]
    assert (own.name, own.title, own.entry) == ("mine", "mine", None)
    assert own.state is OfferState.IN_USE
    assert own.disk_bytes > 0


def test_hours_come_from_the_speed(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def speed(entry: CatalogueEntry | None, name: str) -> Speed | None:
        if name == "ViT-B-16-SigLIP2__webli":
            raise ModelError("It cannot be measured.")
        return Speed(2.0, False)

    offers = world.library.offers
    monkeypatch.setattr(offers, "speed", speed)
    monkeypatch.setattr(offers._store.photos, "count", lambda: 72_000)
    assert offer(world).speed == Speed(2.0, False)
    assert offer(world).hours == 10
    assert offer(world, "buffalo_l").hours is None
    assert offer(world, "ViT-B-16-SigLIP2__webli").hours is None
    assert any(preset.recommended for preset in offers.presets())
