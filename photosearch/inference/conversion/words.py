"""The tokenizer of a converted model: written beside its text tower, and open_clip's to compare.

CLIP's own comes with open_clip.  The others are files on the hub, or given by the user; what
`transformers` makes of them is written as one `tokenizer.json`, whatever they were before.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import shutil
import tempfile
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from photosearch.errors import ModelError
from photosearch.inference.conversion import libraries
from photosearch.inference.conversion.clip_words import SPECIAL, clip_tokenizer
from photosearch.inference.conversion.loading import Loaded

FILES = (
    "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json",
    "vocab.txt", "vocab.json", "merges.txt",
)  # fmt: skip
_NAMED = ("bos", "eos", "unk", "sep", "pad", "cls", "mask")
# What a single file leaves out, by the name that open_clip gives its tokenizer: as open_clip
# makes SigLIP's from the bare files of Google's releases, and `transformers` the others.
_GEMMA = {
    "tokenizer_class": "GemmaTokenizer", "add_bos_token": False, "add_eos_token": True,
    "padding_side": "right", "pad_token": "<pad>", "eos_token": "<eos>",
}  # fmt: skip
_T5 = {"tokenizer_class": "T5Tokenizer", "extra_ids": 0, "pad_token": "</s>", "eos_token": "</s>"}
_FAMILIES: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("siglip2", "tokenizer.model", _GEMMA),
    ("siglip", "spiece.model", _T5),
    ("mt5", "spiece.model", {**_T5, "pad_token": "<pad>"}),
    ("nllb", "", {"tokenizer_class": "NllbTokenizer"}),  # its pieces lack the languages
    ("xlm-roberta", "sentencepiece.bpe.model", {"tokenizer_class": "XLMRobertaTokenizer"}),
    ("xlm-v", "sentencepiece.bpe.model", {"tokenizer_class": "XLMRobertaTokenizer"}),
)
# What reading foreign tokenizer files has been seen to raise.
_TROUBLE = (ValueError, TypeError, KeyError, AttributeError, ImportError, RuntimeError, OSError)

Ids = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Words:
    """open_clip's tokenizer of a model; `ids` is None where it cannot be made."""

    ids: Callable[[Sequence[str]], Ids] | None
    speak: Callable[[str], None] | None = None  # set the language, by its FLORES-200 code
    note: str = ""


def write_words(loaded: Loaded, folder: Path, given: str) -> Words:
    """Write a model's tokenizer to `folder`; `given` is the user's, where open_clip names one."""
    text = loaded.config["text_cfg"]
    source = str(text.get("hf_tokenizer_name") or "")
    if source:
        return _write_foreign(text, folder, _source(source, given))
    if given:
        raise ModelError(
            f"{loaded.name} has CLIP's own tokenizer, which comes with open_clip: "
            "leave --tokenizer out."
        )
    _write(folder / "tokenizer.json", clip_tokenizer())
    _write_special(folder, {**SPECIAL, "model_max_length": loaded.context_length})
    simple = importlib.import_module("open_clip.tokenizer").SimpleTokenizer
    options = text.get("tokenizer_kwargs") or {}
    own = simple(context_length=loaded.context_length, **options)
    return Words(lambda texts: np.asarray(own(list(texts)), np.int64))


def _source(name: str, given: str) -> Path | str:
    """Return a folder with the tokenizer's files, fetched from the hub when none is given."""
    if given:
        path = Path(given)
        if not path.exists():
            raise ModelError(f"There is no tokenizer at {path}.")
        return path
    if Path(name).is_dir():  # one's own configuration may name a folder
        return Path(name)
    hub: Any = importlib.import_module("huggingface_hub")
    try:
        return Path(hub.snapshot_download(name, allow_patterns=[*FILES, "*.model"]))
    except (OSError, ValueError, RuntimeError) as error:  # the last is its HTTP client's
        raise ModelError(
            f"The tokenizer {name} could not be fetched from the Hugging Face hub "
            f"({_line(error)}). Check the connection, or give its folder with --tokenizer."
        ) from error


def _write_foreign(text: dict[str, Any], folder: Path, source: Path | str) -> Words:
    with tempfile.TemporaryDirectory(prefix="photosearch-") as made:
        files = Path(source)
        if files.is_file():
            files = _as_folder(files, Path(made), str(text["hf_tokenizer_name"]))
        if importlib.util.find_spec("transformers") is None:
            return _copied(files, folder)
        try:
            return _rewritten(text, files, folder)
        except _TROUBLE as error:
            raise ModelError(
                f"{source} is not a tokenizer that can be used: {_line(error)}."
            ) from error


def _as_folder(file: Path, folder: Path, name: str) -> Path:
    """Return a folder that holds the tokenizer which a single file is."""
    family = next((each for each in _FAMILIES if each[0] in name.lower()), None)
    if file.suffix == ".model" and not (family and family[1]):
        raise ModelError(f"{file} alone does not say how it is used: give the folder it lies in.")
    wanted = family[1] if family and file.suffix == ".model" else FILES[0]
    shutil.copyfile(file, folder / wanted)
    for beside in FILES[1:3]:
        if (file.parent / beside).is_file():
            shutil.copyfile(file.parent / beside, folder / beside)
    if family and not (folder / FILES[1]).exists():
        _write(folder / FILES[1], family[2])
    return folder


def _rewritten(text: dict[str, Any], files: Path, folder: Path) -> Words:
    """Write what open_clip's tokenizer consists of, so that nothing is left to interpret."""
    hugging = importlib.import_module("open_clip.tokenizer").HFTokenizer
    options = dict(text.get("tokenizer_kwargs") or {})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        own = hugging(
            str(files),
            context_length=text["context_length"],
            tokenizer_mode=text.get("tokenizer_mode"),
            **options,
        )
    inner = own.tokenizer
    content = json.loads(inner.backend_tokenizer.to_str())
    if not inner.pad_token:
        raise ValueError("it names no padding; give its whole folder, with tokenizer_config.json")
    _write(folder / "tokenizer.json", {**content, "truncation": None, "padding": None})
    special: dict[str, Any] = {f"{each}_token": getattr(inner, f"{each}_token") for each in _NAMED}
    special |= {"padding_side": inner.padding_side, "model_max_length": text["context_length"]}
    _write_special(folder, special)

    def ids(texts: Sequence[str]) -> Ids:
        try:
            return np.asarray(own(list(texts)), np.int64)
        except _TROUBLE as error:
            raise ModelError(f"open_clip cannot use the tokenizer: {_line(error)}.") from error

    # open_clip's `set_language` is undone by `transformers` before the next text.
    tells = hasattr(inner, "src_lang")
    return Words(ids, (lambda code: setattr(inner, "src_lang", code)) if tells else None)


def _copied(files: Path, folder: Path) -> Words:
    if not (files / "tokenizer.json").is_file():
        raise ModelError(
            f"There is no tokenizer.json in {files}, and without the library transformers no "
            f"other tokenizer can be read. {libraries.MISSING}"
        )
    for name in FILES[:3]:
        if (files / name).is_file():
            shutil.copyfile(files / name, folder / name)
    return Words(
        None,
        note="The tokenizer was copied but not compared with open_clip's: the library "
        "transformers is not installed.",
    )


def _write_special(folder: Path, special: dict[str, Any]) -> None:
    given = {key: value for key, value in special.items() if value is not None}
    tokens = {key: value for key, value in given.items() if key.endswith("_token")}
    _write(folder / "special_tokens_map.json", tokens)
    _write(folder / "tokenizer_config.json", given)


def _write(path: Path, content: Any) -> None:
    path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")


def _line(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return (lines[0] if lines else type(error).__name__).rstrip(".")
