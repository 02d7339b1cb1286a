"""open_clip is the oracle: our preprocessing, tokenising and encoders agree with it.

On random weights even nearest-neighbour resizing passes a cosine of 0.99, so the tensors are
compared as well.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from openclip_export import build, load_open_clip
from PIL import Image

from photosearch.inference.encoders import open_image_encoder, open_text_encoder
from photosearch.inference.model_folder import inspect
from photosearch.inference.preprocess import normalise, to_input
from photosearch.inference.tokenize import TextRules, Tokenizer, Tokens
from photosearch.types import Preprocess, Vectors

PHOTOS = 20
ENCODED = 10  # of these: PyTorch takes a quarter of a second for each

pytestmark = pytest.mark.slow


@dataclass(frozen=True, slots=True)
class Pair:
    """A model as open_clip has it and as it was exported."""

    torch_model: Any
    folder: Path


@pytest.fixture(scope="module", params=["ViT-B-32", "ViT-B-16-SigLIP"])
def pair(request: pytest.FixtureRequest, exported: Callable[[str], Path]) -> Iterator[Pair]:
    yield Pair(build(request.param), exported(request.param))


@pytest.fixture(scope="module")
def clip(exported: Callable[[str], Path]) -> Path:
    return exported("ViT-B-32")


@pytest.fixture(scope="module")
def pictures(photos: Path) -> list[Image.Image]:
    files = sorted((photos / "captioned" / "images").iterdir())[:PHOTOS]
    return [Image.open(path).convert("RGB") for path in files]


def cosines(ours: Vectors, theirs: Any) -> Any:
    theirs = theirs / np.linalg.norm(theirs, axis=1, keepdims=True)
    return (ours * theirs).sum(axis=1)


def transformed(cfg: dict[str, Any], pictures: list[Image.Image]) -> Any:
    open_clip = load_open_clip()
    import torch

    transform = open_clip.transform.image_transform_v2(
        open_clip.transform.PreprocessCfg(**cfg), is_train=False
    )
    return torch.stack([transform(picture) for picture in pictures])


def test_images_agree(pair: Pair, pictures: list[Image.Image]) -> None:
    import torch

    encoder = open_image_encoder(pair.folder)
    inputs = np.stack([to_input(picture, encoder.spec) for picture in pictures])
    tensors = transformed(pair.torch_model.visual.preprocess_cfg, pictures)
    assert np.abs(normalise(inputs, encoder.spec) - tensors.numpy()).max() < 1e-3
    with torch.no_grad():
        theirs = pair.torch_model.encode_image(tensors[:ENCODED]).numpy()
    ours = encoder.encode(inputs[:ENCODED])
    assert cosines(ours, theirs).min() >= 0.9999
    # Random weights put all pictures close together: what tells them apart must agree, too.
    unit = theirs / np.linalg.norm(theirs, axis=1, keepdims=True)
    spread = np.abs(unit - unit.mean(axis=0)).mean()
    assert np.abs(ours - unit).mean() < spread / 100


def test_texts_agree_on_given_ids(pair: Pair) -> None:
    import torch

    model = inspect(pair.folder)
    encoder = open_text_encoder(pair.folder)
    vocabulary = 32_000 if "SigLIP" in model.name else 49_408
    random = np.random.default_rng(1)
    ids = random.integers(3, vocabulary - 2, (8, model.context_length))
    ids[:, -1] = vocabulary - 1  # where CLIP looks for the end
    with torch.no_grad():
        theirs = pair.torch_model.encode_text(torch.from_numpy(ids)).numpy()
    ours = encoder.encode_tokens(Tokens(ids, np.ones_like(ids)))
    assert ours.shape == (8, model.dimension)
    assert cosines(ours, theirs).min() >= 0.9999


def test_texts_agree_from_words(clip: Path, photos: Path) -> None:
    import torch

    items = json.loads((photos / "captioned" / "captions.json").read_text())
    texts = [item["captions"][0] for item in items[:16]] + ["it’s a DOG &amp; cat", "", "x " * 99]
    tokens = load_open_clip().get_tokenizer("ViT-B-32")(texts)
    with torch.no_grad():
        theirs = build("ViT-B-32").encode_text(tokens).numpy()
    assert cosines(open_text_encoder(clip).encode(texts), theirs).min() >= 0.9999


def test_token_ids_are_open_clip_s(clip: Path, photos: Path) -> None:
    items = json.loads((photos / "captioned" / "captions.json").read_text())
    texts = [text for item in items for text in item["captions"]]
    texts += ["", "  ", "it’s “so” good", "cats &amp; dogs", "naïve CAFÉ", "1234 a_b!?", "犬", "🐕"]
    texts += ["ｆｕｌｌ　ｗｉｄｔｈ", "ﬁsh", "a\x00b", "word " * 200, "x" * 500, "don't can't I'll"]
    theirs = load_open_clip().get_tokenizer("ViT-B-32")(texts).numpy()
    rules = TextRules(77, pad_id=0, clean="lower")
    ours = Tokenizer(clip / "textual" / "tokenizer.json", rules)(texts).ids
    different = [
        text for text, one, other in zip(texts, ours, theirs, strict=True) if (one != other).any()
    ]
    assert different == []


SIZES = [(640, 480), (333, 500), (224, 224), (225, 224), (100, 67), (1001, 223), (31, 800)]


@pytest.mark.parametrize("mode", ["shortest", "squash", "longest"])
@pytest.mark.parametrize("interpolation", ["bicubic", "bilinear"])
@pytest.mark.parametrize("size", [224, (224, 224), (256, 192), (97, 131)])
def test_every_way_of_preprocessing_agrees(
    mode: str, interpolation: str, size: int | tuple[int, int]
) -> None:
    height, width = (size, size) if isinstance(size, int) else size
    cfg = {"size": size, "resize_mode": mode, "interpolation": interpolation, "fill_color": 114}
    random = np.random.default_rng(0)
    noise = [
        Image.fromarray(random.integers(0, 256, (h, w, 3), np.uint8)).convert("RGB")
        for w, h in SIZES
    ]
    theirs = transformed(cfg, noise).numpy()
    defaults = ((0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711))
    spec = Preprocess(height, width, *defaults, interpolation, mode, 114)
    ours = normalise(np.stack([to_input(picture, spec) for picture in noise]), spec)
    assert np.abs(ours - theirs).max() < 1e-3
