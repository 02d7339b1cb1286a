"""Whether a converted model is the model it was made from.

Pictures and sentences go through the program's own code on one side and through open_clip on
the other.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from photosearch.errors import ModelError
from photosearch.inference.conversion import libraries
from photosearch.inference.conversion.loading import Loaded
from photosearch.inference.conversion.words import Words
from photosearch.inference.encoders import open_image_encoder, open_text_encoder
from photosearch.inference.preprocess import normalise, to_input
from photosearch.inference.tokenize import Tokenizer, Tokens

if TYPE_CHECKING:
    from PIL import Image

LEAST = 0.9999  # cosine of a vector to open_clip's
_INPUTS_AT_MOST = 0.02  # difference of prepared pictures: rounding makes 0.001 at most
_SIZES = ((320, 240), (231, 347), (64, 48), (600, 80))
SENTENCES = (
    "a photo of a dog on the beach",
    "It’s a DOG & a cat, isn't it? (2023)",
    "Zwei Kinder spielen im Garten, Größe 12",
    "un café près de la rivière à l'été",
    "犬が公園で走っている",
    "一只猫坐在窗台上",
    "собака бежит по снегу",
    "كلب يلعب على الشاطئ",
    "🐕 naïve_test ~ #tag @home 3.14",
    "x",
    "a very long description of a picture with many things in it " * 12,
)
_LANGUAGES = ("eng_Latn", "deu_Latn", "jpn_Jpan")
_TOGETHER = 3  # not what was traced: any number must do


def compare(loaded: Loaded, folder: Path, words: Words) -> None:
    """Compare a converted model with the original; `ModelError` says in what they differ."""
    _compare_pictures(loaded, folder)
    _compare_words(loaded, folder, words)


def _compare_pictures(loaded: Loaded, folder: Path) -> None:
    torch, open_clip = libraries.load().torch, libraries.load().open_clip
    settings = open_clip.transform.PreprocessCfg(**loaded.preprocess)
    transform = open_clip.transform.image_transform_v2(settings, is_train=False)
    pictures = list(_pictures())
    tensors = torch.stack([transform(each) for each in pictures])
    encoder = open_image_encoder(folder)
    inputs = np.stack([to_input(each, encoder.spec) for each in pictures])
    if not np.abs(normalise(inputs, encoder.spec) - tensors.numpy()).max() < _INPUTS_AT_MOST:
        raise ModelError(f"Pictures are prepared in another way than {loaded.name} expects.")
    with torch.no_grad():
        theirs = loaded.model.encode_image(tensors).numpy()
    ours = np.concatenate([encoder.encode(part) for part in _parts(inputs)])
    _agree(loaded.name, "pictures", ours, theirs)


def _compare_words(loaded: Loaded, folder: Path, words: Words) -> None:
    torch = libraries.load().torch
    encoder = open_text_encoder(folder)
    tokenizer = encoder.tokenizer
    assert isinstance(tokenizer, Tokenizer)
    if words.speak is not None and not tokenizer.languages:
        raise ModelError("The tokenizer lacks the tokens of languages that the model must be told.")
    ids = tokenizer(SENTENCES).ids
    if words.ids is not None:
        ids = same_ids(tokenizer, words)
    with torch.no_grad():
        theirs = loaded.model.encode_text(torch.from_numpy(ids)).numpy()
    ours = [encoder.encode_tokens(Tokens(part, np.ones_like(part))) for part in _parts(ids)]
    _agree(loaded.name, "texts", np.concatenate(ours), theirs)


def same_ids(tokenizer: Tokenizer, words: Words) -> Any:
    """Return open_clip's ids of the sentences, after comparing them with ours."""
    assert words.ids is not None
    spoken = [""]
    if words.speak is not None:
        spoken = [each for each in _LANGUAGES if each in tokenizer.languages] or spoken
    for language in reversed(spoken):  # ends with the first, as it was before
        if language and words.speak is not None:
            words.speak(language)
        theirs = words.ids(SENTENCES)
        ours = tokenizer(SENTENCES, language).ids
        for text, one, other in zip(SENTENCES, ours, theirs, strict=True):
            if one.shape != other.shape or (one != other).any():
                raise ModelError(
                    f"The tokenizer takes “{text[:40]}” apart in another way than open_clip's "
                    f"does{f' for the language {language}' if language else ''}."
                )
    return theirs


def _agree(name: str, what: str, ours: Any, theirs: Any) -> None:
    lengths = np.linalg.norm(theirs, axis=1, keepdims=True)
    cosine = float((ours * (theirs / np.maximum(lengths, 1e-12))).sum(axis=1).min())
    if not cosine >= LEAST:  # also when it is no number
        raise ModelError(
            f"The converted model gives other vectors for {what} than {name} in open_clip: their "
            f"cosine is {cosine:.5f} and not {LEAST}. It is not used."
        )


def _parts(rows: Any) -> Iterator[Any]:
    for start in range(0, len(rows), _TOGETHER):
        yield rows[start : start + _TOGETHER]


def _pictures() -> Iterator[Image.Image]:
    """Yield pictures with smooth parts, edges and noise, of several shapes."""
    pillow: Any = importlib.import_module("PIL.Image")
    random = np.random.default_rng(17)
    for width, height in _SIZES:
        across, down = np.meshgrid(np.linspace(0, 1, width), np.linspace(0, 1, height))
        picture = np.stack([across, down, (across + down) % 0.2 * 5], axis=-1) * 255
        picture[height // 4 : height // 2, width // 4 : width // 2] = random.integers(0, 256, 3)
        noise = random.integers(-20, 21, picture.shape)
        yield pillow.fromarray(np.clip(picture + noise, 0, 255).astype(np.uint8))
