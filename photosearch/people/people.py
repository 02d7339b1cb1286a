"""The people verbs of the program: who is on the photos, and what the user says of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from photosearch.types import (
    Box,
    Check,
    Evaluation,
    FaceId,
    GroupReport,
    History,
    Person,
    PersonFace,
    PersonId,
    PhotoId,
    Question,
    Report,
)


class People:
    """Who is on the photos. Every verb that says something can be undone, across restarts."""

    # --- who there is ---

    def list(self, *, hidden: bool = False) -> tuple[Person, ...]:
        """Return people and groups, named or not, largest first; `hidden` adds those hidden
        and the strangers."""
        raise NotImplementedError

    def names(self) -> tuple[Person, ...]:
        """Return the people that have a name, by name: for completion."""
        raise NotImplementedError

    def get(self, person: PersonId) -> Person:
        """Return one person or group; `UsageError` when there is none of that number."""
        raise NotImplementedError

    def find(self, text: str) -> Person:
        """Return who is meant by a number or a name; `UsageError` when nobody is."""
        raise NotImplementedError

    def faces(
        self, person: PersonId, *, order: Literal["date", "doubt"] = "date"
    ) -> tuple[PersonFace, ...]:
        """Return all faces of a person, newest first or most doubtful first."""
        raise NotImplementedError

    def faces_on(self, photo: PhotoId) -> tuple[PersonFace, ...]:
        """Return all faces on a photo, from left to right."""
        raise NotImplementedError

    def unsorted(self, limit: int = 1000) -> tuple[PersonFace, ...]:
        """Return faces that belong to nobody yet, the largest first."""
        raise NotImplementedError

    def unsorted_count(self) -> int:
        raise NotImplementedError

    def questions(self, person: PersonId | None = None, limit: int = 50) -> tuple[Question, ...]:
        """Return the best guesses for the queue "Is this Anna?", of one person or of all named;
        surest first. What was answered is not asked again."""
        raise NotImplementedError

    # --- what the user says ---

    def rename(self, person: PersonId, name: str) -> PersonId:
        """Name a person; a name that somebody has merges the two. Returns who they are now."""
        raise NotImplementedError

    def name_faces(self, faces: Sequence[FaceId], name: str) -> PersonId:
        """Say that these faces are the person of that name, who is made if there is none."""
        raise NotImplementedError

    def merge(self, persons: Sequence[PersonId], into: PersonId) -> PersonId:
        """Make these people one; the name of `into` holds, or the first name there is."""
        raise NotImplementedError

    def move(self, faces: Sequence[FaceId], person: PersonId | None) -> PersonId:
        """Say that these faces are somebody else: another person, or with None a new one."""
        raise NotImplementedError

    def confirm(self, faces: Sequence[FaceId], person: PersonId) -> None:
        """Say that these faces are this person: "yes"."""
        raise NotImplementedError

    def reject(self, faces: Sequence[FaceId], person: PersonId | None = None) -> None:
        """Say that these faces are not this person, by default the one each belongs to. It is
        remembered for ever."""
        raise NotImplementedError

    def dismiss(self, faces: Sequence[FaceId]) -> None:
        """Say that these are no faces."""
        raise NotImplementedError

    def draw(self, photo: PhotoId, box: Box, name: str) -> FaceId:
        """Say that there is a face that was missed, and whose."""
        raise NotImplementedError

    def set_hidden(self, persons: Sequence[PersonId], value: bool) -> None:
        """Hide people that are of no interest, or show them again."""
        raise NotImplementedError

    def set_strangers(self, persons: Sequence[PersonId], value: bool) -> None:
        """Say that these are strangers: they are not shown and never asked about again."""
        raise NotImplementedError

    def set_cover(self, person: PersonId, face: FaceId) -> None:
        """Choose the face that stands for a person."""
        raise NotImplementedError

    def set_birthday(self, person: PersonId, birthday: str | None) -> None:
        """Note a birthday (YYYY-MM-DD): faces from before it are not suggested."""
        raise NotImplementedError

    # --- undo ---

    def history(self) -> History:
        """Return what undo and redo would do now."""
        raise NotImplementedError

    def undo(self) -> str:
        """Take the last action back and return its title; `UsageError` when there is none."""
        raise NotImplementedError

    def redo(self) -> str:
        """Do again what was undone last and return its title; `UsageError` when there is none."""
        raise NotImplementedError

    # --- grouping ---

    def group(self, report: Report, check: Check, *, whole: bool = False) -> GroupReport:
        """Find who the faces belong to; without `whole`, add the new ones to what is there."""
        raise NotImplementedError

    def evaluate(self, labels: str) -> Evaluation:
        """Compare with a JSON file of [{"file", "person"}], paths relative to that file."""
        raise NotImplementedError
