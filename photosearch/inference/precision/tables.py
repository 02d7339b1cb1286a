"""Large tables of words kept small: as fp16, or as int8 with a scale for each row.

SigLIP2's table has 256,000 rows: 786 MB in fp32, of which a query reads a dozen. What is read is
turned into fp32 after it has been read, so that the table itself never is.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from photosearch.inference.precision.graph_files import Constants, load, replace_nodes, save

if TYPE_CHECKING:
    import onnx

LARGE_BYTES = 64 << 20
FP16, INT8 = "fp16", "int8"


def shrink(source: Path, target: Path, kind: str) -> int:
    """Write a graph with its large tables made small; return how many it has.

    With none nothing is written.
    """
    model = load(source)
    count = shrink_model(model, kind)
    if count:
        save(model, target)
    return count


def has_large(model: onnx.ModelProto) -> bool:
    """Whether a graph reads from a large table."""
    constants = Constants(model)
    return any(_table(node, constants, LARGE_BYTES) is not None for node in model.graph.node)


def shrink_model(model: onnx.ModelProto, kind: str, least_bytes: int = LARGE_BYTES) -> int:
    """Make large tables small in place; return how many there were."""
    from onnx import helper, numpy_helper

    constants = Constants(model)
    made: dict[str, onnx.TensorProto] = {}

    def keep(name: str, value: npt.NDArray[np.generic]) -> str:
        if name not in made:
            made[name] = numpy_helper.from_array(np.ascontiguousarray(value), name)
        return name

    def instead(node: onnx.NodeProto) -> list[onnx.NodeProto] | None:
        table = _table(node, constants, least_bytes)
        if table is None:
            return None
        source, which, result = constants.origin(node.input[0]), node.input[1], node.output[0]
        if kind == FP16:
            small = keep(f"{source}_fp16", table.astype(np.float16))
            return [
                helper.make_node("Gather", [small, which], [f"{result}_row"], axis=0),
                helper.make_node("Cast", [f"{result}_row"], [result], to=1),  # float32
            ]
        values, scales = rows(table)
        small = keep(f"{source}_int8", values)
        scale = keep(f"{source}_scale", scales)
        return [
            helper.make_node("Gather", [small, which], [f"{result}_row"], axis=0),
            helper.make_node("Cast", [f"{result}_row"], [f"{result}_whole"], to=1),
            helper.make_node("Gather", [scale, which], [f"{result}_row_scale"], axis=0),
            helper.make_node("Mul", [f"{result}_whole", f"{result}_row_scale"], [result]),
        ]

    count = replace_nodes(model, instead)
    model.graph.initializer.extend(made.values())
    return count


def rows(table: npt.NDArray[np.float32]) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.float32]]:
    """Return a table [n, d] as int8, and the scale [n, 1] of each of its rows."""
    most = np.maximum(table.max(axis=1, keepdims=True), -table.min(axis=1, keepdims=True))
    scales = most / np.float32(127)
    scales[scales == 0] = 1
    scaled = table / scales
    np.rint(scaled, out=scaled)  # in place: the table alone may take a gigabyte
    return scaled.astype(np.int8), scales.astype(np.float32)


def _table(
    node: onnx.NodeProto, constants: Constants, least_bytes: int
) -> npt.NDArray[np.float32] | None:
    """Return the large float table that a node reads rows from; None for others."""
    if node.op_type != "Gather" or node.domain not in ("", "ai.onnx"):
        return None
    if any(each.name == "axis" and each.i for each in node.attribute):
        return None
    if constants.get(node.input[1]) is not None:  # a constant row: nothing is read at run time
        return None
    value = constants.get(node.input[0])
    if value is None or value.ndim != 2 or value.dtype != np.float32:
        return None
    return value.astype(np.float32, copy=False) if value.nbytes >= least_bytes else None
