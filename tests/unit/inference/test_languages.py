"""Models that must be told the language of a text are told the one that is asked for."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tokenizers import AddedToken
from tokenizers import Tokenizer as Loaded

from photosearch.inference.languages import flores
from photosearch.inference.tokenize import TextRules, Tokenizer

KNOWN = ("eng_Latn", "deu_Latn", "jpn_Jpan", "zho_Hans", "zho_Hant", "ceb_Latn", "srp_Cyrl")
LENGTH = 6


def tokenizer(folder: Path, template: list[str]) -> Tokenizer:
    """Write and load a tokenizer with language tokens and a template of token names and "A"."""
    vocabulary = {"<unk>": 0, "<pad>": 1, "</s>": 2, "dog": 3, "beach": 4}
    content: dict[str, Any] = {
        "version": "1.0",
        "added_tokens": [],
        "pre_tokenizer": {"type": "WhitespaceSplit"},
        "model": {"type": "WordLevel", "vocab": vocabulary, "unk_token": "<unk>"},
    }
    loaded = Loaded.from_str(json.dumps(content))
    loaded.add_special_tokens([AddedToken(each) for each in KNOWN])
    content = json.loads(loaded.to_str())
    if template:
        names = [each for each in template if each != "A"]
        content["post_processor"] = {
            "type": "TemplateProcessing",
            "single": [
                {"Sequence": {"id": "A", "type_id": 0}}
                if each == "A"
                else {"SpecialToken": {"id": each, "type_id": 0}}
                for each in template
            ],
            "pair": [
                {"Sequence": {"id": "A", "type_id": 0}},
                {"Sequence": {"id": "B", "type_id": 0}},
            ],
            "special_tokens": {
                each: {"id": each, "ids": [loaded.token_to_id(each)], "tokens": [each]}
                for each in names
            },
        }
    path = folder / "tokenizer.json"
    path.write_text(json.dumps(content))
    return Tokenizer(path, TextRules(LENGTH, pad_id=1, pad_token="<pad>"))


def code(language: str) -> int:
    return 5 + KNOWN.index(language)


@pytest.mark.parametrize(
    ("language", "token"),
    [
        ("en", "eng_Latn"),
        ("de", "deu_Latn"),
        ("ja", "jpn_Jpan"),
        ("zh", "zho_Hans"),
        ("zh_Hant", "zho_Hant"),
        ("ceb", "ceb_Latn"),
        ("jpn_Jpan", "jpn_Jpan"),
        ("sr_Latn", "srp_Cyrl"),  # in a script that the model does not know
        ("xx", ""),
        ("fi", ""),  # a language, but not of this model
    ],
)
def test_codes_of_the_setting_become_those_of_the_model(language: str, token: str) -> None:
    assert flores(language, KNOWN) == token


@pytest.mark.parametrize(
    ("template", "row"),
    [
        (["eng_Latn", "A", "</s>"], ["L", 3, 4, 2, 1, 1]),  # transformers since 2023
        (["A", "</s>", "eng_Latn"], [3, 4, 2, "L", 1, 1]),  # before
        (["A", "</s>"], ["L", 3, 4, 2, 1, 1]),  # left to whoever uses it
        ([], ["L", 3, 4, 1, 1, 1]),
    ],
)
@pytest.mark.parametrize("language", ["en", "de", "zh_Hant"])
def test_the_language_stands_where_the_template_wants_it(
    template: list[str], row: list[Any], language: str, tmp_path: Path
) -> None:
    made = tokenizer(tmp_path, template)
    token = code(flores(language, KNOWN))
    tokens = made(["dog beach"], language)
    assert tokens.ids.tolist() == [[token if each == "L" else each for each in row]]
    assert tokens.mask.tolist() == [[int(each != 1) for each in row]]
    assert set(made.languages) == set(KNOWN)


@pytest.mark.parametrize("template", [["eng_Latn", "A", "</s>"], ["A", "</s>", "eng_Latn"], ["A"]])
def test_long_texts_and_texts_with_such_a_token_in_them(
    template: list[str], tmp_path: Path
) -> None:
    made = tokenizer(tmp_path, template)
    rows = made(["dog " * 20, "eng_Latn dog", ""], "ja").ids
    assert rows.shape == (3, LENGTH)
    place = -1 if template[-1] == "eng_Latn" else 0
    assert rows[0, place] == code("jpn_Jpan")
    assert sorted(each for each in rows[1] if each >= 5) == [code("eng_Latn"), code("jpn_Jpan")]
    assert [each for each in rows[2] if each >= 5] == [code("jpn_Jpan")]


def test_an_unknown_language_is_taken_for_the_one_of_the_template(tmp_path: Path) -> None:
    made = tokenizer(tmp_path, ["deu_Latn", "A", "</s>"])
    assert made(["dog"], "xx").ids[0, 0] == made(["dog"]).ids[0, 0] == code("deu_Latn")
    assert (made.speaks("de"), made.speaks("xx"), made.speaks("")) == (True, False, True)


def test_a_tokenizer_without_languages_does_not_care(tmp_path: Path) -> None:
    from tiny_models import write_tokenizer

    write_tokenizer(tmp_path / "tokenizer.json")
    made = Tokenizer(tmp_path / "tokenizer.json", TextRules(4))
    assert made.languages == ()
    assert made.speaks("xx")
    assert (made(["a dog"], "de").ids == made(["a dog"]).ids).all()
