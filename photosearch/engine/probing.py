"""What runs in the child that tries devices: it looks, and it tries, until it is told no more.

A driver may crash or hang in here, which is what this child is for.
"""

from __future__ import annotations

import os
import queue
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from photosearch.engine.children import given, silence
from photosearch.engine.wire import Wire, own_wire
from photosearch.errors import PhotoSearchError
from photosearch.types import Device, RuntimeReport

LOOK, ATTEMPT, HALF = "look", "attempt", "half"


@dataclass(frozen=True, slots=True)
class Look:
    """The runtime that a child uses, and the devices that it sees."""

    runtime: RuntimeReport
    devices: tuple[Device, ...]


def run_probe(arguments: list[str]) -> int:
    """Answer one question after the other; `--runtime=DIR` is a GPU pack to use."""
    wire = own_wire()
    silence()
    questions: queue.SimpleQueue[tuple[str, Any]] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(wire, questions), daemon=True).start()
    notice = ""
    folder = given(arguments, "--runtime")
    while True:
        verb, values = questions.get()
        if folder:  # only now: whoever waits learns that it crashes
            from photosearch.inference.runtimes import put_first

            notice, folder = put_first(folder), ""
        try:
            answer: tuple[bool, Any] = (True, _VERBS[verb](*values))
            if verb == LOOK and notice:
                look: Look = answer[1]
                answer = (True, replace(look, runtime=replace(look.runtime, notices=(notice,))))
        except PhotoSearchError as error:
            answer = (False, error)
        with suppress(OSError):  # the program is gone
            wire.send(answer)


def _listen(wire: Wire, questions: queue.SimpleQueue[tuple[str, Any]]) -> None:
    """Pass questions on; end this process with the program, even while a driver hangs."""
    try:
        while True:
            questions.put(wire.receive())
    finally:  # whatever came: without this thread nobody would notice the program's end
        os._exit(0)


def _look() -> Look:
    from photosearch.inference import providers, runtimes

    return Look(runtimes.report(), providers.available())


def _attempt(device: Device, graphs: tuple[str, ...]) -> Any:
    from photosearch.inference import probe

    return probe.attempt(device, tuple(map(Path, graphs)))


def _half(device: Device) -> bool:
    from photosearch.inference import probe

    return probe.computes_half(device)


_VERBS: dict[str, Callable[..., Any]] = {LOOK: _look, ATTEMPT: _attempt, HALF: _half}
