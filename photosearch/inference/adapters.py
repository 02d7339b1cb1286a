"""Graphics cards of this machine by name, numbered as the model runtime numbers them.

Asks the system (nvidia-smi, DXGI, sysctl), never a model runtime; a question that the system
does not answer is no error. A `System` is injected, so that tests can be another machine.
"""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

_WAIT_S = 10.0  # nvidia-smi wakes a sleeping card in 1 to 3 s; a wedged driver never answers
_QUERY = "--query-gpu=index,uuid,name,driver_version,memory.total"
_SMI_PLACES = (  # where it is when it is not on the path
    "/usr/lib/wsl/lib/nvidia-smi",
    r"C:\Windows\System32\nvidia-smi.exe",
)
_MICROSOFT = 0x1414  # as a maker of cards: Windows' own software renderer


@dataclass(frozen=True, slots=True)
class Adapter:
    """One card; `index` is the runtime's `device_id`."""

    index: int
    name: str
    driver: str = ""
    memory_bytes: int = 0  # its own; 0 where that is not known


@dataclass(frozen=True, slots=True)
class DxgiAdapter:
    """One adapter as DXGI describes it, in the order of `EnumAdapters1`."""

    name: str
    vendor: int
    luid: int  # the same card may be listed twice
    software: bool
    memory_bytes: int
    driver: str


@dataclass(frozen=True, slots=True)
class System:
    """How to ask a machine for its cards; None means that it cannot tell."""

    platform: str  # as sys.platform
    nvidia_smi: Callable[[], str | None]
    dxgi: Callable[[], Sequence[DxgiAdapter] | None]
    chip: Callable[[], str]
    release: Callable[[], str]  # of the system, where drivers come with it
    visible: str | None = None  # CUDA_VISIBLE_DEVICES


def this_system() -> System:
    """Return the machine at hand."""
    return System(
        platform=sys.platform,
        nvidia_smi=_nvidia_smi,
        dxgi=_dxgi,
        chip=lambda: _output(["sysctl", "-n", "machdep.cpu.brand_string"]) or "",
        release=lambda: platform.mac_ver()[0] or platform.release(),
        visible=os.environ.get("CUDA_VISIBLE_DEVICES"),
    )


def nvidia(system: System) -> tuple[Adapter, ...] | None:
    """Return NVIDIA's cards as CUDA numbers them in PCI order; None when that cannot be told."""
    answer = system.nvidia_smi()
    if answer is None:
        return None
    cards = []
    for line in answer.splitlines():
        fields = [field.strip() for field in line.split(",")]
        if len(fields) == 5 and fields[0].isdecimal():
            cards.append(fields)
    return tuple(
        Adapter(number, name, driver, int(memory) << 20 if memory.isdecimal() else 0)
        for number, (_, _, name, driver, memory) in enumerate(_seen(cards, system.visible))
    )


def _seen(cards: list[list[str]], visible: str | None) -> list[list[str]]:
    """Return the cards that CUDA_VISIBLE_DEVICES leaves, in its order; a wrong word ends it."""
    if visible is None:
        return cards
    seen: list[list[str]] = []
    for word in (word.strip() for word in visible.split(",")):
        found = [c for c in cards if word and (word == c[0] or c[1].startswith(word))]
        if len(found) != 1 or found[0] in seen:
            break
        seen += found
    return seen


def directml(system: System) -> tuple[Adapter, ...] | None:
    """Return the cards that DirectML can use: no software renderer, none twice.

    ONNX Runtime takes its `device_id` as an index of DXGI's `EnumAdapters1`.
    """
    listed = system.dxgi()
    if listed is None:
        return None
    found: list[Adapter] = []
    luids: set[int] = set()
    for index, each in enumerate(listed):
        if each.software or each.vendor == _MICROSOFT or each.luid in luids:
            continue
        luids.add(each.luid)
        found.append(Adapter(index, each.name, each.driver, each.memory_bytes))
    return tuple(found)


def _nvidia_smi() -> str | None:
    for program in ("nvidia-smi", *(place for place in _SMI_PLACES if Path(place).exists())):
        answer = _output([program, _QUERY, "--format=csv,noheader,nounits"])
        if answer is not None:
            return answer
    return None


def _output(command: list[str]) -> str | None:
    """Return what a program prints; None when it is not there, fails, or does not end."""
    flags = 0
    if sys.platform == "win32":
        flags = subprocess.CREATE_NO_WINDOW
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            errors="replace",
            stdin=subprocess.DEVNULL,
            timeout=_WAIT_S,
            check=False,
            creationflags=flags,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def _dxgi() -> Sequence[DxgiAdapter] | None:
    if sys.platform != "win32":
        return None
    from photosearch.inference import dxgi

    return dxgi.adapters()
