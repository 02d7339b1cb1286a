"""Opening a library that may be damaged or gone: what can be had of it is put together anew.

In this order: what can be read of the damaged file, if all that was said and the photos are in it;
else the newest sound backup; else an empty library, which the photos fill again. Into it goes
what was said, from the damaged file and from the readable file. The damaged file is set aside,
never deleted. The new one is made beside the old one and takes its place at the end: whatever
ends the program in between, the next start goes on.
"""

from __future__ import annotations

import logging
import shutil
import sqlite3
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from photosearch.errors import StoreError
from photosearch.settings.writing import free
from photosearch.store.database import Database
from photosearch.store.hearing import last_heard
from photosearch.store.keeping.backups import Backup, Backups
from photosearch.store.keeping.copies import Copies, Found
from photosearch.store.keeping.damage import (
    is_blank,
    is_newer,
    quick_look,
    read_only,
    thorough_look,
)
from photosearch.store.keeping.document import Document
from photosearch.store.keeping.gathering import gather
from photosearch.store.keeping.heads import with_sound_head
from photosearch.store.keeping.occupancy import Occupancy
from photosearch.store.keeping.returning import Returned, forget_said, put
from photosearch.store.keeping.salvage import salvage
from photosearch.store.migrating import create

_log = logging.getLogger(__name__)
_PARTS: Final = ("", "-wal", "-shm")
_MAKING, _MADE, _HEAD = ".mending", ".mended", ".head"


@dataclass(frozen=True, slots=True)
class Mended:
    """A library that was put together anew, and the sentences that say so."""

    notices: tuple[str, ...]


def mend_if_damaged(path: Path, occupancy: Occupancy) -> Mended | None:
    """Look at a library before it is opened; None where nothing had to be done.

    `StoreError` says why it cannot be mended now. The caller has entered the library, and has
    entered it again when this returns.
    """
    if not _needs_mending(path, occupancy):
        return None
    with occupancy.alone():
        mended = _mend(path, occupancy)  # looks again: another program may have mended it
        occupancy.clear_suspicion()
    occupancy.enter()
    return mended


def _needs_mending(path: Path, occupancy: Occupancy) -> bool:
    if _beside(path, _MADE).exists() or occupancy.suspect:
        return True
    if _holds_something(path):
        return bool(quick_look(path))
    if not Backups(path).all() and not Copies(path).all():
        return False
    if path.is_symlink():  # to a drive, perhaps: nothing is put in its place
        target = path.readlink()
        raise StoreError(
            f"The library {path} is a link to {target}, and there is nothing. Connect the drive on "
            "which it lies, or remove the link; then start PhotoSearch again."
        )
    return True


def _holds_something(path: Path) -> bool:
    """Whether there is a file at all: one cut to nothing, or begun anew, is as good as gone."""
    return path.exists() and path.stat().st_size > 0 and not is_blank(path)


def _mend(path: Path, occupancy: Occupancy) -> Mended | None:
    made = _beside(path, _MADE)
    if made.exists():  # killed between two steps: the rest of the last one
        _take_its_place(path, made)
        return Mended((_GOES_ON,))
    there = _holds_something(path)
    why = _damage(path, occupancy) if there else "it is gone"
    if not why:
        return None
    _log.warning("the library %s is damaged: %s", path, why)
    making = _beside(path, _MAKING)
    for part in _PARTS:
        _beside(making, part).unlink(missing_ok=True)
    try:
        head = _sentence_of_damage(path, why, there=there)
        rest = _make(path, making, damaged=there)
        making.replace(made)
        aside = _take_its_place(path, made)
    except (OSError, sqlite3.Error) as error:
        raise StoreError(
            f"The library {path} is damaged ({why}), and it could not be mended: {error}. "
            "Nothing was changed. Make room on the disk, or see that its folder can be written; "
            "then start PhotoSearch again."
        ) from error
    where = f"The damaged file is kept as {aside}." if aside else ""
    notices = tuple(sentence for sentence in (head, *rest, where) if sentence)
    for sentence in notices:
        _log.warning("%s", sentence)
    return Mended(notices)


_GOES_ON: Final = (
    "The library was damaged and has been mended. The damaged file was kept beside it."
)


def _damage(path: Path, occupancy: Occupancy) -> str:
    if wrong := quick_look(path):
        return wrong
    if not occupancy.suspect or is_newer(path):
        return ""
    try:
        with closing(read_only(path)) as db:
            return thorough_look(db)
    except (sqlite3.Error, ValueError) as error:
        return str(error)


def _sentence_of_damage(path: Path, why: str, *, there: bool) -> str:
    if there:
        return f"The library file {path} was damaged ({why}). Your photos are untouched."
    return f"The library file {path} was gone. Your photos are untouched."


def _make(path: Path, making: Path, *, damaged: bool) -> list[str]:
    """Make the new library and return what to say of it."""
    copy = Copies(path).find()
    saved: Document | None = None
    if damaged:
        whole, saved = _salvage(path, making)
        if whole and saved is not None:
            added = _is_less(saved, copy) and copy is not None and _put(making, [copy.document])
            return [
                "Everything in it could be read and was saved into a new file: nothing you said "
                f"is lost ({_told(saved)})."
                + (f" Names that were missing came from {copy.path}." if added and copy else "")
            ]
    backup = _restore(path, making)
    documents = [document for document in (copy.document if copy else None, saved) if document]
    returned = _put(making, documents)
    return [_story(backup, copy, saved, returned)]


def _salvage(path: Path, making: Path) -> tuple[bool, Document | None]:
    """Read what can be read, with a mended head where there is nothing without; return whether
    that is all, and what was said in it."""
    mended = _beside(path, _HEAD)
    for source in (path, mended):
        for part in _PARTS:
            _beside(making, part).unlink(missing_ok=True)
        try:
            if source == mended:
                with_sound_head(path, mended)
            got = salvage(source, making)
            if source == path and not any(got.rows.values()):
                continue
            with closing(sqlite3.connect(making)) as db:
                return got.whole, gather(db)
        except (OSError, sqlite3.Error, ValueError, TypeError) as error:
            _log.warning("nothing could be read of %s: %s", source, error)
        finally:
            for part in _PARTS:
                _beside(mended, part).unlink(missing_ok=True)
    return False, None


def _is_less(saved: Document, copy: Found | None) -> bool:
    """Whether a file that seems whole says less than the copy, and nothing that is newer."""
    if copy is None or saved.action > copy.document.action:
        return False
    known = copy.document
    return (len(saved.people), saved.verdicts, saved.favourites) < (
        len(known.people),
        known.verdicts,
        known.favourites,
    )


def _restore(path: Path, making: Path) -> Backup | None:
    """Put the newest sound backup in place, or an empty library."""
    making.unlink(missing_ok=True)
    backups = Backups(path)
    for backup in backups.all():
        if backups.sound(backup):
            shutil.copyfile(backup.path, making)
            return backup
        _log.warning("the backup %s cannot be used", backup.path)
    create(making).close()
    return None


def _put(making: Path, documents: list[Document]) -> Returned:
    """Say in the new library what documents say; the first of them is the most whole."""
    returned = Returned()
    with closing(Database(making)) as database:  # brings a backup to the newest format
        with database.transaction() as db:
            if documents and documents[0].action >= last_heard(db):
                forget_said(db, documents[0])
            for document in documents:
                returned = max(
                    returned,
                    put(db, document),
                    key=lambda each: (each.faces, each.favourites, each.people),
                )
            db.execute("DELETE FROM grouped")
        with database.reading() as db:
            db.execute("PRAGMA journal_mode = DELETE")
    return returned


def _take_its_place(path: Path, made: Path) -> Path | None:
    """Set the damaged file aside and put the new one there; return where the damaged one is."""
    aside = None
    if not _holds_something(path):
        path.unlink(missing_ok=True)
    else:
        aside = free(path.with_name(f"{path.stem}-damaged-{datetime.now():%Y-%m-%d}.db"))
        path.rename(aside)
    for part in _PARTS[1:]:
        with suppress(FileNotFoundError):
            rest = _beside(path, part)
            if aside is not None and rest.exists():
                rest.rename(_beside(aside, part))
            rest.unlink(missing_ok=True)
    made.rename(path)
    return aside


def _beside(path: Path, ending: str) -> Path:
    return path.with_name(path.name + ending)


def _story(
    backup: Backup | None, copy: Found | None, saved: Document | None, returned: Returned
) -> str:
    made = backup.made if backup else None
    story = (
        f"The library was restored from the backup of {made:%d %B %Y, %H:%M}."
        if made
        else "The library was restored from a backup."
        if backup
        else "There was no sound backup: the library is built anew from your photos, which takes "
        "a while."
    )
    told = (
        f"{_count(returned.people, 'name', 'names')}, {_count(returned.faces, 'face', 'faces')} "
        f"and {_count(returned.favourites, 'favourite', 'favourites')}"
    )
    if copy is not None:
        story += f" {told} came back from {copy.path} (of {copy.document.written or 'some day'})"
        story += " and from the damaged file." if saved else "."
    elif saved:
        story += f" {told} could be read in the damaged file."
    elif backup is None:
        story += " No copy of names and favourites was found."
    return story


def _told(document: Document) -> str:
    named = sum(bool(person.name) for person in document.people)
    return (
        f"{_count(named, 'name', 'names')}, {_count(document.verdicts, 'word', 'words')} on faces, "
        f"{_count(document.favourites, 'favourite', 'favourites')}"
    )


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"
