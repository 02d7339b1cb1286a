"""Unit vectors from model inputs and from texts.

Batches of any size: split to bound memory, in halves when it runs out all the same, filled up
where a graph insists on a number.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from photosearch.errors import ModelError
from photosearch.inference.graphs import Graph, image_graph
from photosearch.inference.hub.verifying import naming_damage
from photosearch.inference.memory import Portions
from photosearch.inference.model_folder import (
    IMAGE_GRAPH,
    TEXT_GRAPH,
    TOKENIZER,
    read_settings,
    read_text_graph,
)
from photosearch.inference.preprocess import PixelBatch, normalise
from photosearch.inference.providers import CPU, kind_of, side_by_side
from photosearch.inference.session import Array, Session, open_half, open_session
from photosearch.inference.tokenize import TokenIds, Tokenizer, Tokens
from photosearch.types import Device, Preprocess, Tower, Vectors

# Pixels in one run: 32 pictures of 224 x 224. Activations of a ViT-B/16 take about 60 times
# their input, so a run stays within a few hundred megabytes.
_RUN_PIXELS = 32 * 224 * 224
_RUN_TEXTS = 64
OWN = Tower()  # the model's own graph

# Shorter vectors carry no direction, only rounding: towers give lengths of 1 (normalised) or
# about 0.1 to 20. The test model's 0.0001 for a query of unknown words is kept on purpose: it
# is a fixed direction, and the published figures of that model count what it finds.
NO_DIRECTION = 1e-6


class ImageEncoder:
    """The image tower of a model."""

    def __init__(
        self,
        graph: Graph,
        session: Session,
        spec: Preprocess,
        tower: Tower = OWN,
        at_once: int = 1,
    ) -> None:
        """`tower` says which graph of the model this is, and how many pictures suit it.

        So many parts of a batch go through the session `at_once`.
        """
        self.graph = graph
        self.session = session
        self.spec = spec
        self._precision = tower.precision if tower.graph else graph.type
        most = max(1, _RUN_PIXELS // (spec.height * spec.width))
        self.portions = Portions(max(most, tower.batch) if tower.graph else most, graph.batch)
        self._at_once = at_once

    @property
    def variant(self) -> str:
        """Precision and device, e.g. `float32-cpu`: vectors of two variants differ slightly."""
        return f"{self._precision}-{kind_of(self.session.device)}"

    def encode(self, batch: PixelBatch) -> Vectors:
        """Return unit vectors [n, d] of model inputs [n, h, w, 3]; a blank result is a zero row.

        ModelError when the graph fails or gives numbers that are none.
        """
        expected = (self.spec.height, self.spec.width, 3)
        if batch.ndim != 4 or batch.shape[1:] != expected or batch.dtype != np.uint8:
            raise ValueError(f"batch {batch.dtype} {batch.shape} is not uint8 (n, *{expected})")
        unit = self.graph.batch or 1  # a run takes as long for less
        runs = -(-len(batch) // unit)
        size = unit * max(1, -(-runs // self._at_once))
        if size >= len(batch):
            return self._rows(batch)
        parts = [batch[start : start + size] for start in range(0, len(batch), size)]
        with ThreadPoolExecutor(len(parts), "pictures") as threads:
            rows: Vectors = np.concatenate(list(threads.map(self._rows, parts)))
        rows.setflags(write=False)
        return rows

    def _rows(self, batch: PixelBatch) -> Vectors:
        return _in_runs(self.graph, len(batch), self.portions, lambda part: self._run(batch[part]))

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
        self.portions = Portions(_RUN_TEXTS, graph.batch)

    def encode(self, texts: Sequence[str], language: str = "") -> Vectors:
        """Return unit vectors [n, d]; zeros for a text of which the model makes nothing.

        `language`, like en or zh_Hant, is for models that must be told.
        """
        if not texts:
            return _in_runs(self.graph, 0, self.portions, lambda _: np.empty(0))
        return self.encode_tokens(self.tokenizer(texts, language))

    def speaks(self, language: str) -> bool:
        """Whether the model knows a language, or need not be told."""
        return not isinstance(self.tokenizer, Tokenizer) or self.tokenizer.speaks(language)

    def encode_tokens(self, tokens: Tokens) -> Vectors:
        """Return unit vectors [n, d] of token ids."""
        count = len(tokens.ids)
        return _in_runs(self.graph, count, self.portions, lambda part: self._run(tokens, part))

    def _run(self, tokens: Tokens, part: slice) -> Array:
        graph = self.graph
        feeds: dict[str, Array] = {graph.input: self._feed(tokens.ids[part], graph.type)}
        if graph.mask:
            feeds[graph.mask] = self._feed(tokens.mask[part], graph.mask_type)
        return self.session.run(graph.output, feeds)

    def _feed(self, rows: TokenIds, kind: str) -> Array:
        return _filled(rows, self.graph.batch).astype(kind, copy=False)


@naming_damage
def open_image_encoder(
    folder: Path, device: Device = CPU, threads: int = 0, tower: Tower = OWN
) -> ImageEncoder:
    """Open the image tower of a model folder; a graph that was prepared of it where `tower` names
    one (ModelError when that does not load)."""
    folder = folder.absolute()
    settings = read_settings(folder)
    at_once, each = side_by_side(threads) if device == CPU else (1, threads)
    path, session = _opened(folder / IMAGE_GRAPH, device, each, tower)
    graph = image_graph(path, session, settings.preprocess, settings.dimension)
    return ImageEncoder(graph, session, settings.preprocess, tower, at_once)


@naming_damage
def open_text_encoder(
    folder: Path, device: Device = CPU, threads: int = 0, tower: Tower = OWN
) -> TextEncoder:
    """Open the text tower of a model folder, or a graph prepared of it, as for pictures."""
    folder = folder.absolute()
    settings = read_settings(folder)
    path, session = _opened(folder / TEXT_GRAPH, device, threads, tower)
    graph, rules = read_text_graph(folder, settings, session)
    return TextEncoder(replace(graph, path=path), session, Tokenizer(folder / TOKENIZER, rules))


def _opened(own: Path, device: Device, threads: int, tower: Tower) -> tuple[Path, Session]:
    path = Path(tower.graph) if tower.graph else own
    if tower.graph and tower.precision == "fp16":
        return path, open_half(path, device, threads)
    return path, open_session(path, device, threads)


def _in_runs(
    graph: Graph, count: int, portions: Portions, run: Callable[[slice], Array]
) -> Vectors:
    rows = np.zeros((count, graph.dimension), np.float32)

    def fill(part: slice) -> None:
        rows[part] = _unit(run(part)[: part.stop - part.start], graph)

    portions.run(count, fill)
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
