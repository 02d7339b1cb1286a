"""A document of what was said, written where the user wants it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from photosearch.errors import StoreError, UsageError
from photosearch.store.database import Database
from photosearch.store.keeping.copies import write_part
from photosearch.store.keeping.document import FORMAT, Document, SaidPhoto, UnreadableError
from photosearch.store.keeping.gathering import outline, photo_count, photos
from photosearch.store.keeping.text import HEAD_BYTES, lines, parse

LARGEST_BYTES: Final = 1 << 30  # some million names


@dataclass(slots=True)
class Written:
    """How much is in a file."""

    people: int  # with a name
    faces: int = 0  # words on faces
    favourites: int = 0


def export(
    database: Database,
    file: Path,
    *,
    program: str,
    settings: tuple[tuple[str, Any], ...],
    tell: Callable[[int, int], None],
) -> Written:
    """Write all that was said to a file, whole or not at all.

    `tell` hears how many photos are done, of how many. `StoreError` says why there is no file.
    """
    with closing(database.apart()) as db:
        db.execute("BEGIN")  # all of one moment
        document = replace(outline(db), program=program, settings=settings)
        written = Written(sum(bool(person.name) for person in document.people))
        counted = _counted(photos(db), written, tell, photo_count(db))
        try:
            part = write_part(file, lines(document, counted))
            try:
                part.replace(file)
            except OSError:
                with suppress(OSError):
                    part.unlink()
                raise
        except OSError as error:
            raise StoreError(
                f"{file} could not be written: {error.strerror or error}. Choose another place."
            ) from error
    return written


def _counted(
    said: Iterable[SaidPhoto], written: Written, tell: Callable[[int, int], None], total: int
) -> Iterator[SaidPhoto]:
    for number, photo in enumerate(said):
        tell(number, total)
        written.favourites += photo.favourite is not None
        written.faces += sum(len(face.verdicts) for face in photo.faces)
        yield photo


def is_export(file: Path) -> bool:
    """Whether a file that is there looks like such a document, or holds nothing at all."""
    with file.open("rb") as opened:
        head = opened.read(HEAD_BYTES)
    return not head or f'"format": "{FORMAT}"'.encode() in head


def read_export(file: Path) -> Document:
    """Read a document; `UsageError` says why there is nothing to be had."""
    try:
        if not file.is_file():
            raise UsageError(f"There is no file at {file}.")
        if file.stat().st_size > LARGEST_BYTES:
            raise UnreadableError("it is larger than any library that PhotoSearch exports")
        return parse(file.read_bytes())
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror or error}.") from error
    except MemoryError as error:
        raise UsageError(f"{file} is too large for the memory of this computer.") from error
    except UnreadableError as error:
        raise UsageError(f"{file} cannot be imported: {error}. Nothing was changed.") from error
