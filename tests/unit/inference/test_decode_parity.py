"""What the shortcuts on the way to a model input cost: decoding a JPEG small, and embedding
from a thumbnail, against full decoding of a 12-megapixel photo.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import pytest
from PIL import Image

from photosearch.inference.encoders import ImageEncoder, open_image_encoder
from photosearch.inference.preprocess import to_input
from photosearch.media.decode import open_picture
from photosearch.media.photo_thumbs import SHORT_SIDE_PX, make_thumbnail
from photosearch.types import Preprocess, Vectors

PIXELS = 12_000_000
MODELS = ("ViT-B-32", "ViT-B-16-SigLIP")
ThreeWays: TypeAlias = tuple[Any, ...]  # inputs [height, width, 3]: full, draft, thumbnail

pytestmark = pytest.mark.slow


@dataclass(frozen=True, slots=True)
class Ways:
    """Vectors [100, d] of the same photos by three ways."""

    full: Vectors
    draft: Vectors
    thumbnail: Vectors


@pytest.fixture(scope="module")
def encoders(exported: Callable[[str], Path]) -> dict[str, ImageEncoder]:
    return {name: open_image_encoder(exported(name)) for name in MODELS}


@pytest.fixture(scope="module")
def inputs(photos: Path, encoders: dict[str, ImageEncoder]) -> dict[str, list[ThreeWays]]:
    """What each model is given for each photo; the photos are enlarged and decoded once for all."""
    files = sorted((photos / "captioned" / "images").iterdir())
    assert len(files) == 100
    specs = [encoder.spec for encoder in encoders.values()]
    with ThreadPoolExecutor(2) as pool:
        made = list(pool.map(lambda path: three_ways(path, specs), files))
    return dict(zip(encoders, map(list, zip(*made, strict=True)), strict=True))


@pytest.fixture(scope="module", params=MODELS)
def ways(
    request: pytest.FixtureRequest,
    encoders: dict[str, ImageEncoder],
    inputs: dict[str, list[ThreeWays]],
) -> Ways:
    encoder, given = encoders[request.param], inputs[request.param]
    return Ways(*(encoder.encode(np.stack(way)) for way in zip(*given, strict=True)))


def three_ways(path: Path, specs: list[Preprocess]) -> list[ThreeWays]:
    """Return a photo's inputs for each of the models."""
    large = enlarged(path)
    full = open_picture(large)
    assert full.image.size == (full.width, full.height)
    draft = open_picture(large, short_side_px=SHORT_SIDE_PX)
    assert draft.image.width < full.width / 2
    thumbnail = open_picture(make_thumbnail(draft.image))
    images = full.image, draft.image, thumbnail.image
    return [tuple(to_input(image, spec) for image in images) for spec in specs]


def enlarged(path: Path) -> bytes:
    out = BytesIO()
    with Image.open(path) as image:
        scale = (PIXELS / (image.width * image.height)) ** 0.5
        size = round(image.width * scale), round(image.height * scale)
        image.convert("RGB").resize(size, Image.Resampling.BICUBIC).save(out, "JPEG", quality=90)
    return out.getvalue()


def cosines(one: Vectors, other: Vectors) -> Any:
    return (one * other).sum(axis=1)


def test_decoding_small_keeps_the_vector(ways: Ways) -> None:
    found = cosines(ways.full, ways.draft)
    assert found.mean() >= 0.999
    assert found.min() >= 0.995


def test_a_thumbnail_keeps_the_vector(ways: Ways) -> None:
    assert cosines(ways.full, ways.thumbnail).min() >= 0.995


def test_another_photo_has_another_vector(ways: Ways) -> None:
    """Random weights put photos close together, but not as close as the ways above are."""
    others = ways.full @ ways.full.T - np.eye(len(ways.full))
    assert cosines(ways.full, ways.draft).mean() > others.max(axis=1).mean()
