"""From a document of another library into this one, as one action: adds what was not said here,
and overrides nothing that was.

Photos are known by the hash of their bytes alone. One that is not here yet comes as a photo
without files, and waits there for a file with its bytes. A word that a file said here gives way
to one that a user said there.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

import numpy as np

from photosearch.names import fold, tidy
from photosearch.store.database import Database
from photosearch.store.files import full_path
from photosearch.store.journal import Journal
from photosearch.store.keeping.document import (
    Document,
    SaidFace,
    SaidPerson,
    SaidPhoto,
    SaidVerdict,
)
from photosearch.store.keeping.returning import note_regions, photo_of
from photosearch.store.matching import KnownPlace, match
from photosearch.store.places import add_place
from photosearch.store.saying import PersonRow, Saying, Verdict
from photosearch.types import Box, Brought, Conflict

Tell = Callable[[int, int], None]  # how many photos are done, of how many; it may raise
_UNSEEN: Final = np.zeros(0, np.float32)  # how a face looks is not in a document
_NEW: Final = 0  # the number of nobody
_NOBODY: Final = "somebody without a name"
_NO_FACE: Final = "no face"
_WHERE: Final = (
    "SELECT o.path, o.single_file, f.dir, f.name FROM file f JOIN folder o ON o.id = f.folder"
    " WHERE f.photo = ? AND f.state <> 'gone' ORDER BY f.id LIMIT 1"
)


class _RehearsedError(Exception):
    """All went well, and nothing of it is to stay."""


@dataclass(slots=True)
class _Met:
    """A face of the document on a photo of this library, at a place if one is known there."""

    face: SaidFace
    photo: int
    here: bool  # the photo has a file
    place: int | None


def bring(
    database: Database,
    journal: Journal,
    document: Document,
    title: str,
    tell: Tell,
    *,
    rehearse: bool = False,
) -> tuple[Brought, int, int]:
    """Say here what a document says, all or nothing; return that and how many photos are here,
    and how many wait. To `rehearse` changes nothing.
    """
    brought: tuple[Brought, int, int] | None = None
    try:
        with journal.action() as saying, database.reading() as db:
            saying.title = title
            brought = _Bringing(db, saying, document).run(tell)
            if rehearse:
                raise _RehearsedError
    except _RehearsedError:
        pass
    assert brought is not None
    return brought


class _Bringing:
    """One document on its way in, inside the transaction of an action."""

    def __init__(self, db: sqlite3.Connection, saying: Saying, document: Document) -> None:
        self._db, self._saying = db, saying
        self._photos = [photo for photo in document.photos if _says_something(photo)]
        self._people = {person.id: person for person in document.people}
        self._numbers: dict[int, int] = {}  # of people, theirs -> here
        # Who stands here where they say that one of theirs does.
        self._seen_as: dict[int, list[int]] = {}
        self._conflicts: list[Conflict] = []
        self._counts = {"people": 0, "faces": 0, "favourites": 0}
        self._waiting = {"faces": 0, "favourites": 0}
        self._here = 0  # photos

    def run(self, tell: Tell) -> tuple[Brought, int, int]:
        met: list[_Met] = []
        for done, photo in enumerate(self._photos):
            tell(done, len(self._photos))
            met += self._meet(photo)
        for person in self._people.values():
            if fold(person.name) and self._who(person) == _NEW:
                self._make(person)
        said = self._say_all(met)
        for each in met:
            self._cover(each)
        self._saying.own(said)
        brought = Brought(
            **self._counts,
            waiting_faces=self._waiting["faces"],
            waiting_favourites=self._waiting["favourites"],
            conflicts=tuple(self._conflicts),
        )
        return brought, self._here, len(self._photos) - self._here

    def _count(self, what: str, *, here: bool) -> None:
        (self._counts if here else self._waiting)[what] += 1

    # --- photos and places ---

    def _meet(self, photo: SaidPhoto) -> list[_Met]:
        """Find a photo, or have it wait; mark it as a favourite; find the places of its faces."""
        number = photo_of(self._db, photo)
        files = self._db.execute("SELECT files FROM photo WHERE id = ?", (number,)).fetchone()[0]
        here = files > 0
        self._here += here
        if photo.favourite is not None and self._saying.favour(number, photo.favourite):
            self._count("favourites", here=here)
        note_regions(self._db, number, photo.regions)
        rows = self._db.execute(
            "SELECT id, x, y, width, height FROM place WHERE photo = ? AND frame = 0", (number,)
        ).fetchall()
        known = [KnownPlace(row[0], Box(*row[1:])) for row in rows]
        faces = [face for face in photo.faces if face.frame == 0]
        places = match(known, [face.box for face in faces], [_UNSEEN] * len(faces)).places
        met = []
        for face, place in zip(faces, places, strict=True):
            met.append(_Met(face, number, here, place))
            self._see(face, place)
        return met

    def _see(self, face: SaidFace, place: int | None) -> None:
        """Note who is at a place by what was said here."""
        stands = next((each.person for each in self._said_at(place) if each.says == "is"), None)
        theirs = next((each.person for each in face.verdicts if each.says == "is"), None)
        if stands is not None and theirs is not None:
            self._seen_as.setdefault(theirs, []).append(stands)

    def _said_at(self, place: int | None) -> list[Verdict]:
        return self._saying.said_at(place) if place is not None else []

    def _place(self, met: _Met) -> int:
        if met.place is None:
            face = met.face
            met.place = add_place(self._db, met.photo, face.box, moved=face.moved, drawn=face.drawn)
        return met.place

    # --- people ---

    def _who(self, person: SaidPerson) -> int:
        """Return who is meant by somebody of the document; `_NEW` where that is nobody here."""
        if person.id not in self._numbers and (found := self._found(person)) is not None:
            self._numbers[person.id] = found
        return self._numbers.get(person.id, _NEW)

    def _found(self, person: SaidPerson) -> int | None:
        """Return who has the name here; or who is on the same faces, if one of both has none."""
        known = self._saying.person_named(fold(person.name))
        for number in dict.fromkeys(self._seen_as.get(person.id, ())):
            seen = self._saying.person(number)
            if known is None and seen is not None and not (seen.name and fold(person.name)):
                known = seen
        if known is None:
            return None
        self._saying.put_person(self._merged(known, person))
        return known.id

    def _merged(self, known: PersonRow, person: SaidPerson) -> PersonRow:
        """Return somebody as here, with what was not said of them here."""
        birthday = _day(person.birthday)
        if known.birthday and birthday and known.birthday != birthday:
            self._conflicts.append(Conflict(known.name or _NOBODY, known.birthday, birthday))
        if not known.name and fold(person.name):
            self._counts["people"] += 1
        shown, theirs = (known.hidden, known.stranger), (person.hidden, person.stranger)
        if shown != theirs and self._is_said_here(known.id):
            about = known.name or _NOBODY
            self._conflicts.append(Conflict(about, _standing(*shown), _standing(*theirs)))
            theirs = shown
        return replace(
            known,
            name=known.name or tidy(person.name),
            folded=known.folded or fold(person.name),
            birthday=known.birthday or birthday,
            hidden=theirs[0],
            stranger=theirs[1],
        )

    def _is_said_here(self, person: int) -> bool:
        """Whether the user spoke of somebody here, not only files."""
        return any(each.source != "file" for each in self._saying.said_of(person))

    def _make(self, person: SaidPerson) -> int:
        name, folded = tidy(person.name), fold(person.name)
        self._counts["people"] += bool(folded)
        made = PersonRow(
            self._saying.new_number(),
            name if folded else "",
            folded,
            person.hidden,
            person.stranger,
            _day(person.birthday),
        )
        self._saying.put_person(made)
        self._numbers[person.id] = made.id
        return made.id

    # --- words on faces ---

    def _say_all(self, met: list[_Met]) -> list[int]:
        """Say what is said of faces; return the places of which any of it is new here.

        Who is not where comes last: of somebody without a name it says nothing until they are
        somewhere.
        """
        new: set[int] = set()
        for denied in (False, True):
            for each in met:
                for verdict in each.face.verdicts:
                    if (verdict.says == "is not") is denied and self._say(each, verdict):
                        new.add(self._place(each))
        return sorted(new)

    def _say(self, met: _Met, verdict: SaidVerdict) -> bool:
        theirs = None if verdict.person is None else self._people.get(verdict.person)
        if theirs is None and verdict.person is not None:
            return False  # it speaks of nobody
        person = None if theirs is None else self._who(theirs)
        said = self._said_at(met.place)
        if any((each.person, each.says) == (person, verdict.says) for each in said):
            return False
        against = [
            each
            for each in said
            if each.person == person or "is not" not in (verdict.says, each.says)
        ]
        by_user = any(each.source != "file" for each in against)
        if against and (by_user or verdict.source == "file"):
            self._conflicts.append(
                Conflict(
                    self._where(met.photo),
                    self._word(against[0].says, against[0].person),
                    self._word(verdict.says, person),
                )
            )
            return False
        if theirs is not None and person == _NEW:
            if verdict.says == "is not":
                return False
            person = self._make(theirs)
        place = self._place(met)
        self._saying.say(place, person, verdict.says, verdict.source, called=verdict.called)
        self._count("faces", here=met.here)
        return True

    def _cover(self, met: _Met) -> None:
        """Let a face stand for people for whom none was chosen here."""
        for theirs in met.face.cover_of:
            person = self._saying.person(self._numbers.get(theirs, 0))
            if person is not None and person.cover is None:
                self._saying.put_person(replace(person, cover=self._place(met)))

    # --- words for conflicts ---

    def _word(self, says: str, person: int | None) -> str:
        if person is None:
            return _NO_FACE
        row = self._saying.person(person)
        name = row.name if row is not None and row.name else _NOBODY
        return f"not {name}" if says == "is not" else name

    def _where(self, photo: int) -> str:
        row = self._db.execute(_WHERE, (photo,)).fetchone()
        return os.fsdecode(full_path(*row)) if row is not None else "a photo that is not here yet"


def _says_something(photo: SaidPhoto) -> bool:
    return photo.favourite is not None or bool(photo.faces)


def _standing(hidden: bool, stranger: bool) -> str:
    return "a stranger" if stranger else "hidden" if hidden else "shown"


def _day(text: str | None) -> str | None:
    """Return a birthday, None where it is no day."""
    try:
        return date.fromisoformat(text).isoformat() if text else None
    except ValueError:
        return None
