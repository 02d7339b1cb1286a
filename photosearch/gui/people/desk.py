"""The people verbs of the library as jobs: what is read, what the user says, undo, grouping.

Everything said goes through one lane in order, and tells with its outcome what undo would do now.
Knows no widget.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from PySide6.QtCore import QObject, QTimer, Signal

from photosearch.jobs import Job, Lane, Runner
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
ASK_MS = 250  # after the last change
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
class Done:
    """Something the user said, carried out."""

    verb: str
    args: tuple[Any, ...]
    result: Any
    history: History  # what undo and redo would do now


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


class PeopleDesk(QObject):
    """Reads who there is and carries out what the user says."""

    seen = Signal(object)  # PeopleNews
    done = Signal(object)  # Done
    facesRead = Signal(object)  # Faces
    personGone = Signal(object)  # PersonId: there is none of that number any more
    questionsRead = Signal(object)  # Questions
    knownRead = Signal(object)  # Known
    groupProgressed = Signal(object)  # Progress
    groupEnded = Signal(object)  # GroupReport
    groupingChanged = Signal(bool)
    failed = Signal(object)

    def __init__(self, library: Library, runner: Runner, parent: QObject | None = None):
        super().__init__(parent)
        self._library = library
        self._runner = runner
        self._looking = False
        self._again = False
        self._faces_job: Job | None = None
        self._asking = False
        self._asked_of: PersonId | None = None  # whose questions are wanted
        self._asking_of: PersonId | None = None  # and whose are being looked for
        self._ask_soon = QTimer(self, interval=ASK_MS, singleShot=True)
        self._ask_soon.timeout.connect(self._on_ask)
        self._group_job: Job | None = None
        self._strictness: float | None = None  # wanted while a grouping is on

    # --- reading --------------------------------------------------------------

    def refresh(self) -> None:
        """Look who there is; while a look is on its way, once more after it."""
        if self._looking:
            self._again = True
            return
        self._looking = True
        self._runner.run(
            Lane.INTERACTIVE,
            news_of,
            self._library,
            on_success=self.seen.emit,
            on_failure=self.failed.emit,
            on_finish=self._on_looked,
        )

    def read_faces(self, person: PersonId | None, order: Order = "date") -> None:
        """Read the faces of a person, or those of nobody; an older wish is dropped."""
        if self._faces_job is not None:
            self._faces_job.cancel()
        self._faces_job = self._runner.run(
            Lane.INTERACTIVE,
            faces_of,
            self._library,
            person,
            order,
            on_success=self._on_faces_read,
            on_failure=self.failed.emit,
        )

    def read_questions(self, person: PersonId | None = None) -> None:
        """Read the queue soon, one look at a time: in a large library guessing takes a while."""
        self._asked_of = person
        if not self._asking:
            self._ask_soon.start()

    def _on_ask(self) -> None:
        self._asking = True
        self._asking_of = self._asked_of
        self._runner.run(
            Lane.INTERACTIVE,
            questions_of,
            self._library,
            self._asked_of,
            on_success=self.questionsRead.emit,
            on_failure=self.failed.emit,
            on_finish=self._on_questions_read,
        )

    def _on_questions_read(self) -> None:
        self._asking = False
        if self._asked_of != self._asking_of:
            self._ask_soon.start()

    def read_known(self, person: PersonId) -> None:
        """Read some faces that are sure to be a person's."""
        self._runner.run(
            Lane.INTERACTIVE,
            known_of,
            self._library,
            person,
            on_success=self.knownRead.emit,
            on_failure=self.failed.emit,
        )

    # --- what the user says ---------------------------------------------------

    def rename(self, person: PersonId, name: str) -> None:
        """Name a person; a name that somebody has merges the two."""
        self._say("rename", person, name)

    def name_faces(self, faces: Sequence[FaceId], name: str) -> None:
        """Say that faces are the person of a name."""
        self._say("name_faces", tuple(faces), name)

    def merge(self, persons: Sequence[PersonId], into: PersonId) -> None:
        """Make people one."""
        self._say("merge", tuple(persons), into)

    def move(self, faces: Sequence[FaceId], person: PersonId | None) -> None:
        """Say that faces are somebody else."""
        self._say("move", tuple(faces), person)

    def confirm(self, faces: Sequence[FaceId], person: PersonId) -> None:
        """Say that faces are a person."""
        self._say("confirm", tuple(faces), person)

    def reject(self, faces: Sequence[FaceId], person: PersonId) -> None:
        """Say that faces are not a person."""
        self._say("reject", tuple(faces), person)

    def dismiss(self, faces: Sequence[FaceId]) -> None:
        """Say that these are no faces."""
        self._say("dismiss", tuple(faces))

    def set_hidden(self, persons: Sequence[PersonId], value: bool) -> None:
        """Hide people, or show them again."""
        self._say("set_hidden", tuple(persons), value)

    def set_strangers(self, persons: Sequence[PersonId], value: bool) -> None:
        """Say that people are strangers, or that they are not."""
        self._say("set_strangers", tuple(persons), value)

    def set_cover(self, person: PersonId, face: FaceId) -> None:
        """Choose the face that stands for a person."""
        self._say("set_cover", person, face)

    def set_birthday(self, person: PersonId, birthday: str | None) -> None:
        """Note a birthday, or forget it."""
        self._say("set_birthday", person, birthday)

    def undo(self) -> None:
        """Take the last thing back."""
        self._say("undo")

    def redo(self) -> None:
        """Do again what was taken back."""
        self._say("redo")

    # --- grouping -------------------------------------------------------------

    @property
    def strictness(self) -> float:
        """How alike faces must be to be one person, 0 to 1."""
        value: float = self._library.settings.current.faces.strictness
        return value

    @property
    def grouping(self) -> bool:
        """Whether all faces are being grouped anew."""
        return self._group_job is not None

    def regroup(self, strictness: float) -> None:
        """Group all faces anew in the background; while that is on, once more after it."""
        self._strictness = strictness
        if self._group_job is None:
            self._begin_grouping()

    def _begin_grouping(self) -> None:
        strictness, self._strictness = self._strictness, None
        self._group_job = self._runner.run(
            Lane.DOWNLOAD,  # long, and not to wait for a run of indexing
            regroup,
            self._library,
            strictness,
            on_progress=self.groupProgressed.emit,
            on_success=self.groupEnded.emit,
            on_failure=self.failed.emit,
            on_finish=self._on_grouped,
        )
        self.groupingChanged.emit(True)

    # --- inside ---------------------------------------------------------------

    def _say(self, verb: str, *args: Any) -> None:
        self._runner.run(
            Lane.QUICK,
            carry_out,
            self._library,
            verb,
            args,
            on_success=self._on_done,
            on_failure=self._on_refused,
        )

    def _on_done(self, done: Done) -> None:
        self.done.emit(done)
        self.refresh()

    def _on_refused(self, error: Exception) -> None:
        self.failed.emit(error)
        self.refresh()  # what was shown in advance is put right

    def _on_looked(self) -> None:
        self._looking = False
        if self._again:
            self._again = False
            self.refresh()

    def _on_faces_read(self, answer: Faces | PersonId) -> None:
        if isinstance(answer, Faces):
            self.facesRead.emit(answer)
        else:
            self.personGone.emit(answer)

    def _on_grouped(self) -> None:
        self._group_job = None
        self.refresh()
        if self._strictness is not None:
            self._begin_grouping()
        else:
            self.groupingChanged.emit(False)


# --- on a lane ----------------------------------------------------------------


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
    found = [known for known in people.list(hidden=True) if known.id == person]
    if not found:
        return person
    return Faces(found[0], order, people.faces(person, order=order))


def questions_of(library: Library, person: PersonId | None) -> Questions:
    """Read the queue."""
    return Questions(person, library.people.questions(person, QUESTIONS))


def known_of(library: Library, person: PersonId) -> Known:
    """Read the surest faces of a person, of different photos."""
    surest = {face.photo: face.id for face in library.people.faces(person, order="doubt")}
    return Known(person, tuple(reversed(list(surest.values())[-KNOWN_FACES:])))


def carry_out(library: Library, verb: str, args: tuple[Any, ...]) -> Done:
    """Say something and look what undo would do now."""
    people = library.people
    result = getattr(people, verb)(*args)
    return Done(verb, args, result, people.history())


def regroup(library: Library, strictness: float, report: Report, check: Check) -> GroupReport:
    """Note the strictness and group all faces anew."""
    library.settings.set("faces.strictness", strictness)
    return library.people.group(report, check, whole=True)
