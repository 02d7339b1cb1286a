"""What runs inside the children: the decoder's loop and the engine's loop.

A child ends when its input ends, that is when the program that started it ends, however it
ended.
"""

from __future__ import annotations

import logging
import os
import pickle
import signal
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

from photosearch.engine.wire import READY, Wire, own_wire
from photosearch.errors import PhotoSearchError

_log = logging.getLogger(__name__)
DECODER_MEMORY_BYTES = 6 << 30  # address space: twice what the largest allowed picture takes
_ENGINE_THREADS = 8  # queries, a batch, a save and a question about the state at once


def run_decoder(arguments: list[str]) -> int:
    """Serve decode requests one by one until the input ends."""
    from photosearch.engine import decode

    _be_gentle(arguments)
    _limit_memory()
    limit_s = int(_given(arguments, "--limit") or 0)
    wire = own_wire()
    _silence()
    wire.send(READY)
    while True:
        _alarm(0)
        try:
            request = wire.receive()
        except EOFError:
            return 0
        _alarm(limit_s)
        try:
            reply: Any = decode.answer(request)
        except MemoryError:
            reply = "It needs more memory than one photo may take."
        except Exception as error:  # border: it must reach the list of failures
            reply = f"It could not be read ({type(error).__name__}: {error})."
        with suppress(BrokenPipeError):
            wire.send(reply)


def run_engine(arguments: list[str]) -> int:
    """Serve engine calls, several at a time, until the input ends.

    `--log=FILE` names a log of its own: two processes cannot rotate one file.
    """
    from photosearch import log
    from photosearch.engine.inline import InlineEngine

    file = _given(arguments, "--log")
    log.start(Path(file) if file else None)
    wire = own_wire()
    engine = InlineEngine()
    pool = ThreadPoolExecutor(_ENGINE_THREADS, thread_name_prefix="engine")
    while True:
        try:
            number, verb, values = wire.receive()
        except EOFError:
            break
        pool.submit(_serve, wire, engine, number, verb, values)
    # The program is gone or wants us gone: nobody waits for what still runs.
    with suppress(PhotoSearchError):
        engine.save()
    os._exit(0)


def _serve(wire: Wire, engine: Any, number: int, verb: str, values: tuple[Any, ...]) -> None:
    try:
        outcome: tuple[bool, Any] = (True, getattr(engine, verb)(*values))
    except PhotoSearchError as error:
        outcome = (False, error)
    except Exception as error:  # border: whoever asked waits for an answer
        _log.exception("engine: %s failed", verb)
        outcome = (False, RuntimeError(f"{type(error).__name__}: {error}"))
    with suppress(OSError, ValueError):  # the program is gone
        try:
            wire.send((number, *outcome))
        except (pickle.PicklingError, TypeError, AttributeError) as error:
            _log.exception("engine: the answer of %s cannot be sent", verb)
            wire.send((number, False, RuntimeError(f"{type(error).__name__}: {error}")))


def _be_gentle(arguments: list[str]) -> None:
    if "--gentle" in arguments and hasattr(os, "nice"):
        os.nice(10)


def _given(arguments: list[str], flag: str) -> str:
    """Return what follows `flag=`, or nothing."""
    return next((a.partition("=")[2] for a in arguments if a.startswith(f"{flag}=")), "")


def _alarm(seconds: int) -> None:
    """End this process in `seconds`, even inside a C library; 0 calls it off.

    The program kills an overdue decoder itself; this is for when the program is gone.
    """
    if hasattr(signal, "alarm"):
        signal.alarm(seconds)


def _silence() -> None:
    """Keep C libraries from writing to the terminal, as libtiff does; errors are replies."""
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 2)
    os.close(null)


def _limit_memory() -> None:
    if sys.platform != "linux":  # elsewhere the limit is not enforced
        return
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (DECODER_MEMORY_BYTES, DECODER_MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
