"""Before many photos go through a model it may be measured: what that changes, and what it says."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from photosearch.errors import Cancelled
from photosearch.indexing.reporting import Reporter
from photosearch.indexing.tuning import Tuning
from photosearch.types import ConversionProgress, Progress, Stage

NOTE = "It is paused."


class World:
    """A stage of a run, and what was reported."""

    def __init__(self, tune: Callable[..., int] | None) -> None:
        self.told: list[Progress] = []
        self.stage = SimpleNamespace(batch=16)
        self.reporter = Reporter(self.told.append)
        self.reporter.note = NOTE
        tools: Any = SimpleNamespace(tune=tune, reporter=self.reporter, check=lambda: None)
        model: Any = SimpleNamespace(name="ViT")
        self.tuning = Tuning(tools, model, self.stage)  # type: ignore[arg-type]


def test_the_batch_is_as_measured_and_each_step_is_told() -> None:
    asked = []

    def tune(model: Any, waiting: Callable[[], int], report: Any, check: Any) -> int:
        asked.append((model.name, waiting()))
        report(ConversionProgress("measuring", 1, 3))
        report(ConversionProgress("making", 2, 3))
        return 4

    world = World(tune)
    world.tuning.before(lambda: 300)
    assert asked == [("ViT", 300)]
    assert world.stage.batch == 4
    assert world.reporter.note == NOTE
    assert world.told[-1].stage is Stage.MEASURE
    assert world.told[-1].note == (
        "How ViT runs best on this computer is found out, once: a faster form of it is made "
        "(2 of 3)."
    )


def test_stopping_takes_the_note_back() -> None:
    def tune(model: Any, waiting: Any, report: Any, check: Any) -> int:
        report(ConversionProgress("measuring", 1, 3))
        raise Cancelled

    world = World(tune)
    with pytest.raises(Cancelled):
        world.tuning.before(lambda: 300)
    assert world.reporter.note == NOTE
    assert world.stage.batch == 16


def test_without_anything_that_measures_it_runs_as_it_is() -> None:
    world = World(None)
    world.tuning.before(lambda: 300)
    assert (world.stage.batch, world.told) == (16, [])
