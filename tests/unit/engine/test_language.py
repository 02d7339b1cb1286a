"""The language of queries reaches the model at once, and vectors of two do not mix."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import tiny_models
from tokenizers import Tokenizer

from photosearch.engine import loaded
from photosearch.engine.inline import InlineEngine
from photosearch.engine.protocol import ModelChoice
from photosearch.types import ModelKey

KEY = ModelKey("key")


@pytest.fixture
def choice(tmp_path: Path) -> ModelChoice:
    """A model that must be told the language."""
    folder = tiny_models.write(tmp_path / "model")
    path = folder / "textual" / "tokenizer.json"
    tokenizer = Tokenizer.from_file(str(path))
    tokenizer.add_special_tokens(["eng_Latn", "deu_Latn"])
    tokenizer.save(str(path))
    places = tmp_path / "library.db", tmp_path / "index"
    return ModelChoice(folder, KEY, 4, *places, "cpu", 1, language="en")


def test_another_language_gives_another_vector_without_loading_anew(
    choice: ModelChoice, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[Path] = []
    real = loaded.open_text_encoder

    def counted(folder: Path, *rest: object) -> object:
        opened.append(folder)
        return real(folder, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(loaded, "open_text_encoder", counted)
    engine = InlineEngine()
    engine.use(choice)
    english = engine.encode_text(KEY, "a dog")
    engine.use(replace(choice, language="de"))
    german = engine.encode_text(KEY, "a dog")
    assert not np.allclose(english, german)
    engine.use(choice)
    assert np.array_equal(engine.encode_text(KEY, "a dog"), english)
    assert len(opened) == 1
    engine.close()


def test_a_language_that_the_model_does_not_know_is_a_notice(choice: ModelChoice) -> None:
    engine = InlineEngine()
    engine.use(replace(choice, language="ja"))
    engine.encode_text(KEY, "a dog")
    assert [each for each in engine.state().notices if "does not know the language “ja”" in each]
    engine.use(choice)
    assert engine.state().notices == ()
    engine.close()
