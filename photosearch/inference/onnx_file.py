"""The first operations of an ONNX file, read without loading it.

Whether a recogniser brings its own normalisation shows in them, and ONNX Runtime does not tell
operations.  Knows the three levels of the file (model, graph, node) and nothing else of it.
"""

from __future__ import annotations

import mmap
from collections.abc import Iterator
from pathlib import Path

from photosearch.errors import ModelError

# Field numbers in onnx.proto.
_GRAPH = 7  # of a model
_NODE = 1  # of a graph
_OPERATION = 4  # of a node
# How a field's value is stored (wire types of protocol buffers).
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5


def first_operations(path: Path, count: int) -> tuple[str, ...]:
    """Return the kinds (`Conv`, `Sub`, ...) of the first operations; ModelError on damage."""
    found: list[str] = []
    try:
        with (
            path.open("rb") as stream,
            mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as data,
        ):
            for graph in _parts(data, (0, len(data)), _GRAPH):
                for node in _parts(data, graph, _NODE):
                    for start, end in _parts(data, node, _OPERATION):
                        found.append(data[start:end].decode("ascii", "replace"))
                    if len(found) >= count:
                        return tuple(found[:count])
    except OSError as error:
        raise ModelError(f"{path} cannot be read: {error.strerror}.") from error
    except (ValueError, IndexError) as error:
        raise ModelError(f"{path} is damaged: it is not a whole ONNX file.") from error
    return tuple(found)


def _parts(data: mmap.mmap, within: tuple[int, int], wanted: int) -> Iterator[tuple[int, int]]:
    """Yield where the values of one field lie."""
    at, end = within
    while at < end:
        tag, at = _varint(data, at)
        field, kind = tag >> 3, tag & 7
        start = at
        if kind == _BYTES:
            length, start = _varint(data, at)
            at = start + length
        elif kind == _VARINT:
            _, at = _varint(data, at)
        elif kind in (_FIXED64, _FIXED32):
            at += 8 if kind == _FIXED64 else 4
        else:
            raise ValueError(f"wire type {kind}")
        if at > end:
            raise ValueError("a value ends outside")
        if field == wanted and kind == _BYTES:
            yield start, at


def _varint(data: mmap.mmap, at: int) -> tuple[int, int]:
    number = shift = 0
    while True:
        byte = data[at]
        number |= (byte & 127) << shift
        at += 1
        if byte < 128:
            return number, at
        shift += 7
        if shift > 63:
            raise ValueError("a number is too long")
