"""A pool of decoding children, with limits on time and memory.

A file that crashes or hangs its decoder costs that file: the child is replaced.
"""

from __future__ import annotations

import logging
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from photosearch.engine import footprint
from photosearch.engine.requests import (
    DecodeRequest,
    FaceReply,
    FaceRequest,
    InputReply,
    InputRequest,
    LookReply,
    LookRequest,
    PictureReply,
    PictureRequest,
    RoomRequest,
)
from photosearch.engine.room import ROOM_PIXELS, Room
from photosearch.engine.wire import READY, Wire, start_child
from photosearch.errors import Cancelled, EngineError

_log = logging.getLogger(__name__)
REPLACED_AFTER = 4000  # files: bounds what a leak in a C library can cost
_WATCH_S = 0.1  # memory is filled with a few hundred MB meanwhile
TOO_MUCH_MEMORY = "It needs more memory than one photo may take."
_ALARM_AFTER_S = 5
_START_S = 60.0
_STARTS = 3

Start = Callable[[], tuple[subprocess.Popen[bytes], Wire]]


@dataclass(eq=False, slots=True)
class _Child:
    process: subprocess.Popen[bytes]
    wire: Wire
    served: int = 0
    deadline: float | None = None
    overdue: bool = False
    too_large: bool = False  # it took more memory than it may


class DecoderPool:
    """At most `size` children, each started when first needed and used by one call at a time."""

    def __init__(
        self,
        size: int,
        timeout_s: float,
        *,
        gentle: bool = True,
        start: Start | None = None,
        memory_bytes: int | None = None,
        room_pixels: int = ROOM_PIXELS,
    ) -> None:
        """`memory_bytes` is what one child may take; as much as suits the machine by default.

        `room_pixels` is how much all of them may unpack at once.
        """
        self._room = Room(room_pixels)
        self._memory_bytes = memory_bytes
        self._size = size
        self._timeout_s = timeout_s
        self._gentle = gentle
        self._start = start or self._start_decoder
        self._used = 0  # places taken
        self._lock = threading.Lock()
        self._freed = threading.Condition(self._lock)
        self._idle: list[_Child] = []
        self._busy: set[_Child] = set()
        self._closed = threading.Event()
        self._watcher: threading.Thread | None = None

    def adjust(self, size: int, timeout_s: float) -> None:
        """Change the limits: from the next call on; children too many end when they are idle."""
        with self._lock:
            outdated = self._timeout_s != timeout_s  # each child was told its limit at its start
            self._size, self._timeout_s = size, timeout_s
            for child in self._busy if outdated else ():
                child.served = REPLACED_AFTER
            keep = 0 if outdated else max(0, size - len(self._busy))
            surplus, self._idle = self._idle[keep:], self._idle[:keep]
            self._freed.notify_all()
        for child in surplus:
            _end(child)

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
        self._room.close()
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
        with self._place():
            # A second try after a crash: the system may have killed the child for its memory,
            # or for that of others.
            for last in (False, True):
                child = self._take()
                try:
                    reply = self._converse(child, request)
                except (OSError, EOFError, ValueError):
                    reason = self._mourn(child)
                    if last or child.overdue or child.too_large:
                        return reason
                    continue
                except BaseException:  # interrupted: its answer would be taken for the next one
                    child.process.kill()
                    self._mourn(child)
                    raise
                self._give(child)
                return reply
            raise AssertionError("not reached")

    def _converse(self, child: _Child, request: DecodeRequest) -> object:
        """Ask a child, and give it room for a large picture when it asks for that on the way."""
        held = 0
        try:
            child.wire.send(request)
            while isinstance(reply := child.wire.receive(), RoomRequest):
                self._room.give_back(held)  # a second opener starts over
                held = 0
                self._expect(child, None)  # how long others work is not this file's fault
                held = self._room.take(reply.pixels)
                self._expect(child, self._timeout_s)
                child.wire.send(READY)
            return reply
        finally:
            self._room.give_back(held)

    def _expect(self, child: _Child, within_s: float | None) -> None:
        with self._lock:
            child.deadline = None if within_s is None else time.monotonic() + within_s

    @contextmanager
    def _place(self) -> Iterator[None]:
        """Hold one of as many places as children may work at once."""
        with self._freed:
            self._freed.wait_for(lambda: self._used < self._size)
            self._used += 1
        try:
            yield
        finally:
            with self._freed:
                self._used -= 1
                self._freed.notify()

    def _start_decoder(self) -> tuple[subprocess.Popen[bytes], Wire]:
        limit = f"--limit={int(self._timeout_s) + _ALARM_AFTER_S}"
        return start_child("--decoder", limit, gentle=self._gentle)

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
        """Start a child; `EngineError` when it cannot be: no file is at fault then.

        One that somebody ends while it starts, as the system does when memory runs out, is
        started again.
        """
        code = 0
        for _ in range(_STARTS):
            try:
                child = _Child(*self._start())
            except OSError as error:
                raise EngineError(f"No photo decoder could be started: {error}.") from error
            if _answers(child):
                return child
            code = child.process.returncode
            if self._closed.is_set():
                raise Cancelled("The program is closing.")
        raise EngineError(
            f"The photo decoder does not start (exit code {code}). Close other programs if memory "
            "is short; if that does not help, install PhotoSearch anew."
        )

    def _give(self, child: _Child) -> None:
        child.served += 1
        with self._lock:
            self._busy.discard(child)
            child.deadline = None
            keep = not self._closed.is_set() and child.served < REPLACED_AFTER
            keep = keep and not child.overdue and not child.too_large
            keep = keep and len(self._idle) + len(self._busy) < self._size
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
        elif child.too_large:
            reason = TOO_MUCH_MEMORY
        else:
            reason = f"It crashed the decoder (exit code {code})."
        _log.warning("a decoder ended: %s", reason)
        return reason

    def _watch(self) -> None:
        most_bytes = self._memory_bytes or footprint.allowed_bytes()
        while not self._closed.wait(_WATCH_S):
            now = time.monotonic()
            with self._lock:
                for child in self._busy:
                    child.overdue |= child.deadline is not None and now > child.deadline
                    child.too_large |= footprint.bytes_of(child.process.pid) > most_bytes
                    if child.overdue or child.too_large:
                        child.process.kill()


def _answers(child: _Child) -> bool:
    """Wait for a child's first word; one that does not say it is ended."""
    killer = threading.Timer(_START_S, child.process.kill)
    killer.start()
    try:
        child.wire.receive()
    except (EOFError, OSError, ValueError):
        _end(child)
        return False
    finally:
        killer.cancel()
        killer.join()
    return True


def _end(child: _Child) -> None:
    child.wire.close()
    with suppress(subprocess.TimeoutExpired):
        child.process.wait(2)
        return
    child.process.kill()
    child.process.wait()
