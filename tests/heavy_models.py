"""Search models with large matrices or tables, and graphs that ask for more memory than exists."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import tiny_models
from onnx import TensorProto, helper, numpy_helper
from tiny_models import Tiny

DIMENSION = 64
SIZE_PX = 16
LENGTH = 6


def write(
    folder: Path,
    *,
    width: int = 96,
    text_width: int = 32,
    words: int = 64,
    table_width: int = 32,
    external: bool = False,
    spoilt: bool = False,
    batch: int | str = "n",
) -> Path:
    """Write a model: pictures go through two matrices (`width` between them), the ids of a text
    through a table of `words` rows and two. `spoilt` ones have columns that int8 ruins.

    With a fixed `batch` of pictures measuring is soon done.
    """
    tiny_models.write(folder, Tiny(dimension=DIMENSION, size_px=SIZE_PX, length=LENGTH))
    centred = {"size": SIZE_PX, "mean": [0.5, 0.5, 0.5], "std": [0.25, 0.25, 0.25]}
    (folder / "visual" / "preprocess_cfg.json").write_text(json.dumps(centred))
    for part, graph in (
        ("visual", _image(width, spoilt, batch)),
        ("textual", text_graph(words, table_width, text_width)),
    ):
        save(graph, folder / part / "model.onnx", external=external)
    return folder


def save(graph: onnx.ModelProto, path: Path, *, external: bool = False) -> None:
    how = {"location": "weights.bin", "size_threshold": 0} if external else {}
    onnx.save(graph, str(path), save_as_external_data=external, **how)


def _image(width: int, spoilt: bool, batch: int | str) -> onnx.ModelProto:
    given = 3 * SIZE_PX * SIZE_PX
    first = _random(given, width) / np.float32(np.sqrt(given))
    if spoilt:  # beside these all others of their columns are rounded to nothing
        first[0] = 1000.0
    mask = np.ones(given, np.float32)
    mask[0] = 0.0  # they take no part in the result
    nodes = [
        helper.make_node("Flatten", ["pixels"], ["flat"], axis=1),
        helper.make_node("Mul", ["flat", "mask"], ["seen"]),
        helper.make_node("MatMul", ["seen", "first"], ["middle"]),
        helper.make_node("Relu", ["middle"], ["bent"]),
        helper.make_node("MatMul", ["bent", "second"], ["image_embeds"]),
    ]
    second = _random(width, DIMENSION)
    pixels = _value("pixels", TensorProto.FLOAT, [batch, 3, SIZE_PX, SIZE_PX])
    return _model(nodes, pixels, "image_embeds", {"mask": mask, "first": first, "second": second})


def text_graph(words: int, table_width: int, width: int) -> onnx.ModelProto:
    """Return a text tower with a table of `words` rows: 256,000 x 768 is SigLIP2's."""
    nodes = [
        helper.make_node("Gather", ["table", "ids"], ["rows"], axis=0),
        helper.make_node("ReduceMean", ["rows"], ["mean"], axes=[1], keepdims=0),
        helper.make_node("MatMul", ["mean", "up"], ["middle"]),
        helper.make_node("Relu", ["middle"], ["bent"]),
        helper.make_node("MatMul", ["bent", "down"], ["text_embeds"]),
    ]
    # The rows of a large table repeat a smaller one: random numbers take seconds.
    some = _random(min(words, 4096), table_width)
    table = np.resize(some, (words, table_width))
    tensors = {
        "table": table,
        "up": _random(table_width, width),
        "down": _random(width, DIMENSION),
    }
    ids = _value("ids", TensorProto.INT64, ["n", LENGTH])
    return _model(nodes, ids, "text_embeds", tensors)


def greedy(path: Path, most: int) -> None:
    """Change a graph on disk: given more than `most` items at once it asks for 256 TB."""
    model = onnx.load(str(path))
    graph = model.graph
    limit = numpy_helper.from_array(np.array([-most], np.int64), "greedy_limit")
    for tensor in graph.initializer:
        if tensor.name == limit.name:  # it is greedy already
            tensor.CopyFrom(limit)
            onnx.save(model, str(path))
            return
    (result,) = graph.output
    for node in graph.node:
        for place, name in enumerate(node.output):
            if name == result.name:
                node.output[place] = "modest"
    graph.node.extend(
        [
            helper.make_node("Shape", [graph.input[0].name], ["greedy_shape"], end=1),
            helper.make_node("Add", ["greedy_shape", limit.name], ["greedy_over"]),
            helper.make_node("Max", ["greedy_over", "greedy_none"], ["greedy_more"]),
            helper.make_node("Concat", ["greedy_more", "greedy_each"], ["greedy_size"], axis=0),
            helper.make_node("ConstantOfShape", ["greedy_size"], ["greedy_room"]),
            helper.make_node("ReduceSum", ["greedy_room"], ["greedy_sum"], keepdims=0),
            helper.make_node("Add", ["modest", "greedy_sum"], [result.name]),
        ]
    )
    for name, value in (("none", 0), ("each", 1 << 46)):
        graph.initializer.append(numpy_helper.from_array(np.array([value]), f"greedy_{name}"))
    graph.initializer.append(limit)
    onnx.save(model, str(path))


def _model(nodes: Any, given: Any, result: str, tensors: dict[str, Any]) -> onnx.ModelProto:
    results = [_value(result, TensorProto.FLOAT, ["n", DIMENSION])]
    graph = helper.make_graph(nodes, "heavy", [given], results)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    for name, value in tensors.items():  # put in last and in place: each copy of them takes seconds
        tensor = model.graph.initializer.add(name=name, dims=value.shape)
        tensor.data_type = TensorProto.FLOAT
        tensor.raw_data = value.tobytes()
    return model


def _value(name: str, code: int, shape: list[Any]) -> Any:
    return helper.make_tensor_value_info(name, code, shape)


def _random(rows: int, columns: int) -> Any:
    return np.random.default_rng(rows * columns).standard_normal((rows, columns), np.float32)
