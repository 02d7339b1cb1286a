"""Dynamic int8: weights as int8 with a scale for each column, inputs quantised as they come.

ONNX Runtime's own quantiser writes beside the model it reads, keeps several copies of it in
memory and needs packages that its wheel does not bring; all that is wanted of it is this one
replacement, in the form that the runtime fuses (DynamicQuantizeLinear, MatMulInteger, Cast, Mul).
Matrices of their own only: attention multiplies what is calculated, and stays as it is.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from photosearch.inference.precision import tables
from photosearch.inference.precision.graph_files import Constants, load, replace_nodes, save

if TYPE_CHECKING:
    import onnx

_LEAST_SIDE = 16  # smaller matrices gain nothing
BITS = 8
# One bit less where the processor adds pairs of products in 16 bits (x86 before VNNI): full
# weights overflow there, which shows as a low cosine.
SAFE_BITS = 7


@dataclass(slots=True)
class _Weights:
    """The tensors a quantised graph gets, each once however many nodes share it."""

    constants: Constants
    bits: int
    tensors: dict[str, onnx.TensorProto] = field(default_factory=dict)
    inputs: set[str] = field(default_factory=set)  # already quantised

    def add(self, name: str, value: npt.NDArray[np.generic]) -> str:
        from onnx import numpy_helper

        self.tensors.setdefault(name, numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name


def quantise(source: Path, target: Path, bits: int = BITS) -> int:
    """Write the int8 form of a graph, large tables included; return how many matrices it has.

    With none nothing is written: the graph would gain nothing.
    """
    model = load(source)
    count = quantise_model(model, bits)
    if count:
        tables.shrink_model(model, tables.INT8)
        save(model, target)
    return count


def quantise_model(model: onnx.ModelProto, bits: int = BITS) -> int:
    """Replace products with constant matrices in place; return how many there were."""
    weights = _Weights(Constants(model), bits)
    count = replace_nodes(model, lambda node: _instead(node, weights))
    model.graph.initializer.extend(weights.tensors.values())
    return count


def _instead(node: onnx.NodeProto, weights: _Weights) -> list[onnx.NodeProto] | None:
    from onnx import helper

    matrix = _matrix(node, weights.constants)
    if matrix is None:
        return None
    turned = "_turned" if _turned(node) else ""  # one matrix may be used both ways
    name = f"{weights.constants.origin(node.input[1])}_{node.op_type}{turned}"
    values, scales = columns(matrix, weights.bits)
    given, result = node.input[0], node.output[0]
    quantised, scale, zero = (f"{given}_{part}" for part in ("int8", "int8_scale", "int8_zero"))
    made: list[onnx.NodeProto] = []
    if given not in weights.inputs:
        weights.inputs.add(given)
        made.append(
            helper.make_node(
                "DynamicQuantizeLinear", [given], [quantised, scale, zero], f"{given}_quantise"
            )
        )
    bias = node.input[2] if node.op_type == "Gemm" and len(node.input) > 2 else ""
    product = f"{result}_product" if bias else result
    weight = weights.add(f"{name}_int8", values)
    weight_scale = weights.add(f"{name}_int8_scale", scales)
    weight_zero = weights.add(f"{name}_int8_zero", np.zeros(len(scales), np.int8))
    made += [
        helper.make_node(
            "MatMulInteger", [quantised, weight, zero, weight_zero], [f"{result}_int32"]
        ),
        helper.make_node("Cast", [f"{result}_int32"], [f"{result}_float"], to=1),  # float32
        helper.make_node("Mul", [scale, weight_scale], [f"{result}_scale"]),
        helper.make_node("Mul", [f"{result}_float", f"{result}_scale"], [product]),
    ]
    if bias:
        made.append(helper.make_node("Add", [product, bias], [result]))
    return made


def columns(
    matrix: npt.NDArray[np.float32], bits: int
) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.float32]]:
    """Return a matrix [k, n] as int8, and the scale [n] of each of its columns."""
    most = 2 ** (bits - 1) - 1
    scales = np.abs(matrix).max(axis=0) / np.float32(most)
    scales[scales == 0] = 1
    return np.rint(matrix / scales).astype(np.int8), scales.astype(np.float32)


def _matrix(node: onnx.NodeProto, constants: Constants) -> npt.NDArray[np.float32] | None:
    """Return the constant float matrix that a node multiplies with, [k, n]; None for others."""
    if node.op_type not in ("MatMul", "Gemm") or node.domain not in ("", "ai.onnx"):
        return None
    given = {each.name: each for each in node.attribute}
    if "transA" in given and given["transA"].i:
        return None
    if any(name in given and given[name].f != 1.0 for name in ("alpha", "beta")):
        return None
    value = constants.get(node.input[1])
    if value is None or value.ndim != 2 or value.dtype != np.float32:
        return None
    if min(value.shape) < _LEAST_SIDE or not np.isfinite(value).all():
        return None
    matrix: npt.NDArray[np.float32] = value.astype(np.float32, copy=False)
    return matrix.T if _turned(node) else matrix


def _turned(node: onnx.NodeProto) -> bool:
    return any(each.name == "transB" and each.i for each in node.attribute)
