"""Progress: speed and time left while a stage runs."""

from __future__ import annotations

import pytest

from photosearch.indexing import reporting
from photosearch.indexing.reporting import Reporter
from photosearch.types import Progress, Stage


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [100.0]
    monkeypatch.setattr(reporting.time, "monotonic", lambda: now[0])
    return now


def test_speed_and_time_left(clock: list[float]) -> None:
    said: list[Progress] = []
    reporter = Reporter(said.append)
    reporter.stage(Stage.LOOK, 100)
    assert said[-1].seconds_left is None
    for _ in range(4):
        clock[0] += 0.5
        reporter.step(10)
    last = said[-1]
    assert (last.done, last.total) == (40, 100)
    assert last.per_second == pytest.approx(20)
    assert last.seconds_left == pytest.approx(3)
    assert reporter.finish()["look"] == {"done": 40, "seconds": pytest.approx(2)}


def test_at_most_ten_reports_a_second(clock: list[float]) -> None:
    said: list[Progress] = []
    reporter = Reporter(said.append)
    reporter.stage(Stage.LOOK, 1000)
    before = len(said)
    for _ in range(100):
        clock[0] += 0.01
        reporter.step()
    assert 8 <= len(said) - before <= 10
