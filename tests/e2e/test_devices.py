"""Devices and the GPU pack on the command line, in the real program with a pretended card."""

from __future__ import annotations

import json
import os
from pathlib import Path

import fake_runtime
import pytest
from PIL import Image

from photosearch.inference.gpu_pack import Listing, python_tag, write_note

from .program import Program

pytestmark = pytest.mark.skipif(os.name == "nt", reason="nvidia-smi is pretended by a script")


def card(
    program: Program, tmp_path: Path, behaviour: str = "fine", fallback: int = 0
) -> dict[str, str]:
    """Give the program a GPU pack with a pretended card; returns the environment to run it in."""
    pack = program.home / "gpu"
    fake_runtime.write(pack, behaviour, fallback=fallback)
    write_note(pack, Listing("1.26.0", 525, python_tag(), ()))
    smi = fake_runtime.nvidia_smi(tmp_path / "bin", ("NVIDIA RTX 3060", "535.1"))
    return program.environment(PATH=f"{smi}{os.pathsep}{os.environ['PATH']}")


def test_without_a_card_the_processor_is_all_there_is(program: Program) -> None:
    answer = program.run("devices", "--json").json
    assert [each["device"]["id"] for each in answer["devices"]][-1] == "cpu"
    assert answer["runtime"]["source"] == "installed with PhotoSearch"
    assert program.run("gpu", "status", "--json").json["installed"] is False


def test_each_device_is_tried_and_shown(program: Program, tmp_path: Path) -> None:
    env = card(program, tmp_path, fallback=3)
    untried = program.run("devices", env=env)
    assert untried.lines[0] == "cuda: NVIDIA RTX 3060 (CUDA), driver 535.1, not tried yet"
    tried = program.run("devices", "--try", env=env)
    assert tried.lines[0].startswith("cuda: NVIDIA RTX 3060 (CUDA), driver 535.1, works, 3 of ")
    assert "nodes fall back to the CPU" in tried.lines[0]
    assert tried.lines[1] == "cpu: CPU, works"
    assert tried.lines[2].startswith("runtime: onnxruntime-gpu 1.26.0 (GPU pack in ")
    report = program.run("doctor", "--json", env=env).json
    assert report["devices"]["in use"] == "NVIDIA RTX 3060 (CUDA) (setting: auto)"
    assert report["runtime"]["ONNX Runtime"].startswith("onnxruntime-gpu 1.26.0, GPU pack in ")
    assert report["problems"] == []


def test_doctor_says_what_a_broken_driver_did(program: Program, tmp_path: Path) -> None:
    env = card(program, tmp_path, "crash")
    answer = program.run("doctor", "--json", env=env)
    assert answer.code == 1
    (problem,) = answer.json["problems"]
    assert "its driver crashed the trial (SIGSEGV)" in problem
    assert answer.json["devices"]["in use"] == "CPU (setting: auto)"


@pytest.mark.parametrize(
    ("behaviour", "device"), [("fine", "NVIDIA RTX 3060 (CUDA)"), ("crash", "CPU")]
)
def test_photos_are_indexed_with_the_card_or_in_spite_of_it(
    program: Program, tmp_path: Path, models: Path, behaviour: str, device: str
) -> None:
    env = card(program, tmp_path, behaviour)
    folder = tmp_path / "photos"
    folder.mkdir()
    Image.new("RGB", (80, 60), "red").save(folder / "beach.jpg")
    assert program.run("models", "add", models / "standin-clip", env=env).code == 0
    indexed = program.run("index", folder, "--json", env=env)
    assert indexed.code == 0
    assert program.run("search", "a beach", "--json", env=env).json["results"]
    assert program.run("status", "--json", env=env).json["device"] == device
    kept = json.loads((program.home / "devices.json").read_bytes())["verdicts"]
    assert [entry["verdict"]["works"] for entry in kept] == [behaviour == "fine"]
    used = fake_runtime.asked(program.home / "gpu")
    assert len(used) >= 1


def test_a_pack_is_removed(program: Program, tmp_path: Path) -> None:
    env = card(program, tmp_path)
    assert "1.26.0" in program.run("gpu", "status", env=env).lines[0]
    assert program.run("gpu", "remove", "--json", env=env).json["installed"] is False
    assert not (program.home / "gpu").exists()
    answer = program.run("gpu", "install", "--from", tmp_path / "nowhere", env=env)
    assert answer.code == 1
    assert "There is no folder at" in answer.words
