"""The shared lock: readers together, a writer alone, nobody starved, no deadlock."""

from __future__ import annotations

import threading

import pytest

from photosearch.index.lock import SharedLock


def test_readers_share():
    lock = SharedLock()
    together = threading.Barrier(3)

    def read() -> None:
        with lock.shared():
            together.wait(10)

    threads = [threading.Thread(target=read) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not together.broken


def test_a_writer_is_alone_and_a_later_reader_comes_after_it():
    lock = SharedLock()
    order: list[str] = []
    queued = threading.Semaphore(0)

    def write() -> None:
        queued.release()
        with lock.alone():
            order.append("writer")

    def read() -> None:
        queued.release()
        with lock.shared():
            order.append("reader")

    with lock.shared():
        writer = threading.Thread(target=write)
        writer.start()
        queued.acquire()
        _until(lambda: len(lock._queue) == 1)
        reader = threading.Thread(target=read)
        reader.start()
        queued.acquire()
        _until(lambda: len(lock._queue) == 2)
        assert order == []  # the reader waits behind the writer, though readers hold the lock
    writer.join()
    reader.join()
    assert order == ["writer", "reader"]


def test_a_writer_waits_for_another_writer():
    lock = SharedLock()
    order: list[str] = []

    def write() -> None:
        with lock.alone():
            order.append("second")

    with lock.alone():
        writer = threading.Thread(target=write)
        writer.start()
        _until(lambda: len(lock._queue) == 1 or order)
        order.append("first")
    writer.join()
    assert order == ["first", "second"]


def test_counts_stay_right_under_load():
    lock = SharedLock()
    value = [0, 0]
    wrong: list[object] = []

    def write() -> None:
        for _ in range(300):
            with lock.alone():
                value[0] += 1
                value[1] += 1

    def read() -> None:
        for _ in range(300):
            with lock.shared():
                if value[0] != value[1]:
                    wrong.append(tuple(value))

    threads = [threading.Thread(target=work) for work in (write, read, write, read)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert value == [600, 600]


def test_an_error_inside_lets_the_next_one_in():
    lock = SharedLock()
    with pytest.raises(KeyError), lock.alone():
        raise KeyError
    with pytest.raises(KeyError), lock.shared():
        raise KeyError
    with lock.alone():
        pass


def _until(true: object) -> None:
    assert callable(true)
    waiting = threading.Event()
    for _ in range(1000):
        if true():
            return
        waiting.wait(0.01)
    raise AssertionError("did not happen within ten seconds")
