"""Which files make up a model, and the hash that tells two models apart.

Vectors of two models with the same key are comparable, so everything that changes a vector
goes into it, and nothing else.
"""

from __future__ import annotations

import hashlib
import json
import mmap
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from photosearch.errors import ModelError
from photosearch.inference import record
from photosearch.outside import read_json
from photosearch.types import ModelKey

# Raised when this program's own preprocessing or tokenising changes vectors.
RECIPE = 1
KEY_BYTES = 16

# Raised when detecting, aligning or normalising faces changes vectors.
FACE_RECIPE = 1

DETECTION = "detection/model.onnx"
RECOGNITION = "recognition/model.onnx"

GRAPHS = ("visual/model.onnx", "textual/model.onnx")
FACE_GRAPHS = (DETECTION, RECOGNITION)
_DAMAGED = "damaged: not what was fetched"
_HASHED = (
    "visual/preprocess_cfg.json",
    "textual/tokenizer.json",
    "textual/tokenizer_config.json",
    "textual/special_tokens_map.json",
)


@dataclass(frozen=True, slots=True)
class Stamp:
    """A file as it was when it was hashed; `path` is relative to the model's folder."""

    path: str
    size: int
    mtime_ns: int


def model_files(folder: Path) -> tuple[Path, ...]:
    """Return every file a search model consists of, external weights included."""
    files = [folder / "config.json"]
    for graph in GRAPHS:
        files += [folder / graph, *external_data(folder / graph)]
    files += [folder / name for name in _HASHED if (folder / name).is_file()]
    return tuple(files)


def face_pack_files(folder: Path) -> tuple[Path, ...]:
    """Return every file a face pack consists of, external weights included."""
    files: list[Path] = []
    for graph in FACE_GRAPHS:
        files += [folder / graph, *external_data(folder / graph)]
    return tuple(files)


def external_data(graph: Path) -> tuple[Path, ...]:
    """Return the files with weights that a graph refers to.

    A graph names them relative to its own folder; every other file there (another precision,
    a phone's version) is not part of the model.
    """
    beside = [path for path in sorted(graph.parent.rglob("*")) if path.is_file() and path != graph]
    beside = [path for path in beside if path.suffix not in (".json", ".txt", ".md")]
    names = {path.relative_to(graph.parent).as_posix(): path for path in beside}
    named = named_in(graph, names)
    return tuple(path for name, path in names.items() if name in named)


def named_in(graph: Path, names: Iterable[str]) -> frozenset[str]:
    """Return those of the paths, relative to a graph's folder, that the graph refers to."""
    names = tuple(names)
    if not names or not graph.is_file() or not graph.stat().st_size:
        return frozenset()
    with graph.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as data:
        return frozenset(name for name in names if data.find(_location(name)) >= 0)


def _location(relative: str) -> bytes:
    """Return the path as it stands in a graph: field 2 of an entry, its length, its bytes."""
    name = relative.encode("utf-8", "surrogateescape")
    return b"\x0a\x08location\x12" + _varint(len(name)) + name


def _varint(number: int) -> bytes:
    encoded = bytearray()
    while number > 127:
        encoded.append(number & 127 | 128)
        number >>= 7
    return bytes([*encoded, number])


def model_key(folder: Path) -> ModelKey:
    """Hash a search model; reads every byte of it. ModelError when a file cannot be read."""
    files = [path for path in model_files(folder) if path.name != "config.json"]
    return _key(f"recipe {RECIPE}\n{_config(folder)}\n", folder, files)


def face_pack_key(folder: Path) -> ModelKey:
    """Hash a face pack; reads every byte of it. ModelError when a file cannot be read."""
    return _key(f"faces, recipe {FACE_RECIPE}\n", folder, face_pack_files(folder))


def _key(recipe: str, folder: Path, files: Iterable[Path]) -> ModelKey:
    total = hashlib.sha256(recipe.encode())
    recorded = record.read(folder)
    for path in files:
        name = path.relative_to(folder).as_posix()
        content = _file_hash(path)
        known = recorded.get(name)
        if known is not None and known.sha256 and known.sha256 != content.hex():
            raise ModelError(damaged(folder, [name]))
        total.update(f"{name}\n".encode("utf-8", "surrogateescape"))
        total.update(content)
    return ModelKey(total.hexdigest()[: 2 * KEY_BYTES])


def damaged(folder: Path, names: Sequence[str]) -> str:
    """Return the sentence that names damaged files of a fetched model and says what to do."""
    verb = "is" if len(names) == 1 else "are"
    return (
        f"{' and '.join(names)} of the model “{folder.name}” {verb} {_DAMAGED}. "
        f"Repair it in the settings or with: photosearch models repair {folder.name}"
    )


def damaged_model(sentence: str) -> str:
    """Return the name of the model whose damage a sentence tells, nothing for other sentences."""
    found = re.search(rf" of the model “([^”]+)” (?:is|are) {_DAMAGED}\. ", sentence)
    return found[1] if found else ""


def _config(folder: Path) -> str:
    """Return what of `config.json` changes a vector, always written the same way."""
    try:
        config: Any = read_json(folder / "config.json")
    except (OSError, ValueError) as error:
        raise ModelError(f"{folder / 'config.json'} cannot be read: {error}.") from error
    text = config.get("text_cfg") if isinstance(config, dict) else None
    text = text if isinstance(text, dict) else {}
    used = ("context_length", "hf_tokenizer_name", "tokenizer_kwargs")
    try:
        return json.dumps({key: text.get(key) for key in used}, sort_keys=True)
    except RecursionError as error:
        raise ModelError(f"{folder / 'config.json'} is nested too deeply.") from error


def _file_hash(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").digest()
    except OSError as error:
        raise ModelError(f"{path} cannot be read: {error.strerror}.") from error


def stamps(folder: Path, files: Iterable[Path]) -> tuple[Stamp, ...]:
    """Return size and time of the files of a model; OSError when one is gone."""
    taken = []
    for path in files:
        status = path.stat()
        relative = path.relative_to(folder).as_posix()
        taken.append(Stamp(relative, status.st_size, status.st_mtime_ns))
    return tuple(taken)
