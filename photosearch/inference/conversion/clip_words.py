"""OpenAI's tokenizer, which most open_clip models use, as a `tokenizer.json`.

Made from the merges that open_clip carries; ids and padding are open_clip's.
"""

from __future__ import annotations

import gzip
import importlib
from pathlib import Path
from typing import Any

from photosearch.inference.conversion import libraries

FIRST, LAST = "<start_of_text>", "<end_of_text>"
# open_clip pads with id 0, which is this token.
SPECIAL = {"bos_token": FIRST, "eos_token": LAST, "unk_token": LAST, "pad_token": "!"}
_MERGES = 49152 - 256 - 2
_WORDS = r"'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"


def clip_tokenizer() -> dict[str, Any]:
    """Return the content of the `tokenizer.json`."""
    libraries.load()
    tokenizer = importlib.import_module("open_clip.tokenizer")
    lines = gzip.decompress(Path(tokenizer.default_bpe()).read_bytes()).decode().split("\n")
    vocabulary = tokenizer.SimpleTokenizer().encoder
    split = {"type": "Split", "pattern": {"Regex": _WORDS}, "behavior": "Removed", "invert": True}
    level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True}
    frame = [
        {"SpecialToken": {"id": FIRST, "type_id": 0}},
        {"Sequence": {"id": "A", "type_id": 0}},
        {"SpecialToken": {"id": LAST, "type_id": 0}},
    ]
    special = {
        token: {"id": token, "ids": [vocabulary[token]], "tokens": [token]}
        for token in (FIRST, LAST)
    }
    return {
        "version": "1.0",
        "added_tokens": [],
        "normalizer": {"type": "Lowercase"},
        "pre_tokenizer": {
            "type": "Sequence",
            "pretokenizers": [split, {**level, "use_regex": False}],
        },
        "post_processor": {
            "type": "TemplateProcessing",
            "single": frame,
            "pair": [*frame, {"Sequence": {"id": "B", "type_id": 1}}],
            "special_tokens": special,
        },
        "model": {
            "type": "BPE",
            "vocab": vocabulary,
            "merges": [line.split() for line in lines[1 : _MERGES + 1]],
            "end_of_word_suffix": "</w>",
            "unk_token": LAST,
        },
    }
