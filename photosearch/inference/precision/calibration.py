"""How fast this machine multiplies: matrices of the sizes in a vision transformer.

From it the speed of a model that is not here yet is estimated.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np

from photosearch.inference.providers import (
    CPU,
    provider_list,
    runtime,
    session_options,
)
from photosearch.types import Calibration, Device

# Rows of a batch of eight ViT-B/32 pictures, and both matrices of its feed-forward part.
_ROWS, _WIDTH = 400, 768
_SECONDS = 0.5  # for each kind
_GFLOP = 2 * _ROWS * _WIDTH * 4 * _WIDTH * 2 / 1e9

# What part of these rates whole image towers reach; the rest goes to attention, normalisation
# and the passing on of results. ViT-B-32, ViT-B-16 and ViT-B-16-SigLIP with random weights on 2
# cores of an EPYC with VNNI, ONNX Runtime 1.32, in one run of tests/bench/models.py: fp32 0.89 to
# 0.92, int8 0.65 to 0.70. That of fp16 on a graphics card is assumed.
# With AMX only 0.40 of int8 is reached: 0.52 is as far from either.
EFFICIENCY = {"fp32": 0.9, "int8": 0.52, "fp16": 0.5}


def calibrate(device: Device, threads: int = 0) -> Calibration:
    """Measure a device; about two seconds."""
    int8 = _rate(_integers(), device, threads) if device == CPU else 0.0
    half = _rate(_floats(np.float16), device, threads) if device != CPU else 0.0
    return Calibration(device.id, _rate(_floats(np.float32), device, threads), int8, half)


def estimate(gflops: float, calibration: Calibration, precision: str = "auto") -> float:
    """Return the pictures a second of a model that needs `gflops` for each."""
    rates = {
        "fp32": calibration.fp32,
        "int8": calibration.int8,
        "fp16": calibration.fp16,
    }
    wanted = rates if precision == "auto" or not rates[precision] else {precision: rates[precision]}
    best = max(rate * EFFICIENCY[name] for name, rate in wanted.items())
    return best / gflops if gflops > 0 else 0.0


def _rate(model: bytes, device: Device, threads: int) -> float:
    """Return GFLOP a second: the best of the runs in half a second."""
    session = runtime().InferenceSession(
        model, session_options(device, threads), providers=provider_list(device), enable_fallback=0
    )
    (given,) = session.get_inputs()
    kind = {"tensor(float)": np.float32, "tensor(float16)": np.float16, "tensor(uint8)": np.uint8}
    feeds = {given.name: np.ones((_ROWS, _WIDTH), kind[given.type])}
    return _GFLOP / _best(lambda: session.run(None, feeds))


def _best(run: Callable[[], object]) -> float:
    run()
    best, until = float("inf"), time.perf_counter() + _SECONDS
    while time.perf_counter() < until:
        began = time.perf_counter()
        run()
        best = min(best, time.perf_counter() - began)
    return best


def _floats(kind: Any) -> bytes:
    from onnx import helper

    code = 1 if kind is np.float32 else 10
    nodes = [
        helper.make_node("MatMul", ["given", "wide"], ["middle"]),
        helper.make_node("MatMul", ["middle", "narrow"], ["result"]),
    ]
    weights = {
        "wide": np.full((_WIDTH, 4 * _WIDTH), 0.01, kind),
        "narrow": np.full((4 * _WIDTH, _WIDTH), 0.01, kind),
    }
    return _model(nodes, code, code, weights)


def _integers() -> bytes:
    """Return two products of uint8 with int8, as a quantised model has them."""
    from onnx import helper

    nodes = [
        helper.make_node("MatMulInteger", ["given", "wide"], ["sums"]),
        helper.make_node("Cast", ["sums"], ["middle"], to=2),  # uint8
        helper.make_node("MatMulInteger", ["middle", "narrow"], ["result"]),
    ]
    weights = {
        "wide": np.ones((_WIDTH, 4 * _WIDTH), np.int8),
        "narrow": np.ones((4 * _WIDTH, _WIDTH), np.int8),
    }
    return _model(nodes, 2, 6, weights)


def _model(nodes: Any, given: int, result: int, weights: dict[str, Any]) -> bytes:
    from onnx import helper, numpy_helper

    shape = [_ROWS, _WIDTH]
    graph = helper.make_graph(
        nodes,
        "calibration",
        [helper.make_tensor_value_info("given", given, shape)],
        [helper.make_tensor_value_info("result", result, shape)],
        [numpy_helper.from_array(value, name) for name, value in weights.items()],
    )
    opset = helper.make_opsetid("", 17)
    return bytes(helper.make_model(graph, opset_imports=[opset], ir_version=8).SerializeToString())
