"""Smaller graphs of a model: made beside it, compared with it, and decided on; they really run."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import heavy_models
import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from photosearch.inference.encoders import ImageEncoder, open_image_encoder, open_text_encoder
from photosearch.inference.precision import deciding, making, quantising, samples
from photosearch.inference.precision.calibration import EFFICIENCY, estimate
from photosearch.inference.precision.deciding import Made, Outcome
from photosearch.inference.precision.fidelity import Fidelity, mean_cosine, of_pictures, overlap
from photosearch.inference.precision.timing import Timed, best_batch
from photosearch.inference.providers import runtime
from photosearch.types import (
    Calibration,
    ModelKey,
    PrecisionResult,
    Preprocess,
    Tower,
)

KEY = ModelKey("k" * 32)
RUNTIME = "onnxruntime 1.32.0"


def nothing(*_: object) -> None:
    """Hear progress, and never stop."""


def contents(folder: Path) -> dict[str, tuple[str, int]]:
    """Return hash and time of everything in a folder."""
    return {
        str(path.relative_to(folder)): (
            hashlib.sha256(path.read_bytes()).hexdigest(),
            path.stat().st_mtime_ns,
        )
        for path in folder.rglob("*")
        if path.is_file()
    }


# --- int8 graphs --------------------------------------------------------------------


def run(graph: onnx.ModelProto, given: np.ndarray[Any, Any]) -> Any:
    session = runtime().InferenceSession(
        graph.SerializeToString(), providers=["CPUExecutionProvider"]
    )
    return session.run(None, {session.get_inputs()[0].name: given})[0]


def small_graph(nodes: list[Any], **tensors: Any) -> onnx.ModelProto:
    """Return a graph from `given` [n, 32] to `result` [n, ...]."""
    made = helper.make_graph(
        nodes,
        "small",
        [helper.make_tensor_value_info("given", TensorProto.FLOAT, ["n", 32])],
        [helper.make_tensor_value_info("result", TensorProto.FLOAT, ["n", "d"])],
        [
            numpy_helper.from_array(value.astype(np.float32), name)
            for name, value in tensors.items()
        ],
    )
    return helper.make_model(made, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def kinds(graph: onnx.ModelProto) -> list[str]:
    return [node.op_type for node in graph.graph.node]


GIVEN = np.random.default_rng(1).standard_normal((8, 32), np.float32)
SQUARE = np.random.default_rng(2).standard_normal((32, 32))


@pytest.mark.parametrize("external", [False, True])
def test_int8_graphs_lie_apart_and_the_own_folder_stays_as_it_is(
    tmp_path: Path, external: bool
) -> None:
    folder = heavy_models.write(tmp_path / "model", external=external)
    before = contents(folder)
    targets = {part: tmp_path / "prepared" / f"{part}.onnx" for part in ("visual", "textual")}
    for part, target in targets.items():
        assert quantising.quantise(folder / part / "model.onnx", target) == 2
    assert contents(folder) == before
    assert {path.name for path in (tmp_path / "prepared").iterdir()} == {
        "visual.onnx",
        "textual.onnx",
    }
    assert kinds(onnx.load(str(targets["visual"]))).count("MatMulInteger") == 2
    sizes = {path.name: path.stat().st_size for path in (folder / "visual").iterdir()}
    own = max(sizes.values())
    assert targets["visual"].stat().st_size < 0.3 * own
    tower = Tower(str(targets["visual"]), "int8")
    pixels = np.random.default_rng(3).integers(0, 256, (9, 16, 16, 3), np.uint8)
    full = open_image_encoder(folder).encode(pixels)
    small = open_image_encoder(folder, tower=tower).encode(pixels)
    assert (full * small).sum(axis=1).min() > 0.99
    assert not np.array_equal(full, small)
    texts = open_text_encoder(folder).encode(["a dog", "red beach"])
    tower = Tower(str(targets["textual"]), "int8")
    small = open_text_encoder(folder, tower=tower).encode(["a dog", "red beach"])
    assert (texts * small).sum(axis=1).min() > 0.99


def test_a_bias_and_a_turned_matrix_are_kept() -> None:
    bias = np.linspace(-5, 5, 48)
    turned = np.random.default_rng(4).standard_normal((48, 32))
    graph = small_graph(
        [helper.make_node("Gemm", ["given", "turned", "bias"], ["result"], transB=1)],
        turned=turned,
        bias=bias,
    )
    expected = run(graph, GIVEN)
    assert quantising.quantise_model(graph) == 1
    assert "Gemm" not in kinds(graph)
    np.testing.assert_allclose(run(graph, GIVEN), expected, atol=0.4)
    assert np.abs(expected).max() > 10


def test_one_matrix_used_both_ways_is_two() -> None:
    graph = small_graph(
        [
            helper.make_node("Gemm", ["given", "square"], ["middle"]),
            helper.make_node("Gemm", ["middle", "square"], ["result"], transB=1),
        ],
        square=SQUARE,
    )
    expected = run(graph, GIVEN)
    assert quantising.quantise_model(graph) == 2
    unlike = np.abs(run(graph, GIVEN) - expected).mean() / np.abs(expected).mean()
    assert unlike < 0.05


def test_one_matrix_used_twice_is_kept_once() -> None:
    graph = small_graph(
        [
            helper.make_node("MatMul", ["given", "square"], ["middle"]),
            helper.make_node("MatMul", ["middle", "square"], ["result"]),
        ],
        square=SQUARE,
    )
    quantising.quantise_model(graph)
    names = [each.name for each in graph.graph.initializer]
    assert len(names) == len(set(names)) == 3, "values, scales and zeros"


def test_what_is_calculated_or_small_stays_as_it_is(tmp_path: Path) -> None:
    graph = small_graph(
        [
            helper.make_node("MatMul", ["given", "narrow"], ["few"]),
            helper.make_node("Transpose", ["few"], ["turned"], perm=[1, 0]),
            helper.make_node("MatMul", ["few", "turned"], ["result"]),
        ],
        narrow=SQUARE[:, :8],
    )
    onnx.save(graph, str(tmp_path / "own.onnx"))
    assert quantising.quantise(tmp_path / "own.onnx", tmp_path / "made" / "int8.onnx") == 0
    assert not (tmp_path / "made").exists()


def test_seven_bits_keep_half_the_range() -> None:
    values, scales = quantising.columns(SQUARE.astype(np.float32), quantising.SAFE_BITS)
    assert np.abs(values).max() == 63
    np.testing.assert_allclose(values * scales, SQUARE, atol=scales.max())


# --- fidelity -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cosine", "same", "words"),
    [
        (0.985, 0.9, ""),
        (1.0, 1.0, ""),
        (0.98499, 1.0, "cosine 0.985, at least 0.985 is wanted"),
        (0.97, 1.0, "cosine 0.970, at least 0.985"),
        (1.0, 0.89, "of the first 10, 89% are the same, at least 90%"),
        (float("nan"), 1.0, "cosine nan"),
        (1.0, float("nan"), "of the first 10"),
    ],
)
def test_what_is_near_enough(cosine: float, same: float, words: str) -> None:
    reason = Fidelity(cosine, same).reason
    assert words in reason
    assert bool(words) == bool(reason)


def ranks(count: int, swapped: int) -> Any:
    """Return scores of 40 pictures for queries; of the first ten, `swapped` left for others."""
    order = np.arange(40)
    order[10 - swapped : 10], order[10 : 10 + swapped] = (
        order[10 : 10 + swapped].copy(),
        order[10 - swapped : 10].copy(),
    )
    scores = np.empty(40, np.float32)
    scores[order] = np.arange(40, 0, -1)
    return np.tile(scores, (count, 1))


def test_overlap_is_of_the_first_ten() -> None:
    full = ranks(10, 0)
    assert overlap(full, full) == 1.0
    assert overlap(full, ranks(10, 1)) == pytest.approx(0.9)
    assert Fidelity(1.0, overlap(full, ranks(10, 1))).reason == ""
    worse = np.concatenate([ranks(9, 1), ranks(1, 2)])
    assert overlap(full, worse) == pytest.approx(0.89)
    assert Fidelity(1.0, overlap(full, worse)).reason
    assert overlap(full, -full) == 0.0
    assert overlap(full[:, :12], -full[:, :12]) == 0.0, "of few pictures, fewer are looked at"


def test_cosines_leave_out_blank_pictures() -> None:
    full = np.float32([[1, 0], [0, 0], [0, 1]])
    assert mean_cosine(full, np.float32([[1, 0], [0.6, 0.8], [0.8, 0.6]])) == pytest.approx(0.8)
    assert mean_cosine(full, np.float32([[0, 0], [0, 0], [0, 1]])) == pytest.approx(0.5)
    near = of_pictures(full, full, full[:1])
    assert (near.cosine, near.overlap) == (1.0, 1.0)


# --- deciding -----------------------------------------------------------------------


def result(precision: str, speed: float, reason: str = "") -> PrecisionResult:
    return PrecisionResult(precision, speed, 8, 0.99, 0.95, not reason, reason)


FULL = Made(result("fp32", 40.0))


def outcome(int8: Made, full: Made = FULL, device: str = "cpu") -> Outcome:
    return Outcome(device, 2, (full, int8), text_batch=3)


GOOD = Made(result("int8", 100.0), "image-int8.onnx", "text-int8.onnx")
UNTRUE = replace(GOOD, result=result("int8", 100.0, "Its vectors differ too much."))
SLOW = replace(GOOD, result=result("int8", 41.9))
FASTER = replace(GOOD, result=result("int8", 42.1))
NONE = Made(result("int8", 0.0, "There is no room."))


@pytest.mark.parametrize(
    ("int8", "preference", "image"),
    [
        (GOOD, "auto", "int8"),
        (GOOD, "fp32", "fp32"),
        (GOOD, "int8", "int8"),
        (GOOD, "fp16", "fp32"),  # nothing of the kind was made
        (UNTRUE, "auto", "fp32"),
        (UNTRUE, "int8", "int8"),
        (SLOW, "auto", "fp32"),  # less than 5 % faster is not worth it
        (SLOW, "int8", "int8"),
        (FASTER, "auto", "int8"),
        (NONE, "auto", "fp32"),
        (NONE, "int8", "fp32"),
    ],
)
def test_the_fastest_that_keeps_fidelity(int8: Made, preference: str, image: str) -> None:
    plan = deciding.plan(outcome(int8), preference, Path("/prepared"))
    assert plan.image.precision == image
    graph = "/prepared/image-int8.onnx" if image == "int8" else ""
    assert plan.image.graph == (str(Path(graph)) if graph else "")
    assert (plan.threads, plan.device, plan.image.batch) == (2, "cpu", 8)


@pytest.mark.parametrize(
    ("made", "preference", "text"),
    [
        (UNTRUE, "auto", "int8"),  # the image tower's fault is not the text tower's
        (SLOW, "auto", "int8"),
        (replace(GOOD, text_reason="It finds other photos."), "auto", "fp32"),
        (replace(GOOD, text_reason="It finds other photos."), "int8", "int8"),
        (replace(GOOD, text=""), "auto", "fp32"),
        (replace(GOOD, text=""), "int8", "fp32"),
        (GOOD, "fp32", "fp32"),
    ],
)
def test_the_text_tower_is_decided_by_itself(made: Made, preference: str, text: str) -> None:
    plan = deciding.plan(outcome(made), preference, Path("/prepared"))
    assert plan.text.precision == text
    assert bool(plan.text.graph) == (text == "int8")
    assert plan.text.batch == 3


def test_a_small_table_is_used_unless_full_precision_is_asked_for() -> None:
    full = Made(result("fp32", 40.0), text="text-fp32.onnx")
    made = outcome(NONE, full)
    folder = Path("/prepared")
    assert deciding.plan(made, "auto", folder).text.graph == str(folder / "text-fp32.onnx")
    assert deciding.plan(made, "fp32", folder) == deciding.plain(made)
    assert deciding.measurement(made, "fp32", folder).plan == deciding.plain(made), "as it is run"


@pytest.mark.parametrize(
    ("asked", "device", "preference", "covered"),
    [
        ("auto", "cpu", "auto", True),
        ("auto", "cpu", "fp32", True),
        ("auto", "cpu", "int8", True),
        ("auto", "cpu", "fp16", False),
        ("int8", "cpu", "auto", True),
        ("fp16", "cpu", "auto", False),
        ("fp32", "cpu", "auto", False),
        ("int8", "cuda", "auto", False),
        ("fp16", "cuda", "auto", True),
    ],
)
def test_what_has_been_tried(asked: str, device: str, preference: str, covered: bool) -> None:
    made = GOOD if asked in ("auto", "int8") else Made(result(asked, 50.0))
    assert (
        deciding.covers(replace(outcome(made, device=device), asked=asked), preference) == covered
    )


def test_the_smallest_batch_that_is_as_fast() -> None:
    now = 0.0
    costs = {1: 0.1, 2: 0.12, 4: 0.16, 8: 0.318, 16: 0.64, 32: 1.28}

    def run(count: int) -> None:
        nonlocal now
        if count > 16:
            raise MemoryError
        now += costs[count]

    timed = best_batch(run, budget_s=1000, clock=lambda: now)
    assert timed.batch == 4
    assert timed.per_second == pytest.approx(25.0)
    assert [each.batch for each in timed.smaller] == [2, 1]
    assert timed.smaller[1].per_second == pytest.approx(10.0)
    with pytest.raises(MemoryError):
        best_batch(run, (32,), clock=lambda: now)


@pytest.mark.parametrize(
    ("true_up_to", "batch", "usable"), [(32, 8, True), (2, 2, True), (0, 8, False)]
)
def test_the_batch_is_one_at_which_the_graph_is_true(
    monkeypatch: pytest.MonkeyPatch, true_up_to: int, batch: int, usable: bool
) -> None:
    """A batch of many pictures coarsens the steps of int8; the speed alone does not choose it."""
    rng = np.random.default_rng(5)
    images, texts = (rng.normal(size=(count, 16)).astype(np.float32) for count in (40, 8))
    full = making._Full(np.zeros((40, 2, 2, 3), np.uint8), images, texts, 1)
    slower = tuple(Timed(40.0 + size, size) for size in (4, 2, 1))
    monkeypatch.setattr(making, "_timed", lambda _encoder: Timed(50.0, 8, slower))
    monkeypatch.setattr(
        making, "_encoded", lambda _e, _p, size: images if size <= true_up_to else -images
    )
    timed, near = making._true_batch(full, cast(ImageEncoder, None), making.INT8)
    assert (timed.batch, not near.reason) == (batch, usable)
    assert timed.per_second == (50.0 if batch == 8 else 42.0)


def test_a_speed_is_estimated_from_the_machine() -> None:
    machine = Calibration("cpu", 100.0, 400.0)
    assert estimate(10.0, machine) == pytest.approx(400 * EFFICIENCY["int8"] / 10)
    assert estimate(10.0, machine, "fp32") == pytest.approx(100 * EFFICIENCY["fp32"] / 10)
    assert estimate(10.0, machine, "fp16") == estimate(10.0, machine), "none was measured"
    assert estimate(0.0, machine) == 0.0


def test_samples_are_the_users_own_pictures_first() -> None:
    own = np.full((40, 40, 3), 200, np.uint8)
    spec = Preprocess(16, 16, (0.0, 0.0, 0.0), (1.0, 1.0, 1.0))
    batch = samples.inputs([own], spec, 3)
    assert batch.shape == (3, 16, 16, 3)
    assert (batch[0] == 200).all()
    assert len({each.tobytes() for each in batch}) == 3
    assert np.array_equal(batch, samples.inputs([own], spec, 3)), "the same at every measuring"
