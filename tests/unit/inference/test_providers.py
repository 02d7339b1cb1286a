"""Devices: what is there, what works, and a notice when another is used than asked for."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import onnx
import pytest
from tiny_models import write

from photosearch.errors import ModelError
from photosearch.inference import providers
from photosearch.inference.probe import probe, tiny_graph
from photosearch.inference.providers import CPU, DEVICES, Device, available, choose, collisions
from photosearch.inference.session import open_session

CUDA = DEVICES[0]
DIRECTML = DEVICES[1]


def test_the_cpu_is_always_there_and_last() -> None:
    assert available()[-1] == CPU
    assert probe(CPU) == ""
    assert choose("cpu", probe) == (CPU, "")


def test_the_hand_written_graph_is_a_valid_model() -> None:
    model = onnx.load_model_from_string(tiny_graph())
    onnx.checker.check_model(model, full_check=True)
    assert model.ir_version <= 10


def test_a_device_that_is_not_built_in_does_not_work() -> None:
    missing = [device for device in DEVICES if device not in available()]
    for device in missing:
        assert probe(device) != ""


def with_devices(monkeypatch: pytest.MonkeyPatch, *devices: Device) -> None:
    monkeypatch.setattr(providers, "available", lambda: (*devices, CPU))


def test_auto_takes_the_first_that_works(monkeypatch: pytest.MonkeyPatch) -> None:
    with_devices(monkeypatch, CUDA, DIRECTML)
    assert choose("auto", lambda device: "") == (CUDA, "")
    device, notice = choose("auto", lambda device: "no driver" if device == CUDA else "")
    assert device == DIRECTML
    assert notice == "CUDA is installed but does not work (no driver)."
    device, notice = choose("auto", lambda device: "no driver")
    assert device == CPU
    assert "CUDA" in notice
    assert "DirectML" in notice


def test_a_wish_that_cannot_be_met_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    with_devices(monkeypatch, CUDA)
    assert choose("cuda", lambda device: "") == (CUDA, "")
    device, notice = choose("cuda", lambda device: "no driver")
    assert (device, notice) == (
        CPU,
        "CUDA cannot be used (no driver). The processor is used instead.",
    )
    device, notice = choose("coreml", lambda device: "")
    assert device == CPU
    assert notice.startswith("CoreML cannot be used (the installed ONNX Runtime has no")


def test_a_graph_the_device_refuses_runs_on_the_cpu(tmp_path: Path) -> None:
    missing = next(device for device in DEVICES if device not in available())
    session = open_session(write(tmp_path / "model") / "visual" / "model.onnx", missing, 1)
    assert session.device == CPU
    assert "The processor is used instead." in session.notice


def test_a_graph_that_does_not_load_is_named(tmp_path: Path) -> None:
    path = tmp_path / "model" / "visual" / "model.onnx"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"junk")
    with pytest.raises(ModelError, match=r"model/visual/model\.onnx cannot be loaded: \w"):
        open_session(path, CPU, 1)


def test_onnx_runtime_writes_nothing_to_the_terminal(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "model.onnx"
    path.write_bytes(b"junk")
    for device in (CPU, *DEVICES):
        with pytest.raises(ModelError):
            open_session(path, device, 1)
        probe(device)
    assert capfd.readouterr() == ("", "")


def test_directml_gets_the_options_it_requires() -> None:
    options = providers.session_options(DIRECTML, threads=1)
    assert options.enable_mem_pattern is False
    assert providers.session_options(CPU, threads=3).intra_op_num_threads == 3
    assert providers.session_options(CPU, threads=0).intra_op_num_threads == providers.cores() >= 1
    assert [name for name, _ in providers.provider_list(DIRECTML)] == [
        DIRECTML.provider,
        "CPUExecutionProvider",
    ]


def test_two_packages_of_onnx_runtime_are_a_collision() -> None:
    assert collisions() == ""
    assert [name for name, _ in providers.installed()] != []
    assert collisions(["onnxruntime"]) == ""
    sentence = collisions(["onnxruntime", "onnxruntime-directml"])
    assert "pip uninstall -y onnxruntime onnxruntime-directml" in sentence
    assert "pip install onnxruntime-directml" in sentence


def test_the_runtime_sends_and_keeps_nothing(tmp_path: Path, models: Path) -> None:
    """Telemetry that is on leaves an identifier and a queue of events in the user's cache."""
    program = (
        "import sys; from pathlib import Path\n"
        "from photosearch.inference.encoders import open_text_encoder\n"
        "open_text_encoder(Path(sys.argv[1])).encode(['a dog'])\n"
    )
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("ORT_", "XDG_"))}
    environment.pop("CI", None)  # the runtime sends nothing from where it sees this
    done = subprocess.run(
        [sys.executable, "-c", program, str(models / "standin-clip")],
        env=environment | {"HOME": str(tmp_path), "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
