"""The conversion of a model in a child process: both ends of it.

The program asks, hears of progress, and kills the child to give it up.  The child ends, and
takes its unfinished folder with it, when the program does.
"""

from __future__ import annotations

import logging
import os
import queue
import shutil
import subprocess
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from photosearch.engine.wire import Wire, start_child
from photosearch.errors import ModelError, PhotoSearchError
from photosearch.types import Check, Conversion, ConversionProgress

_log = logging.getLogger(__name__)
_LOOK_S = 0.1  # how often it is looked whether the user wants to stop
_LEAVE_S = 10.0  # how long deleting is tried while another thread still writes
_AGAIN_S = 0.05  # until it is tried again: Windows deletes no file that is open
_PROGRESS, _DONE, _FAILED, _ENDED = "progress", "done", "failed", "ended"

Start = Callable[[], tuple[subprocess.Popen[bytes], Wire]]
Report = Callable[[ConversionProgress], None]


class Converter:
    """Starts a child for each question."""

    def __init__(self, log_file: Path, start: Start | None = None) -> None:
        """`log_file` takes what PyTorch and the others say."""
        self._log_file = log_file
        arguments = ("--convert", f"--log={log_file}")
        self._start = start or (lambda: start_child(*arguments, gentle=True))

    def known(self, check: Check) -> dict[str, tuple[str, ...]]:
        """Return open_clip's architectures with the tags of their published weights."""
        found: dict[str, tuple[str, ...]] = self._ask(("known",), lambda _: None, check)
        return found

    def convert(
        self, request: Conversion, folder: Path, report: Report, check: Check
    ) -> tuple[str, ...]:
        """Write a model to an empty folder; returns notes about it.

        `ModelError` says why it cannot be done; what `check` raises ends it. What lies in the
        folder then is for the caller to delete: the child is gone.
        """
        notes: tuple[str, ...] = self._ask(("convert", request, str(folder)), report, check)
        return notes

    def _ask(self, question: tuple[Any, ...], report: Report, check: Check) -> Any:
        process, wire = self._start()
        answers: queue.SimpleQueue[tuple[str, Any]] = queue.SimpleQueue()
        reader = threading.Thread(target=_read, args=(wire, answers), name="converting")
        reader.start()
        try:
            with suppress(OSError, ValueError):  # the reader notices that the child is gone
                wire.send(question)
            return self._answer(process, answers, report, check)
        finally:
            process.kill()
            process.wait()
            reader.join()
            wire.close()

    def _answer(
        self,
        process: subprocess.Popen[bytes],
        answers: queue.SimpleQueue[tuple[str, Any]],
        report: Report,
        check: Check,
    ) -> Any:
        while True:
            check()
            try:
                kind, value = answers.get(timeout=_LOOK_S)
            except queue.Empty:
                continue
            if kind == _PROGRESS:
                report(value)
            elif kind == _DONE:
                return value
            elif kind == _FAILED:
                raise value
            else:
                raise ModelError(self._ended(process.wait()))

    def _ended(self, code: int) -> str:
        if code == -9:
            return (
                "The conversion was ended by the system, most likely for lack of memory: close "
                "other programs, or convert a smaller model."
            )
        return f"The conversion ended unexpectedly (code {code}); see {self._log_file}."


def _read(wire: Wire, answers: queue.SimpleQueue[tuple[str, Any]]) -> None:
    with suppress(EOFError, OSError, ValueError, TypeError):
        while True:
            kind, value = wire.receive()
            answers.put((kind, value))
    answers.put((_ENDED, None))


def serve(wire: Wire) -> None:
    """In the child: do what the one question asks, and say how it went."""
    verb, *values = wire.receive()
    folder = Path(values[1]) if verb == "convert" else None
    threading.Thread(target=_leave, args=(wire, folder), daemon=True).start()
    try:
        wire.send((_DONE, _do(wire, verb, values)))
    except PhotoSearchError as error:
        wire.send((_FAILED, error))


def failed(error: Exception) -> tuple[str, PhotoSearchError]:
    """Return the answer for an error that nobody expected."""
    words = " ".join(str(error).split())[:300].rstrip(".")
    return _FAILED, ModelError(f"The conversion failed ({type(error).__name__}: {words}).")


def _do(wire: Wire, verb: str, values: list[Any]) -> Any:
    if verb == "known":
        from photosearch.inference.conversion import loading

        return loading.known()
    from photosearch.inference.conversion import converting

    request, folder = values
    return converting.convert(request, Path(folder), lambda step: wire.send((_PROGRESS, step)))


def _leave(wire: Wire, folder: Path | None) -> None:
    """Wait for the program to end, and leave nothing behind."""
    try:
        with suppress(EOFError, OSError, ValueError):
            wire.receive()
        if folder is not None:
            _delete(folder)
    finally:
        os._exit(1)


def _delete(folder: Path) -> None:
    """Delete a folder that another thread may still be writing to."""
    aside = folder.with_name(f"{folder.name}.gone")
    with suppress(OSError):  # on Windows, while a file in it is open
        folder.rename(aside)  # what is written by its path from now on finds no folder
    end = time.monotonic() + _LEAVE_S
    while left := [each for each in (folder, aside) if each.exists()]:
        for each in left:
            shutil.rmtree(each, ignore_errors=True)
        if time.monotonic() > end:
            return
        if any(each.exists() for each in left):
            time.sleep(_AGAIN_S)
