"""Large tables of words kept small: rows of fp16 or int8 are read, and the table stays so.

The table is SigLIP2's, 256,000 rows of 768, with made-up numbers.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import heavy_models
import numpy as np
import onnx
import pytest
from onnx import helper, numpy_helper

from photosearch.engine.preparing import Preparing, TextRequest
from photosearch.inference.encoders import open_text_encoder
from photosearch.inference.model_folder import TEXT_GRAPH
from photosearch.inference.precision import deciding, making, quantising, tables
from photosearch.inference.precision.graph_files import Constants, data_files
from photosearch.inference.providers import CPU
from photosearch.types import Tower

WORDS, WIDTH = 256_000, 768
TABLE_BYTES = WORDS * WIDTH * 4
QUERIES = ("a dog on the beach", "red", "its dog", "beach a red")
STEPS = {"fp16": ["Gather", "Cast"], "int8": ["Gather", "Cast", "Gather", "Mul"]}


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A model whose text tower has the table, in the graph's own file."""
    folder = tmp_path_factory.mktemp("large") / "model"
    yield heavy_models.write(folder, words=WORDS, table_width=WIDTH)
    shutil.rmtree(folder.parent)  # 1.4 GB


@pytest.fixture(scope="module")
def made(large: Path) -> dict[str, Path]:
    """The graphs with smaller tables, by what the tables are."""
    found = {kind: large.parent / f"text-{kind}.onnx" for kind in STEPS}
    for kind, path in found.items():
        assert tables.shrink(large / TEXT_GRAPH, path, kind) == 1
    return found


def grown(folder: Path, graph: str = "") -> int:
    """Return the bytes by which a child grows that opens a text tower and answers queries."""
    request = TextRequest(folder, CPU.id, 1, Tower(graph))
    return Preparing().text_cost(request, lambda: None)[1]


def cosines(folder: Path, graph: Path) -> Any:
    full = open_text_encoder(folder).encode(QUERIES)
    small = open_text_encoder(folder, tower=Tower(str(graph))).encode(QUERIES)
    return (full * small).sum(axis=1)


@pytest.mark.parametrize("kind", ["fp16", "int8"])
def test_a_large_table_stays_small_in_memory(large: Path, made: dict[str, Path], kind: str) -> None:
    share = {"fp16": 2, "int8": 4}[kind]
    size = sum(path.stat().st_size for path in data_files(made[kind]))
    assert size < TABLE_BYTES / share + 8e6
    needed = grown(large, str(made[kind]))
    assert needed < TABLE_BYTES / share + 150e6 < 1e9, "it would be larger were it folded back"
    if kind == "fp16":
        assert needed < grown(large) - TABLE_BYTES / 3


@pytest.mark.parametrize("kind", ["fp16", "int8"])
def test_a_small_table_finds_the_same(large: Path, made: dict[str, Path], kind: str) -> None:
    found = cosines(large, made[kind])
    assert found.min() >= 0.999
    graph = onnx.load(str(made[kind]), load_external_data=False)
    assert [node.op_type for node in graph.graph.node][: len(STEPS[kind])] == STEPS[kind]
    kinds = {each.name: each.data_type for each in graph.graph.initializer}
    assert kinds[f"table_{kind}"] == {"fp16": 10, "int8": 3}[kind]
    assert "table" not in kinds


@pytest.mark.parametrize("kind", ["fp16", "int8"])
def test_a_table_beside_the_graph(tmp_path: Path, kind: str) -> None:
    folder = heavy_models.write(tmp_path / "m", words=30_000, table_width=WIDTH, external=True)
    own = {path.name: path.stat() for path in (folder / "textual").iterdir()}
    assert own["weights.bin"].st_size > tables.LARGE_BYTES > own["model.onnx"].st_size
    target = tmp_path / "made" / "text.onnx"
    for _ in range(2):  # the second takes the place of the first
        assert tables.shrink(folder / TEXT_GRAPH, target, kind) == 1
    share = {"fp16": 2, "int8": 4}[kind]
    size = sum(path.stat().st_size for path in data_files(target))
    assert size < own["weights.bin"].st_size / share + 4e6
    assert cosines(folder, target).min() >= 0.999
    assert {p.name: p.stat().st_mtime_ns for p in (folder / "textual").iterdir()} == {
        name: status.st_mtime_ns for name, status in own.items()
    }


def test_int8_text_towers_have_small_tables(tmp_path: Path) -> None:
    folder = heavy_models.write(tmp_path / "model", words=30_000, table_width=WIDTH)
    target = tmp_path / "int8.onnx"
    assert quantising.quantise(folder / TEXT_GRAPH, target) == 2
    assert Constants(onnx.load(str(target))).get("table_int8") is not None
    assert cosines(folder, target).min() > 0.99


def test_a_text_tower_without_other_matrices_keeps_at_least_its_table_small(
    tmp_path: Path,
) -> None:
    narrow = heavy_models.write(
        tmp_path / "model", words=400_000, table_width=48, text_width=8, width=32, batch=1
    )
    task = making.Task(narrow, tmp_path / "work", CPU, threads=1)
    outcome = making.make(task, lambda _: None, lambda _: None)
    plan = deciding.plan(outcome, "auto", task.work)
    assert plan.text.precision == "fp32"
    assert Path(plan.text.graph) == task.work / "text-fp32.onnx"
    assert cosines(narrow, Path(plan.text.graph)).min() >= 0.999


def test_other_tables_stay(tmp_path: Path) -> None:
    folder = heavy_models.write(tmp_path / "model", words=64)
    target = tmp_path / "small.onnx"
    assert tables.shrink(folder / TEXT_GRAPH, target, tables.FP16) == 0
    assert not target.exists()
    graph = onnx.load(str(folder / TEXT_GRAPH))
    for node in graph.graph.node:
        if node.op_type == "Gather":
            node.attribute[0].i = 1  # columns: a row's scale would not be theirs
    assert tables.shrink_model(graph, tables.INT8, least_bytes=0) == 0


def test_one_table_that_is_read_twice_is_kept_once() -> None:
    graph = heavy_models.text_graph(64, 32, 32)
    again = helper.make_node("Gather", ["same", "ids"], ["again"], axis=0)
    graph.graph.node.insert(0, helper.make_node("Identity", ["table"], ["same"]))
    graph.graph.node.insert(1, again)
    graph.graph.output.append(helper.make_tensor_value_info("again", 1, ["n", 6, 32]))
    assert tables.shrink_model(graph, tables.INT8, least_bytes=0) == 2
    names = [each.name for each in graph.graph.initializer]
    assert sorted(names) == ["down", "table_int8", "table_scale", "up"]
    onnx.checker.check_model(graph)


def test_rows_are_scaled_one_by_one() -> None:
    table = np.float32([[1, -2, 0.5], [100, 30, -70], [0, 0, 0]])
    values, scales = tables.rows(table)
    assert values.dtype == np.int8
    assert values[:, 0].tolist() == [64, 127, 0]
    np.testing.assert_allclose(values * scales, table, atol=0.5 * scales.max())
    assert numpy_helper.from_array(scales).dims == [3, 1]
