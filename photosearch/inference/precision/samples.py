"""What precisions are compared on: pictures (the user's own where there are some) and queries."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from photosearch.inference.preprocess import PixelBatch, to_input
from photosearch.types import Pixels, Preprocess

MOST_PICTURES = 64

QUERIES = (
    "a dog on the beach", "a birthday cake with candles", "children playing in the snow",
    "sunset over the sea", "a red car", "people hiking in the mountains", "a cat on a sofa",
    "a wedding", "a plate of food", "a city street at night", "a boat on a lake",
    "a portrait of a woman", "a man with a beard", "flowers in a garden", "a train station",
    "a football match", "a screenshot of text", "an old building", "a baby sleeping",
    "a Christmas tree", "a bird in flight", "a group of friends", "a forest in autumn",
    "a bicycle", "an airplane", "a horse", "a kitchen", "a waterfall", "a bridge", "a concert",
    "someone reading a book", "a swimming pool",
)  # fmt: skip


def inputs(pictures: Sequence[Pixels], spec: Preprocess, count: int) -> PixelBatch:
    """Return `count` model inputs: of the pictures, filled up with made-up ones."""
    from PIL import Image

    given = list(pictures[:count])
    given += [made_up(number) for number in range(count - len(given))]
    batch = np.stack([to_input(Image.fromarray(each), spec) for each in given])
    batch.setflags(write=False)
    return batch


def made_up(number: int, size_px: int = 384) -> Pixels:
    """Return a picture like no photo but with what photos have: areas, edges, light and grain."""
    rng = np.random.default_rng(number)
    down, across = np.mgrid[0:size_px, 0:size_px].astype(np.float32) / size_px
    picture: npt.NDArray[np.float32] = np.zeros((size_px, size_px, 3), np.float32)
    picture += rng.uniform(20, 235, 3).astype(np.float32)
    picture += (down * rng.uniform(-90, 90) + across * rng.uniform(-90, 90))[..., None]
    for _ in range(int(rng.integers(2, 9))):
        colour = rng.uniform(0, 255, 3).astype(np.float32)
        y, x, high, wide = rng.uniform(0.05, 0.95, 4)
        if rng.random() < 0.5:
            inside = (np.abs(down - y) < high / 3) & (np.abs(across - x) < wide / 3)
        else:
            inside = ((down - y) / high) ** 2 + ((across - x) / wide) ** 2 < 0.08
        picture[inside] = colour
    waves = np.sin((down * rng.uniform(5, 60) + across * rng.uniform(5, 60)) * np.pi)
    picture += (waves * rng.uniform(0, 30))[..., None]
    picture += rng.normal(0, rng.uniform(1, 14), picture.shape).astype(np.float32)
    return np.clip(picture, 0, 255).astype(np.uint8)
