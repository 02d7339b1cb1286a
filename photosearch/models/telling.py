"""How far a download is: bytes, speed and time left, told at most ten times a second."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

from photosearch.types import DownloadProgress

Report = Callable[[DownloadProgress], None]
_LEAST_S = 0.1
_WINDOW_S = 5.0  # the speed of the last seconds, not of the whole
_SOON_S = 1.0  # before that a speed would be a guess


class Teller:
    """Collects what happens to one model's files and reports it now and then."""

    def __init__(
        self, name: str, report: Report, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._name = name
        self._report = report
        self._clock = clock
        self._stage = ""
        self._file = ""
        self._note = ""
        self._done = 0
        self._total = 0
        self._told = float("-inf")
        self._seen: deque[tuple[float, int]] = deque()  # when, and how many bytes by then

    def stage(self, stage: str, done: int = 0, total: int = 0) -> None:
        """Begin listing, downloading, verifying or reading."""
        self._stage, self._done, self._total = stage, done, total
        self._file = self._note = ""
        self._seen.clear()
        self._tell()

    def total(self, total: int) -> None:
        self._total = total

    def file(self, name: str) -> None:
        self._file = name
        self._tell_soon()

    def gained(self, count: int) -> None:
        """Count bytes that came, or with a number below zero some that were thrown away."""
        self._done += count
        if count < 0:
            self._seen.clear()
        self._tell_soon()

    def note(self, sentence: str) -> None:
        """Say something beside the numbers until something else is said."""
        if sentence != self._note:
            self._note = sentence
            self._seen.clear()
            self._tell()

    def _tell_soon(self) -> None:
        if self._clock() - self._told >= _LEAST_S:
            self._tell()

    def _tell(self) -> None:
        now = self._told = self._clock()
        speed = self._speed(now)
        left = (self._total - self._done) / speed if speed > 0 and self._total else None
        self._report(
            DownloadProgress(
                name=self._name,
                stage=self._stage,
                done_bytes=self._done,
                total_bytes=self._total,
                bytes_per_second=speed,
                seconds_left=left,
                file=self._file,
                note=self._note,
            )
        )

    def _speed(self, now: float) -> float:
        self._seen.append((now, self._done))
        while now - self._seen[0][0] > _WINDOW_S and len(self._seen) > 2:
            self._seen.popleft()
        since, before = self._seen[0]
        return (self._done - before) / (now - since) if now - since >= _SOON_S else 0.0
