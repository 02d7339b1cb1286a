"""What is known of a fetched model's files: where each came from and which bytes it must have.

Lies beside the model as `.photosearch.json` and is no part of it.  Knows the file, nothing of
networks.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path, PurePosixPath

from photosearch.errors import ModelError
from photosearch.outside import read_json

NAME = ".photosearch.json"
_FORMAT = 1
_HEX = {"sha256": 64, "blob": 40}


@dataclass(frozen=True, slots=True)
class HubFile:
    """A file as its publisher describes it; `sha256` or `blob` says which bytes it has."""

    repository: str  # empty: it came from a ZIP file
    path: str  # in the repository
    commit: str
    size: int
    sha256: str = ""  # of its content
    blob: str = ""  # git's SHA-1 of it

    def same_content(self, other: HubFile | None) -> bool:
        """Say whether both are certainly the same bytes."""
        if other is None or self.size != other.size:
            return False
        if self.sha256 and other.sha256:
            return self.sha256 == other.sha256
        return bool(self.blob) and self.blob == other.blob


Files = Mapping[str, HubFile]  # by place in the model's folder


def read(folder: Path) -> dict[str, HubFile]:
    """Return the files of a record; nothing where there is none that can be understood."""
    try:
        content = read_json(folder / NAME)
        if content["format"] != _FORMAT:
            return {}
        known = {field.name for field in fields(HubFile)}
        return {
            target: HubFile(**{name: each[name] for name in known & each.keys()})
            for target, each in content["files"].items()
            if is_inside(target) and _is_sound(each)
        }
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return {}


def write(folder: Path, files: Files) -> None:
    """Write the record; ModelError when the disk refuses."""
    content = {"format": _FORMAT, "files": {name: asdict(each) for name, each in files.items()}}
    path = folder / NAME
    temporary = path.with_name(path.name + ".new")
    try:
        with temporary.open("w", encoding="utf-8") as stream:
            json.dump(content, stream, indent=1)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise ModelError(f"{path} cannot be written: {error.strerror}.") from error


def is_inside(name: str) -> bool:
    """Say whether a relative path stays in its folder, on every system."""
    if not name or "\\" in name or ":" in name or not name.isprintable():
        return False
    path = PurePosixPath(name)
    return not path.is_absolute() and ".." not in path.parts and str(path) == name


def _is_sound(each: Mapping[str, object]) -> bool:
    size = each["size"]
    if not isinstance(size, int) or size < 0:
        return False
    return all(
        isinstance(value := each.get(name, ""), str)
        and (not value or re.fullmatch(rf"[0-9a-f]{{{length}}}", value))
        for name, length in _HEX.items()
    )
