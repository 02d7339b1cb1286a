"""The GPU pack: which wheels it is made of, whether this machine can have it, whether it is there.

Reads `resources/gpu_pack.toml` and the pack's own note; installing it is `models.installing`'s
business. Never imports what is in it.
"""

from __future__ import annotations

import json
import os
import platform
import sys
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from photosearch.errors import ModelError
from photosearch.outside import read_json
from photosearch.paths import resources
from photosearch.types import GpuPack

NOTE = "pack.json"
LIST = "gpu_pack.toml"
_FORMAT = 1
_UNPACKED = 2.1  # times the size of the wheels: libraries in them are packed to about half
_SYSTEMS = {"linux": "linux", "win32": "windows"}
_MACHINES = ("x86_64", "amd64")


@dataclass(frozen=True, slots=True)
class Wheel:
    """One file of the pack, for one system and perhaps one Python."""

    name: str
    version: str
    file: str
    bytes: int
    sha256: str

    @property
    def requirement(self) -> str:
        """The line of a requirements file that asks for exactly this."""
        return f"{self.name}=={self.version} --hash=sha256:{self.sha256}"


@dataclass(frozen=True, slots=True)
class Listing:
    """The pack for this machine; no wheels where it cannot have one."""

    version: str
    driver: int  # the oldest major version of NVIDIA's driver
    python: str  # that it is for, as cp311
    wheels: tuple[Wheel, ...]

    @property
    def download_bytes(self) -> int:
        return sum(wheel.bytes for wheel in self.wheels)

    @property
    def unpacked_bytes(self) -> int:
        """About how much it takes when it is installed."""
        return int(self.download_bytes * _UNPACKED)


def python_tag() -> str:
    """Return what wheels call this Python; empty for one that no wheel is made for."""
    if sys.implementation.name != "cpython" or not getattr(sys, "_is_gil_enabled", lambda: True)():
        return ""
    return f"cp{sys.version_info.major}{sys.version_info.minor}"


def listing(
    path: Path | None = None,
    system: str = sys.platform,
    machine: str | None = None,
    python: str | None = None,
) -> Listing:
    """Return what the pack is made of here; ModelError when the list cannot be read."""
    path = path or resources() / LIST
    python = python_tag() if python is None else python
    machine = (machine or platform.machine()).lower()
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
        found = [
            Wheel(*(each[key] for key in ("name", "version", "file", "bytes", "sha256")))
            for each in content["wheel"]
            if each["system"] == _SYSTEMS.get(system) and each.get("python", python) == python
        ]
        version, driver = str(content["version"]), int(content["driver"])
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise ModelError(f"{path} cannot be used: {error}.") from error
    runtime = any(wheel.name == "onnxruntime-gpu" for wheel in found)
    here = machine in _MACHINES and runtime and python != ""
    return Listing(version, driver, python, tuple(found) if here else ())


def state(folder: Path, listed: Listing) -> GpuPack:
    """Return how the pack in a folder is; nothing in it is loaded."""
    note = _note(folder)
    return GpuPack(
        installed=note is not None,
        folder=str(folder),
        version=str(note["version"]) if note else listed.version,
        bytes_on_disk=int(note["bytes"]) if note else 0,
        download_bytes=listed.download_bytes,
        supported=bool(listed.wheels),
        problem=_problem(folder, note),
    )


def usable(folder: Path) -> str:
    """Return the folder of a pack that may be used, or nothing."""
    note = _note(folder)
    return str(folder) if note is not None and not _problem(folder, note) else ""


def write_note(folder: Path, listed: Listing) -> None:
    """Mark a folder as a complete pack: the last thing that is written."""
    size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    note = {
        "format": _FORMAT,
        "version": listed.version,
        "python": listed.python,
        "bytes": size,
        "files": [wheel.file for wheel in listed.wheels],
    }
    with (folder / NOTE).open("w", encoding="utf-8") as stream:
        json.dump(note, stream, indent=1)
        stream.flush()
        os.fsync(stream.fileno())


def _problem(folder: Path, note: dict[str, Any] | None) -> str:
    if note is None:
        if folder.is_dir() and any(folder.iterdir()):
            return f"What is in {folder} is no complete GPU pack: install it anew."
        return ""
    if note["python"] != python_tag():
        return "The GPU pack was made for another version of Python: install it anew."
    if not (folder / "onnxruntime" / "__init__.py").is_file():
        return f"Files of the GPU pack in {folder} are missing: install it anew."
    return ""


def _note(folder: Path) -> dict[str, Any] | None:
    """Return what a complete pack says of itself, None where there is none."""
    checks: dict[str, Callable[[Any], Any]] = {"version": str, "python": str, "bytes": int}
    try:
        note = read_json(folder / NOTE)
        if note["format"] != _FORMAT:
            return None
        return {key: check(note[key]) for key, check in checks.items()}
    except (OSError, ValueError, TypeError, KeyError):
        return None
