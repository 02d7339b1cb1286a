"""Does a device really work?  Runs a graph of one addition on it.

The graph is written here byte by byte, because the `onnx` package is not needed otherwise.
"""

from __future__ import annotations

from photosearch.errors import ModelError
from photosearch.inference.providers import (
    CPU,
    Device,
    provider_list,
    refusal,
    runtime,
    session_options,
)
from photosearch.inference.session import runtime_errors

_WIDTH = 4
_NOT_LOADED = "its driver or libraries are missing"


def probe(device: Device) -> str:
    """Return why a device does not work, or nothing when it does."""
    import numpy as np

    if refusal(device):
        return refusal(device)
    ort = runtime()
    options = session_options(device, threads=1)
    if device != CPU:  # otherwise the CPU would quietly do the work
        options.add_session_config_entry("session.disable_cpu_ep_fallback", "1")
    try:
        session = ort.InferenceSession(
            tiny_graph(), options, providers=provider_list(device)[:1], enable_fallback=0
        )
        if device.provider not in session.get_providers():
            return _NOT_LOADED
        (twice,) = session.run(None, {"x": np.arange(_WIDTH, dtype=np.float32)})
    except runtime_errors() as error:
        said = str(error).strip().splitlines()[0]
        # The provider did not load and the graph fell to the processor.
        return _NOT_LOADED if "fallback to CPU" in said else said
    except ModelError as error:
        return str(error)
    return "" if twice.tolist() == [0, 2, 4, 6] else "it computes wrong results"


def tiny_graph() -> bytes:
    """Return an ONNX model (opset 13, IR 8) that computes y = x + x for four floats."""
    node = _text(1, "x") + _text(1, "x") + _text(2, "y") + _text(4, "Add")
    graph = (
        _bytes(1, node)
        + _text(2, "twice")
        + _bytes(11, _value_info("x"))
        + _bytes(12, _value_info("y"))
    )
    opset = _text(1, "") + _number(2, 13)
    return _number(1, 8) + _bytes(7, graph) + _bytes(8, opset)


def _value_info(name: str) -> bytes:
    shape = _bytes(1, _number(1, _WIDTH))
    tensor = _number(1, 1) + _bytes(2, shape)  # element type 1 is float32
    return _text(1, name) + _bytes(2, _bytes(1, tensor))


# Protocol buffer fields; every number and length here is below 128, so one byte holds it.


def _number(field: int, value: int) -> bytes:
    return bytes([field << 3, value])


def _bytes(field: int, value: bytes) -> bytes:
    return bytes([field << 3 | 2, len(value)]) + value


def _text(field: int, value: str) -> bytes:
    return _bytes(field, value.encode())
