"""Texts into token ids."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from tiny_models import write_tokenizer

from photosearch.errors import ModelError
from photosearch.inference.tokenize import (
    TextRules,
    Tokenizer,
    canonicalize,
    lower,
    whitespace,
)


@pytest.fixture
def words(tmp_path: Path) -> Path:
    path = tmp_path / "tokenizer.json"
    write_tokenizer(path)
    return path


def test_texts_are_padded_and_masked(words: Path) -> None:
    tokens = Tokenizer(words, TextRules(5, pad_id=1, pad_token="<pad>"))(["a dog", ""])
    assert tokens.ids.tolist() == [[3, 4, 2, 1, 1], [2, 1, 1, 1, 1]]
    assert tokens.mask.tolist() == [[1, 1, 1, 0, 0], [1, 0, 0, 0, 0]]
    assert tokens.ids.dtype == np.int64


def test_padding_may_stand_on_the_left(words: Path) -> None:
    tokens = Tokenizer(words, TextRules(4, pad_id=1, pad_left=True))(["dog"])
    assert tokens.ids.tolist() == [[1, 1, 4, 2]]


def test_a_long_text_is_cut_and_keeps_its_end(words: Path) -> None:
    tokens = Tokenizer(words, TextRules(4))(["a dog on a beach"])
    assert tokens.ids.tolist() == [[3, 4, 5, 2]]


def test_a_token_may_be_blanked(words: Path) -> None:
    tokens = Tokenizer(words, TextRules(4, pad_id=1, blank_id=2))(["a dog"])
    assert tokens.ids.tolist() == [[3, 4, 0, 1]]


def test_cleaning_is_the_model_s(words: Path) -> None:
    text = "  It's a_DOG,\n on a  beach! "
    assert canonicalize(text) == "its a dog on a beach"
    assert lower(text) == "it's a_dog, on a beach!"
    assert whitespace(text) == "It's a_DOG, on a beach!"
    tokens = Tokenizer(words, TextRules(8, clean="canonicalize"))(["It's a DOG!"])
    assert tokens.ids[0, :4].tolist() == [7, 3, 4, 2]


@pytest.mark.parametrize(
    ("typed", "mended"),
    [
        ("it’s “red”", 'it\'s "red"'),
        ("cats &amp; dogs", "cats & dogs"),
        ("ｄｏｇ　ｏｎ", "dog on"),
        ("ﬁsh", "fish"),
        ("cafe\u0301", "café"),
        ("a\x00b\ud800c", "abc"),
        ("犬 собака", "犬 собака"),
    ],
)
def test_what_people_type_is_mended(typed: str, mended: str) -> None:
    assert whitespace(typed) == mended


def test_any_text_is_accepted(words: Path) -> None:
    odd = ["\ud800", "\x00", "\u202e", "🐕" * 1000, "a" * 100_000, "\n\t"]
    assert Tokenizer(words, TextRules(6))(odd).ids.shape == (6, 6)


def test_a_file_that_is_no_tokenizer_is_named(tmp_path: Path) -> None:
    path = tmp_path / "tokenizer.json"
    path.write_bytes(b"{}")
    with pytest.raises(ModelError, match=r"tokenizer\.json is not a tokenizer"):
        Tokenizer(path, TextRules(6))
    with pytest.raises(ModelError, match="cannot be read"):
        Tokenizer(tmp_path / "none.json", TextRules(6))
