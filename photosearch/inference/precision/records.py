"""What was measured, as files in the cache: written whole or not at all, made again when stale.

    prepared/calibration.json         how fast the machine multiplies
    prepared/MODEL KEY/DEVICE.json    what preparing a model on a device gave
    prepared/MODEL KEY/TOKEN/         the graphs that it names

A record of another runtime, of another format, damaged or without its graphs counts as none.
"""

from __future__ import annotations

import json
import logging
import os
import shutil
import uuid
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from photosearch.inference.precision.deciding import Made, Outcome
from photosearch.inference.precision.graph_files import data_files
from photosearch.outside import read_json
from photosearch.settings.writing import write_whole
from photosearch.types import Calibration, ModelKey, PrecisionResult

_log = logging.getLogger(__name__)
_FORMAT = 1  # raised when what is made or how it is measured changes
_CALIBRATION = "calibration.json"


@dataclass(frozen=True, slots=True)
class Record:
    """What was measured of a model, and the folder that the names of its graphs begin in."""

    outcome: Outcome
    folder: Path


class Records:
    """The folder of prepared graphs."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def folder(self, key: ModelKey) -> Path:
        return self._root / key

    def new_folder(self, key: ModelKey) -> Path:
        """Return a name for a folder that is to be filled; `save` gives it its place.

        It names the process that fills it: what a killed one left is deleted at the next start.
        """
        return self.folder(key) / f"{uuid.uuid4().hex[:12]}-{os.getpid()}.part"

    def devices(self, key: ModelKey) -> tuple[str, ...]:
        """Return the devices that a model has been measured on, by whatever runtime."""
        try:
            names = sorted(os.listdir(self.folder(key)))
        except OSError:
            return ()
        return tuple(_device(name) for name in names if name.endswith(".json"))

    def stamp(self, key: ModelKey, device: str) -> object:
        """Return what changes when a record does."""
        try:
            status = os.stat(self._file(key, device))
        except OSError:
            return None
        return status.st_mtime_ns, status.st_ino

    def load(self, key: ModelKey, device: str, runtime: str) -> Record | None:
        """Return a record that still holds."""
        content = _read(self._file(key, device))
        if content is None or not _holds(content, runtime, key):
            return None
        try:
            outcome = _outcome(content["outcome"])
            folder = self.folder(key) / str(content["folder"])
            sizes = {str(name): int(size) for name, size in content["files"].items()}
            intact = all((folder / name).stat().st_size == size for name, size in sizes.items())
        except (KeyError, TypeError, ValueError, AttributeError, OSError):
            return None
        return Record(outcome, folder) if intact and outcome.device == device else None

    def save(self, key: ModelKey, outcome: Outcome, work: Path, runtime: str) -> Record:
        """Keep an outcome, and the folder `work` with its graphs; OSError when there is no room."""
        folder = work.with_suffix("")
        graphs = [name for made in outcome.made for name in (made.image, made.text) if name]
        if graphs:
            work.rename(folder)
        files = [path for name in graphs for path in data_files(folder / name)]
        content = {
            "format": _FORMAT,
            "runtime": runtime,
            "key": key,
            "folder": folder.name,
            "files": {path.name: path.stat().st_size for path in files},
            "outcome": asdict(outcome),
        }
        _write(self._file(key, outcome.device), content)
        self._sweep(key)
        return Record(outcome, folder)

    def calibration(self, device: str, runtime: str) -> Calibration | None:
        """Return the remembered calibration of a device; of any device when that is empty."""
        content = _read(self._root / _CALIBRATION)
        if content is None or not _holds(content, runtime, ""):
            return None
        try:
            found = Calibration(**content["calibration"])
            usable = found.fp32 > 0 and (not device or found.device == device)
        except (KeyError, TypeError):
            return None
        return found if usable else None

    def save_calibration(self, calibration: Calibration, runtime: str) -> None:
        """Keep a calibration; OSError when the disk refuses."""
        content = {
            "format": _FORMAT,
            "runtime": runtime,
            "key": "",
            "calibration": asdict(calibration),
        }
        _write(self._root / _CALIBRATION, content)

    def _file(self, key: ModelKey, device: str) -> Path:
        return self.folder(key) / f"{device.replace(':', '-')}.json"  # no colons on Windows

    def _sweep(self, key: ModelKey) -> None:
        """Delete graphs that no record of the model names any more.

        Those that another process is just making have a name of their own (`.part`): they go when
        they are a day old.
        """
        folder = self.folder(key)
        used = {
            str((_read(folder / name) or {}).get("folder"))
            for name in os.listdir(folder)
            if name.endswith(".json")
        }
        for each in folder.iterdir():
            if not each.is_dir() or each.name in used:
                continue
            with suppress(OSError):  # in use on Windows: the next time
                if each.suffix != ".part" or _older_than_a_day(each):
                    shutil.rmtree(each)


def _device(name: str) -> str:
    return name.removesuffix(".json").replace("-", ":")


def _older_than_a_day(folder: Path) -> bool:
    import time

    return time.time() - folder.stat().st_mtime > 86_400


def _holds(content: dict[str, Any], runtime: str, key: str) -> bool:
    wanted = {"format": _FORMAT, "runtime": runtime, "key": key}
    return all(content.get(name) == value for name, value in wanted.items())


def _outcome(stored: dict[str, Any]) -> Outcome:
    made = tuple(
        Made(**{**each, "result": PrecisionResult(**each["result"])}) for each in stored["made"]
    )
    if not made:
        raise ValueError("nothing was measured")
    return Outcome(**{**stored, "made": made, "notes": tuple(stored["notes"])})


def _read(path: Path) -> dict[str, Any] | None:
    try:
        content = read_json(path)
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        _log.warning("%s is not used: %s", path, error)
        return None
    return content if isinstance(content, dict) else None


def _write(path: Path, content: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, json.dumps(content, indent=1))
