"""A model from a ZIP file: only what the layout needs is unpacked, and nothing else can be.

Names that lead out of the folder, links, and files that grow beyond what they say are refused.
"""

from __future__ import annotations

import hashlib
import stat
import zipfile
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path, PurePosixPath

from photosearch.errors import ModelError
from photosearch.inference import record
from photosearch.inference.hub import layout
from photosearch.inference.record import HubFile
from photosearch.models.downloads import require_room
from photosearch.models.telling import Teller
from photosearch.types import Check, ModelKind

_CHUNK = 2**20
_DENSEST = 100  # weights hardly shrink; what shrinks more than this is made to fill a disk
_SMALL = 100 * 2**20  # below this nobody minds
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError)


class Archive:
    """The model in a ZIP file; ModelError says why it holds none."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._zip = zipfile.ZipFile(path)
        except FileNotFoundError as error:
            raise ModelError(f"There is no file {path}.") from error
        except (zipfile.BadZipFile, OSError) as error:
            raise ModelError(f"{path} is not a ZIP file that can be read: {error}.") from error
        try:
            files = self._files()
            top, self._kind = _find(files, path)
            inside = {
                name.removeprefix(top): info for name, info in files.items() if name.startswith(top)
            }
            self._members = {
                each.target: inside[each.name]
                for each in layout.needed(inside, self._kind, {}, str(path))
            }
            self.name = PurePosixPath(top).name or path.stem
            self.size = sum(info.file_size for info in self._members.values())
            self._refuse_bomb()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        self._zip.close()

    def unpack(
        self, folder: Path, teller: Teller, check: Check, free: Callable[[Path], int]
    ) -> None:
        """Write the model's files below an empty folder, with a record of what they are."""
        require_room(folder, self.size, free)
        teller.stage("reading", 0, self.size)
        done = {}
        for target, info in self._members.items():
            check()
            teller.file(target)
            done[target] = self._write(info, folder / target, target, teller, check)
        record.write(folder, done)

    def _write(
        self, info: zipfile.ZipInfo, path: Path, target: str, teller: Teller, check: Check
    ) -> HubFile:
        content, size = hashlib.sha256(), 0
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with self._zip.open(info) as source, path.open("xb") as stream:
                while chunk := source.read(_CHUNK):
                    check()
                    size += len(chunk)
                    if size > info.file_size:
                        raise zipfile.BadZipFile("a file is larger than it says")
                    stream.write(chunk)
                    content.update(chunk)
                    teller.gained(len(chunk))
        except _BROKEN as error:
            raise ModelError(
                f"{info.filename} in {self._path} cannot be unpacked: {error}."
            ) from error
        return HubFile("", target, "", size, content.hexdigest())

    def _files(self) -> Mapping[str, zipfile.ZipInfo]:
        """Return the files by name; ModelError where a name leads out of the folder."""
        found = {}
        for info in self._zip.infolist():
            if info.is_dir():
                continue
            linked = stat.S_ISLNK(info.external_attr >> 16)
            if linked or not record.is_inside(info.filename):
                raise ModelError(
                    f"{self._path} is refused: “{info.filename}” in it leads out of its folder."
                )
            if info.flag_bits & 1:
                raise ModelError(f"{self._path} is locked with a password. Unpack it first.")
            found[info.filename] = info
        return found

    def _refuse_bomb(self) -> None:
        packed = sum(info.compress_size for info in self._members.values())
        if self.size > max(_SMALL, _DENSEST * packed):
            raise ModelError(
                f"{self._path} is refused: it would become {self.size // max(1, packed)} times as "
                "large, as no model does."
            )


def _find(names: Mapping[str, object], path: Path) -> tuple[str, ModelKind]:
    """Return the folder in the ZIP file that holds the model ("" or ending in /), and its kind."""
    found = []
    for name in names:
        for mark, kind in (
            ("config.json", ModelKind.SEARCH),
            ("detection/model.onnx", ModelKind.FACES),
        ):
            top = name.removesuffix(mark)
            if top != name and (not top or top.endswith("/")):
                found.append((top, kind))
    # A configuration beside no graph, as textual/config.json, is not what is looked for.
    found = [
        (top, kind)
        for top, kind in found
        if kind is ModelKind.FACES or any(name.startswith(f"{top}visual/") for name in names)
    ]
    if not found:
        raise ModelError(
            f"{path} holds no model: neither config.json with visual/ and textual/ (a search "
            "model), nor detection/ and recognition/ (a face pack)."
        )
    if len(found) > 1:
        tops = ", ".join(top or "/" for top, _ in found)
        raise ModelError(f"{path} holds several models ({tops}). Pack each by itself.")
    return found[0]
