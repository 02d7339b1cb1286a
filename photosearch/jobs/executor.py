"""A `concurrent.futures.Executor` whose threads come from a QThreadPool.

It is plumbing for thousands of small calls and makes no QObject per call. A worker stays inside
one `run` and takes call after call until it has been idle for a while: Qt's threads get a fresh
Python thread state on every `run`, so with one `run` a call everything in `threading.local` (a
database connection, say) would be made and thrown away again each time.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from typing import Any, ParamSpec, TypeVar

from PySide6.QtCore import QRunnable, QThreadPool

P = ParamSpec("P")
T = TypeVar("T")


class ShutDownError(RuntimeError):
    """A call came after the executor was shut down: as Python's own executors say it."""


@dataclass(frozen=True, slots=True)
class _Task:
    future: Future[Any]
    call: Callable[[], Any]

    def run(self) -> None:
        if not self.future.set_running_or_notify_cancel():
            return
        try:
            result = self.call()
        except BaseException as error:  # noqa: BLE001 - the border: it belongs to the future
            self.future.set_exception(error)
        else:
            self.future.set_result(result)


class _Worker(QRunnable):
    """Started once for every thread; not deleted by Qt, so one object serves all."""

    def __init__(self, work: Callable[[], None]) -> None:
        super().__init__()
        self.setAutoDelete(False)
        self._work = work

    def run(self) -> None:
        self._work()


class PoolExecutor(Executor):
    """Runs calls on the threads of `pool`, first come first served or last first."""

    def __init__(self, pool: QThreadPool, *, last_first: bool = False, idle_s: float = 30.0):
        self._pool = pool
        self._last_first = last_first
        self._idle_s = idle_s
        self._tasks: deque[_Task] = deque()
        self._condition = threading.Condition()
        self._workers = 0
        self._idle = 0
        self._closed = False
        self._worker = _Worker(self._work)

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Queue a call; ShutDownError after shutdown."""
        future: Future[T] = Future()
        task = _Task(future, lambda: fn(*args, **kwargs))
        with self._condition:
            if self._closed:
                raise ShutDownError("the executor has been shut down")
            self._tasks.append(task)
            if self._idle >= len(self._tasks):
                self._condition.notify()
            elif self._workers < self._pool.maxThreadCount():
                self._workers += 1
                self._pool.start(self._worker)
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Refuse new calls; drop queued ones if asked; wait for the rest if asked."""
        with self._condition:
            self._closed = True
            dropped = list(self._tasks) if cancel_futures else []
            if cancel_futures:
                self._tasks.clear()
            self._condition.notify_all()
        for task in dropped:
            task.future.cancel()
        if wait:
            self.wait_for_workers(None)

    def wait_for_workers(self, timeout_s: float | None) -> bool:
        """Wait until no thread works here; False when the time was not enough."""
        with self._condition:
            return self._condition.wait_for(lambda: self._workers == 0, timeout_s)

    def _work(self) -> None:
        while True:
            task = self._next()
            if task is None:
                return
            task.run()
            del task  # hold no result while idle

    def _next(self) -> _Task | None:
        """Take the next task, or leave (None) when closed or idle for too long."""
        with self._condition:
            if not self._tasks and not self._closed:
                self._idle += 1
                self._condition.wait_for(lambda: self._tasks or self._closed, self._idle_s)
                self._idle -= 1
            if self._tasks:
                return self._tasks.pop() if self._last_first else self._tasks.popleft()
            self._workers -= 1
            self._condition.notify_all()
            return None
