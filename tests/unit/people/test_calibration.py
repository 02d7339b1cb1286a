"""What is known of recognisers, what a library tells, and the thresholds made of it."""

from __future__ import annotations

import numpy as np
import pytest

from photosearch.people.calibration import (
    STAND_IN,
    Strangers,
    guessed,
    known,
    measure,
    thresholds,
)
from photosearch.types import FacePackInfo, Ids, ModelKey, Vectors


def pack(name: str, family: str, dimension: int) -> FacePackInfo:
    return FacePackInfo(name, "", ModelKey(name), family, dimension, 0)


def crowd(people: int, photos: int, dimension: int, seed: int = 0) -> tuple[Vectors, Ids]:
    """Return faces of cosine 0.64 within people whose directions are at random."""
    draw = np.random.default_rng(seed)
    real = draw.normal(size=(people, dimension))
    real /= np.linalg.norm(real, axis=1, keepdims=True)
    noise = draw.normal(size=(people * photos, dimension))
    noise /= np.linalg.norm(noise, axis=1, keepdims=True)
    faces = 0.8 * np.repeat(real, photos, axis=0) + 0.6 * noise
    faces /= np.linalg.norm(faces, axis=1, keepdims=True)
    return faces.astype(np.float32), np.arange(people * photos)


@pytest.mark.parametrize(
    ("name", "family", "dimension"),
    [
        ("buffalo_l", "insightface", 512),
        ("buffalo-m", "insightface", 512),
        ("buffalo_s", "insightface", 512),
        ("antelopev2", "insightface", 512),
        ("sface", "opencv", 128),
        ("standin-faces", "insightface", 128),
        ("standin-faces-free", "opencv", 128),
    ],
)
def test_known_packs_have_values_of_their_own(name: str, family: str, dimension: int) -> None:
    assert known(pack(name, family, dimension)).pairs > guessed(dimension).pairs


def test_a_name_alone_is_not_believed() -> None:
    assert known(pack("buffalo_l", "insightface", 256)) == guessed(256)
    assert known(pack("my own", "insightface", 512)) == guessed(512)


@pytest.mark.parametrize("dimension", [64, 128, 512])
def test_a_library_tells_how_alike_strangers_are(dimension: int) -> None:
    vectors, photos = crowd(200, 5, dimension)
    found = measure(vectors, photos, guessed(dimension))
    assert found.mean == pytest.approx(0, abs=0.02)
    assert found.deviation == pytest.approx(1 / np.sqrt(dimension), rel=0.2)


def test_one_person_on_most_photos_does_not_raise_the_strangers() -> None:
    vectors, _ = crowd(60, 1, 128)
    often, _ = crowd(1, 400, 128, seed=1)
    both = np.concatenate([vectors, often])
    found = measure(both, np.arange(len(both)), guessed(128))
    assert found.mean < 0.05
    assert found.deviation < 0.13


def test_a_small_library_is_judged_by_what_is_known() -> None:
    for count in (0, 1, 2, 5):
        vectors, photos = crowd(count, 1, 128)
        found = measure(vectors, photos, STAND_IN)
        assert found.mean == pytest.approx(STAND_IN.mean, abs=0.005)
        assert found.deviation == pytest.approx(STAND_IN.deviation, abs=0.005)


def test_families_on_one_photo_raise_the_strangers() -> None:
    vectors, _ = crowd(600, 1, 128)
    related = vectors.copy()
    related[1::2] = 0.35 * vectors[::2] + np.sqrt(1 - 0.35**2) * vectors[1::2]
    related /= np.linalg.norm(related, axis=1, keepdims=True)
    alone = measure(related, np.arange(600), STAND_IN)
    together = measure(related, np.arange(600) // 2, STAND_IN)
    assert together.mean + together.deviation > alone.mean + alone.deviation + 0.05


def test_thresholds_rise_with_strictness_and_with_the_library() -> None:
    strangers = Strangers(0.03, 0.1, 1000)
    cosines = [thresholds(strangers, 5000, s) for s in np.linspace(0, 1, 11)]
    for name in ("found", "unite", "join", "floor"):
        values = [getattr(one, name) for one in cosines]
        assert values == sorted(values)
        larger = getattr(thresholds(strangers, 100_000, 0.5), name)
        assert larger > getattr(thresholds(strangers, 1000, 0.5), name)
    for one in cosines:
        assert 0 < one.floor <= one.join <= one.unite <= one.found < 1


def test_the_slider_goes_less_far_down_than_up() -> None:
    loose, usual, strict = (thresholds(STAND_IN, 5000, at).unite for at in (0.0, 0.5, 1.0))
    assert usual - loose == pytest.approx(1.0 * STAND_IN.deviation)
    assert strict - usual == pytest.approx(2.0 * STAND_IN.deviation)
