"""An open_clip model from an architecture and a published tag, or from a checkpoint file.

The architecture may be a file, too: one's own configuration, as open_clip's training takes it.
"""

from __future__ import annotations

import difflib
import pickle
import re
import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from photosearch.errors import ModelError
from photosearch.inference.conversion import libraries
from photosearch.outside import read_json
from photosearch.types import Conversion

_OFFERED = 5  # names that are like the one given
_PARTS = ("embed_dim", "vision_cfg", "text_cfg")
_PREPROCESS = {
    "mean": (0.48145466, 0.4578275, 0.40821073),
    "std": (0.26862954, 0.26130258, 0.27577711),
    "interpolation": "bicubic",
    "resize_mode": "shortest",
}
_BESIDE = "open_clip_config.json"  # what open_clip writes beside weights for the hub
# What reading foreign files and building a model from them has been seen to raise.
_TROUBLE = (
    RuntimeError, ValueError, TypeError, AttributeError, LookupError, EOFError, StopIteration,
    AssertionError, pickle.UnpicklingError,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Loaded:
    """A model as open_clip has it, ready to be exported."""

    name: str  # of the architecture
    model: Any
    config: dict[str, Any]  # as config.json will say
    preprocess: dict[str, Any]  # as preprocess_cfg.json will say
    note: str = ""

    @property
    def context_length(self) -> int:
        return int(self.config["text_cfg"]["context_length"])

    @property
    def bytes_of_weights(self) -> int:
        return sum(each.numel() * 4 for each in self.model.parameters())


def known() -> dict[str, tuple[str, ...]]:
    """Return open_clip's architectures, each with the tags of its published weights."""
    open_clip = libraries.load().open_clip
    tags: dict[str, list[str]] = {name: [] for name in open_clip.list_models()}
    for name, tag in open_clip.list_pretrained():
        tags.setdefault(name, []).append(tag)
    return {name: tuple(each) for name, each in tags.items()}


def load(request: Conversion) -> Loaded:
    """Load what is asked for; `ModelError` says what is wrong with it."""
    name, config = architecture(request.architecture)
    if request.checkpoint:
        return _from_checkpoint(name, config, Path(request.checkpoint))
    return _from_tag(name, config, request.pretrained)


def random(name: str, seed: int = 0) -> Loaded:
    """Return an architecture with random weights, the same at every call: for measuring."""
    name, config = architecture(name)
    libraries.load().torch.manual_seed(seed)
    return _loaded(name, config, published_preprocess(name), pretrained=None, pretrained_text=False)


def architecture(given: str) -> tuple[str, dict[str, Any]]:
    """Return name and configuration of an architecture; `ModelError` offers names like it."""
    open_clip = libraries.load().open_clip
    name = given
    if given.endswith(".json"):
        _check_configuration(Path(given))
        open_clip.add_model_config(Path(given))
        name = Path(given).stem
    config = open_clip.get_model_config(name) if ":" not in name else None
    if config is None:
        raise ModelError(_unknown_architecture(name, open_clip.list_models()))
    text = config["text_cfg"]
    text["context_length"] = text.get("context_length") or 77  # open_clip's default
    return name, dict(config)


def published_preprocess(name: str) -> dict[str, Any] | None:
    """Return how pictures are prepared for the published weights, if for all of them alike."""
    open_clip = libraries.load().open_clip
    ways = []
    for tag in open_clip.list_pretrained_tags_by_model(name):
        published = open_clip.get_pretrained_cfg(name, tag)
        way = {key: published.get(key) or value for key, value in _PREPROCESS.items()}
        if way not in ways:
            ways.append(way)
    return ways[0] if len(ways) == 1 else None


def _from_tag(name: str, config: dict[str, Any], tag: str) -> Loaded:
    open_clip = libraries.load().open_clip
    if not open_clip.is_pretrained_cfg(name, tag):
        tags = open_clip.list_pretrained_tags_by_model(name)
        there = (
            f"There are: {', '.join(tags)}."
            if tags
            else "There are none: give a file of weights with --checkpoint."
        )
        raise ModelError(f"{name} has no published weights “{tag}”. {there}")
    # OpenAI's and some later weights want an activation that the architecture may not name.
    quick = bool(open_clip.get_pretrained_cfg(name, tag).get("quick_gelu"))
    if quick:
        config["quick_gelu"] = True
    try:
        return _loaded(name, config, None, pretrained=tag, force_quick_gelu=quick)
    except OSError as error:
        raise ModelError(_unreachable(f"The weights {tag} of {name}", error)) from error
    except _TROUBLE as error:
        if "download" in str(error).lower():
            raise ModelError(_unreachable(f"The weights {tag} of {name}", error)) from error
        raise ModelError(f"{name} cannot be built: {_line(error)}") from error


def _from_checkpoint(name: str, config: dict[str, Any], file: Path) -> Loaded:
    if not file.is_file():
        raise ModelError(f"There is no checkpoint file {file}.")
    preprocess, note = _preprocess_beside(file), ""
    if preprocess is None:
        preprocess = published_preprocess(name)
        if preprocess is not None and preprocess != _PREPROCESS:
            note = f"Pictures are prepared as for the published weights of {name}."
    try:
        loaded = _loaded(name, config, preprocess, pretrained=str(file))
    except OSError as error:
        if error.filename is not None and Path(error.filename) == file:
            raise ModelError(f"{file} cannot be read: {error.strerror}.") from error
        raise ModelError(_unreachable(f"What {name} is built from", error)) from error
    except _TROUBLE as error:
        raise ModelError(_bad_checkpoint(file, name, error)) from error
    except Exception as error:
        if type(error).__name__ != "SafetensorError":  # its module may not be there at all
            raise
        raise ModelError(_bad_checkpoint(file, name, error)) from error
    return replace(loaded, note=note)


def _loaded(
    name: str, config: dict[str, Any], preprocess: dict[str, Any] | None, **how: Any
) -> Loaded:
    open_clip = libraries.load().open_clip
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = open_clip.create_model(
            name,
            precision="fp32",
            device="cpu",
            force_preprocess_cfg=preprocess,
            require_pretrained=how["pretrained"] is not None,
            weights_only=True,
            **how,
        )
    return Loaded(name, model.eval(), config, dict(model.visual.preprocess_cfg))


def _preprocess_beside(file: Path) -> dict[str, Any] | None:
    """Return how pictures are prepared, where open_clip's own description lies beside weights."""
    try:
        given = read_json(file.parent / _BESIDE)["preprocess_cfg"]
    except (OSError, ValueError, LookupError, TypeError):
        return None
    if not isinstance(given, dict):
        return None
    return {key: value for key, value in given.items() if key in _PREPROCESS}


def _check_configuration(file: Path) -> None:
    try:
        given = read_json(file)
    except OSError as error:
        raise ModelError(f"{file} cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise ModelError(f"{file} is no configuration of a model: {error}.") from error
    lacking = [part for part in _PARTS if not isinstance(given, dict) or part not in given]
    if lacking:
        raise ModelError(f"{file} is no configuration of a model: {lacking[0]} is missing.")


def _unknown_architecture(name: str, names: list[str]) -> str:
    lower = {each.lower(): each for each in names}
    near = [each for each in names if name and name.lower() in each.lower()]
    near += [lower[each] for each in difflib.get_close_matches(name.lower(), lower, _OFFERED)]
    offered = list(dict.fromkeys(near))[:_OFFERED]
    meant = f"Names like it: {', '.join(offered)}." if offered else "Names are like ViT-B-32."
    return f"open_clip knows no architecture “{name}”. {meant}"


def _unreachable(what: str, error: Exception) -> str:
    return (
        f"{what} could not be fetched ({_line(error).partition('. Last')[0].rstrip('.')}). "
        "Check the connection, or give a file with --checkpoint."
    )


def _bad_checkpoint(file: Path, name: str, error: Exception) -> str:
    words = str(error)
    if "GLOBAL" in words or "TorchScript" in words:
        return (
            f"{file} holds more than weights, and opening it could run foreign code. Save the "
            "weights alone, with torch.save(model.state_dict(), FILE) or as safetensors."
        )
    if "loading state_dict" in words:
        return f"The weights in {file} do not fit {name}: {_misfit(words)}."
    if isinstance(error, AssertionError):  # where open_clip fits positions to another size
        return f"The weights in {file} do not fit {name}: they are those of another model."
    if "transformers" in words and "install" in words:
        return libraries.MISSING
    safe = type(error).__name__ == "SafetensorError"  # others speak of Python's insides
    why = f": {_line(error)}" if safe else "."
    return f"{file} is not a checkpoint that open_clip can read{why}"


_MISFITS: tuple[tuple[str, Callable[[list[str]], str]], ...] = (
    (r"Missing key\(s\) in state_dict: (.*)", lambda found: f"{_first(found[0])} missing"),
    (r"Unexpected key\(s\) in state_dict: (.*)", lambda found: f"{_first(found[0])} too many"),
    (
        r"size mismatch for (\S+): .*?\[([\d, ]*)\].*?\[([\d, ]*)\]",
        lambda found: f"{found[0]} is [{found[1]}] instead of [{found[2]}]",
    ),
)


def _misfit(words: str) -> str:
    """Return what of PyTorch's list of differences helps: the first of each kind."""
    told = []
    for pattern, tell in _MISFITS:
        if found := re.search(pattern, words):
            told.append(tell(list(found.groups())))
    return "; ".join(told) or "it belongs to another model"


def _first(listed: str) -> str:
    names = re.findall(r'"([^"]+)"', listed)
    more = f" and {len(names) - 1} more are" if len(names) > 1 else " is"
    return f"{names[0] if names else listed}{more}"


def _line(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return (lines[0] if lines else type(error).__name__).rstrip(".") + "."
