"""What was measured is remembered, and measured anew when it does not hold any more."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from photosearch.inference.precision.deciding import Made, Outcome
from photosearch.inference.precision.records import Records
from photosearch.types import (
    Calibration,
    ModelKey,
    PrecisionResult,
)

KEY = ModelKey("k" * 32)
RUNTIME = "onnxruntime 1.32.0"
GOOD = Made(
    PrecisionResult("int8", 100.0, 8, 0.99, 0.95, True), "image-int8.onnx", "text-int8.onnx"
)


def outcome(int8: Made) -> Outcome:
    full = Made(PrecisionResult("fp32", 40.0, 8, 1.0, 1.0, True))
    return Outcome("cpu", 2, (full, int8), text_batch=3, notes=("A note.",))


@pytest.fixture
def kept(tmp_path: Path) -> tuple[Records, Path]:
    """A record with two graphs; the folder they lie in."""
    records = Records(tmp_path / "prepared")
    work = records.new_folder(KEY)
    work.mkdir(parents=True)
    for name in ("image-int8.onnx", "text-int8.onnx", "text-int8.weights.bin"):
        (work / name).write_bytes(b"graph")
    record = records.save(KEY, outcome(GOOD), work, RUNTIME)
    assert not work.exists()
    return records, record.folder


def test_a_record_is_found_again(kept: tuple[Records, Path], tmp_path: Path) -> None:
    record = Records(tmp_path / "prepared").load(KEY, "cpu", RUNTIME)
    assert record is not None
    assert record.outcome == outcome(GOOD)
    assert record.folder == kept[1]
    assert kept[0].devices(KEY) == ("cpu",)


def test_a_record_of_another_runtime_model_or_device_is_none(
    kept: tuple[Records, Path],
) -> None:
    records, folder = kept
    assert records.load(KEY, "cpu", "onnxruntime 1.33.0") is None
    assert records.load(ModelKey("other"), "cpu", RUNTIME) is None
    assert records.load(KEY, "cuda", RUNTIME) is None
    copied = folder.parent.with_name("other")
    folder.parent.rename(copied)
    assert records.load(ModelKey("other"), "cpu", RUNTIME) is None, "it says whose it is"


@pytest.mark.parametrize(
    "damage",
    [b"", b"{", b"[]", b"null", b"\xff\xfe", b'{"format": 1}', "no files", "bad outcome", "half"],
)
def test_a_damaged_record_is_none(kept: tuple[Records, Path], damage: bytes | str) -> None:
    records, folder = kept
    file = folder.parent / "cpu.json"
    content = json.loads(file.read_bytes())
    if damage == "no files":
        content["files"] = None
    elif damage == "bad outcome":
        content["outcome"]["made"] = []
    elif damage == "half":
        damage = file.read_bytes()[:300]
    file.write_bytes(damage if isinstance(damage, bytes) else json.dumps(content).encode())
    assert records.load(KEY, "cpu", RUNTIME) is None


@pytest.mark.parametrize("name", ["image-int8.onnx", "text-int8.weights.bin"])
def test_a_record_without_its_graphs_is_none(kept: tuple[Records, Path], name: str) -> None:
    records, folder = kept
    (folder / name).write_bytes(b"gra")
    assert records.load(KEY, "cpu", RUNTIME) is None
    (folder / name).unlink()
    assert records.load(KEY, "cpu", RUNTIME) is None


def test_a_new_record_takes_the_old_graphs_away(kept: tuple[Records, Path]) -> None:
    records, folder = kept
    work, other = records.new_folder(KEY), records.new_folder(KEY)
    for each in (work, other):
        each.mkdir()
    (work / "image-int8.onnx").write_bytes(b"better")
    record = records.save(KEY, outcome(replace(GOOD, text="")), work, RUNTIME)
    assert not folder.exists()
    assert (record.folder / "image-int8.onnx").read_bytes() == b"better"
    assert other.exists(), "another process is just making those"


def test_a_calibration_is_remembered_for_its_runtime(tmp_path: Path) -> None:
    records = Records(tmp_path)
    machine = Calibration("cpu", 100.0, 400.0)
    assert records.calibration("cpu", RUNTIME) is None
    records.save_calibration(machine, RUNTIME)
    assert records.calibration("cpu", RUNTIME) == machine
    assert records.calibration("", RUNTIME) == machine
    assert records.calibration("cuda", RUNTIME) is None
    assert records.calibration("cpu", "onnxruntime 1.33.0") is None
    records.save_calibration(replace(machine, fp32=0.0), RUNTIME)
    assert records.calibration("cpu", RUNTIME) is None
