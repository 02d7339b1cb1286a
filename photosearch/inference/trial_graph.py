"""A small real network to try a device on: the steps of a vision and text transformer.

Made in the child that tries, with the `onnx` package; its weights are random but always the same.
"""

from __future__ import annotations

from typing import Any

WIDTH = 32
PATCHES = 16
WORDS = 64


def network(*, half: bool) -> bytes:
    """Return an ONNX model (opset 17, IR 8); `half` calculates in float16 inside.

    Inputs `pixels` [1, 3, 32, 32] float32 and `ids` [1, 16] int64, output `vector` [1, 32].
    """
    from onnx import TensorProto, helper

    steps = _Steps(TensorProto.FLOAT16 if half else TensorProto.FLOAT)
    pixels = steps.add("Cast", "pixels", to=steps.code)
    patches = steps.add(
        "Conv", pixels, steps.weight("patch", (WIDTH, 3, 8, 8)), kernel_shape=[8, 8], strides=[8, 8]
    )
    flat = steps.add("Reshape", patches, steps.shape("flat", [1, WIDTH, PATCHES]))
    seen = steps.add("Transpose", flat, perm=[0, 2, 1])
    words = steps.add("Gather", steps.weight("words", (WORDS, WIDTH)), "ids")
    hidden = steps.add("Add", seen, words)
    for layer in ("1", "2"):
        hidden = steps.add("Add", hidden, _attention(steps, steps.norm(hidden, layer), layer))
        hidden = steps.add("Add", hidden, _perceptron(steps, steps.norm(hidden, layer), layer))
    mean = steps.add("ReduceMean", hidden, axes=[1], keepdims=0)
    steps.nodes.append(helper.make_node("Cast", [mean], ["vector"], to=TensorProto.FLOAT))
    graph = helper.make_graph(
        steps.nodes,
        "trial",
        [
            helper.make_tensor_value_info("pixels", TensorProto.FLOAT, [1, 3, 32, 32]),
            helper.make_tensor_value_info("ids", TensorProto.INT64, [1, PATCHES]),
        ],
        [helper.make_tensor_value_info("vector", TensorProto.FLOAT, [1, WIDTH])],
        steps.weights,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    return bytes(model.SerializeToString())


def _attention(steps: _Steps, given: str, layer: str) -> str:
    query, key, value = (
        steps.add("MatMul", given, steps.weight(f"{part}{layer}", (WIDTH, WIDTH))) for part in "qkv"
    )
    scores = steps.add("MatMul", query, steps.add("Transpose", key, perm=[0, 2, 1]))
    return steps.add("MatMul", steps.add("Softmax", scores, axis=-1), value)


def _perceptron(steps: _Steps, given: str, layer: str) -> str:
    wide = steps.add("MatMul", given, steps.weight(f"up{layer}", (WIDTH, 2 * WIDTH)))
    bent = steps.add("Mul", wide, steps.add("Sigmoid", wide))
    return steps.add("MatMul", bent, steps.weight(f"down{layer}", (2 * WIDTH, WIDTH)))


class _Steps:
    """Nodes and weights as they come, each with a name."""

    def __init__(self, code: int) -> None:
        import numpy as np

        self.code = code
        self.nodes: list[Any] = []
        self.weights: list[Any] = []
        self._random = np.random.default_rng(7)

    def add(self, kind: str, *inputs: str, **attributes: Any) -> str:
        from onnx import helper

        name = f"{kind}{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [name], name=name, **attributes))
        return name

    def norm(self, given: str, layer: str) -> str:
        number = len(self.nodes)
        scale = self.weight(f"scale{layer}-{number}", (WIDTH,), around=1.0)
        return self.add("LayerNormalization", given, scale, self.weight(f"b{number}", (WIDTH,)))

    def weight(self, name: str, size: tuple[int, ...], around: float = 0.0) -> str:
        import numpy as np
        from onnx import TensorProto, numpy_helper

        values = around + self._random.standard_normal(size) / 6
        kind = np.float16 if self.code == TensorProto.FLOAT16 else np.float32
        self.weights.append(numpy_helper.from_array(values.astype(kind), name))
        return name

    def shape(self, name: str, sizes: list[int]) -> str:
        import numpy as np
        from onnx import numpy_helper

        self.weights.append(numpy_helper.from_array(np.array(sizes, np.int64), name))
        return name
