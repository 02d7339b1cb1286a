"""Unit vectors from the encoders: batches, precision, and results that are none."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
from tiny_models import Tiny, write

from photosearch.errors import ModelError
from photosearch.inference.encoders import (
    ImageEncoder,
    TextEncoder,
    open_image_encoder,
    open_text_encoder,
)
from photosearch.inference.graphs import Graph
from photosearch.inference.preprocess import PixelBatch
from photosearch.inference.providers import CPU, side_by_side
from photosearch.inference.session import Array, Tensor
from photosearch.inference.tokenize import Tokens
from photosearch.types import Device, Preprocess, Vectors

_SPEC = Preprocess(8, 8, (0.0, 0.0, 0.0), (1.0, 1.0, 1.0))


class FakeSession:
    """Gives fixed rows and remembers the sizes it was asked for."""

    inputs: tuple[Tensor, ...] = ()
    outputs: tuple[Tensor, ...] = ()
    device: Device = CPU
    notice = ""

    def __init__(self, row: list[float]) -> None:
        self.row = row
        self.sizes: list[int] = []

    def run(self, output: str, feeds: Mapping[str, Array]) -> Array:
        (given,) = feeds.values()
        self.sizes.append(len(given))
        return np.tile(np.array(self.row, np.float32), (len(given), 1))


def image_encoder(row: list[float], batch: int | None = None, px: int = 8) -> ImageEncoder:
    graph = Graph(Path("visual/model.onnx"), "x", "float32", "y", len(row), batch)
    spec = Preprocess(px, px, _SPEC.mean, _SPEC.std)
    return ImageEncoder(graph, FakeSession(row), spec)


def pixels(count: int, px: int = 8) -> np.ndarray:
    return np.random.default_rng(count).integers(0, 256, (count, px, px, 3), np.uint8)


@pytest.mark.parametrize(
    "tiny", [Tiny(), Tiny(batch=1), Tiny(batch=4), Tiny(image_type="float16"), Tiny(external=True)]
)
def test_vectors_of_pictures_do_not_depend_on_the_batch(tmp_path: Path, tiny: Tiny) -> None:
    encoder = open_image_encoder(write(tmp_path / "model", tiny), threads=1)
    batch = pixels(6)
    together = encoder.encode(batch)
    alone = np.concatenate([encoder.encode(batch[each : each + 1]) for each in range(6)])
    assert together.dtype == np.float32
    assert together.shape == (6, 4)
    assert not together.flags.writeable
    np.testing.assert_allclose(np.linalg.norm(together, axis=1), 1, atol=1e-6)
    np.testing.assert_allclose(together, alone, atol=1e-3)
    assert encoder.variant == f"{tiny.image_type}-cpu"


@pytest.mark.parametrize(
    "tiny", [Tiny(), Tiny(batch=1), Tiny(batch=4, ids_type="int32"), Tiny(ids_type="int32")]
)
def test_vectors_of_texts_do_not_depend_on_the_batch(tmp_path: Path, tiny: Tiny) -> None:
    encoder = open_text_encoder(write(tmp_path / "model", tiny), threads=1)
    texts = ["a dog", "a red dog", "", "a dog on a beach on a beach", "its", "unknown"]
    together = encoder.encode(texts)
    alone = np.concatenate([encoder.encode([text]) for text in texts])
    assert together.shape == (6, 4)
    np.testing.assert_allclose(together, alone, atol=1e-5)
    np.testing.assert_array_equal(encoder.encode(["A DOG!"]), encoder.encode(["a dog"]))


def test_the_attention_mask_is_given_where_it_is_wanted(tmp_path: Path) -> None:
    folder = write(tmp_path / "model", Tiny(mask=True))
    encoder = open_text_encoder(folder, threads=1)
    ids = np.array([[3, 4, 2, 1, 1, 1], [3, 4, 2, 8, 8, 8]])
    mask = np.array([[1, 1, 1, 0, 0, 0]] * 2)
    one, other = encoder.encode_tokens(Tokens(ids, mask))
    np.testing.assert_array_equal(one, other)
    np.testing.assert_allclose(encoder.encode(["a dog"])[0], one, atol=1e-6)


def test_nothing_in_nothing_out(tmp_path: Path) -> None:
    folder = write(tmp_path / "model")
    assert open_image_encoder(folder, threads=1).encode(pixels(0)).shape == (0, 4)
    assert open_text_encoder(folder, threads=1).encode([]).shape == (0, 4)


def test_large_batches_run_in_parts() -> None:
    encoder = image_encoder([1.0, 0.0], px=224)
    assert encoder.encode(np.zeros((70, 224, 224, 3), np.uint8)).shape == (70, 2)
    session = encoder.session
    assert isinstance(session, FakeSession)
    assert session.sizes == [32, 32, 6]


def test_a_fixed_batch_is_filled_up() -> None:
    encoder = image_encoder([3.0, 4.0], batch=4)
    vectors = encoder.encode(pixels(6))
    np.testing.assert_allclose(vectors, [[0.6, 0.8]] * 6, atol=1e-6)
    session = encoder.session
    assert isinstance(session, FakeSession)
    assert session.sizes == [4, 4]


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_values_that_are_no_numbers_are_refused(bad: float) -> None:
    with pytest.raises(ModelError, match=r"visual/model\.onnx gave values that are not numbers"):
        image_encoder([1.0, bad]).encode(pixels(2))


def test_a_vector_without_direction_is_zero() -> None:
    assert image_encoder([5e-7, -5e-7]).encode(pixels(2)).tolist() == [[0, 0]] * 2
    assert image_encoder([0.0, 0.0]).encode(pixels(1)).tolist() == [[0, 0]]
    graph = Graph(Path("textual/model.onnx"), "x", "int64", "y", 2)
    encoder = TextEncoder(graph, FakeSession([1e-7, 0.0]), lambda texts: None)  # type: ignore[arg-type,return-value]
    tokens = Tokens(np.zeros((1, 3), np.int64), np.ones((1, 3), np.int64))
    assert encoder.encode_tokens(tokens).tolist() == [[0, 0]]


def test_a_batch_of_another_shape_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match="is not uint8"):
        image_encoder([1.0]).encode(pixels(2, px=9))


@pytest.mark.parametrize(("batch", "count", "largest"), [(None, 7, 3), (None, 2, 1), (4, 16, 8)])
def test_parts_of_a_batch_go_side_by_side(
    tmp_path: Path, batch: int | None, count: int, largest: int
) -> None:
    """The rows are those of one picture after another, in their order."""
    folder = write(tmp_path / "model", Tiny(batch=batch))
    one = open_image_encoder(folder, threads=1)
    several = ImageEncoder(one.graph, one.session, one.spec, at_once=3)
    given = pixels(count)
    seen: list[int] = []
    lock = threading.Lock()
    meeting = threading.Barrier(2, timeout=10)  # broken unless two are under way at once
    rows = several._rows

    def meet(part: PixelBatch) -> Vectors:
        with lock:
            seen.append(len(part))
            among_first = len(seen) <= 2
        if among_first:
            meeting.wait()
        return rows(part)

    several._rows = meet  # type: ignore[method-assign]
    assert np.allclose(several.encode(given), one.encode(given), atol=1e-6)
    assert max(seen) == largest
    assert sum(seen) == count


@pytest.mark.parametrize(
    ("threads", "shared"),
    [(1, (1, 1)), (2, (2, 1)), (4, (4, 1)), (5, (2, 2)), (6, (3, 2)), (8, (4, 2)), (16, (4, 4))],
)
def test_cores_are_shared_out(threads: int, shared: tuple[int, int]) -> None:
    assert side_by_side(threads) == shared
