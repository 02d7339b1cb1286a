"""Pictures into model inputs, exactly as open_clip's own transform does it.

Works on upright sRGB pictures; opening files and colour profiles are `media`'s business.
The steps and their rounding follow open_clip 3.3 `image_transform` and torchvision's `Resize`
and `CenterCrop`: a test compares the tensors.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from photosearch.errors import ModelError
from photosearch.outside import read_json
from photosearch.types import Pixels, Preprocess

if TYPE_CHECKING:
    from PIL import Image

PixelBatch = npt.NDArray[np.uint8]  # [n, h, w, 3]

# open_clip's defaults (OpenAI's data set) for keys that preprocess_cfg.json leaves out.
_MEAN = (0.48145466, 0.4578275, 0.40821073)
_STD = (0.26862954, 0.26130258, 0.27577711)
_INTERPOLATIONS = ("bicubic", "bilinear", "lanczos", "nearest")
_MOST_PX = 4096  # no model sees more: its input would fill the memory
_WHITE = 255
_RESIZE_MODES = ("shortest", "squash", "longest")

# The middle of a longer strip is taken before resizing: a picture of 1 x 65,000 pixels would
# otherwise grow to gigabytes on the way. Only what the crop throws away anyway is lost.
_LONGEST_STRIP = 64


def read_preprocess(path: Path) -> Preprocess:
    """Read `preprocess_cfg.json`; ModelError says what in it cannot be used."""
    try:
        given = read_json(path)
    except (OSError, ValueError) as error:
        raise ModelError(f"{path} cannot be read: {error}.") from error
    if not isinstance(given, dict):
        raise ModelError(f"{path} does not hold preprocessing settings.")
    try:
        return _preprocess({key: value for key, value in given.items() if value is not None})
    except (TypeError, ValueError, OverflowError) as error:
        raise ModelError(f"{path} cannot be used: {error}.") from error


def _preprocess(given: Mapping[str, Any]) -> Preprocess:
    size = given.get("size", 224)
    sizes = [int(each) for each in size] if isinstance(size, list) else [int(size)]
    if len(sizes) not in (1, 2) or min(sizes) < 1 or max(sizes) > _MOST_PX:
        raise ValueError(f"size is {size!r}")
    interpolation = str(given.get("interpolation", "bicubic"))
    if interpolation == "random":  # a training option; open_clip infers with bicubic then
        interpolation = "bicubic"
    mode = str(given.get("resize_mode", "shortest"))
    if interpolation not in _INTERPOLATIONS:
        raise ValueError(f"interpolation {interpolation!r} is not known")
    if mode not in _RESIZE_MODES:
        raise ValueError(f"resize_mode {mode!r} is not known")
    std = _three(given.get("std", _STD))
    if min(std) <= 0:
        raise ValueError("std is not positive")
    fill = int(given.get("fill_color", 0))
    if not 0 <= fill <= _WHITE:
        raise ValueError(f"fill_color is {fill}")
    return Preprocess(
        sizes[0], sizes[-1], _three(given.get("mean", _MEAN)), std, interpolation, mode, fill
    )


def _three(value: Any) -> tuple[float, float, float]:
    if isinstance(value, int | float):
        return (float(value),) * 3
    red, green, blue = value
    return float(red), float(green), float(blue)


def to_input(image: Image.Image, spec: Preprocess) -> Pixels:
    """Return the 8-bit model input [h, w, 3] of an upright RGB picture."""
    if image.mode != "RGB":
        image = image.convert("RGB")
    if spec.resize_mode == "squash":
        resized = _resize(image, spec.width, spec.height, spec.interpolation)
    elif spec.resize_mode == "longest":
        resized = _keep_ratio(image, spec, max, spec.interpolation)
    elif spec.height == spec.width:
        resized = _shortest(_middle(image), spec)
    else:  # open_clip ignores the interpolation here
        resized = _keep_ratio(_middle(image), spec, min, "bicubic")
    fill = spec.fill if spec.resize_mode == "longest" else 0
    pixels = np.array(_fit(resized, spec.height, spec.width, fill), np.uint8)
    pixels.setflags(write=False)
    return pixels


def _shortest(image: Image.Image, spec: Preprocess) -> Image.Image:
    width, height = image.size
    if width <= height:
        size = spec.width, int(spec.width * height / width)
    else:
        size = int(spec.height * width / height), spec.height
    return _resize(image, *size, spec.interpolation)


def _keep_ratio(image: Image.Image, spec: Preprocess, side: Any, filtered: str) -> Image.Image:
    width, height = image.size
    ratio = side(height / spec.height, width / spec.width)
    return _resize(image, max(1, round(width / ratio)), max(1, round(height / ratio)), filtered)


def _resize(image: Image.Image, width: int, height: int, interpolation: str) -> Image.Image:
    from PIL import Image as Pillow

    return image.resize((width, height), Pillow.Resampling[interpolation.upper()])


def _middle(image: Image.Image) -> Image.Image:
    width, height = image.size
    long, short = max(width, height), min(width, height)
    if long <= short * _LONGEST_STRIP:
        return image
    start = (long - short * _LONGEST_STRIP) // 2
    end = start + short * _LONGEST_STRIP
    return image.crop((start, 0, end, height) if width > height else (0, start, width, end))


def _fit(image: Image.Image, height: int, width: int, fill: int) -> Image.Image:
    """Crop to the middle, or pad where the picture is smaller; odd rests go right and below."""
    from PIL import Image as Pillow

    if image.width < width or image.height < height:
        canvas = max(width, image.width), max(height, image.height)
        padded = Pillow.new("RGB", canvas, (fill, fill, fill))
        padded.paste(image, ((canvas[0] - image.width) // 2, (canvas[1] - image.height) // 2))
        image = padded
    left = round((image.width - width) / 2.0)  # to even, as torchvision does
    top = round((image.height - height) / 2.0)
    return image.crop((left, top, left + width, top + height))


def normalise(batch: PixelBatch, spec: Preprocess) -> npt.NDArray[np.float32]:
    """Return [n, 3, h, w] float32 of 8-bit model inputs [n, h, w, 3]."""
    count, height, width, _ = batch.shape
    result = np.empty((count, 3, height, width), np.float32)
    for channel, (mean, std) in enumerate(zip(spec.mean, spec.std, strict=True)):
        plane = result[:, channel]
        # (x / 255 - mean) / std as one multiplication and one addition.
        np.multiply(batch[..., channel], np.float32(1 / (255 * std)), out=plane)
        plane -= np.float32(mean / std)
    return result
