"""The people verbs of the library as jobs: what is read, what the user says, undo, grouping.

Everything said goes through one lane in order, and tells with its outcome what undo would do now.
Knows no widget.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer, Signal

from photosearch.gui.people.reading import (
    Faces,
    Order,
    faces_of,
    known_of,
    news_of,
    questions_of,
    regroup,
)
from photosearch.gui.people.saying import Done, Verb, Word, carry_out, take_back
from photosearch.jobs import Job, Lane, Runner
from photosearch.types import FaceId, PersonId

if TYPE_CHECKING:
    from photosearch.library import Library

ASK_MS = 250  # after the last wish


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
        self._people = library.people
        self._runner = runner
        self._looking = False
        self._again = False
        self._faces_job: Job | None = None
        self._question_job: Job | None = None
        self._asked_of: PersonId | None = None  # whose questions are wanted
        self._ask_again = False  # a wish came while there was a look on its way
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
        """Read the queue soon; a look that is on its way for an older wish is given up.

        One look at a time: in a large library guessing takes a while.
        """
        self._asked_of = person
        if self._question_job is None:
            self._ask_soon.start()
        else:
            self._ask_again = True
            self._question_job.cancel()

    def _on_ask(self) -> None:
        self._question_job = self._runner.run(
            Lane.INTERACTIVE,
            questions_of,
            self._library,
            self._asked_of,
            on_success=self.questionsRead.emit,
            on_failure=self.failed.emit,
            on_finish=self._on_questions_read,
        )

    def _on_questions_read(self) -> None:
        self._question_job = None
        if self._ask_again:
            self._ask_again = False
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

    def rename(self, person: PersonId, name: str) -> Word:
        """Name a person; a name that somebody has merges the two."""
        return self._say("rename", self._people.rename, person, name)

    def name_faces(self, faces: Sequence[FaceId], name: str) -> Word:
        """Say that faces are the person of a name."""
        return self._say("name_faces", self._people.name_faces, tuple(faces), name)

    def merge(self, persons: Sequence[PersonId], into: PersonId) -> Word:
        """Make people one."""
        return self._say("merge", self._people.merge, tuple(persons), into)

    def move(self, faces: Sequence[FaceId], person: PersonId | None) -> Word:
        """Say that faces are somebody else."""
        return self._say("move", self._people.move, tuple(faces), person)

    def confirm(self, faces: Sequence[FaceId], person: PersonId) -> Word:
        """Say that faces are a person."""
        return self._say("confirm", self._people.confirm, tuple(faces), person)

    def reject(self, faces: Sequence[FaceId], person: PersonId) -> Word:
        """Say that faces are not a person."""
        return self._say("reject", self._people.reject, tuple(faces), person)

    def dismiss(self, faces: Sequence[FaceId]) -> Word:
        """Say that these are no faces."""
        return self._say("dismiss", self._people.dismiss, tuple(faces))

    def set_hidden(self, persons: Sequence[PersonId], value: bool) -> Word:
        """Hide people, or show them again."""
        return self._say("set_hidden", self._people.set_hidden, tuple(persons), value)

    def set_strangers(self, persons: Sequence[PersonId], value: bool) -> Word:
        """Say that people are strangers, or that they are not."""
        return self._say("set_strangers", self._people.set_strangers, tuple(persons), value)

    def set_cover(self, person: PersonId, face: FaceId) -> Word:
        """Choose the face that stands for a person."""
        return self._say("set_cover", self._people.set_cover, person, face)

    def set_birthday(self, person: PersonId, birthday: str | None) -> Word:
        """Note a birthday, or forget it."""
        return self._say("set_birthday", self._people.set_birthday, person, birthday)

    def undo(self) -> None:
        """Take the last thing back."""
        self._say("undo", self._people.undo)

    def take_back(self, word: Word) -> None:
        """Take back what a word did, nothing else; refused once something else was said."""
        self._run_quick(take_back, word)

    def redo(self) -> None:
        """Do again what was taken back."""
        self._say("redo", self._people.redo)

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

    def _say(self, verb: Verb, call: Callable[..., Any], *args: Any) -> Word:
        word = Word()
        self._run_quick(carry_out, call, verb, args, word)
        return word

    def _run_quick(self, fn: Callable[..., Done | None], *args: Any) -> None:
        self._runner.run(
            Lane.QUICK,
            fn,
            self._library,
            *args,
            on_success=self._on_done,
            on_failure=self._on_refused,
        )

    def _on_done(self, done: Done | None) -> None:
        if done is not None:
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
