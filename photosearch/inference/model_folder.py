"""What a search model's folder says (the layout of Immich's models).

    config.json                     open_clip's model configuration
    visual/model.onnx               image tower, with preprocess_cfg.json
    textual/model.onnx              text tower, with tokenizer.json and, where it has them,
                                    tokenizer_config.json and special_tokens_map.json

No model is known by name: dimension, inputs and their types come from the files.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from photosearch.errors import ModelError
from photosearch.inference.fingerprint import model_files
from photosearch.inference.graphs import Graph, image_graph, text_graph
from photosearch.inference.preprocess import read_preprocess
from photosearch.inference.session import Session, open_to_look
from photosearch.inference.tokenize import CLEANERS, TextRules, load_tokenizer
from photosearch.outside import read_json
from photosearch.types import Preprocess

CONFIG = "config.json"
IMAGE_GRAPH = "visual/model.onnx"
PREPROCESS = "visual/preprocess_cfg.json"
TEXT_GRAPH = "textual/model.onnx"
TOKENIZER = "textual/tokenizer.json"
REQUIRED = (CONFIG, IMAGE_GRAPH, PREPROCESS, TEXT_GRAPH, TOKENIZER)

_CLIP_LENGTH = 77  # OpenAI's CLIP; open_clip's default where a configuration does not say
_LONGEST = 8192  # tokenizer configurations say 10^30 for "no limit"


@dataclass(frozen=True, slots=True)
class Settings:
    """What the folder says beside its graphs and words; `dimension` is a hint."""

    dimension: int | None
    preprocess: Preprocess


@dataclass(frozen=True, slots=True)
class SearchModel:
    """A model folder, read and understood."""

    folder: Path
    name: str
    dimension: int
    preprocess: Preprocess
    text_rules: TextRules
    image: Graph
    text: Graph
    bytes_on_disk: int

    @property
    def context_length(self) -> int:
        return self.text_rules.context_length


def inspect(folder: Path) -> SearchModel:
    """Read a model folder and open both graphs once; ModelError says what is wrong with it."""
    folder = folder.absolute()
    settings = read_settings(folder)
    image = read_image_graph(folder, settings, open_to_look(folder / IMAGE_GRAPH))
    text, rules = read_text_graph(folder, settings, open_to_look(folder / TEXT_GRAPH))
    if image.dimension != text.dimension:
        raise ModelError(
            f"The two halves of {folder.name} do not belong together: pictures become "
            f"{image.dimension} numbers, texts {text.dimension}."
        )
    size = sum(path.stat().st_size for path in model_files(folder))
    return SearchModel(
        folder, folder.name, image.dimension, settings.preprocess, rules, image, text, size
    )


def read_image_graph(folder: Path, settings: Settings, session: Session) -> Graph:
    """Read how the opened image tower is called."""
    path = folder / IMAGE_GRAPH
    return image_graph(path, session, settings.preprocess, settings.dimension)


def read_text_graph(folder: Path, settings: Settings, session: Session) -> tuple[Graph, TextRules]:
    """Read how the opened text tower is called, and the rules with the length it insists on."""
    rules = read_text_rules(folder)
    graph = text_graph(folder / TEXT_GRAPH, session, rules.context_length, settings.dimension)
    if graph.length is not None:
        rules = replace(rules, context_length=graph.length)
    return graph, rules


def read_settings(folder: Path) -> Settings:
    """Read what both towers need beside their graphs; ModelError says what is amiss."""
    _check_complete(folder)
    config = _read_json(folder / CONFIG)
    dimension = config.get("embed_dim")
    if dimension is not None and (not isinstance(dimension, int) or dimension < 1):
        raise ModelError(f"{folder / CONFIG} cannot be used: embed_dim is {dimension!r}.")
    return Settings(dimension, read_preprocess(folder / PREPROCESS))


def _check_complete(folder: Path) -> None:
    if not folder.is_dir():
        raise ModelError(f"The folder {folder} does not exist.")
    missing = [part for part in REQUIRED if not (folder / part).is_file()]
    if not missing:
        return
    if (folder / "detection").is_dir() or (folder / "recognition").is_dir():
        raise ModelError(f"{folder} is a face pack, not a search model: it cannot search photos.")
    verb = "is" if len(missing) == 1 else "are"
    listed = missing[0] if len(missing) == 1 else f"{', '.join(missing[:-1])} and {missing[-1]}"
    raise ModelError(f"{folder} is not a search model: {listed} {verb} missing.")


def read_text_rules(folder: Path) -> TextRules:
    """Read how texts become tokens; reading the tokenizer takes a tenth of a second."""
    text_config = _read_json(folder / CONFIG).get("text_cfg")
    text_config = text_config if isinstance(text_config, dict) else {}
    options = text_config.get("tokenizer_kwargs")
    options = options if isinstance(options, dict) else {}
    tokenizer = load_tokenizer(folder / TOKENIZER)
    special = _special_tokens(folder)

    # open_clip cleans for its own tokenizer with `lower`, for all others with `whitespace`.
    own = bool(text_config) and not text_config.get("hf_tokenizer_name")
    clean = str(options.get("clean") or ("lower" if own else "whitespace"))
    if clean not in CLEANERS:
        raise ModelError(f"{folder / CONFIG} cannot be used: clean {clean!r} is not known.")

    pad_token = _content(special.get("pad_token"))
    pad_id = tokenizer.token_to_id(pad_token) if pad_token else None
    if pad_id is None:
        own_padding = tokenizer.padding or {}
        pad_token, pad_id = own_padding.get("pad_token", ""), own_padding.get("pad_id", 0)
    blank = _content(special.get("sep_token")) if options.get("strip_sep_token") else ""
    return TextRules(
        context_length=_context_length(text_config, special),
        pad_id=pad_id,
        pad_token=pad_token,
        pad_left=special.get("padding_side") == "left",
        clean=clean,
        blank_id=tokenizer.token_to_id(blank) if blank else None,
    )


def _context_length(text_config: dict[str, Any], special: dict[str, Any]) -> int:
    for length in (text_config.get("context_length"), special.get("model_max_length")):
        if isinstance(length, int) and 1 <= length <= _LONGEST:
            return length
    return _CLIP_LENGTH


def _special_tokens(folder: Path) -> dict[str, Any]:
    """Return tokenizer settings; `tokenizer_config.json` wins, and neither file is required."""
    merged: dict[str, Any] = {}
    for name in ("special_tokens_map.json", "tokenizer_config.json"):
        path = folder / "textual" / name
        if path.is_file():
            merged |= {key: value for key, value in _read_json(path).items() if value is not None}
    return merged


def _content(token: Any) -> str:
    """Return a token's text: it stands alone or in an object with its flags."""
    text = str(token.get("content", "")) if isinstance(token, dict) else str(token or "")
    return text.encode("utf-8", "replace").decode()  # JSON can hold halves of letters


def _read_json(path: Path) -> dict[str, Any]:
    try:
        value = read_json(path)
    except (OSError, ValueError) as error:
        raise ModelError(f"{path} cannot be read: {error}.") from error
    if not isinstance(value, dict):
        raise ModelError(f"{path} does not hold settings.")
    return value
