"""Whether a file on disk has the bytes it should have, in chunks and stoppable."""

from __future__ import annotations

import functools
import hashlib
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar

from photosearch.errors import ModelError
from photosearch.inference import record
from photosearch.inference.fingerprint import Stamp, damaged, stamps
from photosearch.inference.record import HubFile
from photosearch.types import Check

_CHUNK = 2**22
_More = ParamSpec("_More")
_Read = TypeVar("_Read")


def sha256_of(
    path: Path, file: HubFile, check: Check, read: Callable[[int], None] = lambda count: None
) -> str | None:
    """Return the sha256 of a file that is as the hub describes it; None for any other.

    `read` hears how many bytes have been looked at. ModelError when the disk does not give them.
    """
    content = hashlib.sha256()
    blob = hashlib.sha1(b"blob %d\0" % file.size, usedforsecurity=False)  # git's own recipe
    try:
        if path.stat().st_size != file.size:
            return None
        with path.open("rb") as stream:
            while chunk := stream.read(_CHUNK):
                check()
                content.update(chunk)
                if not file.sha256:
                    blob.update(chunk)
                read(len(chunk))
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ModelError(f"{path} cannot be read: {error.strerror}.") from error
    if file.sha256:
        good = content.hexdigest() == file.sha256
    else:
        good = bool(file.blob) and blob.hexdigest() == file.blob
    return content.hexdigest() if good else None


def broken_files(
    folder: Path,
    check: Check = lambda: None,
    read: Callable[[int], None] = lambda count: None,
) -> tuple[str, ...]:
    """Return the files of a fetched model that are gone or not as they were fetched.

    Reads every byte; nothing for a model that was not fetched.
    """
    files = record.read(folder)
    return tuple(
        name for name, file in files.items() if sha256_of(folder / name, file, check, read) is None
    )


class Suspicion:
    """Whether damaged files are to blame when a model fails while it works.

    The bytes on a disk can change while size and time of a file stay as they were: only reading
    all of them tells. They are not read again while size and time are as they were then, and the
    same ones are gone. Safe to use from several threads: one reads, the others wait for that.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._seen: tuple[Stamp | str, ...] | None = None
        self._damage = ""

    def damage(self) -> str:
        """Return the sentence that names damaged files, or nothing."""
        with self._lock:
            seen = tuple(map(self._look, record.read(self._folder)))
            if seen != self._seen:
                self._damage = explained(self._folder, "")
                self._seen = seen
            return self._damage

    def _look(self, name: str) -> Stamp | str:
        """Return size and time of a file, or only its name when it is gone."""
        try:
            (stamp,) = stamps(self._folder, [self._folder / name])
        except OSError:
            return name
        return stamp


def explained(folder: Path, problem: str) -> str:
    """Return why a model is in trouble: its damaged files are named where that is it.

    Reads every byte of a model that was fetched.
    """
    broken = broken_files(folder)
    return damaged(folder, broken) if broken else problem


def naming_damage(
    read: Callable[Concatenate[Path, _More], _Read],
) -> Callable[Concatenate[Path, _More], _Read]:
    """Let a function that reads a model's folder name the damaged files when it fails."""

    @functools.wraps(read)
    def named(folder: Path, /, *more: _More.args, **others: _More.kwargs) -> _Read:
        try:
            return read(folder, *more, **others)
        except ModelError as error:
            if broken := broken_files(folder):
                raise ModelError(damaged(folder, broken)) from error
            raise

    return named
