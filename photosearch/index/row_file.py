"""The rows on disk: a file of float16 rows that is mapped into memory, and one of their ids.

A cache beside the library, which holds the same vectors: opening it takes a tenth of the time of
reading them from there, and what is mapped is the system's memory, not this process's. Rows are
written behind those that are there, so that a thousand more cost a megabyte; nothing that others
have mapped ever changes. What counts is what the manifest says: rows behind that are overwritten.

Files: `NAME.rows` (float16, [n, d]), `NAME.ids` (int64, [n, 2]: label and photo), and the
manifest, which names them and holds their checksums (CRC-32, 0.3 s a GB) and the removed labels.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import zlib
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, ValidationError

from photosearch.errors import StoreError
from photosearch.index import atomic
from photosearch.index.halves import Halves
from photosearch.index.pieces import Pieces
from photosearch.types import Ids, ModelKey

FORMAT: Final = 1
_ROWS = 8192


class RowManifest(BaseModel):
    """What must be true of the files before their rows are used."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")

    format: int
    model: str
    dimension: int
    name: str  # of the two files, without what stands behind the dot
    count: int
    rows_crc32: int
    ids_crc32: int
    removed: tuple[int, ...]  # labels


@dataclass(frozen=True, slots=True, eq=False)
class Contents:
    """What lies in the files: ids ascending by label, rows mapped, removed ones among them."""

    ids: Ids  # [2, n]: labels, photos
    rows: Halves  # [n, d]
    removed: Ids


class RowFile:
    """The rows of one model; methods are called by one thread at a time."""

    def __init__(self, folder: Path, model_key: ModelKey, dimension: int) -> None:
        self._folder, self._key, self._dimension = folder, model_key, dimension
        self._digest = hashlib.blake2b(model_key.encode(), digest_size=8).hexdigest()
        self._manifest: RowManifest | None = None  # of what was opened or written last

    @property
    def manifest_path(self) -> Path:
        """Return where the manifest lies."""
        return self._folder / f"{self._digest}.rows.json"

    def open(self) -> Contents:
        """Map the rows; `StoreError` says why there are none, and then none are left."""
        try:
            manifest = self._read()
            contents = self._map(manifest)
        except FileNotFoundError as error:
            self.forget()
            raise StoreError("there are none yet") from error
        except (OSError, ValueError) as error:
            self.forget()
            raise StoreError(str(error)) from error
        self._manifest = manifest
        return contents

    def save(self, ids: Ids, removed: Ids, rows: Pieces) -> Halves | None:
        """Write what the files lack; returns all rows mapped, None where nothing was written.

        The mapped ones of `rows` must be those that this file gave. `ids` are [2, n], ascending
        by label, of all `rows`, also removed ones, whose photo does not matter. Another program
        that writes at the moment, or has written other rows, is left alone. `OSError` when the
        disk does not take them.
        """
        import filelock

        self._folder.mkdir(parents=True, exist_ok=True)
        try:
            with filelock.FileLock(self._folder / f"{self._digest}.rows.lock", timeout=0):
                return self._save(ids, removed, rows)
        except filelock.Timeout:
            return None

    def forget(self) -> None:
        """Delete the files, as far as the system lets them go."""
        self._manifest = None
        for path in [self.manifest_path, *self._folder.glob(f"{self._digest}-*")]:
            _delete(path)

    def _save(self, ids: Ids, removed: Ids, rows: Pieces) -> Halves | None:
        before = self._manifest
        if before != self._on_disk():
            return None
        if before is None or len(rows.mapped) != before.count:
            self._write_anew(ids, removed, rows)
        elif len(rows) > before.count or before.removed != tuple(removed.tolist()):
            self._append(before, ids, removed, rows)
        else:
            return None
        assert self._manifest is not None
        return self._mapped(self._manifest)

    def _append(self, before: RowManifest, ids: Ids, removed: Ids, rows: Pieces) -> None:
        new = np.ascontiguousarray(ids[:, before.count :].T)
        rows_crc32 = _write_behind(
            self._path(before, "rows"),
            before.count * self._row_bytes,
            before.rows_crc32,
            [rows.between(start, stop) for start, stop in _steps(before.count, len(rows))],
        )
        ids_crc32 = _write_behind(
            self._path(before, "ids"), before.count * 16, before.ids_crc32, [new]
        )
        self._publish(before.name, len(rows), rows_crc32, ids_crc32, removed)

    def _write_anew(self, ids: Ids, removed: Ids, rows: Pieces) -> None:
        name = f"{self._digest}-{secrets.token_hex(4)}"
        try:
            rows_crc32 = _write_behind(
                self._folder / f"{name}.rows", 0, 0, (chunk for _, chunk in rows.chunks(_ROWS))
            )
            ids_crc32 = _write_behind(
                self._folder / f"{name}.ids", 0, 0, [np.ascontiguousarray(ids.T)]
            )
            self._publish(name, len(rows), rows_crc32, ids_crc32, removed)
        finally:
            for path in self._folder.glob(f"{self._digest}-*"):
                if self._manifest is None or path.stem != self._manifest.name:
                    _delete(path)

    def _publish(self, name: str, count: int, rows_crc: int, ids_crc: int, removed: Ids) -> None:
        manifest = RowManifest(
            format=FORMAT,
            model=self._key,
            dimension=self._dimension,
            name=name,
            count=count,
            rows_crc32=rows_crc,
            ids_crc32=ids_crc,
            removed=tuple(removed.tolist()),
        )
        atomic.write(self.manifest_path, manifest.model_dump_json().encode())
        self._manifest = manifest

    # --- reading ---

    def _on_disk(self) -> RowManifest | None:
        try:
            return self._read()
        except (OSError, ValueError):
            return None

    def _read(self) -> RowManifest:
        try:
            manifest = RowManifest.model_validate_json(self.manifest_path.read_bytes())
        except ValidationError as error:
            raise ValueError("their manifest is damaged or of another version") from error
        expected = (FORMAT, str(self._key), self._dimension)
        if (manifest.format, manifest.model, manifest.dimension) != expected:
            raise ValueError("they are of another version or model")
        if not manifest.name.startswith(f"{self._digest}-") or not manifest.name[17:].isalnum():
            raise ValueError("their manifest is damaged")
        return manifest

    def _map(self, manifest: RowManifest) -> Contents:
        """Return the rows once their checksums were found right."""
        count = manifest.count
        with self._path(manifest, "ids").open("rb") as file:
            ids = np.frombuffer(file.read(16 * count), np.int64)
        if len(ids) != 2 * count or zlib.crc32(ids.tobytes()) != manifest.ids_crc32:
            raise ValueError("the file of their ids is damaged")
        rows = self._mapped(manifest)
        crc = 0
        for start, stop in _steps(0, count):
            crc = zlib.crc32(rows[start:stop].data, crc)
        if crc != manifest.rows_crc32:
            raise ValueError("their file is damaged")
        both = np.ascontiguousarray(ids.reshape(count, 2).T)
        return Contents(both, rows, np.array(manifest.removed, np.int64))

    def _mapped(self, manifest: RowManifest) -> Halves:
        if not manifest.count:
            return np.empty((0, self._dimension), np.float16)
        shape = (manifest.count, self._dimension)
        path = self._path(manifest, "rows")
        if path.stat().st_size < manifest.count * self._row_bytes:
            raise ValueError("their file is cut off")
        return np.asarray(np.memmap(path, np.float16, "r", shape=shape))

    def _path(self, manifest: RowManifest, kind: str) -> Path:
        return self._folder / f"{manifest.name}.{kind}"

    @property
    def _row_bytes(self) -> int:
        return 2 * self._dimension


def _steps(start: int, stop: int) -> list[tuple[int, int]]:
    return [(at, min(at + _ROWS, stop)) for at in range(start, stop, _ROWS)]


def _write_behind(path: Path, at: int, crc: int, pieces: Iterable[npt.NDArray[np.generic]]) -> int:
    """Write from a place on, forgetting what lay there; return the checksum of the whole file."""
    with path.open("r+b" if at else "wb") as file:
        if file.seek(0, os.SEEK_END) > at:  # what a program left that did not come to its end
            file.truncate(at)
        file.seek(at)
        for piece in pieces:
            data = np.ascontiguousarray(piece).data
            file.write(data)
            crc = zlib.crc32(data, crc)
        file.flush()
        os.fsync(file.fileno())
    return crc


def _delete(path: Path) -> None:
    with suppress(OSError):  # Windows keeps what is mapped: it goes another time
        path.unlink(missing_ok=True)
