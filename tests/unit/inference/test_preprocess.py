"""Model inputs: sizes, crops, padding and the arithmetic. Parity has its own module."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from photosearch.inference.preprocess import normalise, read_preprocess, to_input
from photosearch.types import Preprocess

_PLAIN = {"mean": (0.0, 0.0, 0.0), "std": (1.0, 1.0, 1.0)}


def spec(height: int, width: int, mode: str = "shortest", fill: int = 0) -> Preprocess:
    return Preprocess(height, width, **_PLAIN, resize_mode=mode, fill=fill)


def stripes(width: int, height: int) -> Image.Image:
    """Black with a white middle third, across the long side."""
    pixels = np.zeros((height, width, 3), np.uint8)
    pixels[:, width // 3 : width - width // 3] = 255
    return Image.fromarray(pixels)


@pytest.mark.parametrize("mode", ["shortest", "squash", "longest"])
@pytest.mark.parametrize("size", [(1, 1), (3, 1000), (1000, 3), (57, 64), (64, 64), (640, 427)])
@pytest.mark.parametrize("target", [(64, 64), (64, 48), (33, 60)])
def test_every_picture_gets_the_model_s_size(
    mode: str, size: tuple[int, int], target: tuple[int, int]
) -> None:
    pixels = to_input(Image.new("RGB", size, (200, 100, 50)), spec(*target, mode))
    assert pixels.shape == (*target, 3)
    assert pixels.dtype == np.uint8
    assert not pixels.flags.writeable
    assert pixels.max(axis=(0, 1)).tolist() == [200, 100, 50]  # padding is darker


def test_shortest_takes_the_middle() -> None:
    pixels = to_input(stripes(300, 100), spec(50, 50))
    assert pixels[:, 3:-3].min() == 255


def test_squash_keeps_everything() -> None:
    pixels = to_input(stripes(300, 100), spec(60, 60, "squash"))
    assert pixels[:, :17].max() == 0
    assert pixels[:, 23:37].min() == 255


def test_longest_pads_with_the_fill() -> None:
    pixels = to_input(stripes(300, 100), spec(60, 60, "longest", fill=7))
    assert (pixels[:20] == 7).all()
    assert (pixels[40:] == 7).all()
    assert pixels[25:35, 25:35].min() == 255


def test_a_strip_does_not_grow_to_gigabytes() -> None:
    pixels = to_input(stripes(60_000, 1), spec(64, 64))  # plainly: 64 x 3,840,000
    assert pixels.min() == 255


def test_missing_keys_have_open_clip_s_defaults(tmp_path: Path) -> None:
    path = tmp_path / "preprocess_cfg.json"
    path.write_text("{}")
    expected = Preprocess(
        224, 224, (0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711)
    )
    assert read_preprocess(path) == expected
    path.write_text(json.dumps({"size": None, "mean": None, "interpolation": "random"}))
    assert read_preprocess(path) == expected


def test_sizes_and_single_numbers(tmp_path: Path) -> None:
    path = tmp_path / "preprocess_cfg.json"
    path.write_text(json.dumps({"size": [64], "mean": 0.5, "std": 0.25, "resize_mode": "squash"}))
    read = read_preprocess(path)
    assert (read.height, read.width, read.mean, read.std) == (64, 64, (0.5,) * 3, (0.25,) * 3)
    path.write_text(json.dumps({"size": [64, 48], "fill_color": 128}))
    read = read_preprocess(path)
    assert (read.height, read.width, read.fill) == (64, 48, 128)


def test_normalise_is_exact_for_every_value() -> None:
    wanted = Preprocess(2, 128, (0.48145466, 0.4578275, 0.40821073), (0.26, 0.27, 0.28))
    values = np.arange(256, dtype=np.uint8).reshape(1, 2, 128, 1)
    batch = np.concatenate([values, 255 - values, values], axis=3)
    batch = np.concatenate([batch, batch[:, ::-1]])
    result = normalise(batch, wanted)
    plain = (batch / 255 - np.array(wanted.mean)) / np.array(wanted.std)
    assert result.dtype == np.float32
    assert result.shape == (2, 3, 2, 128)
    np.testing.assert_allclose(result, plain.transpose(0, 3, 1, 2), atol=2e-6)
