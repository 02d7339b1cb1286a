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
