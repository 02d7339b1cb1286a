"""Tries devices in a child process, remembers how that went, and chooses one that works.

A driver that crashes or hangs takes only the child with it. Used in the engine's process as well
as in the program's: neither loads a graph on a device that no child has tried.
"""

from __future__ import annotations

import signal
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from photosearch.engine.probing import ATTEMPT, HALF, LOOK, Look
from photosearch.engine.verdicts import Verdicts
from photosearch.engine.wire import Wire, start_child
from photosearch.errors import EngineError
from photosearch.inference import providers
from photosearch.inference.providers import CPU
from photosearch.types import Check, Device, RuntimeReport, Verdict

_LOOK_S = 60.0
_TRIAL_S = 120.0  # the first use of a card may compile for it
_BYTES_PER_S = 20e6  # a graph is read twice and compiled
_LARGEST_BYTES = 2 << 30  # larger models are not loaded twice just to try
_POLL_S = 0.1
_WINDOWS_CRASHES = {0xC0000005: "access violation", 0xC0000409: "stack overrun"}
# A full card says nothing about its driver: such a verdict is not kept.
_PASSING = ("memory", "allocate", "busy")

Start = Callable[[], tuple[subprocess.Popen[bytes], Wire]]


class Trying:
    """Finds out what works, each device in a child of its own; thread-safe."""

    def __init__(
        self,
        file: Path | None = None,
        runtime: str = "",
        start: Start | None = None,
        *,
        trial_s: float = _TRIAL_S,
    ) -> None:
        """`file` keeps the verdicts; `runtime` is the folder of a GPU pack to use, or empty."""
        self._verdicts = Verdicts(file)
        arguments = ["--probe", *([f"--runtime={runtime}"] if runtime else [])]
        self._start = start or (lambda: start_child(*arguments, gentle=False))
        self._trial_s = trial_s
        self._one = threading.Lock()  # two trials at once would measure each other

    def look(self) -> Look:
        """Return the runtime that a child uses and the devices it sees.

        `EngineError` when that child does not live to tell, `ModelError` when no runtime loads.
        """
        with _Child(self._start) as child:
            found: Look = child.ask(LOOK, (), _LOOK_S, None)
            return found

    def remembered(
        self, device: Device, runtime: RuntimeReport, model: str = "", *, loosely: bool = False
    ) -> Verdict | None:
        """Return what an earlier trial showed, if driver and runtime are still the same.

        `loosely` takes a trial without this model as well.
        """
        if device == CPU:
            return Verdict(True)
        found = self._verdicts.find(device, runtime, model)
        if found is None and loosely:
            found = self._verdicts.find(device, runtime)
        return found

    def attempt(
        self,
        device: Device,
        runtime: RuntimeReport,
        model: str = "",
        graphs: Sequence[Path] = (),
        check: Check | None = None,
    ) -> Verdict:
        """Try a device now, with the graphs of a model if they are given, and remember it."""
        with self._one:
            limit_s = self._trial_s + _bytes_of(graphs) / _BYTES_PER_S
            try:
                with _Child(self._start) as child:
                    values = device, tuple(map(str, graphs))
                    verdict: Verdict = child.ask(ATTEMPT, values, limit_s, check)
                    if verdict.works and device != CPU:
                        verdict = replace(verdict, half=_half(child, device, self._trial_s, check))
            except EngineError as error:
                verdict = Verdict(False, str(error))
            if device != CPU and not any(word in verdict.reason.lower() for word in _PASSING):
                self._verdicts.remember(device, runtime, verdict, model)
            return verdict

    def forget(self, device: Device) -> None:
        """Try a device anew the next time."""
        self._verdicts.forget(device)

    def choose(
        self, preference: str, runtime: RuntimeReport, model: str, graphs: Sequence[Path]
    ) -> tuple[Device, str]:
        """Return the device for a model and a notice, empty if as asked; tries what is not known.

        For the engine: `runtime` is that of this process, whose devices are looked at.
        """
        graphs = tuple(graph for graph in graphs if graph.is_file())
        if _bytes_of(graphs) > _LARGEST_BYTES:
            model, graphs = "", ()

        def works(device: Device) -> str:
            verdict = self.remembered(device, runtime, model)
            verdict = verdict or self.attempt(device, runtime, model, graphs)
            return "" if verdict.works else verdict.reason

        return providers.choose(preference, works)

    def expected(self, preference: str, look: Look, model: str = "") -> tuple[Device, str]:
        """Return what would be chosen as far as is known, without trying anything."""

        def works(device: Device) -> str:
            verdict = self.remembered(device, look.runtime, model, loosely=True)
            return "" if verdict is None or verdict.works else verdict.reason

        return providers.choose(preference, works, look.devices)


class _Child:
    """One life of a trying child; it is killed when it is left."""

    def __init__(self, start: Start) -> None:
        try:
            self._process, self._wire = start()
        except OSError as error:
            raise EngineError(f"the trial could not be started: {error}") from error
        self._answers: Future[Any] = Future()

    def __enter__(self) -> _Child:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        self._wire.close()

    def ask(self, verb: str, values: tuple[Any, ...], limit_s: float, check: Check | None) -> Any:
        """Ask and wait; `EngineError` says how the child died, or that it never answers."""
        answer: Future[tuple[bool, Any]] = Future()
        reader = threading.Thread(target=self._receive, args=(answer,), name="trial", daemon=True)
        with suppress(OSError):  # the reader sees that it is dead
            self._wire.send((verb, values))
        reader.start()
        end = time.monotonic() + limit_s
        try:
            while True:
                with suppress(TimeoutError):
                    good, value = answer.result(_POLL_S)
                    break
                if check is not None:
                    check()
                if time.monotonic() > end:
                    raise EngineError(f"it did not answer within {limit_s:.0f} s")
        except BaseException:  # whatever it was, the reader must end
            self._process.kill()
            reader.join()
            raise
        reader.join()
        if not good:
            raise value
        return value

    def _receive(self, answer: Future[tuple[bool, Any]]) -> None:
        try:
            answer.set_result(self._wire.receive())
        except (EOFError, OSError, ValueError):
            self._process.kill()
            answer.set_exception(EngineError(_death(self._process.wait())))


def _half(child: _Child, device: Device, limit_s: float, check: Check | None) -> bool:
    """Whether float16 works: a death here only says that it does not."""
    try:
        return bool(child.ask(HALF, (device,), limit_s, check))
    except EngineError:
        return False


def _death(code: int) -> str:
    """Return how a process ended, as the reason why a device does not work."""
    if code < 0:
        with suppress(ValueError):
            return f"its driver crashed the trial ({signal.Signals(-code).name})"
    if code & 0xFFFFFFFF in _WINDOWS_CRASHES:
        return f"its driver crashed the trial ({_WINDOWS_CRASHES[code & 0xFFFFFFFF]})"
    return f"the trial ended by itself (exit code {code})"


def _bytes_of(graphs: Sequence[Path]) -> int:
    """Return the size of graphs with the weights beside them."""
    total = 0
    for folder in {graph.parent for graph in graphs}:
        with suppress(OSError):
            total += sum(file.stat().st_size for file in folder.iterdir() if file.is_file())
    return total
