"""The graph on disk: a file that is trusted only with a manifest that fits it.

Knows file names, checksums and versions. A cache is never the only copy of anything: whatever
does not fit is deleted, with the reason told, and built anew by the caller.

The checksum is a CRC-32 of the whole file: 0.25 s a GB (blake2b 1.2 s, sha256 0.6 s), to be
set against 2 s a GB for loading. It finds what happens to caches (cut off, overwritten, bad
sectors), not forgery: who can write here can replace the program's data anyway.
"""

from __future__ import annotations

import hashlib
import sys
import threading
import zlib
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

import numpy as np
from pydantic import BaseModel, ConfigDict, ValidationError

from photosearch.errors import StoreError
from photosearch.index import atomic
from photosearch.index.hnsw import EF_CONSTRUCTION, M
from photosearch.index.pair import GraphPair, files
from photosearch.index.reduction import Reduction
from photosearch.index.shortlist import LEAST, UNFIT, Fit
from photosearch.settings.held import held
from photosearch.types import ModelKey

FORMAT: Final = 4
READ_AT_ONCE: Final = 4 << 20
WAIT_S: Final = 120.0  # for another program that has the graph in hand: a gigabyte takes seconds


class Manifest(BaseModel):
    """What must be true of a graph file before it is loaded."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")

    format: int
    library: str  # hnswlib's version: it promises no stable file format
    machine: str  # hnswlib writes its own memory: byte order and word size
    model: str
    dimension: int  # of whole vectors
    numbers: int  # of those in the graph: fewer where they were reduced
    fitted: int  # rows there were when the reduction was chosen
    examined: bool  # whether it was found good enough; one that was cut short was not yet
    least: int = LEAST  # rows on a shortlist with which it was
    axes_crc32: int  # of the file with the reduction; 0 without one
    m: int
    ef_construction: int
    count: int
    highest: int  # label
    removed: tuple[int, ...]  # labels marked removed, which hnswlib cannot list
    bytes: int  # of the files of both halves, one after the other
    crc32: int

    def fit(self) -> Fit:
        """Return how well the graph fits its rows."""
        return Fit(self.fitted, self.examined, self.least)


@dataclass(frozen=True, slots=True)
class Opened:
    """A graph from disk, or the reason why there is none."""

    index: GraphPair | None
    reason: str = ""
    reduction: Reduction | None = None
    fit: Fit = UNFIT


class IndexCache:
    """One graph per model in a folder that may be deleted at any time."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._lock = threading.Lock()

    def index_path(self, model_key: ModelKey) -> Path:
        """Return where the graph of this model lies; what is odd of it beside (see `pair`)."""
        return self.folder / f"{_digest(model_key)}.hnsw"

    def paths(self, model_key: ModelKey) -> tuple[Path, ...]:
        """Return all that lies here of this model: graph, rows, notes, and parts of them.

        But for locks, which others may hold.
        """
        found = self.folder.glob(f"{_digest(model_key)}[.-]*")
        return tuple(sorted(path for path in found if path.suffix != ".lock"))

    def axes_path(self, model_key: ModelKey) -> Path:
        """Return where the reduction of this model's vectors lies, if they are reduced."""
        return self.index_path(model_key).with_suffix(".axes")

    def manifest_path(self, model_key: ModelKey) -> Path:
        """Return where the manifest of this model's graph lies."""
        return self.index_path(model_key).with_suffix(".json")

    def poor_path(self, model_key: ModelKey) -> Path:
        """Return where it is noted that this model's vectors have no good graph."""
        return self.index_path(model_key).with_suffix(".poor")

    def open(self, model_key: ModelKey, dimension: int, threads: int | None = None) -> Opened:
        """Load the graph of this model if it is whole and fits; delete it otherwise."""
        path = self.index_path(model_key)
        with self._lock:
            if not path.exists() and not self.manifest_path(model_key).exists():
                return Opened(None, "there is none yet")
            try:
                with held(path, WAIT_S):
                    return self._open(model_key, dimension, threads)
            except TimeoutError as error:
                return Opened(None, str(error.strerror))

    def _open(self, model_key: ModelKey, dimension: int, threads: int | None) -> Opened:
        path = self.index_path(model_key)
        try:
            manifest = self._read(model_key)
            reason = _mismatch(manifest, model_key, dimension) or _damage(manifest, path)
            if not reason:
                reduction = self._read_axes(model_key, manifest)
                index = GraphPair.load(path, manifest.numbers, manifest.removed, threads)
                if len(index) == manifest.count:
                    return Opened(index, "", reduction, manifest.fit())
                reason = f"it holds {len(index)} vectors instead of {manifest.count}"
        except (OSError, ValueError, StoreError) as error:
            reason = str(error)
        self._delete(model_key)
        return Opened(None, reason)

    def save(
        self,
        index: GraphPair,
        model_key: ModelKey,
        reduction: Reduction | None = None,
        fit: Fit = UNFIT,
    ) -> None:
        """Write graph and reduction, then manifest; StoreError says what went wrong.

        Killed in between, the old manifest does not fit the new graph, and `open` sees it. Other
        programs that save or open the same graph wait.
        """
        path = self.index_path(model_key)
        with self._lock:
            try:
                with held(path, WAIT_S):
                    self._save(index, model_key, reduction, fit)
            except OSError as error:
                raise StoreError(f"The index could not be saved: {error}") from error

    def _save(
        self, index: GraphPair, model_key: ModelKey, reduction: Reduction | None, fit: Fit
    ) -> None:
        path, manifest_path = self.index_path(model_key), self.manifest_path(model_key)
        content = index.save(path)
        axes_crc32 = self._write_axes(model_key, reduction)
        manifest = Manifest(
            format=FORMAT,
            library=library_version(),
            machine=machine(),
            model=model_key,
            dimension=index.dimension if reduction is None else len(reduction.mean),
            numbers=index.dimension,
            fitted=fit.rows,
            examined=fit.examined,
            least=fit.least,
            axes_crc32=axes_crc32,
            m=M,
            ef_construction=EF_CONSTRUCTION,
            count=len(content.labels),
            highest=int(content.labels[-1]) if len(content.labels) else -1,
            removed=tuple(content.removed.tolist()),
            bytes=_size(path),
            crc32=checksum(*files(path)),
        )
        atomic.write(manifest_path, manifest.model_dump_json().encode())

    def forget(self, model_key: ModelKey) -> None:
        """Delete all that lies here of this model, e.g. because the model was removed."""
        with self._lock:
            for path in self.paths(model_key):
                with suppress(OSError):
                    path.unlink(missing_ok=True)

    def _write_axes(self, model_key: ModelKey, reduction: Reduction | None) -> int:
        path = self.axes_path(model_key)
        if reduction is None:
            path.unlink(missing_ok=True)
            return 0
        content = reduction.packed().tobytes()
        atomic.write(path, content)
        return zlib.crc32(content)

    def _read_axes(self, model_key: ModelKey, manifest: Manifest) -> Reduction | None:
        """Return the reduction; `ValueError` or `OSError` when it is not the one that was saved."""
        if manifest.numbers == manifest.dimension:
            return None
        content = self.axes_path(model_key).read_bytes()
        if zlib.crc32(content) != manifest.axes_crc32:
            raise ValueError("the file of its reduction is damaged")
        matrix = np.frombuffer(content, np.float32).reshape(-1, manifest.dimension)
        reduction = Reduction.unpacked(matrix)
        if reduction.numbers != manifest.numbers:
            raise ValueError("its reduction is another one")
        return reduction

    def _read(self, model_key: ModelKey) -> Manifest:
        try:
            return Manifest.model_validate_json(self.manifest_path(model_key).read_bytes())
        except FileNotFoundError as error:
            raise StoreError("its manifest is missing") from error
        except ValidationError as error:
            raise StoreError("its manifest is damaged or of another version") from error

    def _delete(self, model_key: ModelKey) -> None:
        for path in (
            self.manifest_path(model_key),
            *files(self.index_path(model_key)),
            self.axes_path(model_key),
        ):
            try:
                path.unlink(missing_ok=True)
            except OSError:
                continue  # it is checked again at the next start


def _digest(model_key: ModelKey) -> str:
    """Return what the names of a model's files begin with, those of its rows, too."""
    return hashlib.blake2b(model_key.encode(), digest_size=8).hexdigest()


def _mismatch(manifest: Manifest, model_key: ModelKey, dimension: int) -> str:
    """Say in which respect a graph is not the one that is wanted, or nothing."""
    wanted = {
        "format": FORMAT,
        "library": library_version(),
        "machine": machine(),
        "model": str(model_key),
        "dimension": dimension,
        "m": M,
        "ef_construction": EF_CONSTRUCTION,
    }
    for name, value in wanted.items():
        found = getattr(manifest, name)
        if found != value:
            return f"its {name} is {found} instead of {value}"
    return ""


def _damage(manifest: Manifest, path: Path) -> str:
    """Say what is wrong with the graph file, or nothing."""
    if not all(file.exists() for file in files(path)):
        return "its file is missing"
    size = _size(path)
    if size != manifest.bytes:
        return f"its file has {size} bytes instead of {manifest.bytes}"
    if checksum(*files(path)) != manifest.crc32:
        return "its file is damaged"
    return ""


def checksum(*paths: Path) -> int:
    """Return the CRC-32 of files, as if they were one."""
    crc = 0
    buffer = memoryview(bytearray(READ_AT_ONCE))
    for path in paths:
        with path.open("rb", buffering=0) as file:
            while count := file.readinto(buffer):
                crc = zlib.crc32(buffer[:count], crc)
    return crc


def _size(path: Path) -> int:
    return sum(file.stat().st_size for file in files(path))


def library_version() -> str:
    """Return hnswlib's version, or "unknown" where the bundle carries no metadata."""
    try:
        return version("hnswlib")
    except PackageNotFoundError:
        return "unknown"


def machine() -> str:
    """Return what hnswlib's files depend on."""
    return f"{sys.byteorder}-{sys.maxsize.bit_length() + 1}"
