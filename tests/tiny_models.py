"""Search models of a few kilobytes, with everything about their graphs to choose."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

_CODES = {
    "float32": TensorProto.FLOAT,
    "float16": TensorProto.FLOAT16,
    "int32": TensorProto.INT32,
    "int64": TensorProto.INT64,
}


@dataclass(frozen=True, slots=True)
class Tiny:
    """A model folder to write: pictures become mixtures of their mean colour, texts of their
    token ids."""

    dimension: int = 4
    text_dimension: int | None = None
    size_px: int = 8
    length: int = 6
    batch: int | str = "n"
    image_type: str = "float32"
    ids_type: str = "int64"
    mask: bool = False
    pooled: bool = False  # a second output [n, 3] before the embedding, as other exporters give
    open_dimension: bool = False  # the graph does not declare the size of its output
    external: bool = False  # weights beside the graph
    config: dict[str, Any] = field(default_factory=dict)


def write(folder: Path, tiny: Tiny = Tiny()) -> Path:
    """Write a model folder and return it."""
    for part in ("visual", "textual"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    text = {"context_length": tiny.length, "tokenizer_kwargs": {"clean": "canonicalize"}}
    config = {"embed_dim": tiny.dimension, "text_cfg": text, **tiny.config}
    (folder / "config.json").write_text(json.dumps(config))
    preprocess = {"size": tiny.size_px, "mean": [0, 0, 0], "std": [1, 1, 1]}
    (folder / "visual" / "preprocess_cfg.json").write_text(json.dumps(preprocess))
    _save(_image_graph(tiny), folder / "visual" / "model.onnx", tiny)
    _save(_text_graph(tiny), folder / "textual" / "model.onnx", tiny)
    write_tokenizer(folder / "textual" / "tokenizer.json")
    (folder / "textual" / "tokenizer_config.json").write_text(json.dumps({"pad_token": "<pad>"}))
    return folder


def write_tokenizer(path: Path) -> None:
    """Write a tokenizer of a few whole words that ends a text with <end>."""
    words = ["<unk>", "<pad>", "<end>", "a", "dog", "on", "beach", "its", "red"]
    special = {"<end>": {"id": "<end>", "ids": [2], "tokens": ["<end>"]}}
    frame = [
        {"Sequence": {"id": "A", "type_id": 0}},
        {"SpecialToken": {"id": "<end>", "type_id": 0}},
    ]
    content = {
        "version": "1.0",
        "added_tokens": [],
        "pre_tokenizer": {"type": "WhitespaceSplit"},
        "post_processor": {
            "type": "TemplateProcessing",
            "single": frame,
            "pair": [*frame, {"Sequence": {"id": "B", "type_id": 1}}],
            "special_tokens": special,
        },
        "model": {
            "type": "WordLevel",
            "vocab": {word: number for number, word in enumerate(words)},
            "unk_token": "<unk>",
        },
    }
    path.write_text(json.dumps(content))


def _image_graph(tiny: Tiny) -> onnx.ModelProto:
    code = _CODES[tiny.image_type]
    shape = [tiny.batch, 3, tiny.size_px, tiny.size_px]
    weights = _weights(3, tiny.dimension).astype(tiny.image_type)
    nodes = [
        helper.make_node("ReduceMean", ["pixels"], ["pooled"], axes=[2, 3], keepdims=0),
        helper.make_node("MatMul", ["pooled", "weights"], ["image_embeds"]),
    ]
    pooled = helper.make_tensor_value_info("pooled", code, [tiny.batch, 3])
    outputs = [pooled] if tiny.pooled else []
    dimension = "d" if tiny.open_dimension else tiny.dimension
    outputs.append(helper.make_tensor_value_info("image_embeds", code, [tiny.batch, dimension]))
    inputs = [helper.make_tensor_value_info("pixels", code, shape)]
    return _model(nodes, inputs, outputs, weights)


def _text_graph(tiny: Tiny) -> onnx.ModelProto:
    code = _CODES[tiny.ids_type]
    dimension = tiny.text_dimension or tiny.dimension
    shape = [tiny.batch, tiny.length]
    inputs = [helper.make_tensor_value_info("ids", code, shape)]
    nodes = []
    source = "ids"
    if tiny.mask:
        inputs.append(helper.make_tensor_value_info("attention_mask", code, shape))
        nodes.append(helper.make_node("Mul", ["ids", "attention_mask"], ["seen"]))
        source = "seen"
    nodes += [
        helper.make_node("Cast", [source], ["floats"], to=TensorProto.FLOAT),
        helper.make_node("MatMul", ["floats", "weights"], ["text_embeds"]),
    ]
    declared = "d" if tiny.open_dimension else dimension
    outputs = [
        helper.make_tensor_value_info("text_embeds", TensorProto.FLOAT, [tiny.batch, declared])
    ]
    return _model(nodes, inputs, outputs, _weights(tiny.length, dimension))


def _model(nodes: Any, inputs: Any, outputs: Any, weights: Any) -> onnx.ModelProto:
    tensor = numpy_helper.from_array(weights, "weights")
    graph = helper.make_graph(nodes, "tiny", inputs, outputs, [tensor])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def _weights(rows: int, columns: int) -> Any:
    return np.random.default_rng(rows).standard_normal((rows, columns)).astype(np.float32)


def _save(model: onnx.ModelProto, path: Path, tiny: Tiny) -> None:
    external = {"location": "weights.bin", "size_threshold": 0} if tiny.external else {}
    onnx.save(model, str(path), save_as_external_data=tiny.external, **external)
