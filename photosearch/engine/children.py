"""What runs inside the children: the decoder's loop, the engine's loop, and a conversion.

A child ends when its input ends, that is when the program that started it ends, however it
ended.
"""

from __future__ import annotations

import logging
import os
import pickle
import signal
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

from photosearch.engine.wire import READY, Wire, own_wire
from photosearch.errors import ModelError, PhotoSearchError

_log = logging.getLogger(__name__)
DECODER_MEMORY_BYTES = 6 << 30  # address space: twice what the largest allowed picture takes
_NICE = 10  # so far they stand back from the window, which must never wait
_ENGINE_THREADS = 8  # queries, a batch, a save and a question about the state at once


def run_decoder(arguments: list[str]) -> int:
    """Serve decode requests one by one until the input ends."""
    from photosearch.engine import decode
    from photosearch.engine.decoders import TOO_MUCH_MEMORY
    from photosearch.engine.requests import RoomRequest
    from photosearch.media.room import room

    _be_gentle(arguments)
    _limit_memory()
    limit_s = int(given(arguments, "--limit") or 0)
    wire = own_wire()
    silence()
    wire.send(READY)

    def wait(pixels: int) -> None:
        _alarm(0)  # how long others work is not this file's fault
        wire.send(RoomRequest(pixels))
        wire.receive()
        _alarm(limit_s)

    room.set(wait)
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
            reply = TOO_MUCH_MEMORY
        except Exception as error:  # border: it must reach the list of failures
            reply = f"It could not be read ({type(error).__name__}: {error})."
        with suppress(BrokenPipeError):
            wire.send(reply)


def run_engine(arguments: list[str]) -> int:
    """Serve engine calls, several at a time, until the input ends.

    `--log=FILE` names a log of its own: two processes cannot rotate one file. `--runtime=DIR` is
    a GPU pack to use, `--devices=FILE` where verdicts on devices are kept.
    """
    from photosearch import log
    from photosearch.engine.inline import InlineEngine
    from photosearch.engine.trying import Trying
    from photosearch.inference.runtimes import put_first

    _stand_back()
    file = given(arguments, "--log")
    log.start(Path(file) if file else None)
    wire = own_wire()
    runtime, verdicts = given(arguments, "--runtime"), given(arguments, "--devices")
    notice = put_first(runtime)
    trying = Trying(Path(verdicts) if verdicts else None, "" if notice else runtime)
    engine = InlineEngine(trying=trying, notices=(notice,) if notice else ())
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


def run_converter(arguments: list[str]) -> int:
    """Answer one question about open_clip's models, or convert one, and end."""
    from photosearch import log
    from photosearch.engine import converting

    _be_gentle(arguments)
    wire = own_wire()
    _write_to(given(arguments, "--log"))
    log.start(None)
    try:
        converting.serve(wire)
    except EOFError:
        return 0
    except Exception as error:  # border: whoever asked waits for an answer
        _log.exception("converting failed")
        with suppress(OSError, ValueError):
            wire.send(converting.failed(error))
    return 0


def run_prepare(arguments: list[str]) -> int:
    """Answer one request to prepare or measure a model; end when nobody waits for it any more."""
    from photosearch.engine.preparing import answer
    from photosearch.inference.runtimes import put_first

    wire = own_wire()
    if notice := put_first(given(arguments, "--runtime")):
        _log.warning("%s", notice)
    try:
        request = wire.receive()
    except EOFError:
        return 0
    threading.Thread(target=_leave_with, args=(wire,), daemon=True).start()
    try:
        outcome: tuple[str, Any] = (
            "done",
            answer(request, lambda kind, value: wire.send((kind, value))),
        )
    except PhotoSearchError as error:
        outcome = ("failed", error)
    except MemoryError:
        outcome = ("failed", ModelError("There is not enough memory to prepare this model."))
    except Exception as error:  # border: whoever asked waits for an answer
        _log.exception("preparing failed")
        outcome = ("failed", ModelError(f"The model cannot be prepared: {error}."))
    with suppress(OSError, ValueError):  # the program is gone
        wire.send(outcome)
    return 0


def _leave_with(wire: Wire) -> None:
    """End this process when the program closes its end, that is when it ends or wants no answer."""
    try:
        wire.receive()
    finally:  # whatever came: without this thread nobody would notice the program's end
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
    if "--gentle" in arguments:
        _stand_back()


def _stand_back() -> None:
    if hasattr(os, "nice"):  # Windows has classes of priority, given at the start
        os.nice(_NICE)


def given(arguments: list[str], flag: str) -> str:
    """Return what follows `flag=`, or nothing."""
    return next((a.partition("=")[2] for a in arguments if a.startswith(f"{flag}=")), "")


def _alarm(seconds: int) -> None:
    """End this process in `seconds`, even inside a C library; 0 calls it off.

    The program kills an overdue decoder itself; this is for when the program is gone.
    """
    if hasattr(signal, "alarm"):
        signal.alarm(seconds)


def silence() -> None:
    """Keep C libraries from writing to the terminal, as libtiff does; errors are replies."""
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 2)
    os.close(null)


def _write_to(file: str) -> None:
    """Send what libraries say to a file, begun anew, instead of the terminal."""
    with suppress(OSError):
        Path(file or os.devnull).parent.mkdir(parents=True, exist_ok=True)
        log = os.open(file or os.devnull, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
        os.dup2(log, 2)
        os.close(log)


def _limit_memory() -> None:
    if sys.platform != "linux":  # elsewhere the limit is not enforced
        return
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (DECODER_MEMORY_BYTES, DECODER_MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
