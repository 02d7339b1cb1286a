"""Lanes: which work shares threads with which, and jobs that run on them.

Knows how many threads each kind of work gets and brings outcomes to the window's thread. Knows
nothing of what the work is.
"""

from __future__ import annotations

import inspect
import itertools
import logging
import os
import time
from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from dataclasses import dataclass
from enum import Enum
from typing import Any

from PySide6.QtCore import QObject, Qt, QThread, QThreadPool, Signal

from photosearch.errors import Cancelled, PhotoSearchError
from photosearch.jobs.executor import PoolExecutor, ShutDownError
from photosearch.jobs.gate import Gate
from photosearch.jobs.interpreter import undisturbed
from photosearch.jobs.job import Job

log = logging.getLogger(__name__)


class Lane(Enum):
    """Kinds of work; each has threads of its own."""

    INTERACTIVE = "interactive"  # what the user waits for: search, a picture to look at
    QUICK = "quick"  # small writes, one after another
    THUMBS = "thumbs"  # last asked first
    INDEX = "index"  # the one long run
    DECODE = "decode"  # reads pictures for it
    DOWNLOAD = "download"
    DISK = "disk"  # looks at what the user adds, on drives that may be slow to answer
    PREPARE = "prepare"  # measuring, converting and comparing models: minutes, one at a time


def lane_threads(lane: Lane) -> int:
    """Return how many threads a lane has on this machine."""
    cores = os.cpu_count() or 2
    return {
        Lane.INTERACTIVE: 2,
        Lane.THUMBS: min(4, max(2, cores // 2)),
        Lane.DECODE: max(2, cores - 1),
    }.get(lane, 1)


class _Post(QObject):
    """Carries news from worker threads to the window's; emitted there, received here."""

    reported = Signal(object, object)  # job number, report
    ended = Signal(object, object, object)  # job number, result, error


@dataclass(frozen=True, slots=True)
class _Call:
    """What a worker thread gets: everything but the job itself."""

    number: int
    fn: Callable[..., Any]
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    gate: Gate
    post: _Post

    def __call__(self) -> None:
        result: Any = None
        error: Exception | None = None
        try:
            self.gate.check()
            result = self.fn(*self.args, **self._arguments())
        except PhotoSearchError as expected:
            error = expected
        except (CancelledError, ShutDownError):  # a lane it uses was shut down beneath it
            error = Cancelled("This was cancelled.")
        except Exception as bug:
            log.exception("A job failed: %s", getattr(self.fn, "__qualname__", self.fn))
            error = bug
        self._send(self.post.ended, result, error)

    def on_done(self, future: Future[None]) -> None:
        """Tell of a call that was cancelled before it began."""
        if future.cancelled():
            self._send(self.post.ended, None, Cancelled("This was cancelled."))

    def _arguments(self) -> dict[str, Any]:
        """Fill required parameters called `report` and `check` that the caller left open."""
        given = {"report": self._report, "check": self.gate.check}
        try:
            signature = inspect.signature(self.fn)
        except (TypeError, ValueError):  # a builtin without one
            return self.kwargs
        taken = signature.bind_partial(*self.args, **self.kwargs).arguments
        wanted = {
            name: given[name]
            for name, parameter in signature.parameters.items()
            if name in given and name not in taken and parameter.default is parameter.empty
        }
        return {**self.kwargs, **wanted}

    def _report(self, value: Any) -> None:
        self._send(self.post.reported, value)

    def _send(self, signal: Any, *values: Any) -> None:
        try:
            signal.emit(self.number, *values)
        except RuntimeError:  # the program is being torn down: there is nobody left to tell
            log.debug("News of job %d came too late", self.number)


class Runner(QObject):
    """Runs calls on lanes and tells their outcome in the thread that the runner lives in.

    `unhandled` carries errors of jobs that nobody listens to.
    """

    unhandled = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._post = _Post(self)
        self._post.reported.connect(self._on_reported, Qt.ConnectionType.QueuedConnection)
        self._post.ended.connect(self._on_ended, Qt.ConnectionType.QueuedConnection)
        self._numbers = itertools.count(1)
        self._jobs: dict[int, Job] = {}
        self._closed = False
        self._lanes = {lane: self._open_lane(lane) for lane in Lane}

    def run(
        self,
        lane: Lane,
        fn: Callable[..., Any],
        *args: Any,
        on_success: Callable[[Any], object] | None = None,
        on_failure: Callable[[Exception], object] | None = None,
        on_progress: Callable[[Any], object] | None = None,
        on_finish: Callable[[], object] | None = None,
        gate: Gate | None = None,
        **kwargs: Any,
    ) -> Job:
        """Run `fn(*args, **kwargs)` on a lane.

        The callbacks are bound methods of QObjects in this thread and are connected before the
        work starts. Required parameters of `fn` named `report` and `check` that are not given are
        filled in. Once shut down, the job comes back cancelled.
        """
        job = Job(gate or Gate())
        pairs = (
            (job.succeeded, on_success),
            (job.failed, on_failure or self.unhandled.emit),
            (job.progressed, on_progress),
            (job.finished, on_finish),
        )
        for signal, callback in pairs:
            if callback is not None:
                signal.connect(callback)
        number = next(self._numbers)
        self._jobs[number] = job
        call = _Call(number, fn, args, kwargs, job.gate, self._post)
        if self._closed:
            job.cancel()
            self._post.ended.emit(number, None, None)
            return job
        future = self._lanes[lane].submit(call)
        job.follow(future)
        future.add_done_callback(call.on_done)
        return job

    def executor(self, lane: Lane) -> PoolExecutor:
        """Return the plumbing of a lane, for many small calls without jobs."""
        return self._lanes[lane]

    @property
    def jobs(self) -> tuple[Job, ...]:
        """Jobs whose outcome has not been told yet."""
        return tuple(self._jobs.values())

    def shutdown(self, timeout_s: float = 2.0) -> bool:
        """Refuse new jobs, cancel all, wait briefly; False if some thread still works."""
        self._closed = True
        for job in self.jobs:
            job.cancel()
        for executor in self._lanes.values():
            executor.shutdown(wait=False, cancel_futures=True)
        end = time.monotonic() + timeout_s
        waited = [
            e.wait_for_workers(max(0.0, end - time.monotonic())) for e in self._lanes.values()
        ]
        return all(waited)

    def _open_lane(self, lane: Lane) -> PoolExecutor:
        pool = QThreadPool(self)
        pool.setObjectName(f"lane-{lane.value}")
        pool.setMaxThreadCount(lane_threads(lane))
        if lane in (Lane.INDEX, Lane.DECODE):
            pool.setThreadPriority(QThread.Priority.LowPriority)
        return PoolExecutor(pool, last_first=lane is Lane.THUMBS)

    def _on_reported(self, number: int, value: Any) -> None:
        job = self._jobs.get(number)
        if job is not None:
            with undisturbed():
                job.tell_progress(value)

    def _on_ended(self, number: int, result: Any, error: Exception | None) -> None:
        job = self._jobs.get(number)
        if job is None:
            return
        with undisturbed():
            job.tell_outcome(result, error)
        del self._jobs[number]
