"""A conversion from beginning to end: load, export, compare; runs in a process of its own."""

from __future__ import annotations

import errno
import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from photosearch.errors import ModelError
from photosearch.inference import record
from photosearch.inference.conversion.comparing import compare
from photosearch.inference.conversion.exporting import (
    ONE_FILE_BYTES,
    export_pictures,
    export_words,
)
from photosearch.inference.conversion.loading import Loaded, load
from photosearch.inference.conversion.words import write_words
from photosearch.inference.fingerprint import model_files
from photosearch.inference.model_folder import (
    CONFIG,
    IMAGE_GRAPH,
    PREPROCESS,
    TEXT_GRAPH,
    TOKENIZER,
)
from photosearch.inference.record import HubFile
from photosearch.types import Conversion, ConversionProgress

STAGES = ("loading", "exporting pictures", "exporting words", "comparing", "registering")
_SPARE_BYTES = 64 << 20

Tell = Callable[[ConversionProgress], None]


def convert(request: Conversion, folder: Path, tell: Tell) -> tuple[str, ...]:
    """Write the model to `folder` and compare it; returns notes about it.

    `ModelError` says why it cannot be done or used; what lies in `folder` is then of no use.
    """
    try:
        _tell(tell, 0)
        loaded = load(request)
        check_space(folder, loaded.bytes_of_weights, shutil.disk_usage(folder).free)
        words = write_model(loaded, folder, request.tokenizer, tell)
        _tell(tell, 3)
        compare(loaded, folder, words)
        record.write(folder, {name: _as_made(folder, name) for name in _files(folder)})
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise ModelError(f"The disk is full: {folder.parent} needs more free space.") from error
        raise ModelError(f"{error.filename or folder}: {error.strerror or error}.") from error
    return tuple(note for note in (loaded.note, words.note) if note)


def write_model(loaded: Loaded, folder: Path, tokenizer: str = "", tell: Tell | None = None) -> Any:
    """Write the whole folder of a model; returns open_clip's tokenizer for comparing."""
    for part in (IMAGE_GRAPH, TEXT_GRAPH):
        (folder / part).parent.mkdir(parents=True)
    write_json(folder / CONFIG, loaded.config)
    write_json(folder / PREPROCESS, loaded.preprocess)
    words = write_words(loaded, (folder / TOKENIZER).parent, tokenizer)
    _tell(tell, 1)
    export_pictures(loaded, folder / IMAGE_GRAPH)
    _tell(tell, 2)
    export_words(loaded, folder / TEXT_GRAPH)
    return words


def _files(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in model_files(folder))


def _as_made(folder: Path, name: str) -> HubFile:
    """Return what a file must be, so that a damaged one is found and the model is ours."""
    path = folder / name
    with path.open("rb") as stream:
        content = hashlib.file_digest(stream, "sha256").hexdigest()
    return HubFile("", name, "", path.stat().st_size, content)


def check_space(folder: Path, weights: int, free: int) -> None:
    """Refuse to begin what the disk has no room for."""
    # Weights of a large half are written twice, when they are put into one file.
    needed = weights * (2 if weights > ONE_FILE_BYTES else 1) + _SPARE_BYTES
    if needed > free:
        raise ModelError(
            f"The model needs {needed / 1e9:.1f} GB in {folder.parent}, but {free / 1e9:.1f} GB "
            "are free. Make room, or choose another folder with the setting models.folder."
        )


def write_json(path: Path, content: Any) -> None:
    """Write settings as they come from open_clip: tuples, arrays and numbers of numpy's."""

    def plain(value: Any) -> Any:
        return value.tolist() if hasattr(value, "tolist") else str(value)

    path.write_text(json.dumps(content, default=plain, indent=1), encoding="utf-8")


def _tell(tell: Tell | None, stage: int) -> None:
    if tell is not None:
        tell(ConversionProgress(STAGES[stage], stage + 1, len(STAGES)))
