"""Preparing models in a child process (`photosearch --prepare`), told how far it is.

A driver that crashes there, or memory that runs out, takes nothing else down; what had been found
out by then holds. The child ends when the program does, or when the user stops it.
"""

from __future__ import annotations

import logging
import queue
import subprocess
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from photosearch.engine.wire import Wire, start_child
from photosearch.errors import EngineError, MediaError
from photosearch.inference.precision.deciding import Outcome
from photosearch.types import Calibration, Check, ConversionProgress, Pixels, Tower

_log = logging.getLogger(__name__)
_CHECK_S = 0.1
_ENDED = (
    "Preparing the model ended unexpectedly, perhaps because memory ran out. "
    "The model runs as it is."
)

Start = Callable[[], tuple[subprocess.Popen[bytes], Wire]]
Report = Callable[[ConversionProgress], None]


@dataclass(frozen=True, slots=True)
class PrepareRequest:
    """Make the smaller graphs of a search model below `work`, and measure them."""

    folder: Path
    work: Path
    provider: str
    threads: int = 0
    precisions: tuple[str, ...] | None = None  # beside fp32; None: those that suit the device
    thumbnails: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class TextRequest:
    """Measure what a text tower costs, in a process that has done nothing else."""

    folder: Path
    provider: str
    threads: int
    tower: Tower


@dataclass(frozen=True, slots=True)
class FacesRequest:
    """Measure how many pictures a second a face pack looks through."""

    folder: Path
    provider: str
    threads: int
    thumbnails: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class CalibrateRequest:
    """Measure how fast a device multiplies."""

    provider: str
    threads: int = 0


class PreparingError(EngineError):
    """The child ended before it was done; `partial` is the last it had told."""

    def __init__(self, partial: Outcome | None) -> None:
        super().__init__(_ENDED)
        self.partial = partial


class Preparing:
    """Runs one request in one child."""

    def __init__(self, start: Start | None = None, runtime: Callable[[], str] = lambda: "") -> None:
        """`runtime` returns the folder of a GPU pack to use, or nothing."""
        self._start = start or (
            lambda: start_child("--prepare", f"--runtime={runtime()}", gentle=False)
        )

    def prepare(self, request: PrepareRequest, report: Report, check: Check) -> Outcome:
        """Prepare a model; ModelError when it is no good, `PreparingError` when the child dies."""
        outcome: Outcome = self._run(request, report, check)
        return outcome

    def text_cost(self, request: TextRequest, check: Check) -> tuple[float, int]:
        """Return milliseconds of one query, and bytes of memory of the text tower."""
        ms, memory = self._run(request, _unheard, check)
        return float(ms), int(memory)

    def faces(self, request: FacesRequest, check: Check) -> Outcome:
        outcome: Outcome = self._run(request, _unheard, check)
        return outcome

    def calibrate(self, request: CalibrateRequest, check: Check) -> Calibration:
        calibration: Calibration = self._run(request, _unheard, check)
        return calibration

    def _run(self, request: Any, report: Report, check: Check) -> Any:
        try:
            process, wire = self._start()
        except OSError as error:
            raise EngineError(f"Preparing the model cannot be started: {error}.") from error
        told: queue.SimpleQueue[tuple[str, Any]] = queue.SimpleQueue()
        reader = threading.Thread(target=_listen, args=(wire, told), name="prepare-replies")
        reader.start()
        try:
            with suppress(OSError, ValueError):  # the reader notices that it is gone
                wire.send(request)
            return _follow(told, report, check)
        finally:
            process.kill()
            process.wait()
            reader.join()
            wire.close()


def _unheard(_progress: ConversionProgress) -> None:
    """Tell nobody."""


def _listen(wire: Wire, told: queue.SimpleQueue[tuple[str, Any]]) -> None:
    try:
        while True:
            told.put(wire.receive())
    except (EOFError, OSError, ValueError):
        told.put(("ended", None))


def _follow(told: queue.SimpleQueue[tuple[str, Any]], report: Report, check: Check) -> Any:
    partial: Outcome | None = None
    while True:
        check()
        try:
            kind, value = told.get(timeout=_CHECK_S)
        except queue.Empty:
            continue
        if kind == "progress":
            report(value)
        elif kind == "partial":
            partial = value
        elif kind == "done":
            return value
        elif kind == "failed":
            raise value
        else:
            raise PreparingError(partial)


def answer(request: Any, tell: Callable[[str, Any], None]) -> Any:
    """Inside the child: do what a request asks; `tell` passes on progress and partial results."""
    from photosearch.inference import providers
    from photosearch.inference.precision import calibration, making

    # Whether it works is seen here: this process may crash.
    device, notice = providers.choose(request.provider, lambda device: "")
    if notice:
        _log.warning("%s", notice)
    if isinstance(request, CalibrateRequest):
        return calibration.calibrate(device, request.threads)
    if isinstance(request, TextRequest):
        return making.text_cost(
            request.folder, device, request.threads, request.tower, _resident_bytes
        )
    if isinstance(request, FacesRequest):
        pictures = _opened(request.thumbnails)
        return making.time_faces(request.folder, device, request.threads, pictures)
    task = making.Task(
        request.folder,
        request.work,
        device,
        request.threads,
        request.precisions,
        _opened(request.thumbnails),
    )
    return making.make(
        task, lambda each: tell("progress", each), lambda each: tell("partial", each)
    )


def _opened(thumbnails: Sequence[bytes]) -> tuple[Pixels, ...]:
    """Return the pictures of those thumbnails that can be read."""
    from photosearch.media.decode import open_picture

    found: list[Pixels] = []
    for each in thumbnails:
        try:
            found.append(np.array(open_picture(each).image.convert("RGB"), np.uint8))
        except MediaError:  # a damaged one is as good as none
            continue
    return tuple(found)


def _resident_bytes() -> int:
    import psutil

    return int(psutil.Process().memory_info().rss)
