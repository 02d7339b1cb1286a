"""What an ONNX file says of itself, read without loading it.

Its first operations: whether a recogniser brings its own normalisation shows in them, and ONNX
Runtime does not tell them. And where weights lie that are not in it: some versions of ONNX Runtime
read them from anywhere. Field numbers are those of onnx.proto.
"""

from __future__ import annotations

import mmap
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

from photosearch.errors import ModelError

_GRAPH, _FUNCTION = 7, 25  # of a model
_NODE, _INITIALIZER, _SPARSE = 1, 5, 15  # of a graph
_FUNCTION_NODE = 7
_OPERATION, _ATTRIBUTE = 4, 5  # of a node
_TENSORS, _GRAPHS = (5, 10), (6, 11)  # of an attribute
_SPARSE_TENSORS = (1, 2)  # values, indices
_OUTSIDE = 13  # of a tensor: keys and values that say where it lies
_KEY, _VALUE = 1, 2
_DEEPEST = 32  # graphs within graphs
_Place = tuple[int, int]
# How a field's value is stored (wire types of protocol buffers).
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5


def first_operations(path: Path, count: int) -> tuple[str, ...]:
    """Return the kinds (`Conv`, `Sub`, ...) of the first operations; ModelError on damage."""
    with _opened(path) as data:
        return tuple(islice(_operations(data), count))


def locations(path: Path) -> frozenset[str]:
    """Return which files beside it a graph names for its weights; ModelError on damage."""
    with _opened(path) as data:
        found: set[str] = set()
        for tensor in _tensors(data):
            for entry in _parts(data, tensor, _OUTSIDE):
                if b"location" in (data[start:end] for start, end in _parts(data, entry, _KEY)):
                    values = (data[start:end] for start, end in _parts(data, entry, _VALUE))
                    found.update(value.decode("utf-8", "surrogateescape") for value in values)
        return frozenset(found)


@contextmanager
def _opened(path: Path) -> Iterator[mmap.mmap]:
    try:
        with (
            path.open("rb") as stream,
            mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as data,
        ):
            yield data
    except OSError as error:
        raise ModelError(f"{path} cannot be read: {error.strerror}.") from error
    except (ValueError, IndexError) as error:
        raise ModelError(f"{path} is damaged: it is not a whole ONNX file.") from error


def _operations(data: mmap.mmap) -> Iterator[str]:
    for graph in _parts(data, (0, len(data)), _GRAPH):
        for node in _parts(data, graph, _NODE):
            for start, end in _parts(data, node, _OPERATION):
                yield data[start:end].decode("ascii", "replace")


def _tensors(data: mmap.mmap) -> Iterator[_Place]:
    """Yield all tensors of a model, in whatever it hides them."""
    whole = (0, len(data))
    for graph in _parts(data, whole, _GRAPH):
        yield from _of_graph(data, graph, 0)
    for function in _parts(data, whole, _FUNCTION):
        yield from _of_nodes(data, function, _FUNCTION_NODE, 0)


def _of_graph(data: mmap.mmap, graph: _Place, depth: int) -> Iterator[_Place]:
    if depth > _DEEPEST:
        raise ValueError("graphs within graphs without an end")
    yield from _parts(data, graph, _INITIALIZER)
    for sparse in _parts(data, graph, _SPARSE):
        for field in _SPARSE_TENSORS:
            yield from _parts(data, sparse, field)
    yield from _of_nodes(data, graph, _NODE, depth)


def _of_nodes(data: mmap.mmap, within: _Place, field: int, depth: int) -> Iterator[_Place]:
    for node in _parts(data, within, field):
        for attribute in _parts(data, node, _ATTRIBUTE):
            for tensor in _TENSORS:
                yield from _parts(data, attribute, tensor)
            for graphs in _GRAPHS:
                for inner in _parts(data, attribute, graphs):
                    yield from _of_graph(data, inner, depth + 1)


def _parts(data: mmap.mmap, within: _Place, wanted: int) -> Iterator[_Place]:
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
