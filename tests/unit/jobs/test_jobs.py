"""Lanes, jobs, the executor and the gate, on real threads."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import CancelledError
from typing import Any

import pytest
from PySide6.QtCore import QObject, QThread, QThreadPool
from pytestqt.qtbot import QtBot

from photosearch.errors import Cancelled, MediaError
from photosearch.jobs import Gate, Job, Lane, PoolExecutor, Runner


class Listener(QObject):
    """Collects what a job tells, and in which thread."""

    def __init__(self) -> None:
        super().__init__()
        self.results: list[Any] = []
        self.errors: list[Exception] = []
        self.reports: list[Any] = []
        self.ends = 0
        self.threads: set[QThread] = set()

    def on_success(self, result: Any) -> None:
        self.threads.add(QThread.currentThread())
        self.results.append(result)

    def on_failure(self, error: Exception) -> None:
        self.errors.append(error)

    def on_progress(self, value: Any) -> None:
        self.threads.add(QThread.currentThread())
        self.reports.append(value)

    def on_finish(self) -> None:
        self.ends += 1

    def hooks(self) -> dict[str, Any]:
        return {
            "on_success": self.on_success,
            "on_failure": self.on_failure,
            "on_progress": self.on_progress,
            "on_finish": self.on_finish,
        }


@pytest.fixture
def runner(qapp: object) -> Iterator[Runner]:
    runner = Runner()
    yield runner
    assert runner.shutdown(10.0)


@pytest.fixture
def listener(qapp: object) -> Listener:
    return Listener()


def test_result_arrives_in_the_thread_of_the_window(
    qtbot: QtBot, runner: Runner, listener: Listener
) -> None:
    job = runner.run(Lane.QUICK, divmod, 17, 5, **listener.hooks())
    qtbot.waitUntil(lambda: listener.ends == 1)
    assert listener.results == [(3, 2)]
    assert listener.threads == {QThread.currentThread()}
    assert job.over
    assert not runner.jobs


def test_many_results_none_lost(qtbot: QtBot, runner: Runner, listener: Listener) -> None:
    big = 1 << 40
    for number in range(1000):
        runner.run(Lane.INTERACTIVE, lambda n: n + big, number, **listener.hooks())
    qtbot.waitUntil(lambda: listener.ends == 1000, timeout=20000)
    assert sorted(listener.results) == [n + big for n in range(1000)]
    assert not runner.jobs


def test_expected_and_unexpected_errors_reach_failed(
    qtbot: QtBot, runner: Runner, listener: Listener, caplog: pytest.LogCaptureFixture
) -> None:
    def unusable() -> None:
        raise MediaError("a.jpg is not a picture.")

    runner.run(Lane.QUICK, unusable, **listener.hooks())
    qtbot.waitUntil(lambda: listener.ends == 1)
    assert not caplog.records
    runner.run(Lane.QUICK, int, "x", **listener.hooks())
    qtbot.waitUntil(lambda: listener.ends == 2)
    assert [type(e) for e in listener.errors] == [MediaError, ValueError]
    assert caplog.records[0].exc_info is not None
    assert not listener.results


def test_errors_without_listener_are_unhandled(qtbot: QtBot, runner: Runner) -> None:
    heard: list[Exception] = []
    runner.unhandled.connect(heard.append)

    def unusable() -> None:
        raise MediaError("a.jpg is not a picture.")

    runner.run(Lane.QUICK, unusable)
    qtbot.waitUntil(lambda: len(heard) == 1)
    assert str(heard[0]) == "a.jpg is not a picture."


def test_report_and_check_are_filled_in(qtbot: QtBot, runner: Runner, listener: Listener) -> None:
    class Work:
        def index(self, report: Any, check: Any, folders: Any = None) -> Any:
            for number in range(3):
                check()
                report(number)
            return folders

    runner.run(Lane.INDEX, Work().index, folders=("a",), **listener.hooks())
    qtbot.waitUntil(lambda: listener.ends == 1)
    assert listener.reports == [0, 1, 2]
    assert listener.results == [("a",)]


def test_cancelled_job_tells_only_that_it_finished(
    qtbot: QtBot, runner: Runner, listener: Listener
) -> None:
    begun, go = threading.Event(), threading.Event()

    def slow() -> str:
        begun.set()
        go.wait(10)
        return "an answer nobody wants"

    job = runner.run(Lane.QUICK, slow, **listener.hooks())
    queued = runner.run(Lane.QUICK, slow, **listener.hooks())
    assert begun.wait(10)
    queued.cancel()
    qtbot.waitUntil(lambda: listener.ends == 1)
    job.cancel()
    go.set()
    qtbot.waitUntil(lambda: listener.ends == 2)
    assert not listener.results
    assert not listener.errors


def test_a_stopped_job_tells_what_was_done_all_the_same(
    qtbot: QtBot, runner: Runner, listener: Listener
) -> None:
    begun, go = threading.Event(), threading.Event()

    def slow(check: Any, *, checked: bool, fails: bool = False) -> str:
        begun.set()
        go.wait(10)
        if checked:
            check()
        if fails:
            raise MediaError("a.jpg is not a picture.")
        return "it was done"

    for ends, how, told in (
        (1, {"checked": False}, (["it was done"], 0)),
        (2, {"checked": False, "fails": True}, (["it was done"], 1)),
        (3, {"checked": True}, (["it was done"], 1)),
    ):
        begun.clear()
        go.clear()
        job = runner.run(Lane.QUICK, slow, **how, **listener.hooks())
        assert begun.wait(10)
        job.stop()
        go.set()
        qtbot.waitUntil(lambda ends=ends: listener.ends == ends)  # type: ignore[misc]
        assert (listener.results, len(listener.errors)) == told
        assert job.cancelled


def test_paused_work_waits_and_cancel_wakes_it(
    qtbot: QtBot, runner: Runner, listener: Listener
) -> None:
    seen: list[int] = []
    gate = Gate()
    gate.pause()

    def work(check: Any) -> int:
        for number in range(5):
            check()
            seen.append(number)
        return len(seen)

    job = runner.run(Lane.INDEX, work, gate=gate, **listener.hooks())
    assert job.gate is gate
    qtbot.wait(50)
    assert not seen
    gate.resume()
    qtbot.waitUntil(lambda: listener.ends == 1)
    assert listener.results == [5]
    paused = Gate()
    paused.pause()
    second = runner.run(Lane.INDEX, work, gate=paused, **listener.hooks())
    second.cancel()
    qtbot.waitUntil(lambda: listener.ends == 2)
    assert listener.results == [5]


def test_shutdown_cancels_and_refuses(qtbot: QtBot, listener: Listener) -> None:
    runner = Runner()

    def until_cancelled(check: Any) -> None:
        while True:
            check()

    jobs: list[Job] = [runner.run(lane, until_cancelled, **listener.hooks()) for lane in Lane]
    jobs.append(runner.run(Lane.QUICK, until_cancelled, **listener.hooks()))
    assert runner.shutdown(10.0)
    late = runner.run(Lane.QUICK, divmod, 1, 1, **listener.hooks())
    qtbot.waitUntil(lambda: listener.ends == len(jobs) + 1)
    assert late.cancelled
    assert not listener.results
    assert not listener.errors


@pytest.mark.parametrize("moment", ["waits", "asks"])
def test_shutdown_under_a_job_that_uses_a_lane_is_no_bug(
    qtbot: QtBot, listener: Listener, caplog: pytest.LogCaptureFixture, moment: str
) -> None:
    runner = Runner()
    lane = runner.executor(Lane.DECODE)
    begun, shut = threading.Event(), threading.Event()

    def index() -> None:
        held = [lane.submit(shut.wait, 10) for _ in range(50)]
        begun.set()
        if moment == "asks":
            shut.wait(10)
            lane.submit(shut.wait)
        for future in held:
            future.result()

    runner.run(Lane.INDEX, index, **listener.hooks())
    assert begun.wait(10)
    assert not runner.shutdown(0.0)
    shut.set()
    assert runner.shutdown(10.0)
    qtbot.waitUntil(lambda: listener.ends == 1)
    assert not listener.errors
    assert not caplog.records


def test_shutdown_says_when_a_thread_does_not_end(qapp: object) -> None:
    runner, begun, go = Runner(), threading.Event(), threading.Event()

    def stubborn() -> None:
        begun.set()
        go.wait(10)

    runner.run(Lane.QUICK, stubborn)
    assert begun.wait(10)
    assert not runner.shutdown(0.05)
    go.set()
    assert runner.shutdown(10.0)


def test_executor_last_first_and_cancel(qapp: object) -> None:
    pool = QThreadPool()
    pool.setMaxThreadCount(1)
    executor = PoolExecutor(pool, last_first=True)
    begun, go, order = threading.Event(), threading.Event(), []

    def hold() -> None:
        begun.set()
        go.wait(10)

    first = executor.submit(hold)
    assert begun.wait(10)
    rest = [executor.submit(order.append, number) for number in range(5)]
    assert rest[2].cancel()
    go.set()
    executor.shutdown()
    assert first.done()
    assert order == [4, 3, 1, 0]
    with pytest.raises(CancelledError):
        rest[2].result()
    with pytest.raises(RuntimeError):
        executor.submit(order.append, 9)


def test_executor_keeps_thread_locals_between_calls(qapp: object) -> None:
    pool = QThreadPool()
    pool.setMaxThreadCount(1)
    kept = threading.local()

    def count() -> int:
        kept.value = getattr(kept, "value", 0) + 1
        return int(kept.value)

    with PoolExecutor(pool) as executor:
        assert [executor.submit(count).result(10) for _ in range(4)] == [1, 2, 3, 4]


def test_executor_threads_leave_when_idle_and_come_back(qapp: object) -> None:
    pool = QThreadPool()
    pool.setMaxThreadCount(2)
    with PoolExecutor(pool, idle_s=0.01) as executor:
        assert executor.submit(divmod, 7, 2).result(10) == (3, 1)
        assert executor.wait_for_workers(10)
        assert list(executor.map(abs, range(-50, 0))) == list(range(50, 0, -1))


def test_gate_cannot_be_paused_after_cancel() -> None:
    gate = Gate()
    gate.pause()
    assert gate.paused
    gate.cancel()
    gate.pause()
    assert not gate.paused
    with pytest.raises(Cancelled):
        gate.check()
