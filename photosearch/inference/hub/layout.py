"""Which files of a repository a model needs, and where each belongs in the model's folder.

Phones' and boards' versions, other precisions and everything else are left alone.  Which files
with weights a graph really refers to, only the graph itself tells: see `fingerprint.named_in`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from photosearch.errors import ModelError
from photosearch.inference.fingerprint import FACE_GRAPHS, GRAPHS
from photosearch.types import ModelKind

_ALWAYS = {
    ModelKind.SEARCH: ("config.json", "visual/preprocess_cfg.json", "textual/tokenizer.json"),
    ModelKind.FACES: (),
}
_IF_THERE = {
    ModelKind.SEARCH: ("textual/tokenizer_config.json", "textual/special_tokens_map.json"),
    ModelKind.FACES: (),
}
_GRAPHS = {ModelKind.SEARCH: GRAPHS, ModelKind.FACES: FACE_GRAPHS}
# What lies beside graphs and never holds their weights.
_NO_WEIGHTS = (".json", ".txt", ".md", ".onnx", ".armnn", ".rknn", ".ort", ".py", ".png", ".jpg")


@dataclass(frozen=True, slots=True)
class Needed:
    """A file that is needed: its name among those there are, and its place in the model."""

    name: str
    target: str
    graph: str = ""  # the graph that may refer to it; it is only needed if that does


def needed(
    names: Iterable[str], kind: ModelKind, files: Mapping[str, str], whose: str
) -> tuple[Needed, ...]:
    """Choose among names; graphs come before what they may refer to.

    `files` maps names to places where the maker has others. ModelError says what `whose` lacks.
    """
    at = {files.get(name, name): name for name in names if not files or name in files}
    small = [each for each in (*_ALWAYS[kind], *_IF_THERE[kind]) if each in at]
    graphs = [each for each in _GRAPHS[kind] if each in at]
    missing = [each for each in (*_ALWAYS[kind], *_GRAPHS[kind]) if each not in at]
    if missing:
        verb = "is" if len(missing) == 1 else "are"
        raise ModelError(f"{whose} is not whole: {', '.join(missing)} {verb} missing.")
    weights = [
        Needed(at[place], place, graph)
        for graph in graphs
        for place in sorted(at)
        if _may_hold_weights(PurePosixPath(place), PurePosixPath(graph), at)
    ]
    return (*(Needed(at[place], place) for place in (*small, *graphs)), *weights)


def _may_hold_weights(place: PurePosixPath, graph: PurePosixPath, all_: Mapping[str, str]) -> bool:
    """Say whether a file lies beside a graph, or below it in no other graph's folder."""
    if not place.is_relative_to(graph.parent) or place.suffix.lower() in _NO_WEIGHTS:
        return False
    if place.name.startswith("."):
        return False
    return place.parent == graph.parent or not any(
        PurePosixPath(other).parent == place.parent
        and PurePosixPath(other).suffix in (".onnx", ".armnn", ".rknn")
        for other in all_
    )
