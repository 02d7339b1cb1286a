"""The people verbs of the program: who is on the photos, and what the user says of it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Final, Literal

from photosearch.errors import UsageError
from photosearch.names import fold
from photosearch.people import naming
from photosearch.store import Store
from photosearch.store.saying import Saying
from photosearch.types import (
    ActionId,
    Box,
    Check,
    Evaluation,
    FaceId,
    FacePackInfo,
    GroupReport,
    History,
    Person,
    PersonFace,
    PersonId,
    PhotoId,
    Question,
    Report,
)

ASK_S: Final = 0.1  # while waiting for a lock, between two looks at whether to go on


class People:
    """Who is on the photos. Every verb that says something can be undone, across restarts."""

    def __init__(
        self,
        store: Store,
        faces_in_use: Callable[[], FacePackInfo | None],
        strictness: Callable[[], float],
    ) -> None:
        self._store = store
        self._faces_in_use = faces_in_use
        self._strictness = strictness
        self._grouping = threading.Lock()
        self._said = threading.local()  # `action`: what this thread said last

    # --- who there is ---

    def list(self, *, hidden: bool = False) -> tuple[Person, ...]:
        """Return people and groups, named or not, largest first; `hidden` adds those hidden
        and the strangers."""
        return self._store.persons.all(hidden=hidden)

    def names(self) -> tuple[Person, ...]:
        """Return the people that have a name, by name: for completion."""
        return self._store.persons.named()

    def get(self, person: PersonId) -> Person:
        """Return one person or group; `UsageError` when there is none of that number."""
        found = self._store.persons.get(person)
        if found is None:
            raise UsageError(f"There is no person {person}.")
        return found

    def find(self, text: str) -> Person:
        """Return who is meant by a number or a name; `UsageError` when nobody is."""
        number = int(text) if text.strip().isdecimal() else 0
        found = self._store.persons.get(number) if 0 < number < 2**63 else None
        if found is None:
            named = self._store.persons.number_of(fold(text))
            found = None if named is None else self._store.persons.get(named)
        if found is None:
            raise UsageError(f"Nobody is called “{text.strip()}”, and no person has that number.")
        return found

    def faces(
        self, person: PersonId, *, order: Literal["date", "doubt"] = "date"
    ) -> tuple[PersonFace, ...]:
        """Return all faces of a person, newest first or most doubtful first."""
        self.get(person)
        return self._store.portraits.of_owner(person, self._model(), order)

    def faces_on(self, photo: PhotoId) -> tuple[PersonFace, ...]:
        """Return all faces on a photo, from left to right."""
        return self._store.portraits.on_photo(photo, self._model())

    def some_faces(self, faces: Sequence[FaceId]) -> tuple[PersonFace, ...]:
        """Return these faces in the order asked; those not there are left out."""
        return self._store.portraits.of(faces, self._model())

    def unsorted(self, limit: int = 1000) -> tuple[PersonFace, ...]:
        """Return faces that belong to nobody yet, the largest first."""
        return self._store.portraits.unsorted(self._model(), limit)

    def unsorted_count(self) -> int:
        return self._store.portraits.unsorted_count(self._model())

    def questions(
        self, person: PersonId | None = None, limit: int = 50, check: Check | None = None
    ) -> tuple[Question, ...]:
        """Return the best guesses for the queue "Is this Anna?", of one person or of all named;
        surest first. What was answered is not asked again. `check` ends it early by raising."""
        pack = self._faces_in_use()
        if pack is None:
            return ()
        from photosearch.people.asking import questions

        return questions(
            self._store, pack, self._strictness(), person, limit, check=check or _go_on
        )

    # --- what the user says ---

    def rename(self, person: PersonId, name: str) -> PersonId:
        """Name a person; a name that somebody has merges the two. Returns who they are now."""
        with self._saying() as saying:
            return PersonId(naming.rename(saying, person, name))

    def name_faces(self, faces: Sequence[FaceId], name: str) -> PersonId:
        """Say that these faces are the person of that name, who is made if there is none."""
        with self._saying() as saying:
            return PersonId(naming.name_faces(saying, faces, name))

    def name_face(self, face: FaceId, name: str) -> PersonId:
        """Say who a face is; a group that nobody named yet gets the name as a whole."""
        with self._saying() as saying:
            return PersonId(naming.name_face(saying, face, name))

    def merge(self, persons: Sequence[PersonId], into: PersonId) -> PersonId:
        """Make these people one; the name of `into` holds, or the first name there is."""
        with self._saying() as saying:
            return PersonId(naming.merge(saying, persons, into))

    def move(self, faces: Sequence[FaceId], person: PersonId | None) -> PersonId:
        """Say that these faces are somebody else: another person, or with None a new one."""
        with self._saying() as saying:
            return PersonId(naming.move(saying, faces, person))

    def confirm(self, faces: Sequence[FaceId], person: PersonId) -> None:
        """Say that these faces are this person: "yes"."""
        with self._saying() as saying:
            naming.confirm(saying, faces, person)

    def reject(self, faces: Sequence[FaceId], person: PersonId | None = None) -> None:
        """Say that these faces are not this person, by default the one each belongs to. It is
        remembered for ever."""
        with self._saying() as saying:
            naming.reject(saying, faces, person)

    def dismiss(self, faces: Sequence[FaceId]) -> None:
        """Say that these are no faces."""
        with self._saying() as saying:
            naming.dismiss(saying, faces)

    def draw(self, photo: PhotoId, box: Box, name: str) -> FaceId:
        """Say that there is a face that was missed, and whose."""
        with self._saying() as saying:
            return FaceId(naming.draw(saying, photo, box, name))

    def set_hidden(self, persons: Sequence[PersonId], value: bool) -> None:
        """Hide people that are of no interest, or show them again."""
        with self._saying() as saying:
            naming.set_hidden(saying, persons, value)

    def set_strangers(self, persons: Sequence[PersonId], value: bool) -> None:
        """Say that these are strangers: they are not shown and never asked about again."""
        with self._saying() as saying:
            naming.set_strangers(saying, persons, value)

    def set_cover(self, person: PersonId, face: FaceId) -> None:
        """Choose the face that stands for a person."""
        with self._saying() as saying:
            naming.set_cover(saying, person, face)

    def set_birthday(self, person: PersonId, birthday: str | None) -> None:
        """Note a birthday (YYYY-MM-DD): faces from before it are not suggested."""
        with self._saying() as saying:
            naming.set_birthday(saying, person, birthday)

    # --- undo ---

    def history(self) -> History:
        """Return what undo and redo would do now."""
        return self._store.journal.history()

    def last_action(self) -> ActionId | None:
        """Return what this thread said last, for `undo`; None when that changed nothing."""
        action: ActionId | None = getattr(self._said, "action", None)
        return action

    def undo(self, expected: ActionId | None = None) -> str:
        """Take the last action back and return its title; `UsageError` when there is none, or when
        it is not the one expected."""
        title = self._store.journal.undo(expected)
        if title is None and expected is not None and self.history().undo:
            raise UsageError("Something else was said since: take that back first.")
        if title is None:
            raise UsageError("There is nothing to undo.")
        return title

    def redo(self) -> str:
        """Do again what was undone last and return its title; `UsageError` when there is none."""
        title = self._store.journal.redo()
        if title is None:
            raise UsageError("There is nothing to do again.")
        return title

    # --- grouping ---

    def group(self, report: Report, check: Check, *, whole: bool = False) -> GroupReport:
        """Find who the faces belong to; without `whole`, add the new ones to what is there."""
        pack = self._faces_in_use()
        if pack is None:
            return GroupReport(0, 0, 0, 0, 0.0, whole)
        with _held(self._grouping, check):  # whoever comes second waits
            from photosearch.people.regroup import regroup

            return regroup(self._store, pack, self._strictness(), report, check, whole=whole)

    def has_faces(self) -> bool:
        """Return whether the face pack in use has found any face."""
        return self._store.faces.count(self._model()) > 0

    def evaluate(self, labels: str) -> Evaluation:
        """Compare with a JSON file of [{"file", "person"}], paths relative to that file."""
        from photosearch.people.evaluation import evaluate

        return evaluate(self._store, self._model(), labels)

    @contextmanager
    def _saying(self) -> Iterator[Saying]:
        """Lend what an action is done with, and note which action it became."""
        self._said.action = None
        with self._store.journal.action() as saying:
            yield saying
        self._said.action = saying.action

    def _model(self) -> int:
        """Return the number of the face pack in use; 0 for none, or one not used yet."""
        pack = self._faces_in_use()
        return (self._store.faces.find_model(pack.key) or 0) if pack else 0


def _go_on() -> None:
    """Never stop: whoever asks has given no reason to."""


@contextmanager
def _held(lock: threading.Lock, check: Check) -> Iterator[None]:
    """Hold a lock; what `check` raises ends the wait for it."""
    while not lock.acquire(timeout=ASK_S):
        check()
    try:
        yield
    finally:
        lock.release()
