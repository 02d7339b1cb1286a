"""Who may use the device next."""

from __future__ import annotations

import threading

import pytest

from photosearch.engine.gate import Gate


def test_one_at_a_time_and_the_urgent_first() -> None:
    gate = Gate()
    order: list[str] = []
    waiting = threading.Semaphore(0)

    def work(name: str, urgent: bool) -> None:
        waiting.release()
        with gate.urgent() if urgent else gate.patient():
            order.append(name)

    with gate.patient():
        threads = [
            threading.Thread(target=work, args=(f"{urgent}", urgent))
            for urgent in (False, False, True, False, True)
        ]
        for thread in threads:
            thread.start()
            waiting.acquire()
        while gate._urgent < 2:  # until both urgent ones stand in line
            waiting.acquire(timeout=0.01)
    for thread in threads:
        thread.join(10)
    assert order == ["True", "True", "False", "False", "False"]


@pytest.mark.parametrize("urgent", [True, False])
def test_left_by_an_error_it_is_free(urgent: bool) -> None:
    gate = Gate()
    with pytest.raises(KeyError), gate.urgent() if urgent else gate.patient():
        raise KeyError
    with gate.patient():
        pass
    with gate.urgent():
        pass


def test_several_share_it_and_the_urgent_wait_for_no_new_ones() -> None:
    gate = Gate()
    asked, answered, order = threading.Event(), threading.Event(), list[str]()

    def query() -> None:
        asked.set()
        with gate.urgent():
            order.append("query")
        answered.set()

    def look() -> None:
        with gate.shared():
            order.append("look")

    with gate.shared():
        with gate.shared():  # a second one need not wait
            order.append("both")
        one = threading.Thread(target=query)
        one.start()
        assert asked.wait(10)
        while not gate._urgent:
            answered.wait(0.01)
        another = threading.Thread(target=look)
        another.start()
        assert not answered.wait(0.1), "one still holds it"
    one.join(10)
    another.join(10)
    assert order == ["both", "query", "look"]
    with gate.patient():
        pass


def test_who_share_it_let_others_in() -> None:
    gate = Gate()
    ended = threading.Event()
    sharing = threading.Semaphore(0)

    def look_again_and_again() -> None:
        while not ended.is_set():
            with gate.shared():
                sharing.release()
                ended.wait(0.002)

    looking = [threading.Thread(target=look_again_and_again) for _ in range(3)]
    for each in looking:
        each.start()
        sharing.acquire()
    came = threading.Event()

    def embed() -> None:
        with gate.patient():
            came.set()

    one = threading.Thread(target=embed)
    one.start()
    assert came.wait(10)
    ended.set()
    for each in (one, *looking):
        each.join(10)
