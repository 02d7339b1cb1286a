"""Devices a model can run on: which exist here, which work, and how each wants to be asked.

The one place with options per ONNX Runtime provider.  Does not open models.
"""

from __future__ import annotations

import contextlib
import io
import os
import sys
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

from photosearch.errors import ModelError
from photosearch.inference.adapters import Adapter, System, directml, nvidia, this_system
from photosearch.types import Device

CPU = Device("cpu", "CPU", "CPUExecutionProvider")

# One of each kind, in the order in which `auto` tries them; `available` tells the cards.
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
_NUMBERED = ("cuda", "directml", "migraphx", "rocm")  # they take a device_id

RECORD_PLACEMENT = "session.record_ep_graph_assignment_info"  # known since 1.24.1
_SIDE_BY_SIDE = 4  # runs of a graph at once, at most: each needs room of its own


@cache
def runtime() -> Any:
    """Return the module `onnxruntime`, silenced; ModelError when it does not load.

    Its telemetry is switched off: from 1.29 on it sends events to its maker on Linux and macOS
    as well, and keeps an identifier of the machine, unless these variables are set before.
    """
    os.environ.update(NO_TELEMETRY)
    os.environ.setdefault("CUDA_DEVICE_ORDER", "PCI_BUS_ID")  # as nvidia-smi counts them
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


def built() -> frozenset[str]:
    """Return the providers that the runtime in use was built with."""
    return frozenset(runtime().get_available_providers())


def available(system: System | None = None) -> tuple[Device, ...]:
    """Return what the runtime in use could run on here, as `auto` tries it; the CPU is last.

    Of several cards the one with the most memory of its own is first. That a device is listed
    does not mean its driver works: see `engine.trying`.
    """
    asked = system or this_system()
    known = built()
    found: list[Device] = []
    for kind in DEVICES:
        if kind.provider in known and kind != CPU:
            found += _of_kind(kind, asked)
    return (*found, CPU)


def _of_kind(kind: Device, system: System) -> list[Device]:
    """Return the devices of one provider; just the kind where its cards cannot be told."""
    cards: tuple[Adapter, ...] | None = None
    if kind.id == "cuda":
        cards = nvidia(system)
    elif kind.id == "directml":
        cards = directml(system)
    elif kind.id == "openvino":
        cards = tuple(Adapter(n, name) for n, name in enumerate(_openvino())) or None
    elif kind.id == "coreml":
        return [replace(kind, adapter_name=system.chip(), driver=system.release())]
    if cards is None:
        return [kind]
    numbered = [
        replace(
            kind,
            id=kind.id if number == 0 else f"{kind.id}:{number}",
            adapter=card.index,
            adapter_name=card.name,
            driver=card.driver,
        )
        for number, card in enumerate(cards)
    ]
    memory = {device.id: card.memory_bytes for device, card in zip(numbered, cards, strict=True)}
    return sorted(numbered, key=lambda device: -memory[device.id])


def _openvino() -> tuple[str, ...]:
    """Return what OpenVINO can use, graphics cards first: only its own build can tell."""
    runtime()
    from onnxruntime.capi import _pybind_state as state

    ask = getattr(state, "get_available_openvino_device_ids", None)
    names = [str(name) for name in ask()] if ask is not None else []
    return tuple(sorted(names, key=lambda name: (name.startswith("CPU"), name)))


def kind_of(device: Device) -> str:
    """Return what stands before the number of a device's id."""
    return device.id.partition(":")[0]


def shown(device: Device) -> str:
    """Return a device's name as a sentence may hold it: “NVIDIA GeForce RTX 3060 (CUDA)”."""
    return f"{device.adapter_name} ({device.name})" if device.adapter_name else device.name


def refusal(device: Device) -> str:
    """Return why the runtime in use cannot even try a device, or nothing when it can."""
    if device == CPU or device.provider in built():
        return ""
    return "the installed ONNX Runtime has no support for it"


def choose(
    preference: str, works: Callable[[Device], str], here: Iterable[Device] | None = None
) -> tuple[Device, str]:
    """Return the device for a preference (`auto` or an id) and a notice, empty if as asked.

    `works` returns why a device does not work, or nothing; `here` are the devices there are.
    """
    if preference == CPU.id:
        return CPU, ""
    devices = tuple(here) if here is not None else available()
    if preference == "auto":
        notices: list[str] = []
        for device in devices:
            reason = "" if device == CPU else works(device)
            if not reason:
                return device, " ".join(notices)
            notices.append(f"{shown(device)} is installed but does not work ({reason}).")
        return CPU, " ".join(notices)
    for device in devices:
        if device.id == preference:
            reason = works(device)
            return (device, "") if not reason else (CPU, instead(shown(device), reason))
    return CPU, _unknown(preference, devices)


def _unknown(preference: str, devices: tuple[Device, ...]) -> str:
    """Return the notice for an id that none of the devices has."""
    kind = preference.partition(":")[0]
    siblings = [device for device in devices if kind_of(device) == kind]
    named = next((each for each in DEVICES if each.id == kind), None)
    if named is None:
        return instead(preference, "there is no such device")
    if siblings:
        listed = ", ".join(f"{each.id} is {each.adapter_name or each.name}" for each in siblings)
        return instead(preference, f"there is no such card; {listed}")
    no_support = refusal(named)
    return instead(named.name, no_support or "there is no card for it in this computer")


def instead(name: str, reason: str) -> str:
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
    if kind_of(device) == "directml":  # required by this provider
        options.enable_mem_pattern = False
    if device != CPU:  # costs nothing and tells afterwards what fell back: see `placement`
        options.add_session_config_entry(RECORD_PLACEMENT, "1")
    return options


def provider_list(device: Device) -> list[tuple[str, dict[str, str]]]:
    """Return the providers to ask for, the CPU last for what the device cannot do."""
    kind = kind_of(device)
    options = dict(_PROVIDER_OPTIONS.get(kind, {}))
    if kind == "cuda":
        preload_cuda()
    if kind in _NUMBERED:  # also 0: DirectML would else take the card that it thinks the fastest
        options["device_id"] = str(device.adapter)
    elif kind == "openvino" and device.adapter_name:
        options["device_type"] = device.adapter_name
    wanted = [(device.provider, options)]
    return wanted if device == CPU else [*wanted, (CPU.provider, {})]


@cache
def preload_cuda() -> None:
    """Let ONNX Runtime find CUDA libraries that were installed as Python packages beside it."""
    preload = getattr(runtime(), "preload_dlls", None)  # since 1.21
    if preload is not None:
        with contextlib.redirect_stdout(io.StringIO()):  # it prints what it does not find
            preload(directory="")  # not PyTorch's, which may be of another CUDA


def side_by_side(threads: int = 0) -> tuple[int, int]:
    """Return how many runs of a graph go at once on a processor, and the threads of each.

    A graph uses several cores badly: its threads wait for each other after every operation. With
    0 threads, one for each core is shared out.
    """
    most = threads or cores()
    each = -(-most // _SIDE_BY_SIDE)
    return most // each, each


def cores() -> int:
    """Return the number of physical processor cores this process may use."""
    if sys.platform != "linux":
        return os.cpu_count() or 1
    logical = os.sched_getaffinity(0)
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
