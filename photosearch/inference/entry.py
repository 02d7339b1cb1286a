"""What the list of models holds of each: read from its folder, and as it is stored."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from photosearch.errors import ModelError
from photosearch.inference.fingerprint import (
    Stamp,
    face_pack_files,
    face_pack_key,
    model_files,
    model_key,
    stamps,
)
from photosearch.inference.hub.verifying import naming_damage
from photosearch.types import AnyModel, FacePackInfo, ModelInfo, ModelKey, Preprocess

_SEARCH, _FACES = "search", "faces"
_PASSING = ("problem", "in_use")  # how a model is just now: not kept


@dataclass(frozen=True, slots=True)
class Entry:
    """A model as its folder was when it was read."""

    info: AnyModel
    stamps: tuple[Stamp, ...]


@naming_damage
def read_entry(folder: Path) -> Entry:
    """Read and hash the folder of a search model or a face pack.

    `ModelError` says what is missing in it.
    """
    from photosearch.inference.face_pack import is_face_pack

    return _read_face_pack(folder) if is_face_pack(folder) else _read_search_model(folder)


def _read_search_model(folder: Path) -> Entry:
    from photosearch.inference.model_folder import inspect

    model = inspect(folder)
    taken = _stamps(folder, model_files)  # before hashing: a change meanwhile is seen next time
    info = ModelInfo(
        name=model.name,
        folder=str(folder),
        key=model_key(folder),
        dimension=model.dimension,
        preprocess=model.preprocess,
        context_length=model.context_length,
        bytes_on_disk=model.bytes_on_disk,
    )
    return Entry(info, taken)


def _read_face_pack(folder: Path) -> Entry:
    from photosearch.inference.face_pack import inspect_face_pack

    pack = inspect_face_pack(folder)
    taken = _stamps(folder, face_pack_files)
    info = FacePackInfo(
        name=pack.name,
        folder=str(folder),
        key=face_pack_key(folder),
        family=pack.family,
        dimension=pack.dimension,
        bytes_on_disk=pack.bytes_on_disk,
    )
    return Entry(info, taken)


def _stamps(folder: Path, files: Callable[[Path], tuple[Path, ...]]) -> tuple[Stamp, ...]:
    try:
        return stamps(folder, files(folder))
    except OSError as error:
        raise ModelError(f"{folder} cannot be read: {error.strerror}.") from error


def as_stored(entry: Entry) -> dict[str, Any]:
    """Return what is kept of an entry: what its folder says, not how it is just now."""
    value = asdict(entry)
    for name in _PASSING:
        del value["info"][name]
    return {"kind": _FACES if isinstance(entry.info, FacePackInfo) else _SEARCH, **value}


def from_stored(stored: Any) -> Entry:
    """Return a stored entry; what this version does not know is ignored.

    `ValueError`, `TypeError` or `KeyError` when it is none.
    """
    info = dict(stored["info"])
    if not all(isinstance(info[name], str) for name in ("name", "folder", "key")):
        raise ValueError("a model without a name")
    taken = tuple(Stamp(**_known(Stamp, stamp)) for stamp in stored["stamps"])
    kept: dict[str, Any] = {"key": ModelKey(info["key"])}
    if stored.get("kind", _SEARCH) == _FACES:
        return Entry(FacePackInfo(**(_lasting(FacePackInfo, info) | kept)), taken)
    preprocess = _known(Preprocess, info["preprocess"])
    for key in ("mean", "std"):
        preprocess[key] = tuple(preprocess[key])
    kept["preprocess"] = Preprocess(**preprocess)
    return Entry(ModelInfo(**(_lasting(ModelInfo, info) | kept)), taken)


def _lasting(kind: type[Any], values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in _known(kind, values).items() if name not in _PASSING}


def _known(kind: type[Any], values: Mapping[str, Any]) -> dict[str, Any]:
    return {field.name: values[field.name] for field in fields(kind) if field.name in values}
