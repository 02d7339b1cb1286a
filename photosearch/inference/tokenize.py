"""Words into token ids, as the model's own `tokenizer.json` says.

Follows open_clip in what lies around it: cleaning, length, padding.  The small repairs of text
that open_clip leaves to `ftfy` are done for what people really type (curly quotes, full-width
letters, ligatures), not for text damaged by wrong encodings.
"""

from __future__ import annotations

import html
import string
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from photosearch.errors import ModelError
from photosearch.inference.languages import flores, language_tokens

_MOST_BYTES = 256 << 20  # the largest there are have 40 MB
TokenIds = npt.NDArray[np.int64]  # [n, context_length]


@dataclass(frozen=True, slots=True)
class TextRules:
    """What a model does with a text beyond its `tokenizer.json`."""

    context_length: int
    pad_id: int = 0
    pad_token: str = ""
    pad_left: bool = False
    clean: str = "whitespace"  # canonicalize | lower | whitespace
    blank_id: int | None = None  # a token that is replaced by 0 (`strip_sep_token`)


@dataclass(frozen=True, slots=True)
class Tokens:
    """Token ids of some texts; `mask` is 1 where there is text and 0 where there is padding."""

    ids: TokenIds
    mask: TokenIds


class Tokenizer:
    """Tokenises for one model."""

    def __init__(self, path: Path, rules: TextRules) -> None:
        self._tokenizer = load_tokenizer(path)
        self._languages = language_tokens(self._tokenizer)
        # Where the template has no place for the language, one is kept free for it.
        free = self._languages is not None and not self._languages.fixed
        length = rules.context_length - free
        self._tokenizer.enable_truncation(length)
        self._tokenizer.enable_padding(
            direction="left" if rules.pad_left else "right",
            pad_id=rules.pad_id,
            pad_token=rules.pad_token,
            length=length,
        )
        self._clean = CLEANERS[rules.clean]
        self._blank_id = rules.blank_id

    @property
    def languages(self) -> tuple[str, ...]:
        """The FLORES-200 codes of the languages that the model must be told; most have none."""
        return tuple(self._languages.ids) if self._languages else ()

    def speaks(self, language: str) -> bool:
        """Whether the model knows a language like en or zh_Hant, or need not be told."""
        tokens = self._languages
        return tokens is None or not language or bool(flores(language, tokens.ids))

    def __call__(self, texts: Sequence[str], language: str = "") -> Tokens:
        """Return the tokens of texts, each padded or cut to the model's length.

        A model that must be told gets the language, where it knows it, and else its usual one.
        """
        encoded = self._tokenizer.encode_batch([self._clean(text) for text in texts])
        ids = np.array([each.ids for each in encoded], np.int64)
        mask = np.array([each.attention_mask for each in encoded], np.int64)
        if self._blank_id is not None:
            ids[ids == self._blank_id] = 0
        if self._languages is not None and len(ids):
            ids = self._languages.put(ids, language)
            if not self._languages.fixed:
                mask = np.insert(mask, 0, 1, axis=1)
        return Tokens(ids, mask)


def load_tokenizer(path: Path) -> Any:
    """Load a `tokenizer.json`; ModelError names the file."""
    from tokenizers import Tokenizer as Loaded

    try:
        with path.open("rb") as stream:
            data = stream.read(_MOST_BYTES + 1)
    except OSError as error:
        raise ModelError(f"{path} cannot be read: {error.strerror}.") from error
    if len(data) > _MOST_BYTES:
        raise ModelError(f"{path} is not a tokenizer: it is far too large.")
    try:
        return Loaded.from_buffer(data)
    except ValueError as error:  # what `tokenizers` raises for anything it cannot parse
        raise ModelError(f"{path} is not a tokenizer: {error}.") from error


def lower(text: str) -> str:
    """Clean for OpenAI's tokenizer: mended, lower case, single spaces."""
    return whitespace(text).lower()


def whitespace(text: str) -> str:
    """Clean for other tokenizers: mended, single spaces."""
    return " ".join(_mended(text).split())


def canonicalize(text: str) -> str:
    """Clean for SigLIP: mended, no punctuation, lower case, single spaces."""
    bare = _mended(text).replace("_", " ").translate(_NO_PUNCTUATION)
    return " ".join(bare.lower().split())


_NO_PUNCTUATION = str.maketrans("", "", string.punctuation)

_PLAINER = str.maketrans(
    {
        **dict.fromkeys("\u2018\u2019\u201a\u201b\u02bc", "'"),
        **dict.fromkeys("\u201c\u201d\u201e\u201f", '"'),
        **{ligature: unicodedata.normalize("NFKC", ligature) for ligature in "ﬀﬁﬂﬃﬄﬅﬆ"},
        # Full-width and half-width forms, and the wide space.
        **{chr(code): unicodedata.normalize("NFKC", chr(code)) for code in range(0xFF01, 0xFFEF)},
        "\u3000": " ",
    }
)


def _mended(text: str) -> str:
    text = html.unescape(html.unescape(text)).translate(_PLAINER)
    # Lone surrogates come from names that are not UTF-8, and `tokenizers` refuses them.
    kept = (char for char in text if char.isspace() or unicodedata.category(char) not in _UNSEEN)
    return unicodedata.normalize("NFC", "".join(kept)).strip()


_UNSEEN = ("Cc", "Cs")

CLEANERS: dict[str, Callable[[str], str]] = {
    "lower": lower,
    "whitespace": whitespace,
    "canonicalize": canonicalize,
}
