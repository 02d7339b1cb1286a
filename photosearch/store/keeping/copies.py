"""The readable file beside the database and its older generations: writing, finding the newest.

The newest is `names-and-favourites.json`. When it is replaced, it is kept as an older generation
if it is of an earlier day, or held far more than what replaces it.
"""

from __future__ import annotations

import logging
import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from photosearch.errors import StoreError
from photosearch.store.keeping.document import Document, SaidPhoto, UnreadableError
from photosearch.store.keeping.text import HEAD_BYTES, action_of, lines, parse, state_of, written_of

_log = logging.getLogger(__name__)
NAME: Final = "names-and-favourites.json"
GENERATIONS: Final = 4  # older ones
_WAIT_S: Final = 30.0  # for another program that writes it
_LOSES: Final = 2  # a file that says that many times less does not take the place of another


@dataclass(frozen=True, slots=True)
class Found:
    """A document that can be read, and where it lies."""

    path: Path
    document: Document


class Copies:
    """The readable files of one library."""

    def __init__(self, database: Path) -> None:
        self.newest = database.with_name(NAME)
        self._folder = database.parent

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold the file against other programs from reading the library to writing it."""
        import filelock

        lock = filelock.FileLock(f"{self.newest}.lock", timeout=_WAIT_S)
        try:
            lock.acquire()
        except (filelock.Timeout, OSError) as error:
            raise StoreError(f"{self.newest} cannot be written: {error}.") from error
        try:
            yield
        finally:
            lock.release()

    def state(self) -> str:
        """Return the state of the library that the newest holds; "" without one."""
        return state_of(self._head())

    def action(self) -> int:
        """Return the newest entry of the journal that the newest knows of; 0 without one."""
        return action_of(self._head())

    def _head(self) -> bytes:
        return _head_of(self.newest)

    def all(self) -> list[Path]:
        """Return every generation, the newest first."""
        newest = [self.newest] if self.newest.exists() else []
        return newest + [path for _, path in sorted(self._older(), reverse=True)]

    def find(self) -> Found | None:
        """Return the newest that can be read; None without any."""
        for path in self.all():
            try:
                document = parse(path.read_bytes())
            except (OSError, UnreadableError) as error:
                _log.warning("%s cannot be used: %s", path, error)
                continue
            if document:
                return Found(path, document)
        return None

    def write(self, document: Document, photos: Iterable[SaidPhoto] = ()) -> None:
        """Write a document and further photos, all or nothing; `StoreError` says why not."""
        try:
            part = write_part(self.newest, lines(document, photos))
            try:
                if self._is_worth_keeping(document):
                    self._keep(document.said)
                part.replace(self.newest)
            except OSError:
                part.unlink(missing_ok=True)
                raise
        except OSError as error:
            raise StoreError(
                f"What you said could not be copied to {self.newest}: {error.strerror or error}."
            ) from error

    def _is_worth_keeping(self, document: Document) -> bool:
        if not self.newest.exists():
            return False
        written, said = written_of(self._head())
        if not written:
            return True  # it is damaged, and perhaps a person can still read it
        return written[:10] != document.written[:10] or said > _LOSES * document.said

    def _keep(self, said: int) -> None:
        """Make the newest the youngest of the older ones; numbers only grow, whatever the clock.

        The one that says most outlives its turn while what is written now says far less.
        """
        older = sorted(self._older())
        number = older[-1][0] + 1 if older else 1
        stem = NAME.removesuffix(".json")
        self.newest.replace(self.newest.with_name(f"{stem}-{number:05}.json"))
        aged = [path for _, path in older[: max(0, len(older) + 1 - GENERATIONS)]]
        fullest = max((path for _, path in self._older()), key=_said, default=None)
        for path in aged:
            if path != fullest or _said(path) <= _LOSES * said:
                path.unlink(missing_ok=True)

    def _older(self) -> list[tuple[int, Path]]:
        stem = NAME.removesuffix(".json")
        found = []
        for path in self._folder.glob(f"{stem}-*.json"):
            number = path.stem.removeprefix(f"{stem}-")
            if number.isdigit():
                found.append((int(number), path))
        return found


def write_part(file: Path, text: Iterable[str]) -> Path:
    """Write what is to take the place of a file beside it, safely on disk; return where."""
    descriptor, name = tempfile.mkstemp(".part", file.name + ".", file.parent)
    try:
        with open(descriptor, "w", encoding="utf-8", newline="\n") as part:
            part.writelines(text)
            part.flush()
            os.fsync(part.fileno())
    except BaseException:
        with suppress(OSError):
            Path(name).unlink()
        raise
    return Path(name)


def _head_of(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(HEAD_BYTES)
    except OSError:
        return b""


def _said(path: Path) -> int:
    return written_of(_head_of(path))[1]
