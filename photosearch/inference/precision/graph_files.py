"""ONNX graphs as files and as trees: reading, writing, and the constants in them.

Knows nothing of precisions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from photosearch.errors import ModelError

if TYPE_CHECKING:
    import onnx

Array = npt.NDArray[np.generic]

# Above this the weights lie beside the graph. ONNX Runtime then maps them instead of holding the
# whole file while it copies each tensor out of it; and no graph may be larger than 2 GB.
_OWN_FILE_BYTES = 64 << 20
_SMALL_TENSOR_BYTES = 4096
DATA = "weights.bin"


def load(path: Path) -> onnx.ModelProto:
    """Read a graph with all its weights; ModelError when it is damaged."""
    import onnx
    from google.protobuf.message import DecodeError

    try:
        return onnx.load(str(path))
    except (OSError, ValueError, DecodeError, onnx.checker.ValidationError) as error:
        raise ModelError(f"{Path(*path.parts[-3:])} cannot be read: {error}.") from error


def save(model: onnx.ModelProto, path: Path) -> None:
    """Write a graph, large ones with their weights beside it; OSError when the disk refuses."""
    import onnx

    path.parent.mkdir(parents=True, exist_ok=True)
    if sum(_bytes(tensor) for tensor in model.graph.initializer) <= _OWN_FILE_BYTES:
        onnx.save(model, str(path))
        return
    data = f"{path.stem}.{DATA}"
    path.with_name(data).unlink(missing_ok=True)  # onnx would append to it
    onnx.save(
        model,
        str(path),
        save_as_external_data=True,
        all_tensors_to_one_file=True,
        location=data,
        size_threshold=_SMALL_TENSOR_BYTES,
    )


def data_files(path: Path) -> tuple[Path, ...]:
    """Return the files that `save` has written for a graph."""
    return tuple(each for each in (path, path.with_name(f"{path.stem}.{DATA}")) if each.exists())


class Constants:
    """What in a graph is constant, wherever an exporter has put it."""

    def __init__(self, model: onnx.ModelProto) -> None:
        self._tensors = {tensor.name: tensor for tensor in model.graph.initializer}
        self._makers = {out: node for node in model.graph.node for out in node.output}

    def get(self, name: str) -> Array | None:
        """Return a constant's value; None for what is calculated."""
        from onnx import numpy_helper

        if name in self._tensors:
            return np.asarray(numpy_helper.to_array(self._tensors[name]))
        node = self._makers.get(name)
        if node is None or node.domain not in ("", "ai.onnx"):
            return None
        if node.op_type == "Constant":
            value = next((each.t for each in node.attribute if each.name == "value"), None)
            return None if value is None else np.asarray(numpy_helper.to_array(value))
        if node.op_type == "Identity":
            return self.get(node.input[0])
        if node.op_type == "Transpose":
            inner = self.get(node.input[0])
            order = next((list(e.ints) for e in node.attribute if e.name == "perm"), None)
            return None if inner is None else inner.transpose(order)
        return None

    def origin(self, name: str) -> str:
        """Return the name of the tensor that a constant comes from: shared ones are one."""
        node = self._makers.get(name)
        if name not in self._tensors and node is not None and node.op_type == "Identity":
            return self.origin(node.input[0])
        return name


def replace_nodes(
    model: onnx.ModelProto, change: Callable[[onnx.NodeProto], list[onnx.NodeProto] | None]
) -> int:
    """Put others in the place of nodes for which `change` returns some; return how many."""
    nodes: list[onnx.NodeProto] = []
    changed = 0
    for node in model.graph.node:
        instead = change(node)
        changed += instead is not None
        nodes += [node] if instead is None else instead
    if changed:
        kept = list(nodes)
        del model.graph.node[:]
        model.graph.node.extend(kept)
        _forget_unused(model)
    return changed


def _forget_unused(model: onnx.ModelProto) -> None:
    """Take out what nobody reads any more: constants and the nodes that passed them on."""
    passing = ("Identity", "Constant", "Transpose", "Cast")
    while True:
        used = set(_read(model.graph))
        dead = [
            node
            for node in model.graph.node
            if node.op_type in passing and not used.intersection(node.output)
        ]
        for node in dead:
            model.graph.node.remove(node)
        if not dead:
            break
    unused = [tensor for tensor in model.graph.initializer if tensor.name not in used]
    for tensor in unused:
        model.graph.initializer.remove(tensor)
    names = {tensor.name for tensor in unused}
    for given in [each for each in model.graph.input if each.name in names]:
        model.graph.input.remove(given)  # old files list their weights as inputs, too


def _read(graph: onnx.GraphProto) -> Iterator[str]:
    """Yield the names that nodes read, those inside branches and loops as well."""
    yield from (each.name for each in graph.output)
    for node in graph.node:
        yield from node.input
        for attribute in node.attribute:
            for inner in (attribute.g, *attribute.graphs):
                yield from _read(inner)


def _bytes(tensor: onnx.TensorProto) -> int:
    return int(tensor.ByteSize())
