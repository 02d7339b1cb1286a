"""Devices a model can run on: which exist here, which work, and how each wants to be asked.

The one place with options per ONNX Runtime provider.  Does not open models.
"""

from __future__ import annotations

import contextlib
import io
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

from photosearch.errors import ModelError


@dataclass(frozen=True, slots=True)
class Device:
    """Something that can run a model; `provider` is ONNX Runtime's name for it."""

    id: str
    name: str
    provider: str


CPU = Device("cpu", "CPU", "CPUExecutionProvider")

# In the order in which `auto` tries them.
DEVICES = (
    Device("cuda", "CUDA", "CUDAExecutionProvider"),
    Device("directml", "DirectML", "DmlExecutionProvider"),
    Device("coreml", "CoreML", "CoreMLExecutionProvider"),
    Device("migraphx", "MIGraphX", "MIGraphXExecutionProvider"),
    Device("rocm", "ROCm", "ROCMExecutionProvider"),
    Device("openvino", "OpenVINO", "OpenVINOExecutionProvider"),
    CPU,
)

# Each of these distributions installs the module `onnxruntime`, one over the other.
DISTRIBUTIONS = (
    "onnxruntime",
    "onnxruntime-gpu",
    "onnxruntime-directml",
    "onnxruntime-openvino",
    "onnxruntime-rocm",
    "onnxruntime-migraphx",
    "onnxruntime-silicon",
)

# The name of 1.29 and later, and the one that some builds before it know.
NO_TELEMETRY = {"ORT_DISABLE_TELEMETRY": "1", "ORT_TELEMETRY_DISABLED": "1"}

SILENT = 4  # fatal only: ONNX Runtime writes to the terminal by itself

_PROVIDER_OPTIONS: dict[str, dict[str, str]] = {
    # The default search tries every algorithm for every new batch size, for seconds.
    "cuda": {"cudnn_conv_algo_search": "HEURISTIC"},
    "coreml": {"ModelFormat": "MLProgram"},
}


@cache
def runtime() -> Any:
    """Return the module `onnxruntime`, silenced; ModelError when it does not load.

    Its telemetry is switched off: from 1.29 on it sends events to its maker on Linux and macOS
    as well, and keeps an identifier of the machine, unless these variables are set before.
    """
    os.environ.update(NO_TELEMETRY)
    try:
        import onnxruntime
    except (ImportError, OSError) as error:  # OSError: a library it needs is missing
        raise ModelError(f"ONNX Runtime cannot be loaded: {error}. Install it anew.") from error
    if not hasattr(onnxruntime, "InferenceSession"):  # left by uninstalling one of two packages
        raise ModelError(
            "ONNX Runtime is damaged: uninstall every onnxruntime package, then install one anew."
        )
    onnxruntime.set_default_logger_severity(SILENT)
    onnxruntime.disable_telemetry_events()  # what counts on Windows
    return onnxruntime


def available() -> tuple[Device, ...]:
    """Return the devices the installed ONNX Runtime was built for; the CPU is always last.

    That a device is listed does not mean its driver works: see `probe.probe`.
    """
    built = set(runtime().get_available_providers())
    return tuple(device for device in DEVICES if device.provider in built or device == CPU)


def refusal(device: Device) -> str:
    """Return why the installed package cannot even try a device, or nothing when it can."""
    return "" if device in available() else "the installed ONNX Runtime has no support for it"


def choose(preference: str, works: Callable[[Device], str]) -> tuple[Device, str]:
    """Return the device for a preference (`auto` or an id) and a notice, empty if as asked.

    `works` returns why a device does not work, or nothing (`probe.probe`).
    """
    here = available()
    if preference == "auto":
        notices: list[str] = []
        for device in here:
            reason = "" if device == CPU else works(device)
            if not reason:
                return device, " ".join(notices)
            notices.append(f"{device.name} is installed but does not work ({reason}).")
    for device in here:
        if device.id == preference:
            reason = "" if device == CPU else works(device)
            return (device, "") if not reason else (CPU, _instead(device.name, reason))
    for device in DEVICES:
        if device.id == preference:
            return CPU, _instead(device.name, refusal(device))
    return CPU, _instead(preference, "there is no such device")


def _instead(name: str, reason: str) -> str:
    return f"{name} cannot be used ({reason}). The processor is used instead."


def session_options(device: Device, threads: int) -> Any:
    """Return ONNX Runtime session options for a device; 0 threads means one for each core."""
    ort = runtime()
    options = ort.SessionOptions()
    options.log_severity_level = SILENT
    # Never 0: ONNX Runtime would then pin its threads to cores, which decoders need as well.
    options.intra_op_num_threads = threads if threads > 0 else cores()
    options.inter_op_num_threads = 1
    options.execution_mode = ort.ExecutionMode.ORT_SEQUENTIAL
    # Waiting threads would otherwise burn the cores that the decoders need.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    if device.id == "directml":  # required by this provider
        options.enable_mem_pattern = False
    return options


def provider_list(device: Device) -> list[tuple[str, dict[str, str]]]:
    """Return the providers to ask for, the CPU last for what the device cannot do."""
    if device.id == "cuda":
        preload_cuda()
    wanted = [(device.provider, dict(_PROVIDER_OPTIONS.get(device.id, {})))]
    return wanted if device == CPU else [*wanted, (CPU.provider, {})]


@cache
def preload_cuda() -> None:
    """Let ONNX Runtime find CUDA libraries that were installed as Python packages."""
    preload = getattr(runtime(), "preload_dlls", None)  # since 1.21
    if preload is not None:
        with contextlib.redirect_stdout(io.StringIO()):  # it prints what it does not find
            preload()


def cores() -> int:
    """Return the number of physical processor cores this process may use."""
    try:
        logical = os.sched_getaffinity(0)
    except AttributeError:  # not Linux
        return os.cpu_count() or 1
    siblings = set()
    for number in logical:
        where = Path(f"/sys/devices/system/cpu/cpu{number}/topology/thread_siblings_list")
        try:
            siblings.add(where.read_text())
        except OSError:
            return len(logical)
    return len(siblings)


def installed() -> tuple[tuple[str, str], ...]:
    """Return name and version of every installed distribution of ONNX Runtime."""
    found = []
    for name in DISTRIBUTIONS:
        with contextlib.suppress(metadata.PackageNotFoundError):
            found.append((name, metadata.version(name)))
    return tuple(found)


def collisions(names: Iterable[str] | None = None) -> str:
    """Return a sentence when several ONNX Runtime distributions are installed, else nothing."""
    found = list(names) if names is not None else [name for name, _ in installed()]
    if len(found) < 2:
        return ""
    return (
        f"{' and '.join(found)} are installed together and overwrite each other. "
        f"Mend it with: pip uninstall -y {' '.join(found)}, then: pip install {found[-1]}"
    )
