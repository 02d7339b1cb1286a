"""Tokenizers of converted models give open_clip's ids, whatever files they come from."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tiny_open_clip

from photosearch.errors import ModelError
from photosearch.inference.conversion import libraries, loading
from photosearch.inference.conversion.comparing import SENTENCES, same_ids
from photosearch.inference.conversion.words import write_words
from photosearch.inference.model_folder import read_text_rules
from photosearch.inference.tokenize import Tokenizer

pytestmark = pytest.mark.slow
CANONICAL = {"context_length": 64, "tokenizer_kwargs": {"clean": "canonicalize"}}
Kind = tuple[Callable[[Path], Path], str, dict[str, Any]]
KINDS: tuple[Kind, ...] = (
    (tiny_open_clip.siglip, "timm/ViT-B-16-SigLIP", CANONICAL),
    (tiny_open_clip.siglip2, "timm/ViT-B-32-SigLIP2-256", CANONICAL),
    (tiny_open_clip.xlm_roberta, "xlm-roberta-base", {"context_length": 77}),
    (tiny_open_clip.nllb, "facebook/nllb-200-distilled-600M", {"context_length": 77}),
)
NAMES = [each[0].__name__ for each in KINDS]


@pytest.fixture(autouse=True)
def _needs() -> None:
    pytest.importorskip("transformers", reason="it is the oracle")


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> loading.Loaded:
    return loading.load(tiny_open_clip.write_training(tmp_path_factory.mktemp("tiny")).conversion())


def write(loaded: loading.Loaded, text: dict[str, Any], folder: Path, given: Path) -> Any:
    """Write a tokenizer; return open_clip's and ours."""
    config = {"embed_dim": 24, "text_cfg": text}
    (folder / "textual").mkdir(parents=True)
    words = write_words(replace(loaded, config=config), folder / "textual", str(given))
    (folder / "config.json").write_text(json.dumps(config))
    rules = read_text_rules(folder)
    return words, Tokenizer(folder / "textual" / "tokenizer.json", rules)


@pytest.mark.parametrize("kind", KINDS, ids=NAMES)
@pytest.mark.parametrize("alone", [False, True], ids=["folder", "file"])
def test_ids_are_open_clip_s(kind: Kind, alone: bool, tiny: loading.Loaded, tmp_path: Path) -> None:
    make, name, text = kind
    given = make(tmp_path / "given")
    if alone:  # as from a download of one file: what it leaves out is known for these families
        (given / "tokenizer_config.json").unlink()
        given /= "tokenizer.json"
    words, ours = write(tiny, {"hf_tokenizer_name": name, **text}, tmp_path / "made", given)
    ids = same_ids(ours, words)
    assert ids.shape == (len(SENTENCES), text["context_length"])
    assert len({tuple(row) for row in ids}) == len(SENTENCES)


def test_every_language_gets_the_ids_that_transformers_gives_it(
    tiny: loading.Loaded, tmp_path: Path
) -> None:
    given = tiny_open_clip.nllb(tmp_path / "given")
    text = {"hf_tokenizer_name": "facebook/nllb", "context_length": 20}
    _, ours = write(tiny, text, tmp_path / "made", given)
    transformers: Any = __import__("transformers")
    for language in tiny_open_clip.LANGUAGES:
        theirs = transformers.AutoTokenizer.from_pretrained(str(given), src_lang=language)
        rows = theirs(
            list(SENTENCES), max_length=20, padding="max_length", truncation=True
        ).input_ids
        assert ours([each.strip() for each in SENTENCES], language).ids[2:].tolist() == rows[2:]


def test_pieces_alone_become_a_tokenizer(tiny: loading.Loaded, tmp_path: Path) -> None:
    """As in Google's releases of SigLIP and T5."""
    pieces = pytest.importorskip("sentencepiece", reason="it reads and makes these files")
    (tmp_path / "text").write_text("\n".join(SENTENCES))
    pieces.SentencePieceTrainer.train(
        input=str(tmp_path / "text"),
        model_prefix=str(tmp_path / "spiece"),
        vocab_size=100,
        pad_id=0,
        eos_id=1,
        unk_id=2,
        bos_id=-1,
        minloglevel=2,
    )
    text = {"hf_tokenizer_name": "timm/ViT-B-16-SigLIP", **CANONICAL}
    words, ours = write(tiny, text, tmp_path / "made", tmp_path / "spiece.model")
    oracle = pieces.SentencePieceProcessor(model_file=str(tmp_path / "spiece.model"))
    expected = [*oracle.encode("a photo of a dog on the beach"), 1]
    row = same_ids(ours, words)[0].tolist()
    assert row == expected + [1] * (64 - len(expected))


def test_a_tokenizer_of_another_kind_is_noticed(tiny: loading.Loaded, tmp_path: Path) -> None:
    text = {"hf_tokenizer_name": "x", "context_length": 77}
    words, _ = write(tiny, text, tmp_path / "a", tiny_open_clip.xlm_roberta(tmp_path / "one"))
    _, ours = write(tiny, text, tmp_path / "b", tiny_open_clip.siglip(tmp_path / "other"))
    with pytest.raises(ModelError, match=r"takes “.*” apart in another way than open_clip's"):
        same_ids(ours, words)


def test_clip_s_own_is_not_to_be_given(tiny: loading.Loaded, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="comes with open_clip: leave --tokenizer out"):
        write_words(tiny, tmp_path, str(tiny_open_clip.siglip(tmp_path / "other")))


def test_what_cannot_be_read_as_a_tokenizer(tiny: loading.Loaded, tmp_path: Path) -> None:
    text = {"hf_tokenizer_name": "x", "context_length": 77}
    bad = tmp_path / "bad"
    bad.mkdir()
    (bad / "tokenizer.json").write_text("{")
    with pytest.raises(ModelError, match=r"bad is not a tokenizer that can be used"):
        write(tiny, text, tmp_path / "a", bad)
    bare = tmp_path / "some.model"
    bare.touch()
    with pytest.raises(ModelError, match=r"some\.model alone does not say how it is used"):
        write(tiny, text, tmp_path / "b", bare)
    with pytest.raises(ModelError, match=r"There is no tokenizer at .*nowhere"):
        write(tiny, text, tmp_path / "c", tmp_path / "nowhere")


def test_a_tokenizer_on_the_hub_that_cannot_be_fetched(
    tiny: loading.Loaded, tmp_path: Path
) -> None:
    """The tests are offline; the sentence says what to do."""
    text = {"hf_tokenizer_name": "timm/ViT-B-16-SigLIP", "context_length": 64}
    with pytest.raises(ModelError, match=r"could not be fetched .* with --tokenizer\."):
        write_words(replace(tiny, config={"text_cfg": text}), tmp_path, "")


def test_without_transformers_a_tokenizer_is_copied_and_that_is_said(
    tiny: loading.Loaded, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = __import__("importlib.util").util.find_spec
    monkeypatch.setattr(
        "importlib.util.find_spec", lambda name: None if name == "transformers" else found(name)
    )
    given = tiny_open_clip.siglip(tmp_path / "given")
    text = {"hf_tokenizer_name": "timm/ViT-B-16-SigLIP", **CANONICAL}
    words, ours = write(tiny, text, tmp_path / "made", given)
    assert words.ids is None
    assert "not compared with open_clip's" in words.note
    assert ours(["a dog"]).ids[0, -1] == 1
    (given / "tokenizer.json").unlink()
    with pytest.raises(ModelError, match=r"pip install \"\.\[openclip\]\""):
        write(tiny, text, tmp_path / "again", given)


def test_clip_words_are_padded_as_open_clip_does(tiny: loading.Loaded, tmp_path: Path) -> None:
    (tmp_path / "textual").mkdir()
    words = write_words(tiny, tmp_path / "textual", "")
    (tmp_path / "config.json").write_text(json.dumps(tiny.config))
    ours = Tokenizer(tmp_path / "textual" / "tokenizer.json", read_text_rules(tmp_path))
    theirs = libraries.load().open_clip.tokenizer.SimpleTokenizer()(list(SENTENCES)).numpy()
    assert np.array_equal(ours(SENTENCES).ids, theirs)
    assert np.array_equal(same_ids(ours, words), theirs)
