"""Face packs of a few kilobytes, with everything about their graphs to choose.

The detector takes white for a face: each cell of a stride that is white all over has one, one
and a half strides to each side of its corner.  The recogniser multiplies mean colours by random
numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

_CODES = {"float32": TensorProto.FLOAT, "float16": TensorProto.FLOAT16}
POINTS = ((-0.8, -0.8), (0.8, -0.8), (0.0, 0.2), (-0.6, 1.0), (0.6, 1.0))  # in strides


@dataclass(frozen=True, slots=True)
class TinyFaces:
    """A face pack to write."""

    dimension: int = 512
    strides: tuple[int, ...] = (8, 16, 32)
    anchors: int = 2
    points: bool = True
    batched: bool = False  # outputs have an axis for the batch
    size_px: int | None = None  # the detector's input; None: any
    yunet: bool = False
    type: str = "float32"
    batch: int | str = "n"  # of the recogniser
    open_dimension: bool = False  # the recogniser does not declare the size of its output
    one_at_once: bool = False  # it declares any number and fails with more than one
    normalises: bool = False  # it begins with a subtraction and a multiplication
    gives: str = "vectors"  # vectors | nan | nothing
    face_px: int = 112


def write(folder: Path, tiny: TinyFaces = TinyFaces()) -> Path:
    """Write a face pack and return its folder."""
    for part, graph in (("detection", detector(tiny)), ("recognition", recogniser(tiny))):
        (folder / part).mkdir(parents=True, exist_ok=True)
        onnx.save(graph, str(folder / part / "model.onnx"))
    return folder


def detector(tiny: TinyFaces) -> onnx.ModelProto:
    """Return a detector: SCRFD's outputs, or YuNet's."""
    code = _CODES[tiny.type]
    size: tuple[Any, Any] = (tiny.size_px, tiny.size_px) if tiny.size_px else ("h", "w")
    made = _Nodes(tiny.type)
    order: dict[str, list[tuple[str, int]]] = {"cls": [], "obj": [], "bbox": [], "kps": []}
    for stride in tiny.strides:
        pooled = made.node("AveragePool", "pixels", kernel_shape=[stride] * 2, strides=[stride] * 2)
        for part, biases in _biases(tiny).items():
            values = made.convolved(pooled, biases, of_brightness=part in ("cls", "obj"), tiny=tiny)
            order[part].append((made.rows(values, f"{part}_{stride}", len(biases), tiny), stride))
    outputs = []
    for part in ("cls", "obj", "bbox", "kps"):
        width = {"cls": 1, "obj": 1, "bbox": 4, "kps": 10}[part]
        shape = [1, None, width] if tiny.batched or tiny.yunet else [None, width]
        outputs += [helper.make_tensor_value_info(name, code, shape) for name, _ in order[part]]
    pixels = helper.make_tensor_value_info("pixels", code, [1, 3, *size])
    return made.model([pixels], outputs)


def _biases(tiny: TinyFaces) -> dict[str, list[float]]:
    points = [offset for point in POINTS for offset in point]
    if tiny.yunet:  # centre, logarithm of the size in strides
        box = [0.0, 0.0, float(np.log(3)), float(np.log(3))]
        return {"cls": [0.0], "obj": [0.0], "bbox": box, "kps": points}
    parts = {"cls": [0.0], "bbox": [1.5] * 4} | ({"kps": points} if tiny.points else {})
    return {part: biases * tiny.anchors for part, biases in parts.items()}


class _Nodes:
    """Collects a graph."""

    def __init__(self, kind: str) -> None:
        self._kind = kind
        self._nodes: list[Any] = []
        self._constants: list[Any] = []

    def node(self, operation: str, *inputs: str, name: str = "", **attributes: Any) -> str:
        name = name or f"value{len(self._nodes)}"
        self._nodes.append(helper.make_node(operation, list(inputs), [name], **attributes))
        return name

    def constant(self, value: Any) -> str:
        name = f"constant{len(self._constants)}"
        self._constants.append(numpy_helper.from_array(value, name))
        return name

    def convolved(
        self, source: str, biases: list[float], of_brightness: bool, tiny: TinyFaces
    ) -> str:
        weights = np.zeros((len(biases), 3, 1, 1), self._kind)
        bias = np.array(biases, self._kind)
        if of_brightness:  # 1 for white, 0 for black, whatever the family's range is
            weights[:] = 1 / 765 if tiny.yunet else 1 / 6
            bias = bias + np.array(0 if tiny.yunet else 0.5, self._kind)
        return self.node("Conv", source, self.constant(weights), self.constant(bias))

    def rows(self, source: str, name: str, channels: int, tiny: TinyFaces) -> str:
        width = channels // (1 if tiny.yunet else tiny.anchors)
        last = self.node("Transpose", source, perm=[0, 2, 3, 1])
        shape = [1, -1, width] if tiny.batched or tiny.yunet else [-1, width]
        return self.node("Reshape", last, self.constant(np.array(shape)), name=name)

    def model(self, inputs: list[Any], outputs: list[Any]) -> onnx.ModelProto:
        graph = helper.make_graph(self._nodes, "tiny", inputs, outputs, self._constants)
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def recogniser(tiny: TinyFaces) -> onnx.ModelProto:
    """Return a recogniser with random weights."""
    code = _CODES[tiny.type]
    made = _Nodes(tiny.type)
    source = "faces"
    if tiny.normalises:
        source = made.node("Sub", source, made.constant(np.array(127.5, tiny.type)))
        source = made.node("Mul", source, made.constant(np.array(1 / 128, tiny.type)))
    block = tiny.face_px // 7
    source = made.node("AveragePool", source, kernel_shape=[block] * 2, strides=[block] * 2)
    shape = [1 if tiny.one_at_once else -1, 147]
    source = made.node("Reshape", source, made.constant(np.array(shape)))
    weights = np.random.default_rng(0).standard_normal((147, tiny.dimension)).astype(tiny.type)
    if tiny.gives != "vectors":
        weights[:] = np.nan if tiny.gives == "nan" else 0
    made.node("MatMul", source, made.constant(weights), name="fc1")
    side = tiny.face_px
    faces = helper.make_tensor_value_info("faces", code, [tiny.batch, 3, side, side])
    declared: Any = "d" if tiny.open_dimension else tiny.dimension
    vectors = helper.make_tensor_value_info("fc1", code, [tiny.batch, declared])
    return made.model([faces], [vectors])
