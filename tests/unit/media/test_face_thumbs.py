"""Small pictures of faces: squares around them, kept by photo and place."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from photosearch.media.face_thumbs import cut_from_thumbnail, face_key, make_face_thumbnail
from photosearch.media.thumbs import ThumbStore
from photosearch.types import Box


def opened(jpeg: bytes) -> Image.Image:
    return Image.open(BytesIO(jpeg))


def scene() -> np.ndarray:
    """A black picture with a white face of 100 x 120 at (300, 200)."""
    picture = np.zeros((600, 800, 3), np.uint8)
    picture[200:320, 300:400] = 255
    return picture


FACE = Box(300 / 800, 200 / 600, 100 / 800, 120 / 600)


def test_a_square_with_a_margin() -> None:
    image = opened(make_face_thumbnail(scene().repeat(2, 0).repeat(2, 1), FACE))
    assert image.size == (256, 256)
    white = np.asarray(image.convert("L")) > 128
    left, right = np.flatnonzero(white.any(axis=0))[[0, -1]]
    top, below = np.flatnonzero(white.any(axis=1))[[0, -1]]
    assert right - left == pytest.approx(100 / 168 * 256, abs=5), "168 = 1.4 x 120"
    assert below - top == pytest.approx(120 / 168 * 256, abs=5)
    assert left + right == pytest.approx(255, abs=5), "in the middle"


@pytest.mark.parametrize(
    "box",
    [
        Box(0, 0, 0.05, 0.05),
        Box(0.95, 0.95, 0.05, 0.05),
        Box(0, 0, 1, 1),
        Box(0.5, 0.5, 0, 0),
        Box(0.999, 0.2, 0.001, 0.8),
    ],
)
def test_boxes_at_the_edge_are_squares_too(box: Box) -> None:
    width, height = opened(make_face_thumbnail(scene(), box)).size
    assert width == height
    assert 1 <= width <= 256


def test_small_faces_are_not_enlarged() -> None:
    assert opened(make_face_thumbnail(scene(), Box(0.5, 0.5, 20 / 800, 20 / 600))).size == (28, 28)


def test_cut_from_a_thumbnail() -> None:
    out = BytesIO()
    Image.fromarray(scene()).save(out, "JPEG")
    made = cut_from_thumbnail(out.getvalue(), FACE)
    assert made is not None
    assert opened(made).size == (168, 168)
    assert cut_from_thumbnail(b"damaged", FACE) is None


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ThumbStore]:
    made = ThumbStore(tmp_path / "faces.db")
    yield made
    made.close()


def test_all_faces_of_a_photo_go_at_once(store: ThumbStore) -> None:
    one, other = b"\xff" * 20, b"\xfe" * 20
    keys = [face_key(photo, box) for photo in (one, other) for box in (FACE, Box(0, 0, 1, 1))]
    assert len(set(keys)) == 4
    store.put_many((key, b"face") for key in keys)
    store.delete_beginning([one])
    assert store.has_many(keys) == set(keys[2:])
