"""What the people pages read of the library, each thing as one call on a lane."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from photosearch.errors import UsageError
from photosearch.gui.people.saying import Done
from photosearch.types import (
    Check,
    FaceId,
    FacePackInfo,
    GroupReport,
    History,
    Person,
    PersonFace,
    PersonId,
    Question,
    Report,
)

if TYPE_CHECKING:
    from photosearch.library import Library

Order = Literal["date", "doubt"]
QUESTIONS = 60  # guesses that are fetched at once
UNSORTED_SHOWN = 2000
KNOWN_FACES = 5  # that a guess can be compared with


@dataclass(frozen=True, slots=True)
class PeopleNews:
    """Who there is, and what the pages need to know besides."""

    people: tuple[Person, ...]  # hidden ones and strangers too
    unsorted: int
    history: History
    pack: FacePackInfo | None  # the face pack in use
    enabled: bool  # whether faces are looked for at all

    def named(self) -> tuple[Person, ...]:
        """Return those that have a name, largest first."""
        return tuple(person for person in self.people if person.name)


@dataclass(frozen=True, slots=True)
class Faces:
    """Faces of a person, or with None those that belong to nobody yet."""

    person: Person | None
    order: Order
    faces: tuple[PersonFace, ...]


@dataclass(frozen=True, slots=True)
class Known:
    """Faces of a person that are sure to be theirs, to compare with."""

    person: PersonId
    faces: tuple[FaceId, ...]


@dataclass(frozen=True, slots=True)
class Questions:
    """The queue, of one person or of all."""

    person: PersonId | None
    asked: tuple[Question, ...]

    def after(self, done: Done) -> Questions | None:
        """Return what is left to ask after something was said; None: that is to be read anew."""
        if done.verb == "set_cover":
            return self
        if done.verb in ("confirm", "dismiss"):
            said = set(done.args[0])
            left = (each for each in self.asked if each.face.id not in said)
        elif done.verb == "reject":
            faces, person = set(done.args[0]), done.args[1]
            left = (q for q in self.asked if q.face.id not in faces or q.person.id != person)
        else:
            return None
        return Questions(self.person, tuple(left))


def news_of(library: Library) -> PeopleNews:
    """Read who there is."""
    people, models = library.people, library.models()
    packs = [each for each in models if isinstance(each, FacePackInfo)]
    pack = next((each for each in packs if each.in_use and not each.problem), None)
    enabled = library.settings.current.faces.enabled
    listed = people.list(hidden=True)
    return PeopleNews(listed, people.unsorted_count(), people.history(), pack, enabled)


def faces_of(library: Library, person: PersonId | None, order: Order) -> Faces | PersonId:
    """Read a person with all faces; the number itself when there is nobody of it any more."""
    people = library.people
    if person is None:
        return Faces(None, order, people.unsorted(UNSORTED_SHOWN))
    try:
        return Faces(people.get(person), order, people.faces(person, order=order))
    except UsageError:
        return person


def questions_of(library: Library, person: PersonId | None, check: Check) -> Questions:
    """Read the queue."""
    return Questions(person, library.people.questions(person, QUESTIONS, check))


def known_of(library: Library, person: PersonId) -> Known:
    """Read the surest faces of a person, of different photos."""
    surest = {face.photo: face.id for face in library.people.faces(person, order="doubt")}
    return Known(person, tuple(reversed(list(surest.values())[-KNOWN_FACES:])))


def regroup(library: Library, strictness: float, report: Report, check: Check) -> GroupReport:
    """Note the strictness and group all faces anew."""
    library.settings.set("faces.strictness", strictness)
    return library.people.group(report, check, whole=True)
