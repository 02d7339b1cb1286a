"""Devices: what is there, what works, and a notice when another is used than asked for."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from tiny_models import write

from photosearch.errors import ModelError
from photosearch.inference import providers
from photosearch.inference.adapters import DxgiAdapter, System
from photosearch.inference.probe import attempt
from photosearch.inference.providers import CPU, DEVICES, available, choose, collisions
from photosearch.inference.session import open_session
from photosearch.types import Device

CUDA = DEVICES[0]
DIRECTML = DEVICES[1]
SECOND = replace(DIRECTML, id="directml:1", adapter=1)


NVIDIA = """
0, GPU-1b2c, NVIDIA GeForce RTX 3060, 551.86, 12288
1, GPU-77aa, NVIDIA GeForce RTX 4090, 551.86, 24564
"""
LAPTOP = (
    DxgiAdapter("Intel(R) Iris(R) Xe Graphics", 0x8086, 1, False, 128 << 20, "31.0.101.4502"),
    DxgiAdapter("NVIDIA GeForce RTX 4060 Laptop GPU", 0x10DE, 2, False, 8 << 30, "31.0.15.5186"),
    DxgiAdapter("NVIDIA GeForce RTX 4060 Laptop GPU", 0x10DE, 2, False, 8 << 30, "31.0.15.5186"),
    DxgiAdapter("Microsoft Basic Render Driver", 0x1414, 3, True, 0, "10.0.1"),
)


def machine(
    monkeypatch: pytest.MonkeyPatch,
    providers_built: tuple[str, ...],
    *,
    smi: str | None = None,
    dxgi: tuple[DxgiAdapter, ...] | None = None,
    visible: str | None = None,
) -> System:
    """Pretend a runtime built with these providers, on this machine."""
    monkeypatch.setattr(providers, "built", lambda: frozenset((*providers_built, CPU.provider)))
    return System(
        platform="test",
        nvidia_smi=lambda: smi,
        dxgi=lambda: dxgi,
        chip=lambda: "Apple M3",
        release=lambda: "14.5",
        visible=visible,
    )


def test_the_cpu_is_always_there_and_last() -> None:
    assert available()[-1] == CPU
    assert attempt(CPU).works
    assert choose("cpu", lambda device: "it must not be asked") == (CPU, "")


def test_linux_with_cuda_lists_each_card_the_largest_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    linux = machine(monkeypatch, (CUDA.provider,), smi=NVIDIA)
    large, small, cpu = available(linux)
    assert (large.id, large.adapter, large.adapter_name) == ("cuda:1", 1, "NVIDIA GeForce RTX 4090")
    assert (small.id, small.adapter, small.driver) == ("cuda", 0, "551.86")
    assert cpu == CPU
    assert providers.provider_list(large)[0][1]["device_id"] == "1"
    assert providers.provider_list(small)[0][1]["device_id"] == "0"
    assert providers.provider_list(small)[0][1]["cudnn_conv_algo_search"] == "HEURISTIC"


@pytest.mark.parametrize(
    ("visible", "names"),
    [
        ("1", ["4090"]),
        ("1,0", ["4090", "3060"]),
        ("GPU-1b", ["3060"]),
        ("0,nothing,1", ["3060"]),
        ("", []),
        ("-1", []),
    ],
)
def test_cards_that_cuda_is_told_not_to_see_are_left_out(
    monkeypatch: pytest.MonkeyPatch, visible: str, names: list[str]
) -> None:
    linux = machine(monkeypatch, (CUDA.provider,), smi=NVIDIA, visible=visible)
    cards = sorted(available(linux)[:-1], key=lambda device: device.adapter)
    assert [device.adapter_name.split()[-1] for device in cards] == names
    assert [device.adapter for device in cards] == list(range(len(names)))  # as CUDA counts


def test_a_card_that_cannot_be_asked_is_listed_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert available(machine(monkeypatch, (CUDA.provider,), smi=None)) == (CUDA, CPU)
    assert available(machine(monkeypatch, (CUDA.provider,), smi="")) == (CPU,)  # no card
    broken = "NVIDIA-SMI has failed because it couldn't communicate with the driver"
    assert available(machine(monkeypatch, (CUDA.provider,), smi=broken)) == (CPU,)


def test_windows_with_directml_lists_real_adapters_once(monkeypatch: pytest.MonkeyPatch) -> None:
    windows = machine(monkeypatch, (DIRECTML.provider,), dxgi=LAPTOP)
    first, second, cpu = available(windows)
    assert (first.id, first.adapter) == ("directml:1", 1)  # it has memory of its own
    assert first.adapter_name == "NVIDIA GeForce RTX 4060 Laptop GPU"
    assert (second.id, second.adapter, second.driver) == ("directml", 0, "31.0.101.4502")
    assert cpu == CPU


def test_an_adapter_keeps_the_number_that_dxgi_gives_it(monkeypatch: pytest.MonkeyPatch) -> None:
    remote = (LAPTOP[3], *LAPTOP[:2])  # over a remote desktop the renderer comes first
    windows = machine(monkeypatch, (DIRECTML.provider,), dxgi=remote)
    by_id = {device.id: device for device in available(windows)}
    assert by_id["directml"].adapter == 1
    assert by_id["directml:1"].adapter == 2
    options = dict(providers.provider_list(by_id["directml:1"]))
    assert options[DIRECTML.provider] == {"device_id": "2"}


def test_macos_says_which_chip(monkeypatch: pytest.MonkeyPatch) -> None:
    coreml = next(device for device in DEVICES if device.id == "coreml")
    found, cpu = available(machine(monkeypatch, (coreml.provider,)))
    assert (found.id, found.adapter_name, found.driver) == ("coreml", "Apple M3", "14.5")
    assert providers.shown(found) == "Apple M3 (CoreML)"
    assert cpu == CPU


def test_a_card_by_hand_is_taken_and_an_unknown_one_is_said(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    here = available(machine(monkeypatch, (CUDA.provider,), smi=NVIDIA))
    device, notice = choose("cuda:1", lambda device: "", here)
    assert (device.adapter_name, notice) == ("NVIDIA GeForce RTX 4090", "")
    device, notice = choose("cuda:2", lambda device: "", here)
    assert device == CPU
    assert notice == (
        "cuda:2 cannot be used (there is no such card; cuda:1 is NVIDIA GeForce RTX 4090, "
        "cuda is NVIDIA GeForce RTX 3060). The processor is used instead."
    )
    device, notice = choose("cuda", lambda device: "", (CPU,))
    assert device == CPU
    assert "there is no card for it in this computer" in notice


def test_a_device_that_is_not_built_in_does_not_work() -> None:
    missing = [device for device in DEVICES if device not in available()]
    assert missing
    for device in missing:
        assert attempt(device).reason == "the installed ONNX Runtime has no support for it"


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
        attempt(device)
    assert capfd.readouterr() == ("", "")


def test_directml_gets_the_options_it_requires() -> None:
    options = providers.session_options(DIRECTML, threads=1)
    assert options.enable_mem_pattern is False
    assert providers.session_options(CPU, threads=3).intra_op_num_threads == 3
    assert providers.session_options(CPU, threads=0).intra_op_num_threads == providers.cores() >= 1
    assert providers.session_options(SECOND, threads=1).enable_mem_pattern is False
    assert "SEQUENTIAL" in str(options.execution_mode)
    assert providers.provider_list(SECOND) == [
        (DIRECTML.provider, {"device_id": "1"}),
        ("CPUExecutionProvider", {}),
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
