"""An engine that dies: started again at once, and less and less often when that does not help."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from photosearch.engine import health
from photosearch.engine.health import DEATHS, RESTS_S, Health
from photosearch.engine.remote import RemoteEngine
from photosearch.errors import EngineError, RestingError
from photosearch.types import EngineHealth, ModelKey

from .conftest import child
from .test_remote import PRETENDED, choice

KEY = ModelKey("key")


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def until(true: Callable[[], bool]) -> bool:
    pause, end = threading.Event(), time.monotonic() + 30
    while not true():
        if time.monotonic() > end:
            return False
        pause.wait(0.01)
    return True


def test_it_rests_longer_each_time_and_is_well_once_it_has_answered() -> None:
    clock = Clock()
    fares = Health(clock)
    told: list[EngineHealth] = []
    stop = fares.subscribe(told.append)
    for _ in range(DEATHS - 1):
        fares.died()
        fares.check()
        fares.started()
    fares.died()
    assert told == [EngineHealth.RESTARTING, EngineHealth.WELL] * (DEATHS - 1) + [
        EngineHealth.RESTING
    ]
    for rest_s in (*RESTS_S, RESTS_S[-1]):
        assert fares.rest_s() == rest_s
        with pytest.raises(RestingError, match="another device or search model may help"):
            fares.check()
        clock.now += rest_s
        fares.check()
        fares.died()
    fares.changed()
    fares.check()
    fares.answered()
    assert fares.now is EngineHealth.WELL
    told.clear()
    stop()
    for _ in range(DEATHS - 1):
        fares.died()
        fares.answered()
    fares.check()
    assert told == []


def test_a_dead_engine_is_replaced_though_nobody_asks(tmp_path: Path) -> None:
    started: list[int] = []
    told: list[EngineHealth] = []
    engine = RemoteEngine(child(PRETENDED, started))
    engine.health.subscribe(told.append)
    engine.use(choice(tmp_path / "model"))
    engine.encode_text(KEY, "start")
    os.kill(started[0], 9)
    assert until(lambda: len(told) == 2)
    assert told == [EngineHealth.RESTARTING, EngineHealth.WELL]
    assert engine.state().vectors == started[1]
    assert engine.state().device == str(tmp_path / "model")
    engine.renew()
    engine.close()
    assert len(told) == len(started) == 2, "an end that was asked for is no death"
    assert "engine-mending" not in {thread.name for thread in threading.enumerate()}


def test_a_model_that_always_crashes_does_not_do_so_for_ever(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(health, "DEATHS", 2)
    started: list[int] = []
    engine = RemoteEngine(child(PRETENDED, started))
    for _ in range(2):
        with pytest.raises(EngineError):
            engine.encode_text(KEY, "die")
    count = len(started)
    assert count <= 3
    with pytest.raises(RestingError, match="left alone for a while"):
        engine.encode_text(KEY, "fine")
    assert len(started) == count
    engine.use(choice(Path("another")))
    assert engine.encode_text(KEY, "fine") == [4.0], "another choice is tried at once"
    assert engine.health.now is EngineHealth.WELL
    engine.close()
    for pid in started:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


def test_closing_waits_for_no_rest() -> None:
    engine = RemoteEngine(child("raise SystemExit(3)"))
    for _ in range(DEATHS):
        with pytest.raises(EngineError):
            engine.encode_text(KEY, "x")
    assert engine.health.rest_s() > 1
    began = time.monotonic()
    engine.close()
    assert time.monotonic() - began < 10
    assert until(lambda: "engine-mending" not in {t.name for t in threading.enumerate()})
