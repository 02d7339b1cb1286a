"""How models are run: measured once, remembered, told to the engine; speeds measured or estimated.

The child that measures is real where a graph is to run, and answers as it is told elsewhere.
"""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import fake_runtime
import heavy_models
import numpy as np
import pytest

from photosearch.engine.preparing import Preparing, PreparingError
from photosearch.errors import Cancelled, EngineError, ModelError
from photosearch.inference.catalogue import load
from photosearch.inference.gpu_pack import Listing, python_tag, write_note
from photosearch.inference.model_folder import TEXT_GRAPH
from photosearch.inference.precision.calibration import EFFICIENCY
from photosearch.inference.precision.deciding import Made, Outcome
from photosearch.models.measuring import WORTH_PHOTOS, Measuring
from photosearch.paths import Paths
from photosearch.settings.store import SettingsStore
from photosearch.types import (
    AnyModel,
    Calibration,
    ConversionProgress,
    ModelInfo,
    ModelKey,
    Plan,
    PrecisionResult,
    Preprocess,
    Speed,
)

from .conftest import World

FULL = Made(PrecisionResult("fp32", 40.0, 4, 1.0, 1.0, True))
INT8 = Made(PrecisionResult("int8", 100.0, 8, 0.99, 0.95, True), "image-int8.onnx")
PIXELS = np.random.default_rng(0).integers(0, 256, (3, 16, 16, 3), np.uint8)


def nothing(*_: object) -> None:
    """Hear progress, and never stop."""


class Answers(Preparing):
    """Answers what it is told to, and notes what it was asked."""

    def __init__(self) -> None:
        self.outcome: Outcome | Exception = Outcome("cpu", 2, (FULL, INT8))
        self.asked: list[Any] = []

    def prepare(self, request: Any, report: Any, check: Callable[[], None]) -> Outcome:
        self.asked.append(request)
        report(ConversionProgress("measuring", 1, 3))
        check()
        if isinstance(self.outcome, Exception):
            raise self.outcome
        request.work.mkdir(parents=True)
        (request.work / INT8.image).write_bytes(b"graph")
        return self.outcome

    def text_cost(self, request: Any, check: Callable[[], None]) -> tuple[float, int]:
        return 7.0, 1000

    def calibrate(self, request: Any, check: Callable[[], None]) -> Calibration:
        self.asked.append(request)
        return Calibration("cpu", 100.0, 400.0)


class Place:
    """What measures, with everything around it."""

    def __init__(self, place: Path) -> None:
        self.paths = Paths.below(place / "home")
        self.settings = SettingsStore(self.paths.settings_file, environment={})
        self.child = Answers()
        folder = place / "model"
        (folder / "textual").mkdir(parents=True)
        spec = Preprocess(16, 16, (0.0, 0.0, 0.0), (1.0, 1.0, 1.0))
        self.model = ModelInfo("tried", str(folder), ModelKey("a" * 32), 64, spec, 6, 1000)
        self.measuring = self.again()

    def again(self) -> Measuring:
        """Return what a program that has just begun measures with."""
        return Measuring(
            self.paths, self.settings, self.find, lambda count: (), preparing=self.child
        )

    def find(self, name: str) -> AnyModel:
        if name != self.model.name:
            raise ModelError(f"There is no model “{name}”.")
        return self.model

    def tune(self, waiting: int, check: Callable[[], None] = nothing) -> bool:
        return self.measuring.tune(self.model, lambda: waiting, nothing, check)

    @property
    def asked(self) -> int:
        """How often the child was asked, since this was looked at last."""
        count = len(self.child.asked)
        self.child.asked.clear()
        return count


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


# --- the plan -----------------------------------------------------------------------


def test_the_plan_reaches_the_engine(world: World, tmp_path: Path) -> None:
    library = world.library
    folder = heavy_models.write(tmp_path / "model", batch=1)
    library.settings.set("devices.provider", "cpu")
    library.settings.set("devices.precision", "int8")
    library.settings.set("devices.threads", 1)
    model = library.add_model(str(folder))
    assert isinstance(model, ModelInfo)

    def variant() -> str:
        library._models.prepare()
        return library._engine.encode(model.key, PIXELS).variant

    assert variant() == "float32-cpu", "nothing was measured yet"
    own = library._engine.encode(model.key, PIXELS).vectors
    found = library.measuring.measure(model.name, nothing, nothing)
    assert found.plan == library.measuring.plan(model)
    assert Path(found.plan.image.graph).is_relative_to(library.paths.prepared)
    assert found.text_ms > 0
    assert found.text_memory_bytes > 0
    assert variant() == "int8-cpu"
    made = library._engine.encode(model.key, PIXELS).vectors
    assert (own * made).sum(axis=1).min() > 0.98
    assert library._engine.state().notices == ()
    library.settings.set("devices.precision", "fp32")
    assert variant() == "float32-cpu"
    library.settings.set("devices.precision", "int8")
    graph = Path(found.plan.image.graph)
    graph.write_bytes(b"\0" * graph.stat().st_size)
    assert variant() == "float32-cpu", "the own graph, where the prepared one does not load"
    (notice,) = library._engine.state().notices
    assert notice.startswith("The faster form of model cannot be used: ")
    assert "image-int8.onnx" in notice
    np.testing.assert_array_equal(library._engine.encode(model.key, PIXELS).vectors, own)


def test_what_was_measured_is_remembered(place: Place) -> None:
    assert place.measuring.plan(place.model) == Plan()
    assert place.measuring.measurement("tried") is None
    found = place.measuring.measure("tried", nothing, nothing)
    assert place.again().measurement("tried") == found
    assert place.again().plan(place.model) == found.plan
    assert (found.plan.image.precision, found.plan.image.batch, found.text_ms) == ("int8", 8, 7.0)
    assert Path(found.plan.image.graph).read_bytes() == b"graph"
    assert place.measuring.plan(replace(place.model, key=ModelKey("b" * 32))) == Plan()
    place.settings.set("devices.precision", "fp32")
    assert place.measuring.plan(place.model).image.graph == ""
    assert place.measuring.plan(place.model).image.batch == 4, "still as fast as it goes"


def another_runtime(paths: Paths) -> None:
    """Install a GPU pack."""
    fake_runtime.write(paths.gpu_pack, "fine")
    write_note(paths.gpu_pack, Listing("1.26.0", 525, python_tag(), ()))


def test_another_runtime_or_no_graph_is_measured_anew(place: Place) -> None:
    found = place.measuring.measure("tried", nothing, nothing)
    another_runtime(place.paths)
    assert place.again().plan(place.model) == Plan()
    shutil.rmtree(place.paths.gpu_pack)
    assert place.again().plan(place.model) == found.plan
    Path(found.plan.image.graph).unlink()
    place.measuring = place.again()
    assert place.measuring.plan(place.model) == Plan()
    assert place.asked == 1
    assert place.tune(WORTH_PHOTOS + 1)
    assert place.asked == 1


def test_a_child_that_died_leaves_the_model_as_it_is(place: Place) -> None:
    for partial, speed in ((None, 0.0), (Outcome("cpu", 2, (FULL,)), 40.0)):
        place.child.outcome = PreparingError(partial)
        found = place.measuring.measure("tried", nothing, nothing)
        assert found.plan.image.graph == found.plan.text.graph == ""
        assert [each.images_per_second for each in found.results] == [speed]
        (note,) = found.notes
        assert note.startswith("Preparing the model ended unexpectedly")
        assert found == place.again().measurement("tried")


def test_no_room_for_what_was_measured(place: Place) -> None:
    record = place.paths.prepared / place.model.key / "cpu.json"
    record.mkdir(parents=True)  # nothing can take its place
    found = place.measuring.measure("tried", nothing, nothing)
    assert found.plan.image.graph == ""
    assert found.notes[-1].startswith("What was measured cannot be kept (")
    assert place.measuring.plan(place.model) == Plan()


def test_stopping_leaves_nothing(place: Place) -> None:
    def stop() -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        place.measuring.measure("tried", nothing, stop)
    with pytest.raises(Cancelled):
        place.tune(WORTH_PHOTOS + 1, stop)
    assert not [path for path in place.paths.prepared.rglob("*") if path.is_file()]
    assert place.measuring.measurement("tried") is None


# --- by itself ----------------------------------------------------------------------


def test_measuring_by_itself_is_for_many_photos_and_once(place: Place) -> None:
    assert not place.tune(0)
    assert not place.tune(WORTH_PHOTOS)
    assert place.asked == 0
    assert place.tune(WORTH_PHOTOS + 1), "it is run otherwise from now on"
    (request,) = place.child.asked
    assert (request.folder, request.precisions) == (Path(place.model.folder), None)
    assert place.asked == 1
    assert not place.tune(10_000)
    assert not place.again().tune(place.model, lambda: 10_000, nothing, nothing)
    assert place.asked == 0


def test_what_the_disk_refuses_is_not_measured_again_by_itself(place: Place) -> None:
    (place.paths.prepared / place.model.key / "cpu.json").mkdir(parents=True)
    assert not place.tune(10_000)
    assert place.asked == 1
    assert not place.tune(10_000)
    assert place.asked == 0


def test_measuring_by_itself_is_not_for_full_precision(place: Place) -> None:
    place.settings.set("devices.precision", "fp32")
    assert not place.tune(10_000)
    assert place.asked == 0
    place.settings.set("devices.precision", "int8")
    assert place.tune(10_000)
    assert place.child.asked[0].precisions == ("int8",)
    place.settings.set("devices.precision", "auto")
    assert place.asked == 1
    assert not place.tune(10_000)
    assert place.asked == 0, "int8 is all that auto would try"


def test_a_large_text_tower_is_worth_it_for_one_photo(place: Place) -> None:
    with (Path(place.model.folder) / TEXT_GRAPH).open("wb") as file:
        file.truncate((1 << 30) + 1)  # takes no room on disk
    assert not place.tune(0)
    assert place.tune(1)
    assert place.asked == 1


@pytest.mark.parametrize("error", [ModelError("It does not run."), EngineError("No processes.")])
def test_what_cannot_be_measured_is_not_tried_again_by_itself(
    place: Place, error: Exception
) -> None:
    place.child.outcome = error
    place.tune(10_000)
    assert place.asked == 1
    found = place.measuring.measurement("tried")
    assert found is not None
    assert found.notes == (str(error),)
    assert found.plan.image.graph == ""
    assert not place.tune(10_000)
    assert place.asked == 0
    if isinstance(error, ModelError):
        with pytest.raises(ModelError, match="does not run"):
            place.measuring.measure("tried", nothing, nothing)
        assert place.asked == 1, "by hand it is"


def test_two_at_once_measure_by_turns(place: Place) -> None:
    begun, go = threading.Event(), threading.Event()
    child = place.child

    class Slow(Answers):
        def prepare(self, request: Any, report: Any, check: Callable[[], None]) -> Outcome:
            begun.set()
            assert go.wait(10)
            return child.prepare(request, report, check)

    slow = Slow()
    measuring = Measuring(place.paths, place.settings, place.find, lambda count: (), preparing=slow)
    work = [
        threading.Thread(target=measuring.measure, args=("tried", nothing, nothing))
        for _ in range(2)
    ]
    for each in work:
        each.start()
    assert begun.wait(10)
    assert child.asked == []
    go.set()
    for each in work:
        each.join(10)
    assert place.asked == 2
    folders = [path for path in (place.paths.prepared / place.model.key).iterdir() if path.is_dir()]
    assert len(folders) == 1, "the graphs of one"


def test_the_batch_is_the_plans_or_the_users(place: Place) -> None:
    assert place.measuring.batch(None) == place.measuring.batch(place.model) == 16
    place.measuring.measure("tried", nothing, nothing)
    assert place.measuring.batch(place.model) == 8
    place.settings.set("indexing.batch", 5)
    assert place.measuring.batch(place.model) == place.measuring.batch(None) == 5


# --- speed --------------------------------------------------------------------------


def test_a_speed_is_measured_or_estimated(place: Place) -> None:
    entry = next(each for each in load().entries if each.gflops_image)
    speed = place.measuring.speed
    assert speed(entry, entry.name) is None, "nothing is known of this machine"
    place.measuring.calibrate(nothing)
    estimated = 400.0 * EFFICIENCY["int8"] / entry.gflops_image
    assert speed(entry, entry.name) == Speed(pytest.approx(estimated), False)
    assert speed(entry, "tried") == Speed(pytest.approx(estimated), False)
    assert speed(None, "tried") is None
    assert speed(replace(entry, gflops_image=0.0), entry.name) is None
    place.measuring.measure("tried", nothing, nothing)
    assert speed(None, "tried") == speed(entry, "tried") == Speed(100.0, True)
    place.settings.set("devices.precision", "fp32")
    assert speed(None, "tried") == Speed(40.0, True)
    estimated = 100.0 * EFFICIENCY["fp32"] / entry.gflops_image
    assert speed(entry, entry.name) == Speed(pytest.approx(estimated), False)


def test_what_could_not_be_measured_is_estimated(place: Place) -> None:
    entry = next(each for each in load().entries if each.gflops_image)
    place.measuring.calibrate(nothing)
    place.child.outcome = ModelError("It does not run.")
    place.tune(10_000)
    found = place.measuring.speed(entry, "tried")
    assert found is not None
    assert not found.measured


def test_this_machine_is_calibrated_once_for_its_runtime(place: Place) -> None:
    place.settings.set("devices.provider", "cpu")
    measuring = Measuring(place.paths, place.settings, place.find, lambda count: ())
    assert measuring.calibration() is None
    found = measuring.calibrate(nothing)
    assert found.device == "cpu"
    assert min(found.fp32, found.int8) > 1
    assert found.fp16 == 0.0
    assert place.again().calibration() == found
    another_runtime(place.paths)
    assert place.again().calibration() is None
