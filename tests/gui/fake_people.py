"""People in memory for the tests of the window: every verb, with undo, painted faces.

`FakeLibrary` has one as `people`. Who is there is said by `add_person`, `add_unsorted` and
`suggest`; every verb is recorded in the library's `calls` as "people.verb" and never runs on the
window's thread.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np
from gui.painted import jpeg
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter

from photosearch.errors import UsageError
from photosearch.names import fold, same
from photosearch.types import (
    ActionId,
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
    PhotoSummary,
    Progress,
    Question,
    Report,
    Stage,
)

FIRST_FACE = 1 << 41  # larger than 32 bits on purpose: ids must never travel as C ints
PLACES = ((0.08, 0.2), (0.4, 0.15), (0.68, 0.25), (0.2, 0.5), (0.55, 0.55))


@dataclass(frozen=True, slots=True)
class _Face:
    photo: int  # running number
    box: Box
    look: int  # faces that look alike are painted alike
    doubt: float = 0.0
    drawn: bool = False


@dataclass
class _State:
    """What undo brings back."""

    persons: dict[PersonId, Person] = field(default_factory=dict)
    owner: dict[FaceId, PersonId] = field(default_factory=dict)
    said: frozenset[FaceId] = frozenset()
    rejected: frozenset[tuple[FaceId, PersonId]] = frozenset()
    no_face: frozenset[FaceId] = frozenset()

    def copy(self) -> _State:
        return replace(self, persons=dict(self.persons), owner=dict(self.owner))


class FakePeople:
    """All verbs of `People`, in memory and deterministic."""

    def __init__(
        self,
        enter: Callable[..., None],
        summary: Callable[[int], PhotoSummary | None],
        photo_id: Callable[[int], PhotoId],
    ) -> None:
        self._enter = enter
        self._summary = summary
        self._photo_id = photo_id
        self._faces: dict[FaceId, _Face] = {}
        self._state = _State()
        self._guesses: list[tuple[FaceId, PersonId, float]] = []
        self._done: list[tuple[str, _State, _State, ActionId]] = []
        self._undone: list[tuple[str, _State, _State, ActionId]] = []
        self._actions = 0
        self._last: ActionId | None = None
        self._next_person = 1
        self._next_photo = 0

    # --- knobs ---------------------------------------------------------------

    def add_person(
        self, name: str, faces: int, *, hidden: bool = False, stranger: bool = False
    ) -> PersonId:
        """Let there be a person, or a group without a name, each face on a photo of its own."""
        person = self._new_person(name, hidden=hidden, stranger=stranger, group=not name)
        for number in range(faces):
            face = self._new_face(self._next_photo, int(person), doubt=number / max(1, faces))
            self._next_photo += 1
            self._state.owner[face] = person
        return person

    def add_unsorted(self, count: int) -> tuple[FaceId, ...]:
        """Let there be faces that belong to nobody."""
        made = []
        for number in range(count):
            made.append(self._new_face(self._next_photo, 1000 + number))
            self._next_photo += 1
        return tuple(made)

    def suggest(self, face: FaceId, person: PersonId, likeness: float = 0.5) -> None:
        """Let the queue ask whether a face is this person."""
        look = int(person)
        self._faces[face] = replace(self._faces[face], look=look)
        self._guesses.append((face, person, likeness))

    def faces_of(self, person: PersonId) -> tuple[FaceId, ...]:
        """Return the faces of a person, as a test asks."""
        return tuple(face for face, owner in self._state.owner.items() if owner == person)

    def name_of(self, person: PersonId) -> str:
        """Return the name of a person, as a test asks."""
        return self._state.persons[person].name

    def named(self) -> tuple[Person, ...]:
        """Return who has a name, hidden or not, as searches ask."""
        return tuple(person for person in self._state.persons.values() if person.name)

    def photos_of(self, person: PersonId) -> Sequence[int]:
        """Return the running numbers of the photos a person is on."""
        return [self._faces[face].photo for face in self.faces_of(person)]

    def rejected(self) -> frozenset[tuple[FaceId, PersonId]]:
        """Return who was said not to be whom."""
        return self._state.rejected

    def paint(self, face: FaceId) -> bytes | None:
        """Return a painted face as JPEG; None when there is no such face."""
        found = self._faces.get(face)
        return jpeg(paint_face(found.look, int(face))) if found is not None else None

    # --- who there is --------------------------------------------------------

    def list(self, *, hidden: bool = False) -> tuple[Person, ...]:
        self._enter("people.list", hidden)
        found = [self._counted(person) for person in self._state.persons.values()]
        found = [p for p in found if p.faces or p.name]
        if not hidden:
            found = [p for p in found if not p.hidden and not p.stranger]
        return tuple(sorted(found, key=lambda p: (-p.faces, p.id)))

    def names(self) -> tuple[Person, ...]:
        self._enter("people.names")
        found = [self._counted(p) for p in self._state.persons.values() if p.name]
        return tuple(sorted(found, key=lambda p: fold(p.name)))

    def get(self, person: PersonId) -> Person:
        self._enter("people.get", person)
        return self._counted(self._known(person))

    def find(self, text: str) -> Person:
        self._enter("people.find", text)
        for person in self._state.persons.values():
            if same(person.name, text) or text == str(person.id):
                return self._counted(person)
        raise UsageError(f"There is nobody of the name {text}.")

    def faces(
        self, person: PersonId, *, order: Literal["date", "doubt"] = "date"
    ) -> tuple[PersonFace, ...]:
        self._enter("people.faces", person, order)
        found = [self._shown(face) for face in self.faces_of(person)]
        if order == "doubt":
            return tuple(sorted(found, key=lambda face: (-face.doubt, face.id)))
        return tuple(sorted(found, key=lambda face: (face.taken_at or "", face.id), reverse=True))

    def faces_on(self, photo: PhotoId) -> tuple[PersonFace, ...]:
        self._enter("people.faces_on", photo)
        on = [f for f, a in self._faces.items() if self._photo_id(a.photo) == photo]
        found = [self._shown(face) for face in on if face not in self._state.no_face]
        return tuple(sorted(found, key=lambda face: face.box.x))

    def unsorted(self, limit: int = 1000) -> tuple[PersonFace, ...]:
        self._enter("people.unsorted", limit)
        return tuple(self._shown(face) for face in self._unsorted()[:limit])

    def some_faces(self, faces: Sequence[FaceId]) -> tuple[PersonFace, ...]:
        self._enter("people.some_faces", faces)
        return tuple(self._shown(face) for face in faces if face in self._faces)

    def has_faces(self) -> bool:
        self._enter("people.has_faces")
        return bool(self._faces)

    def unsorted_count(self) -> int:
        self._enter("people.unsorted_count")
        return len(self._unsorted())

    def questions(
        self, person: PersonId | None = None, limit: int = 50, check: Check | None = None
    ) -> tuple[Question, ...]:
        self._enter("people.questions", person, limit)
        state = self._state
        found = [
            Question(self._shown(face), self._counted(state.persons[who]), likeness)
            for face, who, likeness in self._guesses
            if who in state.persons
            and person in (None, who)
            and face not in state.owner
            and face not in state.no_face
            and (face, who) not in state.rejected
        ]
        return tuple(sorted(found, key=lambda q: -q.likeness)[:limit])

    # --- what the user says --------------------------------------------------

    def rename(self, person: PersonId, name: str) -> PersonId:
        self._enter("people.rename", person, name)
        self._known(person)
        name = " ".join(name.split())
        other = self._of_name(name)
        if other is not None and other != person:
            return self._merge((person,), other)
        with self._action(f"Named {name}" if name else "Removed a name"):
            self._change(person, name=name, group=False)
        return person

    def name_faces(self, faces: Sequence[FaceId], name: str) -> PersonId:
        self._enter("people.name_faces", tuple(faces), name)
        other = self._of_name(name)
        with self._action(f"Named {len(faces)} faces {name}"):
            person = other or self._new_person(" ".join(name.split()))
            self._give(faces, person)
        return person

    def name_face(self, face: FaceId, name: str) -> PersonId:
        self._enter("people.name_face", face, name)
        group = self._state.owner.get(face)
        if group is not None and not self.name_of(group):
            return self.rename(group, name)
        return self.name_faces((face,), name)

    def merge(self, persons: Sequence[PersonId], into: PersonId) -> PersonId:
        self._enter("people.merge", tuple(persons), into)
        return self._merge(persons, into)

    def move(self, faces: Sequence[FaceId], person: PersonId | None) -> PersonId:
        self._enter("people.move", tuple(faces), person)
        with self._action(f"Moved {len(faces)} faces"):
            person = self._new_person("") if person is None else person
            self._give(faces, person)
        return person

    def confirm(self, faces: Sequence[FaceId], person: PersonId) -> None:
        self._enter("people.confirm", tuple(faces), person)
        with self._action(f"Confirmed {self._known(person).name or 'a person'}"):
            self._give(faces, person)

    def reject(self, faces: Sequence[FaceId], person: PersonId | None = None) -> None:
        self._enter("people.reject", tuple(faces), person)
        with self._action("Said that it is somebody else"):
            for face in faces:
                who = person if person is not None else self._state.owner.get(face)
                if who is not None:
                    self._state.rejected |= {(face, who)}
                if who is not None and self._state.owner.get(face) == who:
                    del self._state.owner[face]

    def dismiss(self, faces: Sequence[FaceId]) -> None:
        self._enter("people.dismiss", tuple(faces))
        with self._action("Said that there is no face"):
            self._state.no_face |= set(faces)
            for face in faces:
                self._state.owner.pop(face, None)

    def draw(self, photo: PhotoId, box: Box, name: str) -> FaceId:
        self._enter("people.draw", photo, box, name)
        other = self._of_name(name)
        with self._action(f"Added a face of {name}"):
            person = other or self._new_person(name)
            number = int(photo) - int(self._photo_id(0))
            face = self._new_face(number, int(person), box=box)
            self._give((face,), person)
        return face

    def set_hidden(self, persons: Sequence[PersonId], value: bool) -> None:
        self._enter("people.set_hidden", tuple(persons), value)
        with self._action(f"{'Hid' if value else 'Showed'} {len(persons)} people"):
            for person in persons:
                self._change(person, hidden=value, group=False)

    def set_strangers(self, persons: Sequence[PersonId], value: bool) -> None:
        self._enter("people.set_strangers", tuple(persons), value)
        with self._action(f"Marked {len(persons)} people as strangers"):
            for person in persons:
                self._change(person, stranger=value, group=False)

    def set_cover(self, person: PersonId, face: FaceId) -> None:
        self._enter("people.set_cover", person, face)
        with self._action("Chose a cover"):
            self._change(person, cover=face)

    def set_birthday(self, person: PersonId, birthday: str | None) -> None:
        self._enter("people.set_birthday", person, birthday)
        with self._action("Noted a birthday"):
            self._change(person, birthday=birthday)

    # --- undo ----------------------------------------------------------------

    def history(self) -> History:
        self._enter("people.history")
        return History(
            self._done[-1][0] if self._done else "", self._undone[-1][0] if self._undone else ""
        )

    def last_action(self) -> ActionId | None:
        self._enter("people.last_action")
        return self._last

    def undo(self, expected: ActionId | None = None) -> str:
        self._enter("people.undo", *(() if expected is None else (expected,)))
        if not self._done:
            raise UsageError("There is nothing to undo.")
        if expected not in (None, self._done[-1][3]):
            raise UsageError("Something else was said since: take that back first.")
        self._undone.append(self._done.pop())
        self._last = None
        title, before, _after, _action = self._undone[-1]
        self._state = before.copy()
        return title

    def redo(self) -> str:
        self._enter("people.redo")
        if not self._undone:
            raise UsageError("There is nothing to do again.")
        self._done.append(self._undone.pop())
        title, _before, after, _action = self._done[-1]
        self._state = after.copy()
        return title

    # --- grouping ------------------------------------------------------------

    def group(self, report: Report, check: Check, *, whole: bool = False) -> GroupReport:
        self._enter("people.group", whole)
        faces = len(self._faces)
        for done in range(0, faces + 1, max(1, faces // 4)):
            check()
            report(Progress(Stage.GROUP, done, faces))
        assigned, persons = len(self._state.owner), self._state.persons.values()
        groups = sum(person.group for person in persons)
        return GroupReport(faces, assigned, len(persons) - groups, groups, 0.1, whole)

    def evaluate(self, labels: str) -> Evaluation:
        self._enter("people.evaluate", labels)
        return Evaluation(1.0, 1.0, 1.0, 1.0, len(self._state.owner), len(self._faces))

    # --- inside --------------------------------------------------------------

    @contextmanager
    def _action(self, title: str) -> Iterator[None]:
        before, self._last = self._state.copy(), None
        yield
        if self._state == before:
            return
        self._actions += 1
        self._last = ActionId(self._actions)
        self._done.append((title, before, self._state.copy(), self._last))
        self._undone.clear()

    def _merge(self, persons: Sequence[PersonId], into: PersonId) -> PersonId:
        gone = [person for person in persons if person != into]
        names = [self._known(into).name, *(self._known(person).name for person in gone)]
        name = next((name for name in names if name), "")
        count = len(gone) + 1
        with self._action(f"Merged {count} people into {name}" if name else f"Merged {count}"):
            for face, owner in list(self._state.owner.items()):
                if owner in gone:
                    self._state.owner[face] = into
            for person in gone:
                del self._state.persons[person]
            self._change(into, name=name, group=False)
        return into

    def _give(self, faces: Sequence[FaceId], person: PersonId) -> None:
        for face in faces:
            self._state.owner[face] = person
        self._state.said |= set(faces)
        self._change(person, group=False)

    def _change(self, person: PersonId, **changes: Any) -> None:
        self._state.persons[person] = replace(self._known(person), **changes)

    def _known(self, person: PersonId) -> Person:
        if person not in self._state.persons:
            raise UsageError(f"There is no person {person}.")
        return self._state.persons[person]

    def _of_name(self, name: str) -> PersonId | None:
        persons = self._state.persons.values()
        return next((p.id for p in persons if p.name and same(p.name, name)), None)

    def _new_person(self, name: str, **more: Any) -> PersonId:
        person = PersonId(self._next_person)
        self._next_person += 1
        self._state.persons[person] = Person(person, name, 0, 0, **more)
        return person

    def _new_face(
        self, photo: int, look: int, *, doubt: float = 0.0, box: Box | None = None
    ) -> FaceId:
        face = FaceId(FIRST_FACE + len(self._faces))
        if box is None:
            x, y = PLACES[sum(f.photo == photo for f in self._faces.values()) % len(PLACES)]
            box = Box(x, y, 0.22, 0.3)
            self._faces[face] = _Face(photo, box, look, doubt)
        else:
            self._faces[face] = _Face(photo, box, look, drawn=True)
        return face

    def _counted(self, person: Person) -> Person:
        faces = self.faces_of(person.id)
        photos = len({self._faces[face].photo for face in faces})
        cover = person.cover or (faces[0] if faces else None)
        return replace(person, faces=len(faces), photos=photos, cover=cover)

    def _shown(self, face: FaceId) -> PersonFace:
        known, state = self._faces[face], self._state
        summary = self._summary(known.photo)
        owner = state.owner.get(face)
        return PersonFace(
            face,
            self._photo_id(known.photo),
            summary.path if summary else "",
            known.box,
            summary.width if summary else 4000,
            summary.height if summary else 3000,
            summary.taken_at if summary else None,
            owner,
            state.persons[owner].name if owner is not None else "",
            None if known.drawn else 0.9,
            face in state.said,
            0.0 if face in state.said else known.doubt,
        )

    def _unsorted(self) -> list[FaceId]:
        gone = self._state.no_face
        return [f for f in self._faces if f not in self._state.owner and f not in gone]


def paint_face(look: int, number: int) -> QImage:
    """Paint a face: its colours follow from who it looks like, its turn from its number."""
    rng, turn = np.random.default_rng(look + 7), np.random.default_rng(number)
    hue, skin, hair = (float(v) for v in rng.random(3))
    side = 160
    image = QImage(QSize(side, side), QImage.Format.Format_RGB32)
    image.fill(QColor.fromHsvF(hue, 0.35, 0.55 + 0.4 * float(turn.random())))
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.translate(side / 2 + 12 * (float(turn.random()) - 0.5), side / 2)
    painter.rotate(24 * (float(turn.random()) - 0.5))
    painter.setBrush(QColor.fromHsvF(0.07 + 0.03 * skin, 0.6, 0.15 + 0.6 * hair))
    painter.drawEllipse(QPointF(0, -12), 50, 58)
    painter.setBrush(QColor.fromHsvF(0.07, 0.25 + 0.4 * skin, 0.95 - 0.5 * skin))
    painter.drawEllipse(QPointF(0, 6), 42, 52)
    painter.drawRect(QRectF(-16, 40, 32, 50))
    painter.setBrush(QColor(40, 30, 30))
    for x in (-16, 16):
        painter.drawEllipse(QPointF(x, -4), 4.5, 5)
    painter.setBrush(QColor(170, 70, 70))
    painter.drawRoundedRect(QRectF(-14, 30, 28, 6), 3, 3)
    painter.end()
    return image
