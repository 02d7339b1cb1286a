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
from functools import partial
from typing import Final

import numpy as np

from photosearch.store.database import Database
from photosearch.store.files import full_path
from photosearch.store.journal import Journal
from photosearch.store.keeping.document import Document, SaidFace, SaidPhoto, SaidVerdict
from photosearch.store.keeping.rehearsing import rehearsal
from photosearch.store.keeping.returning import add_photo, known_photos, note_regions
from photosearch.store.keeping.theirs import NEW, Theirs
from photosearch.store.matching import KnownPlace, match
from photosearch.store.places import add_place
from photosearch.store.saying import Saying, Verdict
from photosearch.types import Box, Brought, Check, Conflict

Tell = Callable[[int, int], None]  # how many photos are done, of how many; it may raise
_UNSEEN: Final = np.zeros(0, np.float32)  # how a face looks is not in a document
_WHERE: Final = (
    "SELECT o.path, o.single_file, f.dir, f.name FROM file f JOIN folder o ON o.id = f.folder"
    " WHERE f.photo = ? AND f.state <> 'gone' ORDER BY f.id LIMIT 1"
)


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
    and how many wait. To `rehearse` changes nothing, and keeps nobody from writing.
    """
    photos = [photo for photo in document.photos if _says_something(photo)]
    if rehearse:
        with rehearsal(database, (photo.hash for photo in photos)) as db:
            return _Bringing(db, Saying(db), document, photos).run(tell)
    # Until the very end it can be stopped; from then on it counts as done.
    last = partial(tell, len(photos), len(photos))
    with journal.action(last) as saying, database.reading() as db:
        saying.title = title
        return _Bringing(db, saying, document, photos).run(tell)


class _Bringing:
    """One document on its way in, inside the transaction of an action."""

    def __init__(
        self, db: sqlite3.Connection, saying: Saying, document: Document, photos: list[SaidPhoto]
    ) -> None:
        self._db, self._saying, self._photos = db, saying, photos
        self._people = Theirs(saying, document.people)
        self._known = known_photos(db, (photo.hash for photo in photos))
        self._conflicts: list[Conflict] = []
        self._counts = {"faces": 0, "favourites": 0}
        self._waiting = {"faces": 0, "favourites": 0}
        self._here = 0  # photos

    def run(self, tell: Tell) -> tuple[Brought, int, int]:
        met: list[_Met] = []
        for done, photo in enumerate(self._photos):
            tell(done, len(self._photos))
            met += self._meet(photo)
        self._people.make_named()
        self._saying.own(self._say_all(met, partial(tell, len(self._photos), len(self._photos))))
        for each in met:
            self._cover(each)
        brought = Brought(
            people=self._people.named,
            **self._counts,
            waiting_faces=self._waiting["faces"],
            waiting_favourites=self._waiting["favourites"],
            conflicts=(*self._people.conflicts, *self._conflicts),
        )
        return brought, self._here, len(self._photos) - self._here

    def _count(self, what: str, *, here: bool) -> None:
        (self._counts if here else self._waiting)[what] += 1

    # --- photos and places ---

    def _meet(self, photo: SaidPhoto) -> list[_Met]:
        """Find a photo, or have it wait; mark it as a favourite; find the places of its faces."""
        if photo.hash not in self._known:
            self._known[photo.hash] = add_photo(self._db, photo), False
        number, here = self._known[photo.hash]
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
            self._people.see(theirs, stands)

    def _said_at(self, place: int | None) -> list[Verdict]:
        return self._saying.said_at(place) if place is not None else []

    def _place(self, met: _Met) -> int:
        if met.place is None:
            face = met.face
            met.place = add_place(self._db, met.photo, face.box, moved=face.moved, drawn=face.drawn)
        return met.place

    # --- words on faces ---

    def _say_all(self, met: list[_Met], check: Check) -> list[int]:
        """Say what is said of faces; return the places of which any of it is new here.

        Who is not where comes last: of somebody without a name it says nothing until they are
        somewhere.
        """
        new: set[int] = set()
        for denied in (False, True):
            for each in met:
                check()
                for verdict in each.face.verdicts:
                    if (verdict.says == "is not") is denied and self._say(each, verdict):
                        new.add(self._place(each))
        return sorted(new)

    def _say(self, met: _Met, verdict: SaidVerdict) -> bool:
        theirs = verdict.person
        if theirs is not None and theirs not in self._people:
            return False  # it speaks of nobody
        person = None if theirs is None else self._people.who(theirs)
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
                    self._people.word(against[0].says, against[0].person),
                    self._people.word(verdict.says, person),
                )
            )
            return False
        if theirs is not None and person == NEW:
            if verdict.says == "is not":
                return False
            person = self._people.make(theirs)
        place = self._place(met)
        self._saying.say(place, person, verdict.says, verdict.source, called=verdict.called)
        self._count("faces", here=met.here)
        return True

    def _cover(self, met: _Met) -> None:
        """Let a face stand for those whose it is here, if none was chosen for them here."""
        if met.place is None:
            return
        for theirs in met.face.cover_of:
            person = self._people.known(theirs)
            if person is None or person.cover is not None:
                continue
            if self._saying.owner(met.place) == person.id:
                self._saying.put_person(replace(person, cover=met.place))

    def _where(self, photo: int) -> str:
        row = self._db.execute(_WHERE, (photo,)).fetchone()
        return os.fsdecode(full_path(*row)) if row is not None else "a photo that is not here yet"


def _says_something(photo: SaidPhoto) -> bool:
    return photo.favourite is not None or bool(photo.faces)
