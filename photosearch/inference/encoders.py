"""Unit vectors from model inputs and from texts.

Batches of any size: split to bound memory, filled up where a graph insists on a number.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from photosearch.errors import ModelError
from photosearch.inference.graphs import Graph
from photosearch.inference.model_folder import (
    IMAGE_GRAPH,
    TEXT_GRAPH,
    TOKENIZER,
    read_image_graph,
    read_settings,
    read_text_graph,
)
from photosearch.inference.preprocess import PixelBatch, normalise
from photosearch.inference.providers import CPU, Device
from photosearch.inference.session import Array, Session, open_session
from photosearch.inference.tokenize import TokenIds, Tokenizer, Tokens
from photosearch.types import Preprocess, Vectors

# Pixels in one run: 32 pictures of 224 x 224. Activations of a ViT-B/16 take about 60 times
# their input, so a run stays within a few hundred megabytes.
_RUN_PIXELS = 32 * 224 * 224
_RUN_TEXTS = 64

# Shorter vectors carry no direction, only rounding: towers give lengths of 1 (normalised) or
# about 0.1 to 20. The test model's 0.0001 for a query of unknown words is kept on purpose: it
# is a fixed direction, and the published figures of that model count what it finds.
NO_DIRECTION = 1e-6


class ImageEncoder:
    """The image tower of a model."""

    def __init__(self, graph: Graph, session: Session, spec: Preprocess) -> None:
        self.graph = graph
        self.session = session
        self.spec = spec

    @property
    def variant(self) -> str:
        """Precision and engine, e.g. `float32-cpu`: vectors of two variants differ slightly."""
        return f"{self.graph.type}-{self.session.device.id}"

    def encode(self, batch: PixelBatch) -> Vectors:
        """Return unit vectors [n, d] of model inputs [n, h, w, 3]; a blank result is a zero row.

        ModelError when the graph fails or gives numbers that are none.
        """
        expected = (self.spec.height, self.spec.width, 3)
        if batch.ndim != 4 or batch.shape[1:] != expected or batch.dtype != np.uint8:
            raise ValueError(f"batch {batch.dtype} {batch.shape} is not uint8 (n, *{expected})")
        at_once = max(1, _RUN_PIXELS // (self.spec.height * self.spec.width))
        return _in_runs(self.graph, len(batch), at_once, lambda part: self._run(batch[part]))

    def _run(self, batch: PixelBatch) -> Array:
        pixels = normalise(_filled(batch, self.graph.batch), self.spec)
        feed = pixels.astype(self.graph.type, copy=False)
        return self.session.run(self.graph.output, {self.graph.input: feed})


class TextEncoder:
    """The text tower of a model."""

    def __init__(self, graph: Graph, session: Session, tokenizer: Callable[..., Tokens]) -> None:
        self.graph = graph
        self.session = session
        self.tokenizer = tokenizer

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return unit vectors [n, d]; zeros for a text of which the model makes nothing."""
        if not texts:
            return _in_runs(self.graph, 0, _RUN_TEXTS, lambda _: np.empty(0))
        return self.encode_tokens(self.tokenizer(texts))

    def encode_tokens(self, tokens: Tokens) -> Vectors:
        """Return unit vectors [n, d] of token ids."""
        count = len(tokens.ids)
        return _in_runs(self.graph, count, _RUN_TEXTS, lambda part: self._run(tokens, part))

    def _run(self, tokens: Tokens, part: slice) -> Array:
        graph = self.graph
        feeds: dict[str, Array] = {graph.input: self._feed(tokens.ids[part], graph.type)}
        if graph.mask:
            feeds[graph.mask] = self._feed(tokens.mask[part], graph.mask_type)
        return self.session.run(graph.output, feeds)

    def _feed(self, rows: TokenIds, kind: str) -> Array:
        return _filled(rows, self.graph.batch).astype(kind, copy=False)


def open_image_encoder(folder: Path, device: Device = CPU, threads: int = 0) -> ImageEncoder:
    """Open the image tower of a model folder."""
    folder = folder.absolute()
    settings = read_settings(folder)
    session = open_session(folder / IMAGE_GRAPH, device, threads)
    graph = read_image_graph(folder, settings, session)
    return ImageEncoder(graph, session, settings.preprocess)


def open_text_encoder(folder: Path, device: Device = CPU, threads: int = 0) -> TextEncoder:
    """Open the text tower of a model folder."""
    folder = folder.absolute()
    settings = read_settings(folder)
    session = open_session(folder / TEXT_GRAPH, device, threads)
    graph, rules = read_text_graph(folder, settings, session)
    return TextEncoder(graph, session, Tokenizer(folder / TOKENIZER, rules))


def _in_runs(graph: Graph, count: int, at_once: int, run: Callable[[slice], Array]) -> Vectors:
    step = graph.batch or at_once
    rows = np.zeros((count, graph.dimension), np.float32)
    for start in range(0, count, step):
        part = slice(start, min(start + step, count))
        rows[part] = _unit(run(part)[: part.stop - start], graph)
    rows.setflags(write=False)
    return rows


def _filled(rows: npt.NDArray[Any], batch: int | None) -> npt.NDArray[Any]:
    """Fill up with zeros to the number a graph insists on."""
    if batch is None or len(rows) == batch:
        return rows
    filled = np.zeros((batch, *rows.shape[1:]), rows.dtype)
    filled[: len(rows)] = rows
    return filled


def _unit(raw: Array, graph: Graph) -> Vectors:
    vectors = raw.astype(np.float32)
    if not np.isfinite(vectors).all():
        raise ModelError(
            f"{graph.path.parent.name}/{graph.path.name} gave values that are not numbers. "
            "Choose the processor as device, or another model."
        )
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.where(lengths < NO_DIRECTION, 0, vectors / np.maximum(lengths, NO_DIRECTION))
