"""Work ahead of the consumer, bounded, and nothing left running."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from photosearch.indexing.windowed import windowed


def test_order_and_bound() -> None:
    begun: list[int] = []
    lock = threading.Lock()

    def prepare(item: int) -> int:
        with lock:
            begun.append(item)
        return item * item

    consumed = 0
    with ThreadPoolExecutor(4) as pool:
        for item, made in windowed(pool, prepare, range(100), 7):
            assert (item, made) == (consumed, consumed * consumed)
            consumed += 1
            with lock:
                assert len(begun) <= consumed + 7
    assert consumed == 100


def test_a_consumer_that_stops_leaves_nothing_running() -> None:
    running = threading.Semaphore(0)
    go = threading.Event()
    ended: list[int] = []

    def prepare(item: int) -> int:
        running.release()
        if item:
            go.wait(10)
        ended.append(item)
        return item

    with ThreadPoolExecutor(2) as pool:
        work = windowed(pool, prepare, range(50), 10)
        assert next(work) == (0, 0)
        for _ in range(3):
            running.acquire()
        go.set()
        work.close()
        assert len(ended) <= 12  # what had begun ended, the rest never began
        before = len(ended)
    assert len(ended) == before


def test_an_error_reaches_the_consumer_at_its_item() -> None:
    def prepare(item: int) -> int:
        if item == 3:
            raise KeyError(item)
        return item

    with ThreadPoolExecutor(2) as pool:
        work = windowed(pool, prepare, range(10), 4)
        assert [next(work)[0] for _ in range(3)] == [0, 1, 2]
        with pytest.raises(KeyError):
            next(work)
