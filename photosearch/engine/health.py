"""How the engine process fares: whether it may be started just now, and what is told of it.

An engine that died is started again at once. One that dies again and again without having
answered anything rests before it is tried once more, longer each time: a driver that crashes
every model must not keep the machine busy for ever.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from photosearch.errors import RestingError
from photosearch.types import EngineHealth

# Without an answer in between, two deadly batches side by side cost four engines before a photo is
# found out: each batch dies, the first once more, then its photo alone. A query beside them, which
# is asked twice, may cost two more.
DEATHS = 7
RESTS_S = (15.0, 30.0, 60.0, 120.0, 300.0)
_RESTING = (
    "The search engine crashed several times in a row and is left alone for a while. Photos are "
    "found by their names, folders and dates; another device or search model may help."
)

Listener = Callable[[EngineHealth], None]
Clock = Callable[[], float]


class Health:
    """Counts deaths and answers of one engine; safe to use from several threads."""

    def __init__(self, clock: Clock = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._deaths = 0  # since the last answer
        self._rests = 0
        self._until = 0.0
        self._now = EngineHealth.WELL
        self._listeners: list[Listener] = []

    @property
    def now(self) -> EngineHealth:
        return self._now

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Have a listener told of each change, on any thread; returns what ends that."""
        with self._lock:
            self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def died(self) -> None:
        """Note that an engine ended that nobody asked to."""
        with self._lock:
            self._deaths += 1
            if self._deaths >= DEATHS:
                self._until = self._clock() + RESTS_S[min(self._rests, len(RESTS_S) - 1)]
                self._rests += 1
                self._deaths = DEATHS - 1  # one more try after the rest
            resting = self._clock() < self._until
        self._become(EngineHealth.RESTING if resting else EngineHealth.RESTARTING)

    def started(self) -> None:
        """Note that an engine runs and listens; whether it is good for anything it has to show."""
        self._become(EngineHealth.WELL)

    def answered(self) -> None:
        """Note that it did some work."""
        with self._lock:
            self._deaths = self._rests = 0
            self._until = 0.0
        self._become(EngineHealth.WELL)

    def changed(self) -> None:
        """Note that it will run otherwise (another model, another device): it may be tried."""
        with self._lock:
            self._deaths = self._rests = 0
            self._until = 0.0

    def rest_s(self) -> float:
        """Return for how long it is not to be started."""
        return max(0.0, self._until - self._clock())

    def check(self) -> None:
        """Raise `RestingError` while it rests."""
        if self.rest_s() > 0:
            raise RestingError(_RESTING)

    def _become(self, health: EngineHealth) -> None:
        with self._lock:
            if health is self._now:
                return
            self._now = health
            listeners = tuple(self._listeners)
        for listener in listeners:
            listener(health)
