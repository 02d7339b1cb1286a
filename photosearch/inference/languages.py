"""Telling a model the language of a text: nllb's tokenizers have a token for each.

Transformers puts the token of the language before the text, older versions after it; a
`tokenizer.json` has one of them fixed in its template, or none.  Here it becomes the one that
is asked for.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from photosearch.paths import resources

_TOKEN = re.compile(r"[a-z]{3}_[A-Z][a-z]{3}")  # a code of FLORES-200
_USUAL = "eng_Latn"

Ids = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class LanguageTokens:
    """The tokens of languages that a tokenizer has, and where its template puts one."""

    ids: dict[str, int]  # by code
    fixed: str  # the language of the template; empty: it has none
    last: bool = False  # the template has it after the text

    def code(self, language: str) -> str:
        """Return the code for a language, the usual one where it is not known."""
        usual = self.fixed or _USUAL
        return flores(language, self.ids) or (usual if usual in self.ids else next(iter(self.ids)))

    def put(self, ids: Ids, language: str) -> Ids:
        """Return rows of ids with the language's token in its place."""
        wanted = self.ids[self.code(language)]
        if not self.fixed:
            return np.insert(ids, 0, wanted, axis=1)
        rows = ids[:, ::-1] if self.last else ids
        places = (rows == self.ids[self.fixed]).argmax(axis=1)  # a text may hold another
        rows[np.arange(len(rows)), places] = wanted
        return ids


def language_tokens(tokenizer: Any) -> LanguageTokens | None:
    """Return the language tokens of a loaded tokenizer; None for one that has none."""
    added = tokenizer.get_added_tokens_decoder()
    ids = {each.content: number for number, each in sorted(added.items())}
    ids = {code: number for code, number in ids.items() if _TOKEN.fullmatch(code)}
    if len(ids) < 2:
        return None
    template = json.loads(tokenizer.to_str()).get("post_processor") or {}
    parts = template.get("single", []) if template.get("type") == "TemplateProcessing" else []
    places = [part.get("SpecialToken", {}).get("id", "") for part in parts]
    fixed = next((each for each in places if each in ids), "")
    return LanguageTokens(ids, fixed, last=bool(fixed) and places.index(fixed) > 0)


def flores(language: str, known: Collection[str]) -> str:
    """Return the known FLORES-200 code for a language like en, zh_Hant or ceb, or nothing."""
    base, _, script = language.partition("_")
    usual = _table().get(base, "")
    code = usual[:3] or base
    first = next((each for each in sorted(known) if each.startswith(f"{code}_")), "")
    return next((each for each in (f"{code}_{script}", usual, first) if each in known), "")


@cache
def _table() -> dict[str, str]:
    text = (resources() / "languages.toml").read_text(encoding="utf-8")
    table: dict[str, str] = tomllib.loads(text)["flores200"]
    return table
