"""Opens a graph on a device and runs it.  The only module that makes ONNX Runtime sessions
for models; knows nothing about pictures or words.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from photosearch.errors import ModelError
from photosearch.inference.memory import NoMemoryError, is_out_of_memory
from photosearch.inference.onnx_file import locations
from photosearch.inference.placement import Placement, of_session
from photosearch.inference.providers import (
    CPU,
    instead,
    provider_list,
    refusal,
    runtime,
    session_options,
    shown,
)
from photosearch.types import Device

Array = npt.NDArray[Any]
Turn = Callable[[], AbstractContextManager[object]]  # held while a graph runs

_TYPES = {
    "tensor(float)": "float32",
    "tensor(float16)": "float16",
    "tensor(int32)": "int32",
    "tensor(int64)": "int64",
    "tensor(bool)": "bool",
}


@dataclass(frozen=True, slots=True)
class Tensor:
    """An input or output of a graph; a None in `shape` is decided when it runs."""

    name: str
    type: str  # as numpy says it; others as ONNX Runtime says them
    shape: tuple[int | None, ...]


class Session(Protocol):
    """An opened graph."""

    @property
    def inputs(self) -> tuple[Tensor, ...]: ...

    @property
    def outputs(self) -> tuple[Tensor, ...]: ...

    @property
    def device(self) -> Device: ...

    @property
    def notice(self) -> str:
        """Why another device is used than asked for, or nothing."""
        ...

    @property
    def placement(self) -> Placement:
        """How many nodes there are on a device, and how many of them the CPU runs."""
        ...

    def run(self, output: str, feeds: Mapping[str, Array]) -> Array:
        """Return one output; ModelError when the graph fails."""
        ...

    def run_all(self, feeds: Mapping[str, Array]) -> tuple[Array, ...]:
        """Return every output in the graph's order; ModelError when the graph fails."""
        ...


def open_session(path: Path, device: Device = CPU, threads: int = 0) -> Session:
    """Open a graph, on the CPU (with a notice) when the device refuses it.

    ModelError names the file when it does not load at all.
    """
    try:
        session = _OrtSession(path, device, threads)
    except ModelError as error:
        if device == CPU:
            raise
        session = _OrtSession(path, CPU, threads)
        why = str(error).rpartition("cannot be loaded: ")[2].rstrip(".")
        session.notice = (
            f"{shown(device)} cannot run {_shown(path)} ({why}). The processor is used instead."
        )
    return session


def open_half(path: Path, device: Device, threads: int = 0) -> Session:
    """Open an fp16 graph on the device it was made for; ModelError when that refuses it.

    ONNX Runtime 1.32 crashes when it lays out fp16 convolutions for the processor, which it also
    tries when the device did not start: that step is left out.
    """
    session = _OrtSession(path, device, threads, laid_out=False)
    if session.device != device:
        raise ModelError(session.notice)
    return session


def open_to_look(path: Path) -> Session:
    """Open a graph only to see what it takes and gives: one thread, without optimising it."""
    return _OrtSession(path, CPU, 1, optimised=False)


class SharedSession:
    """A graph on a device that others use as well: each run waits for its turn."""

    def __init__(self, session: Session, turn: Turn) -> None:
        self._session = session
        self._turn = turn

    @property
    def inputs(self) -> tuple[Tensor, ...]:
        return self._session.inputs

    @property
    def outputs(self) -> tuple[Tensor, ...]:
        return self._session.outputs

    @property
    def device(self) -> Device:
        return self._session.device

    @property
    def notice(self) -> str:
        return self._session.notice

    @property
    def placement(self) -> Placement:
        return self._session.placement

    def run(self, output: str, feeds: Mapping[str, Array]) -> Array:
        with self._turn():
            return self._session.run(output, feeds)

    def run_all(self, feeds: Mapping[str, Array]) -> tuple[Array, ...]:
        with self._turn():
            return self._session.run_all(feeds)


class _OrtSession:
    def __init__(
        self,
        path: Path,
        device: Device,
        threads: int,
        optimised: bool = True,
        laid_out: bool = True,
    ) -> None:
        if refusal(device):
            raise ModelError(f"{shown(device)} cannot be used: {refusal(device)}.")
        _refuse_strangers(path)
        ort = runtime()
        options = session_options(device, threads)
        if not optimised:
            options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
        elif not laid_out:
            options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_EXTENDED
        self._path = path
        try:
            self._session = ort.InferenceSession(
                _source(path), options, providers=provider_list(device), enable_fallback=0
            )
        except runtime_errors() as error:
            raise ModelError(
                f"The model file {_shown(path)} cannot be loaded: {reason(error)}"
            ) from error
        self.inputs = tuple(_tensor(each) for each in self._session.get_inputs())
        self.outputs = tuple(_tensor(each) for each in self._session.get_outputs())
        self.device = device
        self.notice = ""
        self.placement = of_session(self._session, device)
        if device.provider not in self._session.get_providers():
            self.device = CPU
            self.notice = instead(shown(device), "it did not start")
        elif self.placement.all_fell_back:
            self.device = CPU
            self.notice = instead(shown(device), f"it can run nothing of {_shown(path)}")

    def run(self, output: str, feeds: Mapping[str, Array]) -> Array:
        (result,) = self._run([output], feeds)
        return result

    def run_all(self, feeds: Mapping[str, Array]) -> tuple[Array, ...]:
        return self._run([each.name for each in self.outputs], feeds)

    def _run(self, outputs: list[str], feeds: Mapping[str, Array]) -> tuple[Array, ...]:
        try:
            results = self._session.run(outputs, dict(feeds))
        except runtime_errors() as error:
            kind = NoMemoryError if is_out_of_memory(error) else ModelError
            raise kind(f"The model file {_shown(self._path)} failed: {reason(error)}") from error
        return tuple(np.asarray(result) for result in results)


def _refuse_strangers(path: Path) -> None:
    """Refuse a graph that takes weights from elsewhere: it could look into any file."""
    folder = os.path.realpath(path.parent)
    try:
        places = [os.path.realpath(os.path.join(folder, each)) for each in locations(path)]
        inside = all(os.path.commonpath((folder, each)) == folder for each in places)
    except ModelError as error:
        why = f"it {str(error).removeprefix(str(path)).strip()}"
        raise ModelError(f"The model file {_shown(path)} cannot be loaded: {why}") from error
    except ValueError:  # no path at all, or on another drive
        inside = False
    if not inside:
        raise ModelError(
            f"The model file {_shown(path)} cannot be loaded: it takes weights from outside of its "
            "folder."
        )


def _source(path: Path) -> str | bytes:
    """Return what ONNX Runtime can open: it takes only names that are valid Unicode."""
    try:
        str(path).encode()
    except UnicodeEncodeError:
        return path.read_bytes()  # weights beside the graph are not found then
    return str(path)


def _tensor(described: Any) -> Tensor:
    shape = tuple(size if isinstance(size, int) else None for size in described.shape or ())
    return Tensor(described.name, _TYPES.get(described.type, described.type), shape)


@cache
def runtime_errors() -> tuple[type[Exception], ...]:
    """Return what ONNX Runtime raises: its exceptions have no base class of their own."""
    runtime()
    from onnxruntime.capi import onnxruntime_pybind11_state as state

    own = (each for each in vars(state).values() if isinstance(each, type))
    return (
        *(each for each in own if issubclass(each, Exception)),
        RuntimeError,
        ValueError,
        OSError,
        MemoryError,
    )


def reason(error: Exception) -> str:
    """Return ONNX Runtime's words without its codes, as the end of a sentence."""
    lines = str(error).strip().splitlines() or [type(error).__name__]
    words = re.sub(r"^\[ONNXRuntimeError\] : \d+ : \w+ : ", "", lines[0])
    return words.rstrip(".") + "."


def _shown(path: Path) -> str:
    return str(Path(*path.parts[-3:]))
