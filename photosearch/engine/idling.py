"""Models that nobody uses leave memory after a while, and are loaded again when they are needed.

One thread sleeps until the next is due; it knows times and what to call, nothing of models.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Generic, Protocol, TypeVar

from photosearch.memory import give_back

Clock = Callable[[], float]
_Held = TypeVar("_Held")


class Idle(Protocol):
    """Something that holds models."""

    def let_go(self, now: float) -> float | None:
        """Let go of what is due at `now`; return when the next will be, None for never."""
        ...


class Kept(Generic[_Held]):
    """One thing that is loaded when it is needed, and when it was last used.

    Letting go of it takes nothing from those who use it just now.
    """

    def __init__(self, load: Callable[[], _Held], idling: Idling, holder: Idle) -> None:
        self._load = load
        self._idling = idling
        self._holder = holder
        self._held: _Held | None = None
        self._used = 0.0
        self._lock = threading.Lock()  # loading takes seconds: each thing has its own

    def get(self) -> _Held:
        """Return the thing, loaded if need be."""
        with self._lock:
            fresh = self._held is None
            if self._held is None:
                self._held = self._load()
            self._used = self._idling.clock()
            held = self._held
        if fresh:
            self._idling.watch(self._holder)
        return held

    def used(self) -> None:
        """Note that it was in use until now."""
        self._used = self._idling.clock()

    def drop(self) -> None:
        """Let go at once, and load anew when it is needed again."""
        with self._lock:
            self._held = None

    def let_go(self, now: float, idle_s: float) -> float | None:
        """Let go when it has not been used for so long; return when that will be, else None."""
        if not self._lock.acquire(blocking=False):  # it is being loaded
            return now + idle_s
        try:
            if self._held is None:
                return None
            if now - self._used < idle_s:
                return self._used + idle_s
            self._held = None
        finally:
            self._lock.release()
        give_back()
        return None


class Idling:
    """Watches over holders of models; its thread begins with the first and ends with `close`."""

    def __init__(self, clock: Clock = time.monotonic) -> None:
        self.clock = clock
        self._holders: list[Idle] = []
        self._changed = threading.Condition()
        self._closed = False
        self._thread: threading.Thread | None = None

    def watch(self, holder: Idle) -> None:
        """Look after a holder from now on: it has just loaded something."""
        with self._changed:
            if holder not in self._holders:
                self._holders.append(holder)
            if self._thread is None and not self._closed:
                self._thread = threading.Thread(target=self._run, name="idle-models", daemon=True)
                self._thread.start()
            self._changed.notify_all()

    def forget(self, holder: Idle) -> None:
        """Look after a holder no more."""
        with self._changed, suppress(ValueError):
            self._holders.remove(holder)

    def stir(self) -> None:
        """Look again when the next is due: other things matter now."""
        with self._changed:
            self._changed.notify_all()

    def sweep(self) -> float | None:
        """Let go of all that is due; return when the next will be."""
        with self._changed:
            holders = tuple(self._holders)
        now = self.clock()
        due = [at for at in (holder.let_go(now) for holder in holders) if at is not None]
        return min(due, default=None)

    def close(self) -> None:
        with self._changed:
            self._closed = True
            thread, self._thread = self._thread, None
            self._changed.notify_all()
        if thread is not None:
            thread.join()

    def _run(self) -> None:
        while True:
            at = self.sweep()
            with self._changed:
                if self._closed:
                    return
                self._changed.wait(None if at is None else max(0.05, at - self.clock()))
                if self._closed:
                    return
