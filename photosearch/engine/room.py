"""A budget of pixels that the decoders of a pool share: large pictures wait until there is room."""

from __future__ import annotations

import threading
from collections import deque

from photosearch.errors import Cancelled

# Unpacked at once by all decoders together: 4 bytes each, and some are copied on the way.
ROOM_PIXELS = 200_000_000


class Room:
    """Who asks first is served first, so that a large picture is not passed by for ever."""

    def __init__(self, pixels: int = ROOM_PIXELS) -> None:
        self._free = self._all = pixels
        self._changed = threading.Condition()
        self._queue: deque[object] = deque()
        self._closed = False

    def take(self, pixels: int) -> int:
        """Wait for room and return how much was taken; what is larger than all waits for all.

        `Cancelled` when the pool closes meanwhile.
        """
        wanted = min(pixels, self._all)
        mine = object()
        with self._changed:
            self._queue.append(mine)
            try:
                self._changed.wait_for(
                    lambda: self._closed or (self._queue[0] is mine and self._free >= wanted)
                )
                if self._closed:
                    raise Cancelled("The program is closing.")
                self._free -= wanted
            finally:
                self._queue.remove(mine)
                self._changed.notify_all()
        return wanted

    def give_back(self, pixels: int) -> None:
        with self._changed:
            self._free += pixels
            self._changed.notify_all()

    def close(self) -> None:
        """Let nobody wait any longer."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
