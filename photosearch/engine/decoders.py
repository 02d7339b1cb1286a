"""A pool of decoding children, with limits on time and memory.

A file that crashes or hangs its decoder costs that file: the child is replaced.
"""

from __future__ import annotations

import logging
import subprocess
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol

from photosearch.engine.protocol import (
    DecodeRequest,
    FaceReply,
    FaceRequest,
    InputReply,
    InputRequest,
    LookReply,
    LookRequest,
    PictureReply,
    PictureRequest,
)
from photosearch.engine.wire import Wire, start_child
from photosearch.errors import Cancelled, EngineError

_log = logging.getLogger(__name__)
REPLACED_AFTER = 4000  # files: bounds what a leak in a C library can cost
_WATCH_S = 0.25
_ALARM_AFTER_S = 5
_START_S = 60.0

Start = Callable[[], tuple[subprocess.Popen[bytes], Wire]]


class Decoder(Protocol):
    """Something that decodes; safe to call from several threads."""

    def look(self, request: LookRequest) -> LookReply: ...
    def model_input(self, request: InputRequest) -> InputReply: ...
    def picture(self, request: PictureRequest) -> PictureReply: ...
    def faces(self, request: FaceRequest) -> FaceReply: ...
    def close(self) -> None: ...


class InlineDecoder:
    """Decodes in the calling thread: for tests, and where children cannot be started."""

    def look(self, request: LookRequest) -> LookReply:
        from photosearch.engine import decode

        return decode.look(request)

    def model_input(self, request: InputRequest) -> InputReply:
        from photosearch.engine import decode

        return decode.model_input(request)

    def picture(self, request: PictureRequest) -> PictureReply:
        from photosearch.engine import decode

        return decode.picture(request)

    def faces(self, request: FaceRequest) -> FaceReply:
        from photosearch.engine import decode

        return decode.faces(request)

    def close(self) -> None:
        """Nothing to close."""


@dataclass(eq=False, slots=True)
class _Child:
    process: subprocess.Popen[bytes]
    wire: Wire
    served: int = 0
    deadline: float | None = None
    overdue: bool = False


class DecoderPool:
    """At most `size` children, each started when first needed and used by one call at a time."""

    def __init__(
        self, size: int, timeout_s: float, *, gentle: bool = True, start: Start | None = None
    ) -> None:
        self._timeout_s = timeout_s
        limit = f"--limit={int(timeout_s) + _ALARM_AFTER_S}"
        self._start = start or (lambda: start_child("--decoder", limit, gentle=gentle))
        self._places = threading.Semaphore(size)
        self._lock = threading.Lock()
        self._idle: list[_Child] = []
        self._busy: set[_Child] = set()
        self._closed = threading.Event()
        self._watcher: threading.Thread | None = None

    def look(self, request: LookRequest) -> LookReply:
        """Look at a file; a decoder that died or hung is a failure of that file."""
        reply = self._ask(request)
        return reply if isinstance(reply, LookReply) else LookReply(failure=str(reply))

    def model_input(self, request: InputRequest) -> InputReply:
        reply = self._ask(request)
        return reply if isinstance(reply, InputReply) else InputReply(failure=str(reply))

    def picture(self, request: PictureRequest) -> PictureReply:
        reply = self._ask(request)
        return reply if isinstance(reply, PictureReply) else PictureReply(failure=str(reply))

    def faces(self, request: FaceRequest) -> FaceReply:
        reply = self._ask(request)
        return reply if isinstance(reply, FaceReply) else FaceReply(failure=str(reply))

    def close(self) -> None:
        """End the children; calls in flight fail with `Cancelled`."""
        self._closed.set()
        with self._lock:
            idle, self._idle = self._idle, []
            busy = list(self._busy)
        for child in busy:
            child.process.kill()
        for child in idle:
            _end(child)
        if self._watcher is not None:
            self._watcher.join()

    def _ask(self, request: DecodeRequest) -> object:
        """Return the reply, or why there is none."""
        with self._places:
            # A second try after a crash: the system may have killed the child for its memory,
            # or for that of others.
            for last in (False, True):
                child = self._take()
                try:
                    child.wire.send(request)
                    reply = child.wire.receive()
                except (OSError, EOFError, ValueError):
                    reason = self._mourn(child)
                    if last or child.overdue:
                        return reason
                    continue
                except BaseException:  # interrupted: its answer would be taken for the next one
                    child.process.kill()
                    self._mourn(child)
                    raise
                self._give(child)
                return reply
            raise AssertionError("not reached")

    def _take(self) -> _Child:
        with self._lock:
            if self._closed.is_set():
                raise Cancelled("The program is closing.")
            child = self._idle.pop() if self._idle else None
        if child is None:
            child = self._begin()
        with self._lock:
            child.deadline = time.monotonic() + self._timeout_s
            self._busy.add(child)
            if self._watcher is None:
                self._watcher = threading.Thread(
                    target=self._watch, name="decoder-watch", daemon=True
                )
                self._watcher.start()
            if self._closed.is_set():
                child.process.kill()
        return child

    def _begin(self) -> _Child:
        """Start a child; `EngineError` when it cannot be: no file is at fault then."""
        try:
            child = _Child(*self._start())
        except OSError as error:
            raise EngineError(f"No photo decoder could be started: {error}.") from error
        killer = threading.Timer(_START_S, child.process.kill)
        killer.start()
        try:
            child.wire.receive()
        except (EOFError, OSError, ValueError) as error:
            _end(child)
            code = child.process.returncode
            raise EngineError(
                f"The photo decoder does not start (exit code {code}). Install PhotoSearch anew."
            ) from error
        finally:
            killer.cancel()
            killer.join()
        return child

    def _give(self, child: _Child) -> None:
        child.served += 1
        with self._lock:
            self._busy.discard(child)
            child.deadline = None
            keep = not self._closed.is_set() and not child.overdue and child.served < REPLACED_AFTER
            if keep:
                self._idle.append(child)
        if not keep:
            _end(child)

    def _mourn(self, child: _Child) -> str:
        with self._lock:
            self._busy.discard(child)
        _end(child)
        if self._closed.is_set():
            raise Cancelled("The program is closing.")
        code = child.process.returncode
        if child.overdue:
            reason = f"Opening it took longer than {self._timeout_s:g} seconds."
        else:
            reason = f"It crashed the decoder (exit code {code})."
        _log.warning("a decoder ended: %s", reason)
        return reason

    def _watch(self) -> None:
        while not self._closed.wait(_WATCH_S):
            now = time.monotonic()
            with self._lock:
                for child in self._busy:
                    if child.deadline is not None and now > child.deadline:
                        child.overdue = True
                        child.process.kill()


def _end(child: _Child) -> None:
    child.wire.close()
    with suppress(subprocess.TimeoutExpired):
        child.process.wait(2)
        return
    child.process.kill()
    child.process.wait()
