"""A whole model is prepared in the real child: which may be stopped, die, or find no room."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import heavy_models
import pytest

from photosearch.engine.preparing import PrepareRequest, Preparing, PreparingError, TextRequest
from photosearch.engine.wire import Wire, start_child
from photosearch.errors import Cancelled, ModelError
from photosearch.inference.precision import deciding, making
from photosearch.inference.precision.deciding import Outcome
from photosearch.inference.providers import CPU
from photosearch.types import (
    ConversionProgress,
    Tower,
)


def nothing(*_: object) -> None:
    """Hear progress, and never stop."""


def contents(folder: Path) -> dict[str, tuple[str, int]]:
    """Return hash and time of everything in a folder."""
    return {
        str(path.relative_to(folder)): (
            hashlib.sha256(path.read_bytes()).hexdigest(),
            path.stat().st_mtime_ns,
        )
        for path in folder.rglob("*")
        if path.is_file()
    }


class Child:
    """Starts the program's own child and keeps hold of it."""

    def __init__(self) -> None:
        self.processes: list[subprocess.Popen[bytes]] = []
        self.told: list[ConversionProgress] = []

    def start(self) -> tuple[subprocess.Popen[bytes], Wire]:
        process, wire = start_child("--prepare", gentle=False)
        self.processes.append(process)
        return process, wire

    def prepare(self, request: PrepareRequest, check: Any = nothing) -> Outcome:
        return Preparing(self.start).prepare(request, self.told.append, check)


@pytest.fixture
def child() -> Child:
    return Child()


def request_for(folder: Path, work: Path, **more: Any) -> PrepareRequest:
    return PrepareRequest(folder, work, "cpu", threads=1, **more)


def test_the_standin_is_prepared_in_a_child(child: Child, models: Path, tmp_path: Path) -> None:
    folder = models / "standin-clip"
    before = contents(folder)
    made = child.prepare(replace(request_for(folder, tmp_path / "work"), threads=2))
    assert contents(folder) == before
    full, int8 = (each.result for each in made.made)
    assert (made.device, made.threads, full.precision, int8.precision) == ("cpu", 2, "fp32", "int8")
    assert (full.cosine, full.overlap, full.usable) == (1.0, 1.0, True)
    assert 0.985 <= int8.cosine < 1.0
    assert 0.9 <= int8.overlap <= 1.0
    assert int8.usable, int8.reason
    assert min(full.images_per_second, int8.images_per_second) > 1
    assert {path.name for path in (tmp_path / "work").iterdir()} == {"image-int8.onnx"}
    assert made.made[1].text == "", "nothing in its text tower can be made smaller"
    steps = [(each.stage, each.step, each.steps) for each in child.told]
    assert steps == [("measuring", 1, 3), ("making", 2, 3), ("measuring", 3, 3)]
    (process,) = child.processes
    assert process.poll() is not None, "the child has ended"
    ms, memory = Preparing().text_cost(TextRequest(folder, "cpu", 1, Tower()), nothing)
    assert 0 < ms < 1000
    assert 4e6 < memory < 4e8


def test_what_int8_ruins_is_made_but_not_used(tmp_path: Path) -> None:
    folder = heavy_models.write(tmp_path / "model", spoilt=True, batch=1)
    task = making.Task(folder, tmp_path / "work", CPU, threads=1)
    made = making.make(task, nothing, nothing)
    int8 = made.made[1]
    assert not int8.result.usable
    assert "Its vectors differ too much" in int8.result.reason
    plan = deciding.plan(made, "auto", task.work)
    assert (plan.image.precision, plan.text.precision) == ("fp32", "int8")
    assert Path(deciding.plan(made, "int8", task.work).image.graph).is_file(), "it can be forced"


def test_a_child_that_dies_leaves_what_is_known(child: Child, tmp_path: Path) -> None:
    folder = heavy_models.write(tmp_path / "model", batch=1)

    def check() -> None:
        if child.told and child.told[-1].stage == "making":
            child.processes[0].kill()

    with pytest.raises(PreparingError, match="ended unexpectedly") as died:
        child.prepare(request_for(folder, tmp_path / "work"), check)
    partial = died.value.partial
    assert partial is not None
    assert [made.result.precision for made in partial.made] == ["fp32"]
    assert partial.made[0].result.images_per_second > 0


def test_preparing_can_be_stopped(child: Child, models: Path, tmp_path: Path) -> None:
    def check() -> None:
        if child.told:
            raise Cancelled

    with pytest.raises(Cancelled):
        child.prepare(request_for(models / "standin-clip", tmp_path / "work"), check)
    assert len(child.told) == 1
    assert child.processes[0].poll() is not None


def test_a_model_that_does_not_run_is_said_to_be_none(child: Child, tmp_path: Path) -> None:
    folder = heavy_models.write(tmp_path / "model", batch=1)
    (folder / "visual" / "model.onnx").write_bytes(b"no graph")
    with pytest.raises(ModelError, match=r"visual/model\.onnx"):
        child.prepare(request_for(folder, tmp_path / "work"))
    assert child.processes[0].poll() is not None


@pytest.mark.skipif(sys.platform != "linux", reason="/dev/full is a device of Linux")
def test_a_full_disk_is_a_sentence(child: Child, tmp_path: Path) -> None:
    folder = heavy_models.write(tmp_path / "model", batch=1)
    work = tmp_path / "prepared" / "work"
    work.mkdir(parents=True)
    (work / "image-int8.onnx").symlink_to("/dev/full")
    made = child.prepare(request_for(folder, work))
    (note,) = made.notes
    assert note.startswith("There is no room for a faster form of the model: it takes ")
    assert note.endswith(f" in {work.parent}. The model runs as it is.")
    assert not made.made[1].result.usable
    assert made.made[1].result.reason == note
    assert deciding.plan(made, "int8", work) == deciding.plain(made), "fp32, even when forced"
    assert list(work.iterdir()) == []


def test_room_is_looked_at_before(tmp_path: Path) -> None:
    folder = heavy_models.write(tmp_path / "model", batch=1)
    with (folder / "extra.bin").open("wb") as hole:
        hole.truncate(8 << 40)  # takes no room itself
    task = making.Task(folder, tmp_path / "prepared" / "work", CPU, 1)
    assert making._made(task, "int8").startswith("There is no room for a faster form")
    assert list(task.work.iterdir()) == []
