"""Finds its way in the two graphs of a search model: which input takes pixels or tokens, which
output is the embedding.  Everything is read from the graphs; the configuration only helps to
choose between several outputs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from photosearch.errors import ModelError
from photosearch.inference.session import Array, Session, Tensor
from photosearch.types import Preprocess

FLOATS = ("float32", "float16")
_INTEGERS = ("int64", "int32")


@dataclass(frozen=True, slots=True)
class Graph:
    """How to call one tower of a model."""

    path: Path
    input: str
    type: str  # float32 | float16 | int32 | int64
    output: str
    dimension: int
    batch: int | None = None  # None: any number at once
    length: int | None = None  # tokens a text tower is fixed to
    mask: str = ""  # input for the attention mask, where the tower has one
    mask_type: str = "int64"


def image_graph(path: Path, session: Session, spec: Preprocess, hint: int | None) -> Graph:
    """Read how an image tower is called; ModelError when it is none or has another size."""
    found = [each for each in session.inputs if each.type in FLOATS and len(each.shape) == 4]
    if len(found) != 1 or len(session.inputs) != 1 or found[0].shape[1] not in (3, None):
        raise ModelError(
            f"{shown(path)} is not an image tower: it should take pictures [n, 3, height, width] "
            f"but takes {listed(session.inputs)}."
        )
    pixels = found[0]
    for wanted, given in zip(pixels.shape[2:], (spec.height, spec.width), strict=True):
        if wanted is not None and wanted != given:
            raise ModelError(
                f"{shown(path)} takes pictures of {wanted} pixels, but preprocess_cfg.json says "
                f"{spec.height} x {spec.width}."
            )
    batch = pixels.shape[0]
    sample = np.zeros((batch or 1, 3, spec.height, spec.width), pixels.type)
    output, dimension = embedding(path, session, hint, {pixels.name: sample})
    return Graph(path, pixels.name, pixels.type, output, dimension, batch)


def text_graph(path: Path, session: Session, context_length: int, hint: int | None) -> Graph:
    """Read how a text tower is called; `context_length` holds where the graph leaves it open."""
    found = [each for each in session.inputs if each.type in _INTEGERS and len(each.shape) == 2]
    masks = [each for each in found if "mask" in each.name]
    tokens = [each for each in found if "mask" not in each.name]
    if len(tokens) != 1 or len(masks) > 1 or len(session.inputs) != len(found):
        raise ModelError(
            f"{shown(path)} is not a text tower: it should take token ids [n, length] but takes "
            f"{listed(session.inputs)}."
        )
    ids = tokens[0]
    batch, length = ids.shape
    shape = (batch or 1, length or context_length)
    feeds: dict[str, Array] = {ids.name: np.zeros(shape, ids.type)}
    feeds |= {mask.name: np.ones(shape, mask.type) for mask in masks}
    output, dimension = embedding(path, session, hint, feeds)
    graph = Graph(path, ids.name, ids.type, output, dimension, batch, length)
    if not masks:
        return graph
    return Graph(
        path, ids.name, ids.type, output, dimension, batch, length, masks[0].name, masks[0].type
    )


def embedding(
    path: Path, session: Session, hint: int | None, sample: Mapping[str, Array]
) -> tuple[str, int]:
    """Return name and size of the output that is one vector for each item."""
    found = [each for each in session.outputs if each.type in FLOATS and len(each.shape) == 2]
    if not found:
        raise ModelError(
            f"{shown(path)} gives no vectors [n, dimension] but {listed(session.outputs)}."
        )
    # Transformers exports also give the pooled state before the projection.
    named = [each for each in found if "embed" in each.name.lower()]
    fitting = [each for each in found if hint is not None and each.shape[1] == hint]
    for choice in ([each for each in fitting if each in named], fitting, named, found):
        if choice:
            chosen = choice[0]
            break
    dimension = chosen.shape[1]
    if dimension is None:  # some exporters leave it open: one run tells
        dimension = session.run(chosen.name, sample).shape[1]
    if hint is not None and dimension != hint:
        raise ModelError(
            f"config.json says vectors of {hint} numbers (embed_dim), but {shown(path)} gives "
            f"{dimension}."
        )
    return chosen.name, int(dimension)


def listed(tensors: Sequence[Tensor]) -> str:
    """Return names, types and shapes of inputs or outputs, for a sentence."""
    described = []
    for each in tensors:
        shape = ", ".join("?" if size is None else str(size) for size in each.shape)
        described.append(f"{each.name} {each.type} [{shape}]")
    return "; ".join(described) or "nothing"


def shown(path: Path) -> str:
    """Return a graph's name with its folder, for a sentence."""
    return str(Path(*path.parts[-2:]))
